"""SQL of what the editors of a campaign see of a round: which statements compete, and how far the jury has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.rounds.rules import LEAST_SCORES, DutyState
from backend.rounds.store.standings import OWN_CLASS, SHOWN

MOST_JURORS = 200


@dataclass(frozen=True, slots=True)
class Competing:
    """A statement that competes, by its number in the round: 0 is the first."""

    number: int
    statement_id: Id


@dataclass(frozen=True, slots=True)
class Scored:
    """How many drawn entries jurors can read, and how many of them have too few scores."""

    drawn: int
    lacking: int


@dataclass(frozen=True, slots=True)
class JurorCounts:
    """How much somebody was asked to judge and what became of it. `pseudonym` None after an erasure."""

    pseudonym: str | None
    asked: int
    scored: int
    abstained: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """A drawn entry with too few scores. `class_ids` as in `jury.Short`; `done`: who has scored it or abstained."""

    class_ids: list[Id]
    scored: int
    done: list[Id]


async def list_competing(
    conn: Connection, round_id: Id, *, after: int, before: int, size: int, backward: bool
) -> list[Competing]:
    """The entries that everybody can read, with numbers between the two; one more than `size`, for `page_of`."""
    direction = "desc" if backward else "asc"
    return await conn.fetch_as(
        Competing,
        f"select e.number, e.statement_id from entry e join statement s on s.id = e.statement_id and {SHOWN}"
        f" where e.round_id = $1 and e.number > $2 and e.number < $3 order by e.number {direction} limit {size + 1}",
        round_id, after, before,
    )  # fmt: skip


async def count_scored(conn: Connection, round_id: Id) -> Scored:
    """How many drawn entries there are that everybody can read, and how many of them lack scores."""
    found = await conn.fetch_one_as(
        Scored,
        "select count(*) as drawn, count(*) filter (where scores < $2) as lacking from (select"
        f" (select count(*) from jury_duty d where d.entry_id = e.id and d.state = $3 and not {OWN_CLASS}) as scores"
        " from entry e join contender c on c.id = e.contender_id"
        f" join statement s on s.id = e.statement_id and {SHOWN}"
        " where e.round_id = $1 and e.is_drawn) counted",
        round_id, LEAST_SCORES, DutyState.SCORED,
    )  # fmt: skip
    return found or Scored(0, 0)


async def count_by_juror(conn: Connection, round_id: Id, jurors: Sequence[Id]) -> list[JurorCounts]:
    """Those who were asked, and these who may yet be, by name; never by what they did."""
    return await conn.fetch_as(
        JurorCounts,
        "with who as (select juror_id as id from jury_duty where round_id = $1 union select unnest($2::uuid[]))"
        " select a.pseudonym, count(d.id) as asked, count(d.id) filter (where d.state = 'SCORED') as scored,"
        " count(d.id) filter (where d.state = 'ABSTAINED') as abstained"
        " from who w left join account a on a.id = w.id left join jury_duty d on d.juror_id = w.id and d.round_id = $1"
        f" group by w.id, a.pseudonym order by a.pseudonym, w.id limit {MOST_JURORS}",
        round_id, list(jurors),
    )  # fmt: skip


# A round whose judging has ended and that nobody has confirmed. $1 now
_TO_CONFIRM = (
    "editors_told_at is null and confirmed_at is null and voided_at is null and paused_at is null"
    " and judging_ends_at <= $1"
)
# A round past half of the time of its judging. $1 now
_HALF_JUDGED = (
    "jury_short_told_at is null and drawn_at is not null and confirmed_at is null and voided_at is null"
    " and paused_at is null and judging_ends_at > $1"
    " and judging_starts_at + (judging_ends_at - judging_starts_at) / 2 <= $1"
)


async def rounds_to_confirm(conn: Connection, now: datetime) -> list[Id]:
    """Rounds to confirm of which the editors have not been told."""
    rows = await conn.fetch(f"select id from round where {_TO_CONFIRM} order by judging_ends_at limit 50", now)
    return [row["id"] for row in rows]


async def claim_to_confirm(tx: Transaction, round_id: Id) -> Id | None:
    """Note that the editors are told; the campaign, None when they are or there is nothing to confirm any more."""
    campaign_id: Id | None = await tx.fetch_value(
        f"update round set editors_told_at = $1 where id = $2 and {_TO_CONFIRM} returning campaign_id",
        await tx.now(), round_id,
    )  # fmt: skip
    return campaign_id


async def half_judged(conn: Connection, now: datetime) -> list[Id]:
    """Rounds past half of their judging whose editors have not been told that jurors are missing."""
    rows = await conn.fetch(f"select id from round where {_HALF_JUDGED} order by judging_ends_at limit 50", now)
    return [row["id"] for row in rows]


async def claim_jury_short(tx: Transaction, round_id: Id) -> Id | None:
    """Note that the editors are told; the campaign, None when they are or the judging is over."""
    campaign_id: Id | None = await tx.fetch_value(
        f"update round set jury_short_told_at = $1 where id = $2 and {_HALF_JUDGED} returning campaign_id",
        await tx.now(), round_id,
    )  # fmt: skip
    return campaign_id


_COUNTED = f"count(d.id) filter (where d.state = 'SCORED' and not {OWN_CLASS})"


async def lacking_entries(conn: Connection, round_id: Id) -> list[Lacking]:
    """Drawn entries that jurors can read and that have too few scores."""
    return await conn.fetch_as(
        Lacking,
        "select c.class_ids || array(select t.class_id from seat t where t.account_id = s.author_id) as class_ids,"
        f" {_COUNTED} as scored,"
        " coalesce(array_agg(d.juror_id) filter (where d.state <> 'ASSIGNED'), '{}') as done"
        " from entry e join contender c on c.id = e.contender_id"
        f" join statement s on s.id = e.statement_id and {SHOWN} left join jury_duty d on d.entry_id = e.id"
        " where e.round_id = $1 and e.is_drawn group by e.id, c.id, s.id"
        f" having {_COUNTED} < $2",
        round_id, LEAST_SCORES,
    )  # fmt: skip
