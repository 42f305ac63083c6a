"""SQL of who competes in a round: what was handed in for it, where its author sat, and how big the classes are.

A seat's row is kept when it ends, so who sat where at the opening can be told at any time afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.database import Connection
from backend.core.ids import Id
from backend.rounds.store.rounds import Round


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that was first handed in while the round was open, by somebody who sat in its class at the opening.

    `review` is that of the latest wording; `is_leaving`: the author has asked for erasure.
    """

    id: Id
    author_id: Id
    class_id: Id
    audience: Audience
    visibility: Visibility
    review: Review
    published_at: datetime | None
    handed_in_at: datetime
    is_leaving: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What an author wants entered for a class; None: nothing."""

    account_id: Id
    class_id: Id
    statement_id: Id | None


# What was handed in between $2 and $3 in campaign $1; sat there at the opening, $2, while the class ran: the seats of a
# class that has closed are kept.
SAT = (
    "t.confirmed_at <= $2 and (t.ended_at is null or t.ended_at > $2) and not exists"
    " (select from school_class k join school l on l.id = k.school_id join city z on z.id = l.city_id"
    " where k.id = t.class_id and (k.closed_at <= $2 or k.closes_on < ($2::timestamptz at time zone z.zone)::date))"
)
_CANDIDATES = f"""
with handed as (
  select r.statement_id, min(r.submitted_at) as at from revision r
   where r.submitted_at >= $2 and r.submitted_at < $3 group by r.statement_id
)
select s.id, s.author_id, s.class_id, s.audience, s.visibility, l.review, s.published_at, h.at as handed_in_at,
       s.author_left_at is not null as is_leaving
  from handed h join statement s on s.id = h.statement_id join revision l on l.id = s.latest_revision_id
 where s.campaign_id = $1 and s.author_id is not null
   and not exists (select from revision e where e.statement_id = s.id and e.submitted_at < $2)
   and exists (select from seat t where t.class_id = s.class_id and t.account_id = s.author_id and {SAT})
"""


async def find_candidates(conn: Connection, row: Round) -> list[Candidate]:
    """All that was handed in for a round, in the order of handing in."""
    return await conn.fetch_as(
        Candidate, f"{_CANDIDATES} order by h.at, s.id", row.campaign_id, row.opens_at, row.closes_at
    )


async def candidates_of(conn: Connection, row: Round, account_id: Id) -> list[Candidate]:
    """What one author handed in for a round, in the order of handing in."""
    return await conn.fetch_as(
        Candidate,
        f"{_CANDIDATES} and s.author_id = $4 order by h.at, s.id",
        row.campaign_id, row.opens_at, row.closes_at, account_id,
    )  # fmt: skip


async def find_choices(conn: Connection, round_id: Id) -> list[Choice]:
    """What authors chose to enter, or not to, in the order of choosing."""
    return await conn.fetch_as(
        Choice,
        "select account_id, class_id, statement_id from entry_choice where round_id = $1 order by at, id",
        round_id,
    )


async def classes_with_reflections(conn: Connection, round_id: Id) -> set[Id]:
    """Classes in which somebody reflected."""
    rows = await conn.fetch("select distinct class_id from reflection where round_id = $1", round_id)
    return {row["class_id"] for row in rows}


async def sizes_at(conn: Connection, class_ids: Sequence[Id], at: datetime) -> dict[Id, int]:
    """Confirmed seats of the classes at that moment; classes without any are missing."""
    rows = await conn.fetch(
        f"select t.class_id, count(*) as size from seat t where t.class_id = any($1) and {SAT} group by t.class_id",
        list(class_ids),
        at,
    )
    return {row["class_id"]: row["size"] for row in rows}


async def sizes_in_reach(conn: Connection, row: Round) -> dict[Id, int]:
    """Confirmed seats at the opening of the classes that a round's campaign reaches; those without any are missing."""
    rows = await conn.fetch(
        "select t.class_id, count(*) as size from seat t join school_class c on c.id = t.class_id"
        " join school h on h.id = c.school_id join campaign m on m.id = $1"
        f" where (m.city_id is null or m.city_id = h.city_id) and {SAT} group by t.class_id",
        row.campaign_id,
        row.opens_at,
    )
    return {one["class_id"]: one["size"] for one in rows}


async def unions_at(conn: Connection, campaign_id: Id, at: datetime) -> list[list[Id]]:
    """The classes that compete as one in a round that opens at that moment."""
    rows = await conn.fetch(
        "select class_ids from class_union where campaign_id = $1 and made_at <= $2"
        " and (ended_at is null or ended_at > $2) order by made_at, id",
        campaign_id,
        at,
    )
    return [row["class_ids"] for row in rows]
