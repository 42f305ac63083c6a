"""Awards: for a class, or with its author's consent for a single statement. Only editors learn that one was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.running import check_texts, may_see, scope_of
from backend.campaigns.store import campaigns as campaign_store
from backend.core import audit, policy, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Conflict, NotAllowed, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.policy import Action
from backend.core.text import clean_text
from backend.core.viewer import Viewer
from backend.notices import inbox
from backend.rounds.config import MAX_AWARD_TITLE_CHARS, MAX_AWARDS, MAX_REASON_CHARS
from backend.rounds.publication import PublishedClass
from backend.rounds.rules import RESULT_STATES, AwardConsent, RoundState
from backend.rounds.running import get_round, lock_round
from backend.rounds.standings import named
from backend.rounds.store import awards as store
from backend.rounds.store import draw, jury
from backend.rounds.store import names as name_store
from backend.rounds.store import rounds as round_store
from backend.rounds.store.awards import Award, Entered, NewAward
from backend.rounds.store.rounds import Round

_GIVABLE = RESULT_STATES | {RoundState.CONFIRMED}
_AGREED = frozenset({AwardConsent.NOT_NEEDED, AwardConsent.GIVEN})


@dataclass(frozen=True, slots=True)
class ShownAward:
    """An award as one viewer sees it; `classes` when it is for a class.

    `is_public`: everybody sees it. `tells_consent`: the viewer is the author, or runs the campaign and has no part in
    the class. `is_printable`: it has a diploma for this viewer.
    """

    award: Award
    round: Round
    classes: tuple[PublishedClass, ...]
    is_public: bool
    tells_consent: bool
    is_printable: bool


async def give_award(
    db: Database,
    viewer: Viewer,
    round_id: Id,
    title: Mapping[str, str],
    *,
    class_id: Id | None = None,
    statement_id: Id | None = None,
    client_key: str | None = None,
) -> Id:
    """Give an award to a class, or offer one to the author of a statement, once the result is confirmed; its id.

    Raises NotFound (the round; a class or a statement that did not compete), NotAllowed (also `own_class_awarded`),
    Conflict (state, `award_refused`, `award_already_given`), ValidationFailed (`class_or_statement`,
    `too_many_awards`, the title).
    """
    clean = check_texts(title, "title", MAX_AWARD_TITLE_CHARS)
    if (class_id is None) == (statement_id is None):
        raise ValidationFailed("class_or_statement", path=("statement_id",))
    async with db.transaction() as tx:
        row = (await lock_round(tx, viewer, round_id, Action.CAMPAIGN_RUN)).row
        state = row.state(await tx.now())
        award_id = new_id()
        first = await repeats.first_result(tx, viewer, "awardGive", client_key, award_id)
        if first is not None:
            return first
        if state not in _GIVABLE:
            raise Conflict(state=state)
        if await store.count_awards(tx, row.id) >= MAX_AWARDS:
            raise ValidationFailed("too_many_awards", max=MAX_AWARDS)
        if statement_id is None:
            contender_id = await _contender(tx, viewer, row, class_id)
            await _add(tx, viewer, award_id, row, clean, contender_id=contender_id)
            if state in RESULT_STATES:
                teachers = await store.teachers_of(tx, contender_id)
                await inbox.tell_all(tx, teachers, "award_given", subject=("award", award_id))
        else:
            entered = await _entered(tx, viewer, row, statement_id, state)
            await _add(tx, viewer, award_id, row, clean, statement_id=statement_id)
            if entered.author_id is not None:
                await inbox.tell(tx, entered.author_id, "award_offered", subject=("award", award_id))
        return award_id


async def answer_award(db: Database, viewer: Viewer, award_id: Id, *, agrees: bool) -> None:
    """The author's answer to an award for their statement; it can be changed at any time. Again is harmless.

    Raises Unauthenticated, NotFound for everybody else, NotAllowed `account_restricted` (a yes), Conflict
    (`sealed_after_reset`, RESCINDED).
    """
    account_id = viewer.require_active() if agrees else viewer.require_account()
    viewer.require_unsealed()
    async with db.transaction() as tx:
        award = await store.lock_award(tx, award_id)
        if award is None or award.author_id != account_id:
            raise not_found("award", award_id)
        if award.rescinded_at is not None:
            raise Conflict(state="RESCINDED")
        consent = AwardConsent.GIVEN if agrees else AwardConsent.REFUSED
        if award.consent is not consent:
            await store.set_consent(tx, award_id, consent)
            await audit.record(tx, account_id, "author:award:answered", ("award", award_id), agrees=agrees)


async def rescind_award(db: Database, viewer: Viewer, award_id: Id, reason: str) -> None:
    """Take an award back for a reason that everybody reads who saw it. It cannot be undone.

    Raises NotFound, NotAllowed (also `own_class_awarded`), Conflict RESCINDED, ValidationFailed.
    """
    clean = clean_text(reason, path=("reason",), max_chars=MAX_REASON_CHARS, multiline=True)
    async with db.transaction() as tx:
        viewer.require_account()
        found = await find_awards(tx, viewer, [award_id])
        if not found:
            raise not_found("award", award_id)
        locked = await lock_round(tx, viewer, found[0].round.id, Action.CAMPAIGN_RUN)
        award = await store.lock_award(tx, award_id)
        if award is None or award.rescinded_at is not None:
            raise Conflict(state="RESCINDED")
        await _require_stranger(tx, viewer, award.class_ids)
        await store.set_rescinded(tx, award_id, clean)
        await audit.record(tx, viewer.account_id, "editor:award:rescinded", ("award", award_id))
        if award.author_id is not None and award.consent is not AwardConsent.REFUSED:
            await inbox.tell(tx, award.author_id, "award_rescinded", subject=("award", award_id))
        if award.contender_id is not None and locked.row.state(await tx.now()) in RESULT_STATES:
            teachers = await store.teachers_of(tx, award.contender_id)
            await inbox.tell_all(tx, teachers, "award_rescinded", subject=("award", award_id))


async def list_awards(db: Database, viewer: Viewer, round_id: Id) -> list[ShownAward]:
    """The awards of a round that the viewer may see, in the order of giving. Raises NotFound."""
    async with db.snapshot() as conn:
        row = await get_round(conn, viewer, round_id)
        return await _shown(conn, viewer, await store.list_awards(conn, row.id))


async def own_awards(db: Database, viewer: Viewer) -> list[ShownAward]:
    """Awards for the viewer's own statements, the latest first, at most a hundred; none in a sealed session."""
    account_id = viewer.require_account()
    async with db.snapshot() as conn:
        return await _shown(conn, viewer, [] if viewer.is_sealed else await store.own_awards(conn, account_id))


