"""What a guardian key opens."""

from typing import Annotated

import strawberry

from backend.accounts import guardian_keys
from backend.core.locale import as_locale
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.guardians.types import GuardianPage, guardian_page
from graphql_api.localized import LocaleArgument

KeyArgument = Annotated[str, strawberry.argument(description="The guardian key. Case, spaces, hyphens do not matter.")]


@strawberry.type
class GuardianQueries:
    @resolver("What a guardian key opens; null for a wrong or ended one. Reading it changes nothing.")
    async def consent_by_key(self, info: Info, key: KeyArgument, locale: LocaleArgument = None) -> GuardianPage | None:
        context = info.context
        page = await guardian_keys.open_page(context.db, context.services.accounts, context.viewer, key)
        return None if page is None else guardian_page(page, as_locale(locale) or context.locale)
