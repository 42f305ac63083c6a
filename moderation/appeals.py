"""Contesting a decision: filed once, answered by another person who never touched the case, carried out at once."""

from dataclasses import dataclass
from datetime import datetime

from backend.core import audit, ratelimit, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Closed, Conflict, NotAllowed, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.ratelimit import Limit
from backend.core.text import clean_text
from backend.core.viewer import Viewer
from backend.notices import inbox
from moderation import appeal_store, store
from moderation.access import lock_subject_and_case, person_of
from moderation.answering import carry_out_answer
from moderation.appeal_rules import (
    Answerer,
    AppealState,
    Effect,
    Side,
    appeal_until,
    effect_of,
    sides_that_may_appeal,
    why_not_answer,
)
from moderation.appeal_store import AppealRow
from moderation.deciding import clean_words
from moderation.rules import Reason, language_read, why_hidden_from
from moderation.school_days import after_school_days
from moderation.store import CaseRow, DecisionRow
from moderation.subjects import Desk, SubjectView
from moderation.telling import tell_reporters

MAX_APPEAL = 2000
ANSWER_SCHOOL_DAYS = 5


async def file_appeal(
    db: Database, desk: Desk, viewer: Viewer, *, decision_id: Id, text: str, client_key: str | None = None
) -> AppealRow:
    """Contest a decision as its author, or as somebody whose report it settled. Restricted accounts may.

    Raises Unauthenticated, RateLimited, ValidationFailed (text), NotFound, NotAllowed nothing_to_appeal, Closed
    appeal_window_over, Conflict (sealed_after_reset, already_appealed, still_under_review, decision_superseded).
    """
    account_id = viewer.require_account()
    text = clean_appeal(text)
    await limit_appeals(db, desk, account_id)
    appeal_id = new_id()
    async with db.transaction() as tx:
        viewer.require_unsealed()
        first_id = await repeats.first_result(tx, viewer, "appealFile", client_key, appeal_id)
        if first_id is not None:
            return (await appeal_store.find_appeals(tx, [first_id]))[first_id]
        decision, row, _ = await _locked(tx, desk, decision_id)
        side = await _side(tx, row, decision, account_id)
        await _require_contestable(tx, desk, row, decision, side=side)
        appeal = _filed(appeal_id, row, decision, account_id=account_id, side=side, text=text, now=await tx.now())
        await appeal_store.insert_appeal(tx, appeal)
        await audit.record(tx, account_id, "author:appeal:filed", ("appeal", appeal.id), decision=decision.id)
        return appeal


async def file_by_guardian(tx: Transaction, desk: Desk, decision_id: Id, *, appeal_id: Id, text: str) -> AppealRow:
    """Contest a refusal for its author, who is told and shares the appeal. `text` is clean, the limit taken.

    The caller knows that it is a decision on what this guardian's consent carries. Raises NotFound for all but
    refusals, and as `file_appeal`.
    """
    decision, row, _ = await _locked(tx, desk, decision_id)
    if row.author_id is None or Side.GUARDIAN not in sides_that_may_appeal(decision.verdict):
        raise not_found("Decision")
    await _require_contestable(tx, desk, row, decision, side=Side.GUARDIAN)
    appeal = _filed(
        appeal_id, row, decision, account_id=row.author_id, side=Side.GUARDIAN, text=text, now=await tx.now()
    )
    await appeal_store.insert_appeal(tx, appeal)
    await inbox.tell(tx, row.author_id, "guardian_appealed", subject=("moderation_decision", decision.id))
    await audit.record(tx, None, "guardian:appeal:filed", ("appeal", appeal.id), decision=decision.id)
    return appeal


def clean_appeal(text: str) -> str:
    """What an appeal says. Raises ValidationFailed."""
    return clean_text(text, path=("text",), max_chars=MAX_APPEAL, multiline=True)


async def limit_appeals(db: Database, desk: Desk, who: Id) -> None:
    """Count a try of this account or key. Raises RateLimited."""
    limit = Limit("appeal", desk.settings.appeals_per_day, 86_400)
    await ratelimit.take(db, limit, str(who), secret=desk.settings.secret)


def _filed(
    appeal_id: Id, row: CaseRow, decision: DecisionRow, *, account_id: Id, side: Side, text: str, now: datetime
) -> AppealRow:
    return AppealRow(
        id=appeal_id,
        decision_id=decision.id,
        case_id=row.id,
        city_id=row.city_id,
        account_id=account_id,
        side=side,
        text=text,
        state=AppealState.FILED,
        filed_at=now,
        due_at=after_school_days(now, ANSWER_SCHOOL_DAYS, zone=row.zone),
        decided_by=None,
        decided_at=None,
        answer=None,
        answer_language=None,
    )


async def _locked(tx: Transaction, desk: Desk, decision_id: Id) -> tuple[DecisionRow, CaseRow, SubjectView]:
    decision = (await store.find_decisions(tx, [decision_id])).get(decision_id)
    if decision is None:
        raise not_found("Decision")
    view, row = await lock_subject_and_case(tx, desk, decision.case_id)
    return decision, row, view


