"""The demo's photographs, sent and looked at as any upload is."""

import hashlib
from collections.abc import AsyncIterator, Mapping

from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.demo.reading import DemoPicture, DemoStatement
from backend.demo.stage import Stage, ago, for_each
from media.processing.jobs import process_asset
from media.rules import AssetStatus, People
from media.service import Words, assets_for, describe_asset
from media.uploads.addresses import upload_token
from media.uploads.finalising import finalise_upload
from media.uploads.receiving import receive_bytes
from media.uploads.tickets import NewUpload, request_upload

_PIECE = 65_536


async def send_pictures(stage: Stage, authors: Mapping[str, Viewer]) -> dict[str, Id]:
    """The clean, described picture of each statement that has one, by the statement's key."""
    pictures = {picture.key: picture for picture in stage.material.pictures}
    wanted = [one for one in stage.material.statements if one.picture]

    async def one(statement: DemoStatement) -> Id:
        with ago(days=statement.days_ago, hours=8):
            return await _send(stage, authors[statement.author], statement, pictures[statement.picture or ""])

    made = await for_each(wanted, one, at_once=2)
    return {statement.key: asset_id for statement, asset_id in zip(wanted, made, strict=True)}


async def _send(stage: Stage, viewer: Viewer, statement: DemoStatement, picture: DemoPicture) -> Id:
    db, media, content = stage.db, stage.services.media, picture.content()
    new = NewUpload(picture.media_type, len(content), hashlib.sha256(content).hexdigest())
    ticket = await request_upload(db, media, viewer, new)
    await receive_bytes(db, media, upload_token(media, ticket.upload_id), _pieces(content))
    await finalise_upload(db, media, viewer, ticket.upload_id)
    # Where changes are asked for, it is because a file name says nothing to those who cannot see.
    alt = picture.file if statement.outcome == "CHANGES_REQUESTED" else _alt(statement, picture)
    await describe_asset(db, viewer, ticket.asset_id, Words(alt, People.NONE))
    await process_asset(db, media, ticket.asset_id)
    async with db.reading() as conn:
        asset = (await assets_for(conn, [ticket.asset_id]))[ticket.asset_id]
    if asset.status is not AssetStatus.CLEAN:
        raise RuntimeError(f"the picture {picture.file} was not accepted: {asset.status}")
    return ticket.asset_id


def _alt(statement: DemoStatement, picture: DemoPicture) -> str:
    return picture.alt.get(statement.language, picture.alt["en"])


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]
