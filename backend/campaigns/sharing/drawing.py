"""The worker draws the cards: outside every transaction, and what it drew is kept only if it may still be shared."""

from collections.abc import Sequence
from pathlib import Path

from backend.campaigns.sharing.attempts import begin_attempt, tried_again
from backend.campaigns.sharing.content import alt_text, card_content
from backend.campaigns.sharing.guards import lock_still_shareable
from backend.campaigns.sharing.rules import Shared
from backend.campaigns.store import sharing as store
from backend.campaigns.store.shared_files import FileRow, add_files
from backend.campaigns.store.sharing import Card
from backend.core.database import Database
from backend.core.errors import ValidationFailed
from backend.core.ids import Id, random_id
from media.blobs.protocol import shared_name
from media.cards.drawer import draw_cards
from media.cards.orders import CardContent, CardShape
from media.config import Media
from media.folders import work_folder


async def draw_card(db: Database, media: Media, card_id: Id) -> None:
    """Draw a waiting card. The third time that the drawing process or the worker die over it, it has failed."""
    if not await begin_attempt(db, Shared.CARD, card_id):
        return
    async with db.reading() as conn:
        [card] = await store.find_cards(conn, [card_id])
        said = await store.get_said(conn, card.statement_id)
    if said is None or said.revision_id != card.revision_id:
        return  # whoever ended it has ended the card too
    content = card_content(said, card.excerpt)
    async with tried_again(db, Shared.CARD, card_id):
        try:
            await _make(db, media, card, content)
        except ValidationFailed as refused:
            async with db.transaction() as tx:
                characters = str(refused.params.get("characters", ""))
                await store.fail_card(tx, card_id, refused.code, characters=characters)


async def _make(db: Database, media: Media, card: Card, content: CardContent) -> None:
    async with work_folder() as folder:
        files = await draw_into_store(media, content, folder, (card.shape,) if card.shape else tuple(CardShape))
    async with db.transaction() as tx:
        is_kept = await lock_still_shareable(tx, card.statement_id, card.revision_id)
        is_kept = is_kept and await store.mark_card_ready(tx, card.id, alt_text=alt_text(content))
        if is_kept:
            await add_files(tx, files, card_id=card.id)
    if not is_kept:
        await remove(media, files)


async def draw_into_store(
    media: Media, content: CardContent, folder: Path, shapes: tuple[CardShape, ...]
) -> list[FileRow]:
    """The cards, drawn and stored; rows for them, not yet written. Raises as `draw_cards`."""
    drawn = await draw_cards(content, folder, shapes=shapes)
    rows = [FileRow(random_id(), "png", f.shape, f.width, f.height, f.size, f.sha256) for f in drawn]
    for row, file in zip(rows, drawn, strict=True):
        await media.blobs.put_file(shared_name(row.id, row.sha256, row.format), folder / f"{file.shape.lower()}.png")
    return rows


async def remove(media: Media, files: Sequence[FileRow]) -> None:
    """Nothing of these files stays in the store."""
    for file in files:
        await media.blobs.delete(shared_name(file.id, file.sha256, file.format))
