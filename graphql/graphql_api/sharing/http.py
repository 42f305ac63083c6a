"""The addresses of cards and bundles: signed, for some minutes, and gone with the consent for the statement."""

from functools import partial

from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from backend.campaigns.sharing.fetching import fetch_file, find_file, read_file
from backend.campaigns.store.shared_files import FileRow
from backend.core.clock import process_now
from backend.core.database import Database
from graphql_api.media.file_answers import AnyRequest, AnyResponse, absent, answer_pieces
from media.config import Media

_TYPES = {"png": "image/png", "zip": "application/zip"}


def make_sharing_routes(db: Database, media: Media) -> list[HTTPRouteHandler]:
    """`GET /shared/{stamp}/{file}`."""

    @route("/shared/{stamp:str}/{name:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
    async def shared(request: AnyRequest, stamp: FromPath[str], name: FromPath[str]) -> AnyResponse:
        """A card or a bundle for somebody to whom the address was given. Asking for the headers takes nothing away."""
        find = partial(find_file, db, media, stamp=stamp, name=name, now=process_now())
        is_read = request.method == HttpMethod.GET
        file = await (fetch_file(db, media, stamp=stamp, name=name) if is_read else find())
        if file is None:
            return absent()
        headers = _headers(file)
        if not is_read:
            return Response(b"", headers=headers)
        return await answer_pieces(media, read_file(media, file), find, file_id=file.id, headers=headers)

    return [shared]


def _headers(file: FileRow) -> dict[str, str]:
    name = f"stemme-{(file.shape or 'bundle').lower()}-{file.sha256[:8]}.{file.format}"
    return {
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
        "referrer-policy": "no-referrer",
        "cache-control": "private, no-store",
        "content-type": _TYPES[file.format],
        "content-length": str(file.size),
        "content-disposition": f'attachment; filename="{name}"',
    }