async def _side(conn: Connection, row: CaseRow, decision: DecisionRow, account_id: Id) -> Side:
    """As what this person contests the decision. Raises NotFound for everybody whom it does not concern."""
    if row.author_id == account_id:
        return Side.AUTHOR
    if await appeal_store.is_reporter_of(conn, decision.id, account_id):
        return Side.REPORTER
    raise not_found("Decision")


async def _require_contestable(tx: Transaction, desk: Desk, row: CaseRow, decision: DecisionRow, *, side: Side) -> None:
    if not decision.is_final:
        raise Conflict("still_under_review", state=row.state, path=("decision_id",))
    if side not in sides_that_may_appeal(decision.verdict):
        raise NotAllowed("nothing_to_appeal", path=("decision_id",))
    if await tx.now() >= appeal_until(decision.at, desk.settings.appeal_months):
        raise Closed("appeal_window_over", path=("decision_id",))
    if (earlier := (await appeal_store.appeals_on(tx, [decision.id])).get(decision.id)) is not None:
        raise Conflict("already_appealed", state=earlier.state, path=("decision_id",))
    if await appeal_store.overtaken(tx, [decision.id]):
        raise Conflict("decision_superseded", state=row.state, path=("decision_id",))


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an appeal, with its compulsory words. `reason` only where the answer hides something."""

    state: AppealState
    text: str
    language: str
    reason: Reason | None = None


async def decide_appeal(
    db: Database, desk: Desk, viewer: Viewer, appeal_id: Id, answer: Answer, *, client_key: str | None = None
) -> AppealRow:
    """Answer an appeal and carry the answer out.

    Raises ValidationFailed (answer_not_possible, reason_required, text), NotFound, NotAllowed (same_reviewer,
    needs_other_than_teacher, language_not_declared), Conflict appeal_answered.
    """
    account_id = viewer.require_account()
    words, language = clean_words(answer.text, answer.language, path="answer")
    async with db.transaction() as tx:
        known = (await appeal_store.find_appeals(tx, [appeal_id])).get(appeal_id)
        if known is None:
            raise not_found("Appeal")
        first = await repeats.first_result(tx, viewer, "appealDecide", client_key, appeal_id)
        if first is not None:
            return (await appeal_store.find_appeals(tx, [first]))[first]
        decision, row, view = await _locked(tx, desk, known.decision_id)
        appeal = await appeal_store.lock_appeal(tx, appeal_id)
        if appeal is None:
            raise not_found("Appeal")
        await require_answerer(tx, viewer, row, appeal)
        if appeal.state is not AppealState.FILED:
            raise Conflict("appeal_answered", state=appeal.state)
        effect = _checked_effect(decision, answer)
        closed = await appeal_store.close_appeal(
            tx, appeal, answer.state, by=account_id, answer=words or "", language=language
        )
        await store.save_hand(tx, row.id, account_id)
        if not view.is_withdrawn and not await appeal_store.overtaken(tx, [decision.id]):
            person = person_of(viewer, row)
            await carry_out_answer(
                tx, desk, row, decision, effect=effect, appeal=appeal, person=person, reason=answer.reason,
                words=words, language=language,
            )  # fmt: skip
        await _tell(tx, appeal, answer.state)
        await audit.record(tx, account_id, "moderator:appeal:answered", ("appeal", appeal.id), answer=answer.state)
        return closed or appeal


def _checked_effect(decision: DecisionRow, answer: Answer) -> Effect:
    effect = effect_of(decision.verdict, answer.state) if answer.state is not AppealState.FILED else None
    if effect is None:
        raise ValidationFailed("answer_not_possible", path=("answer",))
    if effect is Effect.HIDE and answer.reason is None and decision.reason is None:
        raise ValidationFailed("reason_required", path=("reason",))
    return effect


async def require_answerer(conn: Connection, viewer: Viewer, row: CaseRow, appeal: AppealRow) -> None:
    """Pass for a moderator of the place who is party to nothing in it. Raises NotFound, NotAllowed."""
    person = person_of(viewer, row)
    code = why_not_answer(
        Answerer(
            is_moderator=person.is_moderator,
            had_hand=await store.had_hand(conn, row.id, person.account_id),
            is_author=person.is_author or appeal.account_id == person.account_id,
            has_reported=await appeal_store.is_reporter_of(conn, appeal.decision_id, person.account_id),
            is_authors_teacher=person.is_authors_teacher,
            reads_language=language_read(row.review, person.languages) is not None,
        )
    )
    if code in ("not_allowed", "own_subject") or why_hidden_from(person, row.review) is not None:
        raise not_found("Appeal")
    if code is not None and not (code == "same_reviewer" and appeal.decided_by == person.account_id):
        raise NotAllowed(code)


async def _tell(tx: Transaction, appeal: AppealRow, state: AppealState) -> None:
    """Tell both sides: who appealed or whose guardian did, and the reporters unless it was they."""
    if appeal.account_id is not None:
        kind = f"{'guardian_' if appeal.side is Side.GUARDIAN else ''}appeal_{state.lower()}"
        await inbox.tell(tx, appeal.account_id, kind, subject=("moderation_decision", appeal.decision_id))
    if appeal.side is Side.AUTHOR and state is not AppealState.UPHELD:
        reporters = await appeal_store.reporters_of(tx, appeal.decision_id)
        await tell_reporters(tx, reporters, "report_reconsidered", appeal.decision_id)
