"""SQL of what waits: for moderators, for a teacher, and where a subject waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql
from backend.core.text import primary_language
from moderation.rules import SEVERE
from moderation.store import CaseRow


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Narrows the queue. `language`: readable in it, as original or translation."""

    city_id: Id | None = None
    language: str | None = None
    is_late: bool | None = None


@dataclass(frozen=True, slots=True)
class OwnSchool:
    """Where the viewer is not independent: classes taught, the accounts that sit in them now, schools run."""

    class_ids: Sequence[Id] = ()
    account_ids: frozenset[Id] = frozenset()
    school_ids: Sequence[Id] = ()


# What is about the school is hidden from those who teach its author or run the school.
_HIDDEN = (
    "(skip_teacher and (coalesce(class_id = any(${}::uuid[]), false) or coalesce(author_id = any(${}::uuid[]), false)"
    " or coalesce(school_id = any(${}::uuid[]), false)))"
)


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much waits, as counts only."""

    open: int
    late: int
    severe: int
    second_key: int


async def list_queue(
    conn: Connection,
    viewer_id: Id,
    request: PageRequest,
    *,
    city_ids: Sequence[Id] | None,
    own: OwnSchool,
    wanted: QueueFilter,
) -> list[CaseRow]:
    """What waits for moderators of these cities (None: all), most urgent first, without the viewer's own.

    What passes the school by stays hidden from the viewer's `own` one.
    """
    params: list[object] = [viewer_id, await conn.now()]
    conditions = ["closed_at is null", "queue_from <= $2", "author_id is distinct from $1"]

    def add(condition: str, value: object) -> None:
        params.append(value)
        conditions.append(condition.format(f"${len(params)}"))

    if city_ids is not None:  # one city: an equality, so that its own index gives the order
        add("city_id = {}", city_ids[0]) if len(city_ids) == 1 else add("city_id = any({}::uuid[])", list(city_ids))
    if wanted.city_id is not None:
        add("city_id = {}", wanted.city_id)
    if own != OwnSchool():
        place = len(params) + 1
        params += [list(own.class_ids), list(own.account_ids), list(own.school_ids)]
        conditions.append(f"not {_HIDDEN.format(place, place + 1, place + 2)}")
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


async def list_for_classes(
    conn: Connection, viewer_id: Id, class_ids: Sequence[Id], request: PageRequest
) -> list[CaseRow]:
    """What waits for the first key in these classes, oldest first, without the viewer's own."""
    where, order, params = keyset_sql(request, at="opened_at", row_id="id", first_param=3, newest_first=False)
    return await conn.fetch_as(
        CaseRow,
        "select * from moderation_case where review_open and class_id = any($2::uuid[]) and not skip_teacher"
        " and not ((is_held or is_hidden or reported_revision_id is not null) and keys = 1) and state <> 'SECOND_KEY'"
        " and passed_on_at is null and author_id is distinct from $1"
        f" and {where} {order}",
        viewer_id,
        list(class_ids),
        *params,
    )


async def count_queue(
    conn: Connection, viewer_id: Id, *, city_ids: Sequence[Id] | None, city_id: Id | None, own: OwnSchool
) -> Statistics:
    """How much waits in these cities (None: all), narrowed to one, without what `list_queue` leaves out."""
    found = await conn.fetch_as(
        Statistics,
        "select count(*) as open, count(*) filter (where due_at < $1) as late,"
        " count(*) filter (where severity >= $2) as severe,"
        " count(*) filter (where state = 'SECOND_KEY') as second_key"
        " from moderation_case where closed_at is null and queue_from <= $1"
        " and ($3::uuid[] is null or city_id = any($3)) and ($4::uuid is null or city_id = $4)"
        " and author_id is distinct from $5"
        f" and not {_HIDDEN.format(6, 7, 8)}",
        await conn.now(),
        SEVERE,
        None if city_ids is None else list(city_ids),
        city_id,
        viewer_id,
        list(own.class_ids),
        list(own.account_ids),
        list(own.school_ids),
    )
    return found[0]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an author may expect of a subject's case.

    `with_teacher`: the teacher still has the first turn; `hidden_for_now`: hidden until a moderator has looked;
    `appealed`: an appeal of the author or their guardian waits for its answer.
    """

    subject_id: Id
    with_teacher: bool
    hidden_for_now: bool
    appealed: bool


async def find_outlooks(conn: Connection, kind: str, subject_ids: Sequence[Id], now: datetime) -> dict[Id, Outlook]:
    """For those of the subjects that have a case."""
    rows = await conn.fetch_as(
        Outlook,
        "select subject_id, review_open and not skip_teacher and state = 'NEW' and queue_from > $3 as with_teacher,"
        " is_hidden and reported_revision_id is not null as hidden_for_now,"
        " exists (select from appeal a where a.case_id = c.id and a.side <> 'REPORTER' and a.decided_at is null)"
        " as appealed"
        " from moderation_case c where subject_kind = $1 and subject_id = any($2::uuid[])",
        kind, list(subject_ids), now,
    )  # fmt: skip
    return {row.subject_id: row for row in rows}
