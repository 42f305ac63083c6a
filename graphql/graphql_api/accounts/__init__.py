"""People, sessions and consent: the part of the schema that the accounts domain adds."""

from collections.abc import Mapping, Sequence

from backend.accounts.sessions import list_sessions
from backend.core.ids import Id
from backend.notices import inbox
from graphql_api.accounts import types
from graphql_api.accounts.consent_mutations import ConsentMutations
from graphql_api.accounts.profile_mutations import ProfileMutations
from graphql_api.accounts.queries import AccountQueries, load_viewer
from graphql_api.accounts.session_mutations import SessionMutations
from graphql_api.composition import Domain
from graphql_api.context import Context
from graphql_api.node import Node


async def load_viewers(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """The viewer alone, if asked for."""
    own = await load_viewer(context) if context.viewer.account_id in ids else None
    return {} if own is None else {own.row.account.id: own}


async def load_sessions(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """The viewer's own open sessions by id."""
    if context.viewer.account_id is None:
        return {}
    async with context.db.reading() as conn:
        rows = await list_sessions(conn, context.viewer)
    return {row.id: types.session(row, context.viewer) for row in rows if row.id in ids}


async def load_notices(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Lines of the viewer's own inbox by id."""
    rows = await inbox.find_notices(context.db, context.viewer, ids)
    return {row.id: types.notice(row, context.locale) for row in rows}


ACCOUNTS = Domain(
    queries=(AccountQueries,),
    mutations=(SessionMutations, ProfileMutations, ConsentMutations),
    nodes={"Viewer": load_viewers, "Session": load_sessions, "Notice": load_notices},
)
