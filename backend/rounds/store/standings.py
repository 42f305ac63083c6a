"""SQL of what a result is worked out from, all contenders at once, and of the result that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.rounds.rules import LATEST_ANNOUNCEMENT, MOST_MARKS, DutyState, Unranked
from backend.rounds.score import MARK_SHARES
from backend.rounds.store.candidates import SAT
from backend.rounds.store.rounds import Round

_PUBLIC = "s.audience in ('CITY', 'SOCIAL')"  # an author may have narrowed it since it was handed in
# A statement that stands, or still may: the same in words as `contenders.is_alive` and `is_public`.
_ALIVE = (
    f"{_PUBLIC} and s.author_left_at is null and (s.visibility in ('PUBLISHED', 'HIDDEN')"
    " or (s.visibility = 'UNPUBLISHED' and l.review in ('IN_REVIEW', 'HELD')))"
)
# What everybody can read.
SHOWN = f"{_PUBLIC} and s.visibility = 'PUBLISHED' and s.author_left_at is null"


# Whether a juror, `d`, has come to belong to the contender's, `c`, classes or to sit with the author since: their score
# does not count. A score of somebody who is no juror any more does.
OWN_CLASS = """(
    exists (select from seat o where o.account_id = d.juror_id and (o.class_id = any(c.class_ids)
            or exists (select from seat a where a.account_id = s.author_id and a.class_id = o.class_id)))
    or exists (select from role_grant g where g.account_id = d.juror_id and g.role = 'TEACHER'
            and g.scope_id = any(c.class_ids))
    or exists (select from role_grant g join school_class k on k.school_id = g.scope_id and k.id = any(c.class_ids)
            where g.account_id = d.juror_id and g.role = 'SCHOOL_ADMIN'))"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A drawn entry. `is_shown`: everybody can read it, and could before the judging ended; `is_alive`: or may yet."""

    contender_id: Id
    slot: int
    is_shown: bool
    is_alive: bool
    scores: list[int]


@dataclass(frozen=True, slots=True)
class Stood:
    """Entries of a contender: those that everybody can read or may yet, and those that could be read in time."""

    alive: int
    readable: int


@dataclass(frozen=True, slots=True)
class Voices:
    """What other classes gave a contender; `dealt_sixths` as in `score.hand_shares`."""

    contender_id: Id
    marks: int
    dealt_sixths: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The kept result of a contender, whose id it has. Fractions are text, `3/8`; `best` None once forgotten."""

    id: Id
    round_id: Id
    place: int
    rank: int | None
    unranked_for: Unranked | None
    participants: int
    counted: int
    alive: int
    readable: int
    best: list[str] | None
    marks: int
    dealt_sixths: int
    quality: str | None
    participation: str
    voices: str
    score: str | None


_STANDING = ", ".join(Standing.__slots__)

# $1 campaign, $2 opening, $3 handed in before, $4 published before, $5 round, $6 reflected before
_PARTICIPANTS = f"""
with handed as (
  select r.statement_id from revision r where r.submitted_at >= $2 and r.submitted_at < $3 group by r.statement_id
), done as (
  select s.class_id, s.author_id as account_id from handed h join statement s on s.id = h.statement_id
   where s.campaign_id = $1 and s.author_id is not null and s.visibility <> 'REMOVED' and s.published_at < $4
     and not exists (select from revision e where e.statement_id = s.id and e.submitted_at < $2)
  union
  select class_id, account_id from reflection where round_id = $5 and at < $6
)
select d.class_id, count(*) as people from done d
 where exists (select from seat t where t.class_id = d.class_id and t.account_id = d.account_id and {SAT})
 group by d.class_id
