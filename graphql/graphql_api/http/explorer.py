"""GraphiQL for developers, complete on this server: a machine without network can use it."""

from functools import cache
from pathlib import Path

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

_FOLDER = Path(__file__).parent / "graphiql"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
PAGE = "index.html"
PAGE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@cache
def explorer_file(name: str) -> tuple[bytes, str]:
    """The bytes and the content type of a file of the page. Raises KeyError for anything else."""
    paths = {path.name: path for path in _FOLDER.iterdir() if path.suffix in _TYPES}
    path = paths[name]
    return path.read_bytes(), _TYPES[path.suffix]


@get("/graphql/graphiql/{name:str}", include_in_schema=False, sync_to_thread=False)
def explorer_asset(name: FromPath[str]) -> Response[bytes]:
    """A script or style sheet of the page."""
    try:
        content, content_type = explorer_file(name)
    except KeyError:
        raise NotFoundException from None
    return Response(content, media_type=content_type, headers=PAGE_HEADERS)
