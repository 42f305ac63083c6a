"""Pictures and uploads: the part of the schema that the media package adds."""

from collections.abc import Mapping, Sequence

from backend.core.ids import Id
from graphql_api.composition import Domain
from graphql_api.context import Context
from graphql_api.media.caption_mutations import CaptionMutations
from graphql_api.media.mutations import MediaMutations
from graphql_api.media.queries import MediaQueries
from graphql_api.media.subscriptions import MediaSubscriptions
from graphql_api.media.types import asset
from graphql_api.node import Node
from media.rules import Reach
from media.service import own_assets


async def load_assets(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """The viewer's own pictures by id; nobody when not signed in."""
    if context.viewer.account_id is None:
        return {}
    found = await own_assets(context.db, context.viewer, ids)
    return {key: asset(view, context, reach=Reach.INSIDER) for key, view in found.items()}


MEDIA = Domain(
    queries=(MediaQueries,),
    mutations=(MediaMutations, CaptionMutations),
    subscriptions=(MediaSubscriptions,),
    nodes={"Asset": load_assets},
)
