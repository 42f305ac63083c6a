"""A case as its reviewer sees it, and a decision as those whom it concerns see it. Everything is fetched in batches."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Database
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.viewer import Viewer
from moderation import appeal_store, report_store, store
from moderation.access import person_of
from moderation.appeal_rules import Side, appeal_until, sides_that_may_appeal
from moderation.appeal_store import AppealRow, ReasonsRow
from moderation.claims import state_now
from moderation.report_rules import Category
from moderation.report_store import ReportRow
from moderation.rules import CaseState, Person, Verdict, language_read
from moderation.store import CaseRow, DecisionRow
from moderation.subjects import Desk, SubjectView


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """What a reviewer needs: the revision to judge, the state now, what was decided, what was reported (never by whom).

    `notes` are for moderators: a teacher would know a student by the words.

    `submitted` is under review, `reported` is what is visible and was reported; each None when nothing of the kind is.
    """

    row: CaseRow
    state: CaseState
    submitted: SubjectView | None
    reported: SubjectView | None
    is_late: bool
    keys_given: int
    decisions: list[DecisionRow]
    report_counts: Mapping[Category, int]
    notes: list[str]
    person: Person
    can_read: bool


async def brief_cases(conn: Connection, desk: Desk, viewer: Viewer, rows: Sequence[CaseRow]) -> list[CaseBrief]:
    """The cases with all that belongs to them, in the same order; the viewer may see them."""
    now = await conn.now()
    decisions = await store.list_decisions_of(conn, [row.id for row in rows])
    views: dict[Id, SubjectView] = {}
    reports: dict[Id, list[ReportRow]] = defaultdict(list)
    for kind in {row.subject_kind for row in rows}:
        ids = [row.subject_id for row in rows if row.subject_kind == kind]
        revisions = [one for row in rows if row.subject_kind == kind for one in _revisions(row)]
        views.update(await desk.handler(kind).describe_revisions(conn, revisions))
        for report in await report_store.list_waiting(conn, kind, ids):
            reports[report.subject_id].append(report)
    return [_brief(row, viewer, now, views, decisions[row.id], reports[row.subject_id]) for row in rows]


def _revisions(row: CaseRow) -> list[Id]:
    return [row.revision_id, *([row.reported_revision_id] if row.reported_revision_id else [])]


def _brief(
    row: CaseRow,
    viewer: Viewer,
    now: datetime,
    views: Mapping[Id, SubjectView],
    decisions: list[DecisionRow],
    reports: list[ReportRow],
) -> CaseBrief:
    person = person_of(viewer, row)
    current = (row.cycle, row.revision_id, row.version, Verdict.APPROVE)
    return CaseBrief(
        row=row,
        state=state_now(row, now),
        submitted=views.get(row.revision_id) if row.review_open or not row.has_open_report else None,
        reported=views.get(row.reported_revision_id) if row.reported_revision_id else None,
        is_late=row.closed_at is None and row.due_at < now,
        keys_given=sum((one.cycle, one.revision_id, one.version, one.verdict) == current for one in decisions),
        decisions=decisions,
        report_counts=Counter(report.category for report in reports),
        notes=[report.note for report in reports if report.note] if person.is_moderator else [],
        person=person,
        can_read=language_read(row.review, person.languages) is not None,
    )


@dataclass(frozen=True, slots=True)
class DecisionBrief:
    """A decision for its author (with words and reasons) or for a reporter (what came of it, no more)."""

    row: DecisionRow
    subject_kind: str
    subject_id: Id
    side: Side
    reasons: ReasonsRow | None
    appeal: AppealRow | None
    appeal_until: datetime | None


async def brief_decisions(
    conn: Connection, desk: Desk, viewer: Viewer, decision_ids: Sequence[Id]
) -> dict[Id, DecisionBrief]:
    """The decisions that the viewer may see: as author or as reporter."""
    if viewer.account_id is None or viewer.is_sealed:
        return {}
    now = await conn.now()
    decisions = await store.find_decisions(conn, decision_ids)
    cases = await store.find_cases(conn, [one.case_id for one in decisions.values()])
    reported = await report_store.find_settled(conn, viewer.account_id, list(decisions))
    reasons = await appeal_store.reasons_on(conn, list(decisions))
    appeals = await appeal_store.appeals_on(conn, list(decisions))
    overtaken = await appeal_store.overtaken(conn, list(decisions))
    briefs: dict[Id, DecisionBrief] = {}
    for decision in decisions.values():
        row = cases[decision.case_id]
        side = Side.AUTHOR if row.author_id == viewer.account_id else Side.REPORTER
        if side is Side.AUTHOR and not _concerns_author(decision):
            continue
        if side is Side.REPORTER and decision.id not in reported:
            continue
        appeal = appeals.get(decision.id)
        until = appeal_until(decision.at, desk.settings.appeal_months)
        may_appeal = decision.is_final and side in sides_that_may_appeal(decision.verdict)
        is_open = may_appeal and appeal is None and decision.id not in overtaken
        briefs[decision.id] = DecisionBrief(
            row=decision,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            side=side,
            reasons=reasons.get(decision.id) if side is Side.AUTHOR else None,
            appeal=appeal if appeal is not None and appeal.account_id == viewer.account_id else None,
            appeal_until=until if is_open and now < until else None,
        )
    return briefs


def _concerns_author(decision: DecisionRow) -> bool:
    """A key that waits for the second is nobody's news yet; what hides for now is."""
    return decision.is_final or decision.verdict is Verdict.HIDE


async def list_decisions_for(db: Database, desk: Desk, viewer: Viewer, request: PageRequest) -> Page[DecisionBrief]:
    """Decisions on what the viewer wrote or reported, newest first.

    Raises Unauthenticated, Conflict sealed_after_reset.
    """
    account_id = viewer.require_account()
    async with db.reading() as conn:
        viewer.require_unsealed()
        decision_ids = await store.list_decision_ids(conn, account_id, request)
        briefs = await brief_decisions(conn, desk, viewer, decision_ids)
    rows = [briefs[one] for one in decision_ids if one in briefs]
    return page_of(request, rows, lambda brief: Key(brief.row.at, brief.row.id))


async def list_own_reports(db: Database, viewer: Viewer, request: PageRequest) -> Page[ReportRow]:
    """The viewer's own reports and what came of them, newest first.

    Raises Unauthenticated, Conflict sealed_after_reset.
    """
    async with db.reading() as conn:
        viewer.require_unsealed()
        rows = await report_store.list_own(conn, viewer.require_account(), request)
    return page_of(request, rows, lambda row: Key(row.at, row.id))
