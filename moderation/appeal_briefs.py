"""Appeals as those who file and answer them see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.database import Connection, Database
from backend.core.errors import DomainError
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.viewer import Viewer
from moderation import appeal_store, store
from moderation.appeal_store import AppealRow
from moderation.appeals import require_answerer
from moderation.queueing import moderated_cities, own_school
from moderation.store import CaseRow, DecisionRow
from moderation.subjects import Desk, SubjectView


@dataclass(frozen=True, slots=True)
class AppealBrief:
    """An appeal, the decision it contests, and the revision that was decided on (None when it is gone).

    `is_own`: the viewer filed it.
    """

    row: AppealRow
    decision: DecisionRow
    case: CaseRow
    content: SubjectView | None
    is_own: bool


async def brief_appeals(conn: Connection, desk: Desk, viewer: Viewer, rows: Sequence[AppealRow]) -> list[AppealBrief]:
    """The appeals with what they are about, in the same order; the viewer may see them."""
    decisions = await store.find_decisions(conn, [row.decision_id for row in rows])
    cases = await store.find_cases(conn, [row.case_id for row in rows])
    views: dict[Id, SubjectView] = {}
    for kind in {case.subject_kind for case in cases.values()}:
        wanted = [one.revision_id for one in decisions.values() if cases[one.case_id].subject_kind == kind]
        views.update(await desk.handler(kind).describe_revisions(conn, wanted))
    return [
        AppealBrief(
            row=row,
            decision=decisions[row.decision_id],
            case=cases[row.case_id],
            content=views.get(decisions[row.decision_id].revision_id),
            is_own=row.account_id == viewer.account_id,
        )
        for row in rows
    ]


async def find_visible_appeals(
    conn: Connection, desk: Desk, viewer: Viewer, appeal_ids: Sequence[Id]
) -> dict[Id, AppealBrief]:
    """The viewer's own appeals, and those that they may answer or have answered."""
    if viewer.account_id is None:
        return {}
    found = await appeal_store.find_appeals(conn, appeal_ids)
    briefs = await brief_appeals(conn, desk, viewer, list(found.values()))
    return {
        brief.row.id: brief
        for brief in briefs
        if (brief.is_own and not viewer.is_sealed) or await _may_answer(conn, viewer, brief)
    }


async def _may_answer(conn: Connection, viewer: Viewer, brief: AppealBrief) -> bool:
    try:
        await require_answerer(conn, viewer, brief.case, brief.row)
    except DomainError:
        return False
    return True


async def list_appeals(db: Database, desk: Desk, viewer: Viewer, request: PageRequest) -> Page[AppealBrief]:
    """Unanswered appeals in the viewer's places that they have no part in, oldest first.

    Raises Unauthenticated; NotAllowed for everybody who moderates nowhere.
    """
    city_ids = moderated_cities(viewer)
    async with db.reading() as conn:
        rows = await appeal_store.list_open_appeals(
            conn, viewer.require_account(), request, city_ids=city_ids, own=own_school(viewer)
        )
        briefs = await brief_appeals(conn, desk, viewer, rows)
    return page_of(request, briefs, lambda brief: Key(brief.row.filed_at, brief.row.id))
