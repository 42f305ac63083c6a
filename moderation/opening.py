"""A case opens when a revision is submitted, and what waits in it ends when the author withdraws."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.core import audit
from backend.core.database import Transaction
from backend.core.errors import Conflict
from backend.core.ids import Id, new_id
from backend.core.viewer import Scope
from backend.notices import inbox
from moderation import report_store, rules, store
from moderation.rules import CaseState
from moderation.school_days import after_school_days
from moderation.store import CaseRow
from moderation.subjects import Requirement, Subject, SubjectView

SEVERE_HOURS = 4


async def open_case(
    tx: Transaction,
    *,
    subject: Subject,
    place: Scope,
    author_id: Id,
    requirement: Requirement,
    severity: int = 0,
    is_held: bool = False,
    tags: Sequence[str] = (),
) -> Id:
    """Put a submitted revision before its reviewers; the case's id. Call it with the subject's row locked.

    The subject's case is used again: keys for an older revision or version no longer count, a claim in force ends.
    """
    now = await tx.now()
    old = await store.lock_case_of(tx, subject.kind, subject.id)
    row = old or blank_case(subject, author_id=author_id, place=place, requirement=requirement, now=now)
    changed = dataclasses.replace(
        _submitted(row, subject, requirement, severity=severity, is_held=is_held, now=now),
        author_id=author_id,
        city_id=place.city_id,
        school_id=place.school_id,
        class_id=place.class_id,
        campaign_id=place.campaign_id,
        tags=list(tags),
    )
    await store.save_case(tx, settle_state(unclaimed(changed), keys_given=0, now=now))
    await audit.record(tx, author_id, "author:case:opened", (subject.kind, subject.id), revision=subject.revision_id)
    return row.id


def _submitted(
    row: CaseRow, subject: Subject, requirement: Requirement, *, severity: int, is_held: bool, now: datetime
) -> CaseRow:
    """The case with a new review before it. Reports that wait keep it as urgent as they made it."""
    severity = max(severity, row.severity if row.has_open_report else 0)
    at_once = is_held or row.has_open_report or severity >= rules.SEVERE or requirement.teacher_until is None
    queue_from = now if at_once else requirement.teacher_until or now
    return dataclasses.replace(
        row,
        zone=requirement.zone,
        cycle=row.cycle + 1,
        revision_id=subject.revision_id,
        version=subject.version,
        review_open=True,
        keys=requirement.keys,
        language=requirement.language,
        translations=list(requirement.translations),
        skip_teacher=requirement.skip_teacher,
        is_held=is_held,
        reopened=row.has_open_report,
        severity=severity,
        opened_at=row.opened_at if row.has_open_report else now,
        queue_from=queue_from,
        due_at=due_at(queue_from, severity=severity, zone=requirement.zone),
        concern=None,
        passed_on_at=None,
        closed_at=None,
    )


async def close_for_withdrawal(tx: Transaction, kind: str, subject_id: Id) -> None:
    """The author took it back: nothing in it is to be decided any more, and those who reported it are told."""
    row, now = await store.lock_case_of(tx, kind, subject_id), await tx.now()
    for reporter_id in await report_store.close_reports(tx, kind, subject_id, "WITHDRAWN", decision_id=None, at=now):
        await inbox.tell(tx, reporter_id, "report_withdrawn")
    if row is None or row.state is CaseState.CLOSED:
        return
    ended = dataclasses.replace(
        unclaimed(row), review_open=False, reported_revision_id=None, reported_version=None, reports=0
    )
    await store.save_case(tx, settle_state(ended, keys_given=0, now=now))


async def add_language(
    tx: Transaction, kind: str, subject_id: Id, revision_id: Id, *, language: str, helper_id: Id
) -> None:
    """A helper translated the revision under review: whoever reads that language may judge it too.

    Call it with the subject's row locked. Raises Conflict `nothing_in_review`, `stale_revision`, or `case_claimed`:
    nothing is put in front of readers that the one who decides right now has not been shown.
    """
    row = await store.lock_case_of(tx, kind, subject_id)
    if row is None or not row.review_open:
        raise Conflict("nothing_in_review", state=CaseState.CLOSED if row is None else row.state)
    if row.revision_id != revision_id:
        raise Conflict("stale_revision", state=row.state, path=("revision_id",))
    if row.claim_until is not None and await tx.now() < row.claim_until and row.claimed_by != helper_id:
        raise Conflict("case_claimed", state=CaseState.CLAIMED)
    if language not in row.translations:
        await store.save_case(tx, dataclasses.replace(row, translations=[*row.translations, language]))


def due_at(start: datetime, *, severity: int, zone: str) -> datetime:
    """When it should be decided: severe cases in four hours, others in one school day."""
    if severity >= rules.SEVERE:
        return start + timedelta(hours=SEVERE_HOURS)
    return after_school_days(start, 1, zone=zone)


def settle_state(row: CaseRow, *, keys_given: int, now: datetime) -> CaseRow:
    """The case with the state and rank that follow from what is still open in it."""
    state = rules.state_of(
        review_open=row.review_open,
        report_open=row.has_open_report,
        keys_given=keys_given,
        reopened=row.reopened,
    )
    rank = rules.rank_at(row.opened_at, severity=row.severity, reports=row.reports)
    closed_at = (row.closed_at or now) if state is CaseState.CLOSED else None
    return dataclasses.replace(row, state=state, rank_at=rank, closed_at=closed_at)


def unclaimed(row: CaseRow) -> CaseRow:
    """The case in nobody's hand."""
    return dataclasses.replace(row, claimed_by=None, claim_hash=None, claim_until=None)


def blank_case(
    subject: Subject, *, author_id: Id | None, place: Scope, requirement: Requirement, now: datetime
) -> CaseRow:
    """The first case of a subject, with nothing to decide yet."""
    return CaseRow(
        id=new_id(),
        subject_kind=subject.kind,
        subject_id=subject.id,
        author_id=author_id,
        city_id=place.city_id,
        school_id=place.school_id,
        class_id=place.class_id,
        campaign_id=place.campaign_id,
        zone=requirement.zone,
        cycle=0,
        revision_id=subject.revision_id,
        version=subject.version,
        review_open=False,
        keys=requirement.keys,
        language=requirement.language,
        translations=list(requirement.translations),
        skip_teacher=requirement.skip_teacher,
        is_held=False,
        tags=[],
        reported_revision_id=None,
        reported_version=None,
        is_hidden=False,
        reopened=False,
        state=CaseState.CLOSED,
        severity=0,
        reports=0,
        opened_at=now,
        rank_at=now,
        queue_from=now,
        due_at=now,
        concern=None,
        passed_on_at=None,
        claimed_by=None,
        claim_hash=None,
        claim_until=None,
        closed_at=now,
        sealed_at=None,
    )


def case_for_report(kind: str, view: SubjectView, *, now: datetime) -> CaseRow:
    """A first case for something that was published without one."""
    return blank_case(
        Subject(kind, view.id, view.revision_id, view.version),
        author_id=view.author_id,
        place=view.place,
        requirement=Requirement(1, view.language, view.zone, None, view.translations),
        now=now,
    )
