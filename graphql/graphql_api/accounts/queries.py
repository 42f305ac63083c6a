"""What can be read of people: oneself."""

import strawberry

from backend.accounts import sessions
from graphql_api.accounts import types
from graphql_api.accounts.types import Viewer
from graphql_api.context import Context, Info
from graphql_api.fields import resolver


@strawberry.type
class AccountQueries:
    @resolver("The person who is signed in; null when nobody is.")
    async def viewer(self, info: Info) -> Viewer | None:
        return await load_viewer(info.context)


async def load_viewer(context: Context) -> Viewer | None:
    """The signed-in person, read anew."""
    own = await sessions.own_account(context.db, context.services.accounts, context.viewer)
    return None if own is None else types.viewer(own)