"""


async def participants(conn: Connection, row: Round, *, until: datetime | None = None) -> dict[Id, int]:
    """By class how many of those who sat there at the opening did the task; classes where nobody did are missing.

    `until`: as far as it was done and approved by then; else as it counts for the result.
    """
    rows = await conn.fetch(
        _PARTICIPANTS, row.campaign_id, row.opens_at, min(until or row.closes_at, row.closes_at),
        min(until or row.judging_ends_at, row.judging_ends_at), row.id, until or row.closes_at,
    )  # fmt: skip
    return {one["class_id"]: one["people"] for one in rows}


async def count_entries(conn: Connection, row: Round) -> dict[Id, Stood]:
    """By contender how many of its entries, drawn or not, stood."""
    rows = await conn.fetch(
        "select e.contender_id, count(*) as alive,"
        f" count(*) filter (where {SHOWN} and s.published_at < $2) as readable"
        " from entry e join statement s on s.id = e.statement_id join revision l on l.id = s.latest_revision_id"
        f" where e.round_id = $1 and {_ALIVE} group by e.contender_id",
        row.id, row.judging_ends_at,
    )  # fmt: skip
    return {one["contender_id"]: Stood(one["alive"], one["readable"]) for one in rows}


async def judged_entries(conn: Connection, row: Round) -> list[Judged]:
    """The drawn entries with their scores."""
    return await conn.fetch_as(
        Judged,
        f"select e.contender_id, e.slot, {SHOWN} and s.published_at < $2 as is_shown, {_ALIVE} as is_alive,"
        " coalesce((select array_agg(d.score) from jury_duty d where d.entry_id = e.id and d.state = $3"
        f" and not {OWN_CLASS}), '{{}}') as scores"
        " from entry e join contender c on c.id = e.contender_id join statement s on s.id = e.statement_id"
        " join revision l on l.id = s.latest_revision_id"
        " where e.round_id = $1 and e.is_drawn",
        row.id, row.judging_ends_at, DutyState.SCORED,
    )  # fmt: skip


async def voices(conn: Connection, round_id: Id) -> list[Voices]:
    """What the handed-in hands gave each contender; cards that nobody can read any more count neither way."""
    return await conn.fetch_as(
        Voices,
        "with card as (select unnest(h.numbers) as number,"
        " $2 * cardinality(h.marked) / least($3, cardinality(h.numbers) / 2) as share from hand h"
        " where h.round_id = $1 and cardinality(h.marked) > 0),"
        " dealt as (select number, sum(share) as sixths from card group by number),"
        " marked as (select number, count(*) as marks from hand h, unnest(h.marked) as number"
        " where h.round_id = $1 group by number)"
        " select e.contender_id, coalesce(sum(m.marks), 0)::int as marks, sum(d.sixths)::int as dealt_sixths"
        " from dealt d join entry e on e.round_id = $1 and e.number = d.number"
        f" join statement s on s.id = e.statement_id and {SHOWN} left join marked m on m.number = d.number"
        " group by e.contender_id",
        round_id, MARK_SHARES, MOST_MARKS,
    )  # fmt: skip


async def add_standings(tx: Transaction, rows: Sequence[Standing]) -> None:
    """Insert a result."""
    places = ", ".join(f"${number}" for number in range(1, len(Standing.__slots__) + 1))
    await tx.execute_many(
        f"insert into standing ({_STANDING}) values ({places})",
        [[getattr(row, name) for name in Standing.__slots__] for row in rows],
    )


async def list_standings(
    conn: Connection,
    round_id: Id,
    *,
    after: int,
    size: int,
    backward: bool = False,
    before: int | None = None,
    class_id: Id | None = None,
) -> list[Standing]:
    """The kept result by place, from behind `after` on and up to before `before`; from the end when `backward`.

    `class_id`: only the line in which this class is.
    """
    direction = "desc" if backward else "asc"
    return await conn.fetch_as(
        Standing,
        f"select {_STANDING} from standing where round_id = $1 and place > $2 and ($3::int is null or place < $3)"
        " and ($4::uuid is null or id in"
        " (select c.id from contender c where c.round_id = $1 and $4 = any(c.class_ids)))"
        f" order by place {direction} limit {size + 1}",
        round_id, after, before, class_id,
    )  # fmt: skip


async def all_standings(conn: Connection, round_id: Id) -> list[Standing]:
    """The whole kept result, by place."""
    return await conn.fetch_as(
        Standing, f"select {_STANDING} from standing where round_id = $1 order by place", round_id
    )


async def set_confirmed(tx: Transaction, round_id: Id, by: Id) -> None:
    """The result is fixed."""
    await tx.execute(
        "update round set confirmed_at = $2, confirmed_by = $3 where id = $1", round_id, await tx.now(), by
    )


async def set_announcement(tx: Transaction, round_id: Id, at: datetime) -> None:
    """Everybody sees the result from then on."""
    await tx.execute("update round set announces_at = $2 where id = $1", round_id, at)


async def forget_hands(tx: Transaction, round_id: Id) -> None:
    """The voices are counted: who marked what goes, and with it the deck."""
    await tx.execute("delete from hand where round_id = $1", round_id)
    await tx.execute("delete from voice_deck where round_id = $1", round_id)


async def due_for_trimming(conn: Connection, before: datetime) -> list[Id]:
    """Rounds that were announced or voided before that, and still hold what leads to a person.

    Also those that were fixed so long before that no announcement can come.
    """
    rows = await conn.fetch(
        "select id from round where trimmed_at is null and (coalesce(voided_at, announces_at) < $1"
        " or announces_at is null and confirmed_at < $1 - $2::interval) order by opens_at limit 100",
        before, LATEST_ANNOUNCEMENT,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def trim(tx: Transaction, round_id: Id) -> bool:
    """Remove all that leads to a person; the result stays. False when somebody else did it."""
    claimed = await tx.execute(
        "update round set trimmed_at = $2 where id = $1 and trimmed_at is null", round_id, await tx.now()
    )
    if not claimed:
        return False
    # Personal tables first, in the order in which erasure goes through them.
    for table in ("entry_choice", "reflection", "hand", "jury_duty", "entry", "voice_deck", "frozen_count"):
        await tx.execute(f"delete from {table} where round_id = $1", round_id)
    await tx.execute("update standing set best = null where round_id = $1", round_id)
    return True


async def abandoned_rounds(conn: Connection, before: datetime) -> list[Id]:
    """Rounds that nobody has confirmed, whose judging ended before that, or that have been paused since."""
    rows = await conn.fetch(
        "select id from round where confirmed_at is null and voided_at is null and trimmed_at is null"
        " and coalesce(paused_at, judging_ends_at) < $1 order by opens_at limit 100",
        before,
    )
    return [row["id"] for row in rows]


async def untold_rounds(conn: Connection, now: datetime) -> list[Id]:
    """Rounds that have been announced and whose teachers have not been told."""
    rows = await conn.fetch(
        "select id from round where announces_at <= $1 and told_at is null and voided_at is null limit 50", now
    )
    return [row["id"] for row in rows]


async def set_told(tx: Transaction, round_id: Id) -> bool:
    """Claim the telling; False when somebody else has."""
    done = await tx.execute("update round set told_at = $2 where id = $1 and told_at is null", round_id, await tx.now())
    return bool(done)


async def teachers_of_contenders(conn: Connection, round_id: Id) -> list[Id]:
    """Teachers now of classes in a kept result, in id order."""
    rows = await conn.fetch(
        "select distinct g.account_id from standing n join contender c on c.id = n.id"
        " join role_grant g on g.role = 'TEACHER' and g.scope_kind = 'CLASS' and g.scope_id = any(c.class_ids)"
        " and g.revoked_at is null and (g.until is null or g.until > $2)"
        " where n.round_id = $1 order by g.account_id",
        round_id,
        await conn.now(),
    )
    return [row["account_id"] for row in rows]
