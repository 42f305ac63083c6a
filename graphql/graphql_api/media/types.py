"""Pictures and uploads as the API shows them."""

from datetime import datetime

import strawberry

from backend.core.clock import process_now
from graphql_api.context import Context
from graphql_api.media import enums as enums
from graphql_api.media.caption_types import Caption, captions_shown
from graphql_api.messages import message
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from media.formats import CONTENT_TYPES
from media.kinds import Medium
from media.movies.orders import CONTENT_TYPE, Sound
from media.processing.jobs import refusal
from media.rules import AssetStatus, People, Reach
from media.serving.addresses import addresses_of, caption_addresses
from media.uploads.views import Destination, PartTicket, Ticket
from media.views import AssetView, RenditionView


@strawberry.type(description="One file of a picture: encoded anew, upright, in sRGB, without any metadata.")
class Rendition:
    url: str = strawberry.field(
        description="Where to read it. Works for some minutes, or for as long as the picture is public: ask again then."
    )
    content_type: str = strawberry.field(description="Its media type: image/webp, or image/jpeg for old devices.")
    width: int = strawberry.field(description="Width in pixels.")
    height: int = strawberry.field(description="Height in pixels.")
    bytes: int = strawberry.field(description="Size of the file in bytes.")


@strawberry.type(
    description="A movie to play: H.264 and AAC in MP4, upright, at most 1280 × 720 or 720 × 1280, without metadata. "
    "Its address answers to byte ranges, so a player can begin at once and jump."
)
class Movie:
    url: str = strawberry.field(
        description="Where to play it. Works for some minutes, or for as long as the movie is public: ask again then."
    )
    content_type: str = strawberry.field(description="Its media type: video/mp4.")
    width: int = strawberry.field(description="Width in pixels.")
    height: int = strawberry.field(description="Height in pixels.")
    duration_seconds: float = strawberry.field(description="How long it is.")
    bytes: int = strawberry.field(description="Size of the file in bytes.")
    has_sound: bool = strawberry.field(description="Whether there is anything to hear.")


@strawberry.type(description="Why a picture was refused or failed.")
class AssetProblem:
    code: str = strawberry.field(description="A stable name of the reason, such as `image_damaged`.")
    message: str = strawberry.field(description="The reason in plain words.")


@strawberry.type(
    description="A rectangle of a picture as it is shown, upright, in fractions 0 to 1 of its width and height."
)
class Region:
    x: float = strawberry.field(description="Its left edge.")
    y: float = strawberry.field(description="Its upper edge.")
    width: float = strawberry.field(description="Its width.")
    height: float = strawberry.field(description="Its height.")


@strawberry.type(description="A picture or a movie that somebody uploaded.")
class Asset(Node):
    medium: Medium = strawberry.field(description="Whether it is a picture or a movie, as its media type says.")
    status: AssetStatus = strawberry.field(description="Where it stands.")
    alt_text: str | None = strawberry.field(description="What is to be seen in it, for those who do not see it.")
    people: People | None = strawberry.field(description="What its sender declared about people in it.")
    width: int | None = strawberry.field(description="Width of its largest file in pixels; null until it is checked.")
    height: int | None = strawberry.field(description="Height of its largest file in pixels; null until it is checked.")
    placeholder: str | None = strawberry.field(
        description="A ThumbHash in base64: some 25 bytes that show a blur until the picture is loaded."
    )
    sound: Sound | None = strawberry.field(
        description="Of a movie: whether its sound stays, as its author chose; null for a picture."
    )
    progress_percent: int | None = strawberry.field(
        description="How far a movie is, 0 to 99, while `status` is PROCESSING; null at all other times."
    )
    movie: Movie | None = strawberry.field(
        description="The movie to play; null for a picture, until it is checked, and while it is hidden."
    )
    renditions: list[Rendition] = strawberry.field(
        description="Its files, of a movie those of its poster; largest first, WebP before JPEG. Empty until it is"
        " checked, and while it is hidden."
    )
    captions: list[Caption] = strawberry.field(
        description="What is said in a movie, at most one text a language; empty for a picture, and while it is hidden."
    )
    blurred_regions: list[Region] = strawberry.field(
        description="The parts that its sender had blurred (`assetBlur`), for good; empty when there are none."
    )
    problem: AssetProblem | None = strawberry.field(description="Why it was refused or failed, if it was.")


@strawberry.type(description="A header of an HTTP request.")
class HttpHeader:
    name: str = strawberry.field(description="Its name, such as `content-type`.")
    value: str = strawberry.field(description="Its value, to be sent exactly so.")


@strawberry.type(description="A part of a large file that has arrived.")
class ArrivedPart:
    number: int = strawberry.field(description="Which part, from 1.")
    bytes: int = strawberry.field(description="Its size in bytes.")


