"""Pages of cases with all that a reviewer needs, and single cases: what the API reads."""

from collections.abc import Sequence

from backend.core.database import Database
from backend.core.ids import Id
from backend.core.paging import Page, PageRequest
from backend.core.viewer import Viewer
from moderation import report_store, store
from moderation.appeal_briefs import AppealBrief, find_visible_appeals
from moderation.briefs import CaseBrief, DecisionBrief, brief_cases, brief_decisions
from moderation.queue_store import QueueFilter
from moderation.queueing import find_visible_cases, list_for_teacher, list_queue
from moderation.report_store import ReportRow
from moderation.store import CaseRow
from moderation.subjects import Desk

MAX_HISTORY = 20


async def queue_page(
    db: Database, desk: Desk, viewer: Viewer, wanted: QueueFilter, request: PageRequest
) -> Page[CaseBrief]:
    """The moderators' queue. Raises Unauthenticated, NotAllowed."""
    return await _briefed(db, desk, viewer, await list_queue(db, viewer, wanted, request))


async def teacher_page(db: Database, desk: Desk, viewer: Viewer, request: PageRequest) -> Page[CaseBrief]:
    """What waits for the first key in the viewer's classes. Raises Unauthenticated."""
    return await _briefed(db, desk, viewer, await list_for_teacher(db, viewer, request))


async def cases_by_id(db: Database, desk: Desk, viewer: Viewer, case_ids: Sequence[Id]) -> dict[Id, CaseBrief]:
    """Those of the cases that the viewer may see."""
    async with db.reading() as conn:
        rows = await find_visible_cases(conn, viewer, case_ids)
        briefs = await brief_cases(conn, desk, viewer, list(rows.values()))
    return {brief.row.id: brief for brief in briefs}


async def decisions_by_id(
    db: Database, desk: Desk, viewer: Viewer, decision_ids: Sequence[Id]
) -> dict[Id, DecisionBrief]:
    """Those of the decisions that concern the viewer."""
    async with db.reading() as conn:
        return await brief_decisions(conn, desk, viewer, decision_ids)


async def own_decisions_on(
    db: Database, desk: Desk, viewer: Viewer, kind: str, subject_ids: Sequence[Id]
) -> dict[Id, list[DecisionBrief]]:
    """What was decided on each of these subjects of the viewer's own, newest first, at most `MAX_HISTORY` of each."""
    if viewer.account_id is None:
        return {}
    async with db.reading() as conn:
        ids = await store.list_decision_ids_on(conn, viewer.account_id, kind, subject_ids, most=MAX_HISTORY)
        briefs = await brief_decisions(conn, desk, viewer, [one for several in ids.values() for one in several])
    return {subject_id: [briefs[one] for one in several if one in briefs] for subject_id, several in ids.items()}


async def _briefed(db: Database, desk: Desk, viewer: Viewer, page: Page[CaseRow]) -> Page[CaseBrief]:
    async with db.reading() as conn:
        briefs = await brief_cases(conn, desk, viewer, page.rows)
    return Page(briefs, page.keys, has_next=page.has_next, has_previous=page.has_previous)


async def appeals_by_id(db: Database, desk: Desk, viewer: Viewer, appeal_ids: Sequence[Id]) -> dict[Id, AppealBrief]:
    """The viewer's own appeals, and those that they may answer or have answered."""
    async with db.reading() as conn:
        return await find_visible_appeals(conn, desk, viewer, appeal_ids)


async def own_reports_by_id(db: Database, viewer: Viewer, report_ids: Sequence[Id]) -> dict[Id, ReportRow]:
    """Those of the reports that the viewer made."""
    if viewer.account_id is None or viewer.is_sealed:
        return {}
    async with db.reading() as conn:
        rows = await report_store.find_own(conn, viewer.account_id, report_ids)
    return {row.id: row for row in rows}
