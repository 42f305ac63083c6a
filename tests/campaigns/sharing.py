"""Short words for what is shared: editors, cards, bundles, takedowns."""

from collections.abc import AsyncIterator

from backend.campaigns.sharing import cards, drawing, fetching, takedowns
from backend.campaigns.store import sharing as store
from backend.campaigns.store.sharing import Card, Export
from backend.campaigns.store.takedowns import Takedown
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import Role, Viewer
from media.cards.orders import CardShape
from media.config import Media
from tests.campaigns.stage import Stage
from tests.places.town import make_account, viewer_of

TEXT = "Vi må få snakke. Også om det som er vanskelig!"


async def editor_of(stage: Stage, campaign_id: Id | None = None) -> Viewer:
    return await given(stage, await make_account(stage.db, staff=True), Role.EDITOR, campaign_id)


async def student_editor_of(stage: Stage) -> Viewer:
    return await given(stage, (await stage.student()).require_account(), Role.STUDENT_EDITOR)


async def given(stage: Stage, account_id: Id, role: Role, campaign_id: Id | None = None) -> Viewer:
    async with stage.db.transaction() as tx:
        await tx.execute(
            "insert into role_grant (id, account_id, role, scope_kind, scope_id, granted_at)"
            " values ($1, $2, $3, 'CAMPAIGN', $4, now())",
            new_id(), account_id, role, campaign_id or stage.campaign_id,
        )  # fmt: skip
    return await viewer_of(stage.db, account_id)


def media_of(stage: Stage) -> Media:
    assert stage.media is not None
    return stage.media


async def ask(
    stage: Stage, who: Viewer, statement_id: Id, excerpt: str | None = None, shape: CardShape | None = CardShape.POST
) -> Id:
    return await cards.request_card(stage.db, who, statement_id, secret=b"s" * 32, excerpt=excerpt, shape=shape)


async def card(stage: Stage, card_id: Id) -> Card:
    async with stage.db.reading() as conn:
        [found] = await store.find_cards(conn, [card_id])
    return found


async def drawn(stage: Stage, who: Viewer, statement_id: Id) -> Card:
    card_id = await ask(stage, who, statement_id)
    await drawing.draw_card(stage.db, media_of(stage), card_id)
    return await card(stage, card_id)


async def export(stage: Stage, export_id: Id) -> Export:
    async with stage.db.reading() as conn:
        [found] = await store.find_exports(conn, [export_id])
    return found


async def open_ones(stage: Stage, editor: Viewer) -> list[Takedown]:
    page = await takedowns.list_takedowns(stage.db, editor, stage.campaign_id, PageRequest(50), only_open=True)
    return list(page.rows)


async def told(stage: Stage, who: Viewer, kind: str) -> int:
    count: int = await stage.value(
        "select count(*) from notice where account_id = $1 and kind = $2", who.account_id, kind
    )
    return count


async def content_of(media: Media, row: Card | Export) -> bytes:
    [file] = row.files
    pieces: AsyncIterator[bytes] = fetching.read_file(media, file)
    return b"".join([piece async for piece in pieces])
