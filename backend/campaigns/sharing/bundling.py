"""The worker makes a bundle: cards, pictures, movie, captions, and what to write with them, in one ZIP."""

import asyncio
import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import media.service
from backend.campaigns.sharing.attempts import begin_attempt, tried_again
from backend.campaigns.sharing.content import alt_text, card_content, suggested_text
from backend.campaigns.sharing.drawing import remove
from backend.campaigns.sharing.guards import lock_still_shareable
from backend.campaigns.sharing.rules import Shared
from backend.campaigns.store import sharing as store
from backend.campaigns.store.attached import attached_to
from backend.campaigns.store.shared_files import FileRow, add_files
from backend.campaigns.store.sharing import Card, Export, Said
from backend.core.database import Database
from backend.core.errors import ValidationFailed
from backend.core.ids import Id, random_id
from media.blobs.protocol import BlobName, rendition_name, shared_name
from media.captions import captions_store
from media.cards.drawer import draw_cards
from media.cards.orders import CardContent
from media.config import Media
from media.folders import work_folder
from media.kinds import Medium
from media.views import AssetView

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a ZIP needs a time, and nobody needs to know ours


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the store under its name in the bundle, and what it shows for those who do not see it."""

    name: str
    blob: BlobName
    alt_text: str | None


async def make_bundle(db: Database, media_: Media, export_id: Id) -> None:
    """Make a waiting bundle. The third time that anything dies over it, it has failed."""
    if not await begin_attempt(db, Shared.BUNDLE, export_id):
        return
    async with db.reading() as conn:
        [export] = await store.find_exports(conn, [export_id])
        said = await store.get_said(conn, export.statement_id)
        cards = await store.ready_cards(conn, export.statement_id)
        [attached] = await attached_to(conn, [export.revision_id])
        assets = await media.service.assets_for(conn, attached.asset_ids)
    if said is None or said.revision_id != export.revision_id:
        return  # whoever ended it has ended the bundle too
    parts = [*_card_parts(cards), *_media_parts([assets[one] for one in attached.asset_ids if one in assets])]
    async with tried_again(db, Shared.BUNDLE, export_id):
        await _make(db, media_, export, said, parts, draws=not cards and bool(said.text))


def _card_parts(cards: list[Card]) -> Iterator[Part]:
    for number, card in enumerate(cards, start=1):
        for file in card.files:
            name = f"card-{number}-{(file.shape or 'card').lower()}.png"
            yield Part(name, shared_name(file.id, file.sha256, file.format), card.alt_text)


def _media_parts(assets: list[AssetView]) -> Iterator[Part]:
    """Of each picture the largest JPEG, of a movie its file, its captions in each language and a picture of it."""
    for number, asset in enumerate(assets, start=1):
        still = "poster" if asset.medium is Medium.MOVIE else "picture"
        names = {"mp4": f"movie-{number}.mp4", "jpeg": f"{still}-{number}.jpg"}
        for format_, name in names.items():
            file = next((one for one in asset.renditions if one.format == format_), None)
            if file is not None:
                yield Part(name, rendition_name(asset.id, file.sha256, format_), asset.alt_text)
        for caption in asset.captions:
            blob = rendition_name(asset.id, caption.sha256, captions_store.FORMAT)
            yield Part(f"captions-{number}.{caption.language}.vtt", blob, None)


async def _make(db: Database, media_: Media, export: Export, said: Said, parts: list[Part], *, draws: bool) -> None:
    content = card_content(said, None)
    async with work_folder() as folder, AsyncExitStack() as held:
        drawn = await _drawn(content, folder) if draws else []
        described = [(name, alt_text(content)) for name, _ in drawn]
        described += [(part.name, part.alt_text) for part in parts if part.alt_text]
        texts = {
            "suggested.txt": suggested_text(said),
            "alt-texts.txt": "".join(f"{name}\n{words}\n\n" for name, words in described),
        }
        stored = [(part.name, await held.enter_async_context(media_.blobs.local(part.blob))) for part in parts]
        target = folder / "bundle.zip"
        row = await asyncio.to_thread(_zip, target, [*drawn, *stored], texts)
        await media_.blobs.put_file(shared_name(row.id, row.sha256, row.format), target)
    async with db.transaction() as tx:
        is_kept = await lock_still_shareable(tx, export.statement_id, export.revision_id)
        is_kept = is_kept and await store.mark_export_ready(tx, export.id)
        if is_kept:
            await add_files(tx, [row], export_id=export.id)
    if not is_kept:
        await remove(media_, [row])


async def _drawn(content: CardContent, folder: Path) -> list[tuple[str, Path]]:
    """Cards for a bundle of a statement that has none; none where no font has its letters: the words lie beside."""
    try:
        files = await draw_cards(content, folder)
    except ValidationFailed:
        return []
    return [(f"card-1-{file.shape.lower()}.png", folder / f"{file.shape.lower()}.png") for file in files]


def _zip(target: Path, files: list[tuple[str, Path]], texts: dict[str, str]) -> FileRow:
    """Write the ZIP; pictures and movies are small already, so nothing is compressed."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for name, path in files:
            with path.open("rb") as source, bundle.open(zipfile.ZipInfo(name, _LONG_AGO), "w") as entry:
                shutil.copyfileobj(source, entry)
        for name, text in texts.items():
            bundle.writestr(zipfile.ZipInfo(name, _LONG_AGO), text.encode())
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRow(random_id(), "zip", None, None, None, target.stat().st_size, digest)
