"""A moderator decides a claimed case: about the revision under review, or about what was reported."""

import dataclasses
from dataclasses import dataclass

from backend.core import audit, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Conflict, NotAllowed, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.text import clean_text, language_tag
from backend.core.viewer import Viewer
from moderation import effects, report_store, rules, store
from moderation.access import lock_subject_and_case, person_of, refusal, require_sight
from moderation.claims import require_claim, state_now
from moderation.rules import Hand, Person, Reason, Review, Verdict, language_read
from moderation.store import CaseRow, DecisionRow
from moderation.subjects import Desk

MAX_WORDS = 1000


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What a moderator decides, and on what: the revision and version that they saw. Words are optional, with a tag."""

    revision_id: Id
    version: int
    verdict: Verdict
    reason: Reason | None = None
    words: str | None = None
    words_language: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and the case after it."""

    case: CaseRow
    decision: DecisionRow


async def decide_case(
    db: Database,
    desk: Desk,
    viewer: Viewer,
    case_id: Id,
    token: str,
    new: NewDecision,
    *,
    client_key: str | None = None,
) -> Decided:
    """Decide; everything that follows from it happens in the same transaction.

    Raises ValidationFailed (reason, words), NotFound, Conflict (claim_expired, claim_foreign, case_closed,
    stale_revision, nothing_reported, nothing_in_review), NotAllowed (codes of `rules.why_no_verdict`).
    """
    viewer.require_account()
    new = checked(new)
    async with db.transaction() as tx:
        view, row = await lock_subject_and_case(tx, desk, case_id)
        require_sight(viewer, row)
        if not person_of(viewer, row).is_moderator:
            raise NotAllowed("only_moderator")
        decision_id = new_id()
        first = await repeats.first_result(tx, viewer, "caseDecide", client_key, decision_id)
        if first is not None:
            return Decided(row, (await store.find_decisions(tx, [first]))[first])
        now = await tx.now()
        require_claim(row, viewer, token, now)
        require_current(row, new, state=state_now(row, now))
        is_reporter = await report_store.has_reported(tx, row.subject_kind, row.subject_id, viewer.require_account())
        person = person_of(viewer, row, is_reporter=is_reporter)
        review = row.review
        if new.verdict not in rules.REVIEW_VERDICTS:  # what is visible may be in another language than what is new
            review = dataclasses.replace(review, language=view.language, translations=view.translations)
        if (code := rules.why_no_verdict(review, await keys_of(tx, row), person, new.verdict)) is not None:
            raise refusal(code)
        decision = await decision_row(tx, row, person, new, hand=Hand.MODERATOR, read_in=review)
        decision = dataclasses.replace(decision, id=decision_id)
        settled = await carry_out(tx, desk, row, decision)
        await record(tx, decision, settled)
        return Decided(settled, decision)


async def carry_out(tx: Transaction, desk: Desk, row: CaseRow, decision: DecisionRow) -> CaseRow:
    """Do what the verdict says."""
    match decision.verdict:
        case Verdict.APPROVE:
            return await effects.turn_key(tx, desk, row, decision)
        case Verdict.REJECT | Verdict.REQUEST_CHANGES:
            return await effects.refuse(tx, desk, row, decision)
        case Verdict.KEEP | Verdict.HIDE | Verdict.REMOVE:
            return await effects.settle_reports(tx, desk, row, decision)


def checked(new: NewDecision) -> NewDecision:
    """The decision with clean words. Raises ValidationFailed where reason or words are missing or out of place."""
    is_restriction = new.verdict in rules.RESTRICTIONS
    if is_restriction and new.reason is None:
        raise ValidationFailed("reason_required", path=("reason",))
    if not is_restriction and new.reason is not None:
        raise ValidationFailed("reason_only_for_restriction", path=("reason",))
    if new.words is None and new.verdict is Verdict.REQUEST_CHANGES:
        raise ValidationFailed("words_required", path=("words",))
    words, tag = clean_words(new.words, new.words_language)
    return NewDecision(new.revision_id, new.version, new.verdict, new.reason, words, tag)


def clean_words(words: str | None, tag: str | None, *, path: str = "words") -> tuple[str | None, str | None]:
    """Text for a person, with the language it is in. Raises ValidationFailed, also when only one of both is given."""
    if words is None:
        return None, None
    if tag is None:
        raise ValidationFailed("words_language_required", path=(f"{path}_language",))
    text = clean_text(words, path=(path,), max_chars=MAX_WORDS, multiline=True)
    return text, language_tag(tag, path=(f"{path}_language",))


def require_current(row: CaseRow, new: NewDecision, *, state: str) -> None:
    """Pass when the decision is on what lies before the case now. Raises Conflict."""
    if new.verdict in rules.REVIEW_VERDICTS:
        if not row.review_open:
            raise Conflict("nothing_in_review", state=state, path=("verdict",))
        current: tuple[Id | None, int | None] = (row.revision_id, row.version)
    else:
        if not row.has_open_report:
            raise Conflict("nothing_reported", state=state, path=("verdict",))
        current = (row.reported_revision_id, row.reported_version)
    if (new.revision_id, new.version) != current:
        raise Conflict("stale_revision", state=state, path=("revision_id",))


async def keys_of(conn: Connection, row: CaseRow) -> list[rules.Key]:
    """The keys that count for the review, none without one."""
    return await store.list_keys(conn, row) if row.review_open else []


async def decision_row(
    tx: Transaction,
    row: CaseRow,
    person: Person,
    new: NewDecision,
    *,
    hand: Hand,
    read_in: Review,
    appeal_id: Id | None = None,
) -> DecisionRow:
    """The decision as it will be stored; also remembers that this person had a hand in the case."""
    await store.save_hand(tx, row.id, person.account_id)
    return DecisionRow(
        id=new_id(),
        case_id=row.id,
        cycle=row.cycle,
        revision_id=new.revision_id,
        version=new.version,
        verdict=new.verdict,
        is_final=True,
        hand=hand,
        decided_by=person.account_id,
        is_authors_teacher=person.is_authors_teacher,
        language_read=language_read(read_in, person.languages),
        reason=new.reason,
        words=new.words,
        words_language=new.words_language,
        appeal_id=appeal_id,
        at=await tx.now(),
    )


async def record(tx: Transaction, decision: DecisionRow, settled: CaseRow) -> None:
    """Audit the decision."""
    await audit.record(
        tx,
        decision.decided_by,
        f"{decision.hand.lower()}:case:{decision.verdict.lower()}",
        ("case", decision.case_id),
        revision=decision.revision_id,
        version=decision.version,
        reason=decision.reason,
        state=settled.state,
    )