@strawberry.type(
    description="A ticket to send the bytes of one file: whole by one request, or, when it is large, in parts. "
    "Not both: once a part was asked for, all have to come."
)
class Upload:
    id: strawberry.ID = strawberry.field(description="The id that `uploadPart` and `uploadFinalize` take.")
    method: str = strawberry.field(description="The method of the request that sends the whole file: PUT.")
    url: str = strawberry.field(
        description="Where the whole file goes: its plain bytes as the body, no form. Secret; may be repeated. Works "
        "for at least some minutes; `upload` gives a new one."
    )
    headers: list[HttpHeader] = strawberry.field(description="The headers that the request has to carry.")
    content_type: str = strawberry.field(description="The media type that was promised.")
    bytes: int = strawberry.field(description="The size that was promised.")
    part_bytes: int | None = strawberry.field(
        description="The size of each part but the last, for a file that may be sent in parts; null for a small one."
    )
    part_count: int | None = strawberry.field(description="The number of parts; null for a small file.")
    parts: list[ArrivedPart] = strawberry.field(
        description="The parts that have arrived. After another start of the app, send the others."
    )
    expires_at: datetime = strawberry.field(description="When the ticket runs out if it was not finalised.")
    asset: Asset = strawberry.field(description="The picture that it will become; drafts may refer to it already.")


@strawberry.type(description="Where to send one part of a large file.")
class UploadPart:
    upload_id: strawberry.ID = strawberry.field(description="The upload that it belongs to.")
    number: int = strawberry.field(description="Which part, from 1.")
    method: str = strawberry.field(description="The method of the request: PUT.")
    url: str = strawberry.field(
        description="Where the part goes: its plain bytes as the body. Secret; may be repeated. Works for at least "
        "some minutes; the same mutation gives a new one."
    )
    headers: list[HttpHeader] = strawberry.field(description="The headers that the request has to carry.")
    bytes: int = strawberry.field(description="The size that it has to have.")


@strawberry.type(description="An upload has ended, and what came of it is gone.")
class UploadAborted:
    upload_id: strawberry.ID = strawberry.field(description="The upload that ended.")


@strawberry.type(description="A picture or movie is gone.")
class AssetDeleted:
    asset_id: strawberry.ID = strawberry.field(description="The picture or movie that is gone.")


def asset(view: AssetView, context: Context, *, reach: Reach = Reach.MEMBER) -> Asset:
    """A picture for a viewer who may see it; `reach` INSIDER for its author and for reviewers."""
    media, now = context.services.media, process_now()
    addresses = addresses_of(media, view, now=now, reach=reach)
    files = list(zip(view.renditions, addresses, strict=False))
    shown = [_rendition(file, url) for file, url in files if file.seconds is None]
    return Asset(
        id=global_id("Asset", view.id),
        medium=view.medium,
        status=view.status,
        alt_text=view.alt_text,
        people=view.people,
        width=view.width,
        height=view.height,
        placeholder=view.placeholder if shown else None,
        sound=view.sound,
        progress_percent=view.percent,
        movie=next((_movie(file, url) for file, url in files if file.seconds is not None), None),
        renditions=shown,
        captions=captions_shown(view, caption_addresses(media, view, now=now, reach=reach), reach=reach),
        blurred_regions=[Region(x=one.x, y=one.y, width=one.width, height=one.height) for one in view.blurred],
        problem=_problem(view, context),
    )


def _rendition(file: RenditionView, url: str) -> Rendition:
    return Rendition(
        url=url, content_type=CONTENT_TYPES[file.format], width=file.width, height=file.height, bytes=file.size
    )


def _movie(file: RenditionView, url: str) -> Movie:
    return Movie(
        url=url,
        content_type=CONTENT_TYPE,
        width=file.width,
        height=file.height,
        duration_seconds=file.seconds or 0.0,
        bytes=file.size,
        has_sound=bool(file.has_sound),
    )


def _problem(view: AssetView, context: Context) -> AssetProblem | None:
    if view.reason is None:
        return None
    text = message(context.locale, view.reason, refusal(context.services.media, view.reason, view.medium).params)
    return AssetProblem(code=view.reason, message=text)


def upload(ticket: Ticket, view: AssetView, context: Context) -> Upload:
    """A ticket with its picture, for the sender."""
    return Upload(
        id=global_id("Upload", ticket.upload_id),
        method="PUT",
        url=ticket.destination.address,
        headers=_headers(ticket.destination),
        content_type=ticket.content_type,
        bytes=ticket.size,
        part_bytes=ticket.part_bytes,
        part_count=ticket.part_count,
        parts=[ArrivedPart(number=part.number, bytes=part.size) for part in ticket.parts],
        expires_at=ticket.expires_at,
        asset=asset(view, context, reach=Reach.INSIDER),
    )


def upload_part(ticket: PartTicket) -> UploadPart:
    """Where one part goes, for the sender."""
    return UploadPart(
        upload_id=global_id("Upload", ticket.upload_id),
        number=ticket.number,
        method="PUT",
        url=ticket.destination.address,
        headers=_headers(ticket.destination),
        bytes=ticket.size,
    )


def _headers(destination: Destination) -> list[HttpHeader]:
    return [HttpHeader(name=name, value=value) for name, value in destination.headers.items()]
