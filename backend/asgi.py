"""The web application: `create_app(settings)` is the one place where it is put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.types import ASGIApp

from backend.composition import is_overload, make_services
from backend.core.database import Database
from backend.core.logs import configure_logs
from backend.core.viewer import Viewer
from backend.places.viewing import load_viewer
from backend.rounds.standings import SECONDS_KEPT
from backend.rounds.watching import RoundWatch
from backend.settings import LogFormat, Settings
from graphql_api.accounts.cookies import session_token_of
from graphql_api.http.admission import Admission, Authenticate
from graphql_api.http.audit_head import make_audit_routes
from graphql_api.http.caller import Caller
from graphql_api.http.endpoint import GraphQLEndpoint
from graphql_api.http.health import make_health_routes
from graphql_api.http.request_log import RequestLog
from graphql_api.http.routes import make_routes
from graphql_api.http.socket import SocketEndpoint
from graphql_api.http.socket_capacity import SocketLimits
from graphql_api.media.http import make_media_routes
from graphql_api.schema import schema
from graphql_api.sharing.http import make_sharing_routes
from graphql_api.trusted import TrustedDocuments, published_folder


def create_app(
    settings: Settings, *, live_seconds: float = SECONDS_KEPT, sockets: SocketLimits | None = None
) -> ASGIApp:
    """The application; the database is connected when it starts and given back when it stops.

    `live_seconds`: how often a running round is read anew for all who follow it; `sockets`: how many may.
    """
    configure_logs(level=settings.log_level.upper(), as_json=settings.log_format is LogFormat.JSON)
    db = Database(settings.database_url, size=settings.database_pool_size)
    services = make_services(settings, live_seconds=live_seconds)
    published = schema()
    admission = Admission(
        published,
        settings=settings,
        services=services,
        db=db,
        authenticate=_authenticator(db, services.accounts.reset_seal),
        trusted=TrustedDocuments.load(published_folder()),
        is_overload=is_overload,
    )
    app = Litestar(
        route_handlers=[
            *make_routes(
                published,
                GraphQLEndpoint(admission),
                SocketEndpoint(admission, limits=sockets),
                with_explorer=not settings.is_production,
            ),
            *make_media_routes(db, services.media),
            *make_sharing_routes(db, services.media),
            *make_health_routes(db),
            *make_audit_routes(db),
        ],
        lifespan=[_connected(db, services.watch)],
        cors_config=CORSConfig(
            allow_origins=list(settings.allowed_origins),
            allow_credentials=bool(settings.allowed_origins),
            allow_methods=["GET", "POST", "PUT", "HEAD", "OPTIONS"],
            allow_headers=["authorization", "content-type", "accept-language", "x-api-key"],
            max_age=600,
        ),
        openapi_config=None,
        logging_config=None,  # else Litestar puts a handler of its own in place of ours, which keeps lines private
    )
    return RequestLog(app, trusted_proxies=settings.trusted_proxies)


def schema_sdl() -> str:
    """The published schema in its definition language."""
    return schema().as_str()


def _connected(db: Database, watch: RoundWatch) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        await db.connect()
        try:
            yield
        finally:
            await watch.close()
            await db.close()

    return lifespan


def _authenticator(db: Database, reset_seal: timedelta) -> Authenticate:
    async def authenticate(caller: Caller) -> Viewer:
        return await load_viewer(
            db,
            session_token_of(caller),
            address=caller.address,
            request_id=caller.request_id,
            accept_language=caller.headers.get("accept-language"),
            reset_seal=reset_seal,
        )

    return authenticate
