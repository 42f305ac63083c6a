"""The moderators' queue, the teacher's list, a single case, and counts: always by the viewer's scope."""

from collections.abc import Sequence

from backend.core.database import Connection, Database
from backend.core.errors import NotAllowed
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.viewer import Role, ScopeKind, Viewer
from moderation import queue_store, store
from moderation.access import may_see
from moderation.queue_store import OwnSchool, QueueFilter, Statistics
from moderation.store import CaseRow


async def list_queue(db: Database, viewer: Viewer, wanted: QueueFilter, request: PageRequest) -> Page[CaseRow]:
    """What waits for moderators in the viewer's places, most urgent first; never the viewer's own.

    Raises Unauthenticated; NotAllowed for everybody who moderates nowhere.
    """
    account_id, city_ids = viewer.require_account(), moderated_cities(viewer)
    async with db.reading() as conn:
        rows = await queue_store.list_queue(
            conn, account_id, request, city_ids=city_ids, own=own_school(viewer), wanted=wanted
        )
    return page_of(request, rows, lambda row: Key(row.rank_at, row.id))


async def list_for_teacher(db: Database, viewer: Viewer, request: PageRequest) -> Page[CaseRow]:
    """What waits for the first key in the viewer's classes, oldest first.

    Raises Unauthenticated, NotAllowed account_restricted.
    """
    account_id, classes = viewer.require_account(), own_school(viewer).class_ids
    if viewer.is_restricted and classes:
        raise NotAllowed("account_restricted")
    async with db.reading() as conn:
        rows = await queue_store.list_for_classes(conn, account_id, classes, request)
    return page_of(request, rows, lambda row: Key(row.opened_at, row.id))


async def find_visible_cases(conn: Connection, viewer: Viewer, case_ids: Sequence[Id]) -> dict[Id, CaseRow]:
    """Those of the cases that the viewer may see; nobody signed in sees none."""
    if viewer.account_id is None:
        return {}
    rows = await store.find_cases(conn, case_ids)
    return {case_id: row for case_id, row in rows.items() if may_see(viewer, row)}


async def count_queue(db: Database, viewer: Viewer, *, city_id: Id | None = None) -> Statistics:
    """Open, late, severe, waiting for a second key; in the viewer's places. Raises Unauthenticated, NotAllowed."""
    account_id, city_ids = viewer.require_account(), moderated_cities(viewer)
    async with db.reading() as conn:
        return await queue_store.count_queue(
            conn, account_id, city_ids=city_ids, city_id=city_id, own=own_school(viewer)
        )


def moderated_cities(viewer: Viewer) -> Sequence[Id] | None:
    """The cities in which the viewer moderates, None for the whole network. Raises Unauthenticated, NotAllowed."""
    viewer.require_account()
    if viewer.is_restricted:
        raise NotAllowed("account_restricted")
    grants = [grant for grant in viewer.grants if grant.role is Role.MODERATOR]
    if not grants:
        raise NotAllowed("second_factor_missing" if viewer.second_factor_missing else "not_allowed")
    if any(grant.scope_kind is ScopeKind.NETWORK for grant in grants):
        return None
    return [grant.scope_id for grant in grants if grant.scope_kind is ScopeKind.CITY and grant.scope_id is not None]


def own_school(viewer: Viewer) -> OwnSchool:
    """The classes in which the viewer turns the first key, who sits in them, and the schools that the viewer runs."""

    def places(role: Role, kind: ScopeKind) -> list[Id]:
        held = [grant for grant in viewer.grants if grant.role is role and grant.scope_kind is kind]
        return [grant.scope_id for grant in held if grant.scope_id is not None]

    class_ids, school_ids = places(Role.TEACHER, ScopeKind.CLASS), places(Role.SCHOOL_ADMIN, ScopeKind.SCHOOL)
    return OwnSchool(class_ids, viewer.students, school_ids)
