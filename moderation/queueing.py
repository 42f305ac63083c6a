"""The moderators' queue, the teacher's list, a single case, and counts: always by the viewer's scope."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.database import Connection, Database
from backend.core.errors import NotAllowed
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, keyset_sql, page_of
from backend.core.text import primary_language
from backend.core.viewer import Role, ScopeKind, Viewer
from moderation import store
from moderation.access import may_see
from moderation.rules import SEVERE
from moderation.store import CaseRow


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Narrows the queue. `language`: readable in it, as original or translation."""

    city_id: Id | None = None
    language: str | None = None
    is_late: bool | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much waits, as counts only."""

    open: int
    late: int
    severe: int
    second_key: int


async def list_queue(db: Database, viewer: Viewer, wanted: QueueFilter, request: PageRequest) -> Page[CaseRow]:
    """What waits for moderators in the viewer's places, most urgent first; never the viewer's own.

    Raises Unauthenticated; NotAllowed for everybody who moderates nowhere.
    """
    city_ids = moderated_cities(viewer)
    async with db.reading() as conn:
        rows = await _list_queue(conn, viewer, city_ids, wanted, request)
    return page_of(request, rows, lambda row: Key(row.rank_at, row.id))


async def _list_queue(
    conn: Connection, viewer: Viewer, city_ids: Sequence[Id] | None, wanted: QueueFilter, request: PageRequest
) -> list[CaseRow]:
    params: list[object] = [viewer.require_account(), await conn.now()]
    conditions = ["closed_at is null", "queue_from <= $2", "author_id is distinct from $1"]

    def add(condition: str, value: object) -> None:
        params.append(value)
        conditions.append(condition.format(f"${len(params)}"))

    if city_ids is not None:  # one city: an equality, so that its own index gives the order
        add("city_id = {}", city_ids[0]) if len(city_ids) == 1 else add("city_id = any({}::uuid[])", list(city_ids))
    if wanted.city_id is not None:
        add("city_id = {}", wanted.city_id)
    if taught := taught_classes(viewer):
        add("not (skip_teacher and class_id is not null and class_id = any({}::uuid[]))", taught)
    if wanted.language is not None:
        add(
            "(split_part(language, '-', 1) = {0} or exists"
            " (select from unnest(translations) t where split_part(t, '-', 1) = {0}))",
            primary_language(wanted.language),
        )
    if wanted.is_late is not None:
        conditions.append("due_at < $2" if wanted.is_late else "due_at >= $2")
    where, order, keys = keyset_sql(request, at="rank_at", row_id="id", first_param=len(params) + 1, newest_first=False)
    return await conn.fetch_as(
        CaseRow,
        f"select * from moderation_case where {' and '.join(conditions)} and {where} {order}",
        *params,
        *keys,
    )


async def list_for_teacher(db: Database, viewer: Viewer, request: PageRequest) -> Page[CaseRow]:
    """What waits for the first key in the viewer's classes, oldest first.

    Raises Unauthenticated, NotAllowed account_restricted.
    """
    account_id, classes = viewer.require_account(), taught_classes(viewer)
    if viewer.is_restricted and classes:
        raise NotAllowed("account_restricted")
    where, order, params = keyset_sql(request, at="opened_at", row_id="id", first_param=3, newest_first=False)
    async with db.reading() as conn:
        rows = await conn.fetch_as(
            CaseRow,
            "select * from moderation_case where review_open and class_id = any($2::uuid[]) and not skip_teacher"
            " and not (is_held and keys = 1) and state <> 'SECOND_KEY' and author_id is distinct from $1"
            f" and {where} {order}",
            account_id,
            classes,
            *params,
        )
    return page_of(request, rows, lambda row: Key(row.opened_at, row.id))


async def find_visible_cases(conn: Connection, viewer: Viewer, case_ids: Sequence[Id]) -> dict[Id, CaseRow]:
    """Those of the cases that the viewer may see; nobody signed in sees none."""
    if viewer.account_id is None:
        return {}
    rows = await store.find_cases(conn, case_ids)
    return {case_id: row for case_id, row in rows.items() if may_see(viewer, row)}


async def count_queue(db: Database, viewer: Viewer, *, city_id: Id | None = None) -> Statistics:
    """Open, late, severe, waiting for a second key; in the viewer's places. Raises Unauthenticated, NotAllowed."""
    city_ids = moderated_cities(viewer)
    async with db.reading() as conn:
        found = await conn.fetch_as(
            Statistics,
            "select count(*) as open, count(*) filter (where due_at < $1) as late,"
            " count(*) filter (where severity >= $2) as severe,"
            " count(*) filter (where state = 'SECOND_KEY') as second_key"
            " from moderation_case where closed_at is null and queue_from <= $1"
            " and ($3::uuid[] is null or city_id = any($3)) and ($4::uuid is null or city_id = $4)"
            " and author_id is distinct from $5"
            " and not (skip_teacher and class_id is not null and class_id = any($6::uuid[]))",
            await conn.now(),
            SEVERE,
            None if city_ids is None else list(city_ids),
            city_id,
            viewer.require_account(),
            taught_classes(viewer),
        )
    return found[0]


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


def taught_classes(viewer: Viewer) -> list[Id]:
    """The classes in which the viewer turns the first key."""
    return [
        grant.scope_id
        for grant in viewer.grants
        if grant.role is Role.TEACHER and grant.scope_kind is ScopeKind.CLASS and grant.scope_id is not None
    ]
