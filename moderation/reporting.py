"""Somebody reports visible content: once a person and revision; enough reports hide it until a moderator decides."""

import dataclasses
from datetime import datetime

from backend.core import audit, ratelimit
from backend.core.database import Database, Transaction
from backend.core.errors import NotAllowed, not_found
from backend.core.ids import Id, new_id
from backend.core.ratelimit import Limit
from backend.core.text import clean_text
from backend.core.viewer import Role, Viewer
from moderation import effects, report_rules, report_store, store
from moderation.opening import case_for_report, due_at, settle_state
from moderation.report_rules import REASONS, SEVERITY, Category, Standing
from moderation.report_store import ReportRow
from moderation.rules import CaseState, Hand, Verdict
from moderation.store import CaseRow, DecisionRow
from moderation.subjects import Desk, SubjectView
from moderation.telling import tell_author

MAX_NOTE = 500
# Who answers for the place and hides at once. City officials do not: they are often what is spoken about. Nor does the
# school hide what its author said to be about the school.
_OUTSIDE_SCHOOL = frozenset({Role.MODERATOR, Role.SAFEGUARDING_LEAD})
_SCHOOL = frozenset({Role.TEACHER, Role.SCHOOL_ADMIN})
_STAFF = _OUTSIDE_SCHOOL | _SCHOOL


async def report_subject(
    db: Database, desk: Desk, viewer: Viewer, *, kind: str, subject_id: Id, category: Category, note: str | None = None
) -> ReportRow:
    """Report what the viewer sees; a second time gives the first report again, whatever it says.

    Raises Unauthenticated, RateLimited, ValidationFailed (note), NotFound (not visible to the viewer), NotAllowed
    (own_subject, account_restricted), Conflict sealed_after_reset.
    """
    account_id = viewer.require_account()
    if note is not None:
        note = clean_text(note, path=("note",), max_chars=MAX_NOTE, multiline=True)
    limit = Limit("report", desk.settings.reports_per_hour, 3600)
    await ratelimit.take(db, limit, str(account_id), secret=desk.settings.secret)
    handler = desk.handler(kind)
    async with db.transaction() as tx:
        viewer.require_active()
        view = await handler.lock(tx, subject_id)
        if view is None:
            raise not_found("Subject")
        first = await report_store.find_own_report(
            tx, kind, subject_id, revision_id=view.revision_id, reporter_id=account_id
        )
        if first is not None:
            return first
        if not view.is_visible or subject_id not in await handler.visible_ids(tx, viewer, [subject_id]):
            raise not_found("Subject")
        if view.author_id == account_id:
            raise NotAllowed("own_subject")
        row = await store.lock_case_of(tx, kind, subject_id)
        is_staff = viewer.has_any(_STAFF, view.place)
        if row is not None and row.skip_teacher:
            is_staff = viewer.has_any(_OUTSIDE_SCHOOL, view.place) and not _is_of_school(viewer, view)
        hand = report_rules.hand_of(
            category, is_staff=is_staff, is_pending=_is_pending(viewer), has_pictures=view.has_pictures
        )
        report = _report(viewer, kind, view, hand=hand, category=category, note=note, now=await tx.now())
        await report_store.insert_report(tx, report)
        await audit.record(tx, account_id, "reporter:subject:reported", (kind, subject_id), category=category)
        await _weigh(tx, desk, report, view)
        return report


def _is_of_school(viewer: Viewer, view: SubjectView) -> bool:
    return viewer.has_any(_SCHOOL, view.place) or view.author_id in viewer.students


def _is_pending(viewer: Viewer) -> bool:
    """Somebody with a class's code whom no teacher has confirmed."""
    return bool(viewer.seats) and not any(seat.confirmed for seat in viewer.seats)


def _report(
    viewer: Viewer, kind: str, view: SubjectView, *, hand: Hand | None, category: Category, note: str | None,
    now: datetime,
) -> ReportRow:  # fmt: skip
    confirmed = sorted(seat.class_id for seat in viewer.seats if seat.confirmed)
    return ReportRow(
        id=new_id(),
        subject_kind=kind,
        subject_id=view.id,
        revision_id=view.revision_id,
        reporter_id=viewer.account_id,
        class_id=confirmed[0] if confirmed else None,  # one class a person, however many seats they hold
        hand=hand,
        category=category,
        note=note,
        at=now,
        outcome=None,
        decision_id=None,
        decided_at=None,
    )


async def _weigh(tx: Transaction, desk: Desk, report: ReportRow, view: SubjectView) -> None:
    """Put the case before a moderator and hide the subject, when the reports that stand say so."""
    kind = report.subject_kind
    standing = await report_store.list_standing(tx, kind, view.id, view.revision_id)
    cleared = await report_store.list_cleared(tx, kind, view.id, view.revision_id)
    if not report_rules.opens_case(standing, cleared):
        return
    row = await store.lock_case_of(tx, kind, view.id) or case_for_report(kind, view, now=report.at)
    row = _with_reports(row, view, standing, now=report.at)
    hand = None if row.is_hidden else report_rules.who_hides(standing, cleared)
    row = dataclasses.replace(row, is_hidden=row.is_hidden or hand is not None)
    keys = await store.list_keys(tx, row) if row.review_open else []
    await store.save_case(tx, settle_state(row, keys_given=len(keys), now=report.at))
    if hand is not None:
        await _hide_for_now(tx, desk, row, report, hand=hand, category=report_rules.gravest(standing))


def _with_reports(row: CaseRow, view: SubjectView, standing: list[Standing], *, now: datetime) -> CaseRow:
    """The case with these reports before it: open, at least as urgent as they are."""
    was_closed = row.state is CaseState.CLOSED
    severity = max(SEVERITY[report_rules.gravest(standing)], 0 if was_closed else row.severity)
    due = due_at(now, severity=severity, zone=row.zone)
    return dataclasses.replace(
        row,
        reported_revision_id=view.revision_id,
        reported_version=view.version,
        reports=len(standing),
        severity=severity,
        reopened=True,
        is_hidden=False if was_closed else row.is_hidden,
        opened_at=now if was_closed else row.opened_at,
        queue_from=now if was_closed else min(row.queue_from, now),
        due_at=due if was_closed else min(row.due_at, due),
        closed_at=None,
    )


async def _hide_for_now(
    tx: Transaction, desk: Desk, row: CaseRow, report: ReportRow, *, hand: Hand, category: Category
) -> None:
    """Hide before anybody has decided: a decision that is not final, with its statement of reasons."""
    assert row.reported_revision_id is not None  # noqa: S101 - set just before
    assert row.reported_version is not None  # noqa: S101
    decision = DecisionRow(
        id=new_id(),
        case_id=row.id,
        cycle=row.cycle,
        revision_id=row.reported_revision_id,
        version=row.reported_version,
        verdict=Verdict.HIDE,
        is_final=False,
        hand=hand,
        decided_by=report.reporter_id if hand is Hand.STAFF else None,
        is_authors_teacher=False,
        language_read=None,
        reason=REASONS[category],
        words=None,
        words_language=None,
        appeal_id=None,
        at=report.at,
    )
    await store.insert_decision(tx, decision)
    if decision.decided_by is not None:
        await store.save_hand(tx, row.id, decision.decided_by)
    await effects.change_visibility(tx, desk, row, decision)
    await effects.give_reasons(tx, desk, row, decision)
    await tell_author(tx, row, decision, kind="moderation_hidden_for_now")
    await audit.record(tx, decision.decided_by, f"{hand.lower()}:case:hidden", ("case", row.id), category=category)