async def find_awards(conn: Connection, viewer: Viewer, ids: Sequence[Id]) -> list[ShownAward]:
    """Those of the awards that the viewer may see."""
    return await _shown(conn, viewer, await store.find_awards(conn, ids))


def is_public(award: Award, row: Round, now: datetime) -> bool:
    """Whether everybody who sees the campaign sees it: announced, agreed to, and there, or rescinded after that."""
    if row.announces_at is None or row.state(now) not in RESULT_STATES:
        return False
    if award.rescinded_at is not None and award.rescinded_at < row.announces_at:
        return False
    return award.consent in _AGREED and (award.is_shown or award.rescinded_at is not None)


async def _add(
    tx: Transaction,
    viewer: Viewer,
    award_id: Id,
    row: Round,
    title: dict[str, str],
    *,
    contender_id: Id | None = None,
    statement_id: Id | None = None,
) -> None:
    consent = AwardConsent.NOT_NEEDED if statement_id is None else AwardConsent.ASKED
    given_by, now = viewer.require_account(), await tx.now()
    await store.add_award(tx, NewAward(award_id, row.id, title, contender_id, statement_id, given_by, now, consent))
    await audit.record(tx, given_by, "editor:award:given", ("award", award_id))


async def _contender(tx: Transaction, viewer: Viewer, row: Round, class_id: Id | None) -> Id:
    found = await draw.contenders_of_classes(tx, row.id, [class_id] if class_id else [])
    if not found:
        raise not_found("class", class_id)
    await _require_stranger(tx, viewer, found[0].class_ids)
    return found[0].id


async def _entered(tx: Transaction, viewer: Viewer, row: Round, statement_id: Id, state: RoundState) -> Entered:
    if state is RoundState.ARCHIVED:  # what competed is forgotten by then
        raise Conflict(state=state)
    found = await store.entered_statement(tx, row.id, statement_id)
    if found is None:
        raise not_found("statement", statement_id)
    await _require_stranger(tx, viewer, found.class_ids)
    known = await store.consent_of(tx, row.id, statement_id)
    if known is not None:
        code = "award_refused" if known is AwardConsent.REFUSED else "award_already_given"
        raise Conflict(code, state=known, path=("statement_id",))
    return found


async def _require_stranger(tx: Transaction, viewer: Viewer, class_ids: Sequence[Id]) -> None:
    account_id = viewer.require_account()
    if not (await jury.own_classes(tx, [account_id]))[account_id].isdisjoint(class_ids):
        raise NotAllowed("own_class_awarded")


async def _shown(conn: Connection, viewer: Viewer, awards: Sequence[Award]) -> list[ShownAward]:
    now = await conn.now()
    rounds = {row.id: row for row in await round_store.find_rounds(conn, sorted({one.round_id for one in awards}))}
    campaigns = await campaign_store.find_campaigns(conn, sorted({row.campaign_id for row in rounds.values()}))
    seen = {one.id for one in campaigns if may_see(viewer, one)}
    run = {one.id for one in campaigns if policy.can(viewer, Action.CAMPAIGN_RUN, scope_of(one))}
    contenders = {
        one.id: one.class_ids
        for one in await draw.find_contenders(conn, [one.contender_id for one in awards if one.contender_id])
    }
    names = await name_store.class_names(conn, [key for keys in contenders.values() for key in keys])
    own = (await jury.own_classes(conn, [viewer.account_id]))[viewer.account_id] if run and viewer.account_id else set()
    found = []
    for one in awards:
        row = rounds[one.round_id]
        is_author = one.author_id is not None and one.author_id == viewer.account_id and not viewer.is_sealed
        is_editor = row.campaign_id in run and own.isdisjoint(one.class_ids)
        public = row.campaign_id in seen and is_public(one, row, now)
        if public or is_editor or is_author:
            classes = named(contenders[one.contender_id], names) if one.contender_id else ()
            holds = one.rescinded_at is None and one.is_shown and one.consent in _AGREED
            printable = holds and (public or (is_editor and row.state(now) is RoundState.CONFIRMED))
            found.append(ShownAward(one, row, classes, public, is_editor or is_author, printable))
    return found
