"""What whoever runs a campaign sees of a round: which statements compete, and how far the jury is. Never a score."""

from dataclasses import dataclass

from backend.campaigns.running import scope_of
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store import feed
from backend.campaigns.store.feed import Reader, Shown
from backend.core import policy
from backend.core.database import Connection, Database
from backend.core.errors import not_found
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.rounds import drawing
from backend.rounds.listing import LAST_PLACE, key_at, place_of
from backend.rounds.rules import RoundState
from backend.rounds.running import get_round
from backend.rounds.standings import may_see_early
from backend.rounds.store import jury
from backend.rounds.store import overview as store
from backend.rounds.store.overview import Competing, JurorCounts

# From the end of the judging on, until what competed is forgotten: then awards are given.
_LISTED = frozenset({RoundState.PROVISIONAL, RoundState.CONFIRMED, RoundState.ANNOUNCED})
_JUDGED = frozenset({RoundState.JUDGING, RoundState.PROVISIONAL})


@dataclass(frozen=True, slots=True)
class JuryProgress:
    """How far a jury is. `drawn`: entries that it can read now; `lacking`: those of them with too few scores."""

    drawn: int
    lacking: int
    jurors: list[JurorCounts]


async def list_round_entries(db: Database, viewer: Viewer, round_id: Id, request: PageRequest) -> Page[Shown]:
    """A page of the statements that compete and that everybody can read, in the order that chance gave them.

    Empty before the judging has ended and once what competed is forgotten. Raises NotFound, also for who does not run
    the campaign, or has a class of their own in the round.
    """
    await _require_editor(db, viewer, round_id)
    await drawing.draw_if_due(db, round_id)
    async with db.snapshot() as conn:
        row = await get_round(conn, viewer, round_id)
        if row.state(await conn.now()) not in _LISTED:
            return page_of(request, [], _key)
        if not await may_see_early(conn, viewer, row):
            raise not_found("round", round_id)
        found = await store.list_competing(
            conn, row.id, after=place_of(request.after, 0) - 1, before=place_of(request.before, LAST_PLACE) - 1,
            size=request.size, backward=request.backward,
        )  # fmt: skip
        return await _read(conn, viewer, page_of(request, found, _key))


async def jury_progress(db: Database, viewer: Viewer, round_id: Id) -> JuryProgress | None:
    """How many drawn entries lack scores, and how much each juror has done; at most 200 jurors.

    None in any state but JUDGING and PROVISIONAL. Raises NotFound, also for who does not run the campaign.
    """
    await _require_editor(db, viewer, round_id)
    await drawing.draw_if_due(db, round_id)
    async with db.snapshot() as conn:
        row = await get_round(conn, viewer, round_id)
        if row.state(await conn.now()) not in _JUDGED:
            return None
        counts = await store.count_scored(conn, row.id)
        jurors = await store.count_by_juror(conn, row.id, await jury.jurors_of(conn, row.campaign_id))
    return JuryProgress(counts.drawn, counts.lacking, jurors)


async def _require_editor(db: Database, viewer: Viewer, round_id: Id) -> None:
    async with db.reading() as conn:
        row = await get_round(conn, viewer, round_id)
        campaign = await campaign_store.get_campaign(conn, row.campaign_id)
    if campaign is None or not policy.can(viewer, Action.CAMPAIGN_RUN, scope_of(campaign)):
        raise not_found("round", round_id)


async def _read(conn: Connection, viewer: Viewer, page: Page[Competing]) -> Page[Shown]:
    """The statements of a page, read as somebody who sits in no class reads them."""
    reader = Reader(None if viewer.is_sealed else viewer.account_id)
    shown = {one.id: one for one in await feed.find_shown(conn, reader, [one.statement_id for one in page.rows])}
    kept = [
        (shown[one.statement_id], key)
        for one, key in zip(page.rows, page.keys, strict=True)
        if one.statement_id in shown
    ]
    return Page([one for one, _ in kept], [key for _, key in kept], page.has_next, page.has_previous)


def _key(row: Competing) -> Key:
    return key_at(row.number + 1, row.statement_id)
