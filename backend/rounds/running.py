"""Run a round: rewrite its page, pause it with the time left, let it go on, void it with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.running import may_see, scope_of
from backend.campaigns.store import campaigns as campaign_store
from backend.core import audit, policy
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Conflict, not_found
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.policy import Action
from backend.core.text import clean_text
from backend.core.viewer import Scope, Viewer
from backend.rounds import page, rules
from backend.rounds.config import MAX_REASON_CHARS
from backend.rounds.page import TopicPage
from backend.rounds.rules import RoundState
from backend.rounds.store import rounds as store
from backend.rounds.store.rounds import PlanRow, Round

_EDITABLE = frozenset({RoundState.SCHEDULED, RoundState.OPEN, RoundState.PAUSED})
_PAUSABLE = (RoundState.OPEN, RoundState.CLOSED, RoundState.JUDGING)
_FINAL = frozenset({RoundState.ANNOUNCED, RoundState.ARCHIVED, RoundState.VOID})


@dataclass(frozen=True, slots=True)
class Locked:
    """A round that is locked, with where it is run."""

    row: Round
    scope: Scope


async def update_round(db: Database, viewer: Viewer, round_id: Id, content: TopicPage) -> None:
    """Write the prompt and the topic page anew, until the close; editors, and student editors too.

    Raises NotFound, NotAllowed, Conflict (state), ValidationFailed.
    """
    async with db.transaction() as tx:
        locked = await lock_round(tx, viewer, round_id, Action.PROMPT_EDIT)
        state = locked.row.state(await tx.now())
        if state not in _EDITABLE:
            raise Conflict(state=state)
        clean = page.cleaned(content)
        await page.check_topic(tx, locked.row.campaign_id, clean.topic_id)
        await store.set_page(
            tx, round_id, prompt=clean.prompt, questions=clean.questions, vocabulary=clean.vocabulary,
            topic_id=clean.topic_id,
        )  # fmt: skip
        await audit.record(tx, viewer.account_id, "editor:round:updated", ("round", round_id))


async def pause_round(db: Database, viewer: Viewer, round_id: Id) -> None:
    """Stop the clock of a round that is open, closed or judged; the time left is kept. Raises NotFound, NotAllowed,

    Conflict in any other state.
    """
    async with db.transaction() as tx:
        locked = await lock_round(tx, viewer, round_id, Action.CAMPAIGN_RUN)
        now = await tx.now()
        state = locked.row.state(now)
        if state not in _PAUSABLE:
            raise Conflict(state=state)
        await store.set_paused(tx, round_id, now)
        await audit.record(tx, viewer.account_id, "editor:round:paused", ("round", round_id))


async def resume_round(db: Database, viewer: Viewer, round_id: Id) -> None:
    """Let a paused round go on with the time it had left.

    A weekly round that would open before this one closes opens at its close instead. Raises NotFound, NotAllowed,
    Conflict when it is not paused, or `rounds_overlap` when the next one is open or nothing would be left of it.
    """
    async with db.transaction() as tx:
        locked = await lock_round(tx, viewer, round_id, Action.CAMPAIGN_RUN)
        now = await tx.now()
        state = locked.row.state(now)
        if state is not RoundState.PAUSED:
            raise Conflict(state=state)
        times = rules.resumed(locked.row.times, now)
        following = await store.next_round(tx, locked.row)
        if following is not None and following.opens_at < times["closes_at"]:
            # One that is open already has what was handed in for it.
            if following.opens_at <= now or following.freezes_at <= times["closes_at"]:
                raise Conflict("rounds_overlap", state=state)
            await store.set_opening(tx, following.id, times["closes_at"])
        await store.set_resumed(tx, round_id, times)
        await audit.record(tx, viewer.account_id, "editor:round:resumed", ("round", round_id))


async def void_round(db: Database, viewer: Viewer, round_id: Id, reason: str) -> None:
    """End a round without a result, for a reason that everybody reads; not after its announcement.

    Raises NotFound, NotAllowed, Conflict (state), ValidationFailed.
    """
    clean = clean_text(reason, path=("reason",), max_chars=MAX_REASON_CHARS, multiline=True)
    async with db.transaction() as tx:
        locked = await lock_round(tx, viewer, round_id, Action.CAMPAIGN_RUN)
        now = await tx.now()
        state = locked.row.state(now)
        if state in _FINAL:
            raise Conflict(state=state)
        await store.set_void(tx, round_id, now, clean)
        await audit.record(tx, viewer.account_id, "editor:round:voided", ("round", round_id))


async def lock_round(tx: Transaction, viewer: Viewer, round_id: Id, action: Action) -> Locked:
    """A round, locked for whoever may do this in its campaign.

    Raises Unauthenticated, NotFound, NotAllowed, Conflict `sealed_after_reset`: a student editor's session may be.
    """
    viewer.require_account()
    viewer.require_unsealed()
    row = await store.lock_round(tx, round_id)
    campaign = None if row is None else await campaign_store.get_campaign(tx, row.campaign_id)
    if row is None or campaign is None or not may_see(viewer, campaign):
        raise not_found("round", round_id)
    policy.require(viewer, action, scope_of(campaign))
    return Locked(row, scope_of(campaign))


async def find_rounds(conn: Connection, viewer: Viewer, ids: Sequence[Id]) -> list[Round]:
    """Those of the rounds that the viewer may see: whoever sees the campaign sees its rounds."""
    rows = await store.find_rounds(conn, ids)
    campaigns = await campaign_store.find_campaigns(conn, [row.campaign_id for row in rows])
    seen = {one.id for one in campaigns if may_see(viewer, one)}
    return [row for row in rows if row.campaign_id in seen]


async def get_round(conn: Connection, viewer: Viewer, round_id: Id) -> Round:
    """The round. Raises NotFound."""
    found = await find_rounds(conn, viewer, [round_id])
    if not found:
        raise not_found("round", round_id)
    return found[0]


async def list_rounds(
    db: Database, viewer: Viewer, campaign_id: Id, request: PageRequest, *, only_announced: bool = False
) -> tuple[Page[Round], datetime]:
    """A page of a campaign's rounds, the latest opening first, and the moment at which it was read.

    `only_announced`: the archive of those with a result that everybody sees.
    """
    async with db.reading() as conn:
        now = await conn.now()
        campaign = await campaign_store.get_campaign(conn, campaign_id)
        if campaign is None or not may_see(viewer, campaign):
            return page_of(request, [], _key), now
        rows = await store.list_rounds(conn, campaign_id, request, only_announced=only_announced, now=now)
    return page_of(request, rows, _key), now


async def get_plan(db: Database, viewer: Viewer, campaign_id: Id) -> PlanRow | None:
    """The weekly plan of a campaign that the viewer may see; None when there is none."""
    async with db.reading() as conn:
        campaign = await campaign_store.get_campaign(conn, campaign_id)
        if campaign is None or not may_see(viewer, campaign):
            return None
        return await store.get_plan(conn, campaign_id)


def _key(row: Round) -> Key:
    return Key(row.opens_at, row.id)
