"""What can be read of people: oneself, and what a guardian key opens."""

from typing import Annotated

import strawberry

from backend.accounts import guardian_keys, sessions
from backend.core.locale import as_locale
from graphql_api.accounts import types
from graphql_api.accounts.types import GuardianPage, Viewer
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.localized import LocaleArgument

KeyArgument = Annotated[str, strawberry.argument(description="The guardian key. Case, spaces, hyphens do not matter.")]


@strawberry.type
class AccountQueries:
    @resolver("The person who is signed in; null when nobody is.")
    async def viewer(self, info: Info) -> Viewer | None:
        return await load_viewer(info.context)

    @resolver("What a guardian key opens; null for a wrong or ended one. Reading it changes nothing.")
    async def consent_by_key(self, info: Info, key: KeyArgument, locale: LocaleArgument = None) -> GuardianPage | None:
        context = info.context
        page = await guardian_keys.open_page(context.db, context.services.accounts, context.viewer, key)
        wanted = as_locale(locale) or context.locale
        return None if page is None else types.guardian_page(page, wanted)


async def load_viewer(context: Context) -> Viewer | None:
    """The signed-in person, read anew."""
    own = await sessions.own_account(context.db, context.services.accounts, context.viewer)
    return None if own is None else types.viewer(own)
