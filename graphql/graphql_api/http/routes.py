"""The HTTP routes of the API, for the composition root."""

from litestar import MediaType, asgi, get
from litestar.enums import ScopeType
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.types import Receive, Scope, Send

from graphql_api.composition import Schema
from graphql_api.http.endpoint import GraphQLEndpoint
from graphql_api.http.explorer import explorer_asset
from graphql_api.http.socket import SocketEndpoint


def make_routes(
    schema: Schema, endpoint: GraphQLEndpoint, sockets: SocketEndpoint, *, with_explorer: bool
) -> list[ASGIRouteHandler | HTTPRouteHandler]:
    """`/graphql` and `/schema.graphql`; in development also the files of GraphiQL."""
    published = schema.as_str()

    @asgi("/graphql", copy_scope=False)
    async def graphql_handler(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:
            await sockets(scope, receive, send)
        else:
            await endpoint(scope, receive, send)

    @get("/schema.graphql", media_type=MediaType.TEXT, include_in_schema=False, sync_to_thread=False)
    def schema_handler() -> str:
        """The schema in its definition language."""
        return published

    return [graphql_handler, schema_handler, *([explorer_asset] if with_explorer else [])]
