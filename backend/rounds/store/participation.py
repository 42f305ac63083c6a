"""SQL of who did the week's task: a published statement of whatever audience, or a reflection. Counts only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection
from backend.core.ids import Id
from backend.rounds.store.candidates import SAT


@dataclass(frozen=True, slots=True)
class Wanted:
    """A class in a round, counted up to a moment."""

    round_id: Id
    class_id: Id
    until: datetime


@dataclass(frozen=True, slots=True)
class Participation:
    """How many sat in a class at the opening, and how many of them did the week's task."""

    round_id: Id
    class_id: Id
    size: int
    participants: int


# $1, $2 and $3 are the rounds, classes and moments.
_COUNTS = f"""
select a.round_id, a.class_id, count(*) as size,
       case when q.frozen_at is not null and a.until >= q.freezes_at then coalesce(max(z.participants), 0)
       else count(*) filter (where
         exists (select from reflection f
                  where f.round_id = a.round_id and f.account_id = t.account_id and f.class_id = a.class_id
                    and f.at < a.until)
         or exists (select from statement s
                     where s.author_id = t.account_id and s.class_id = a.class_id and s.campaign_id = q.campaign_id
                       and s.visibility <> 'REMOVED' and s.published_at < least(a.until, q.judging_ends_at)
                       and exists (select from revision r where r.statement_id = s.id
                                   having min(r.submitted_at) >= q.opens_at
                                      and min(r.submitted_at) < least(a.until, q.closes_at)))
       ) end as participants
  from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as a (round_id, class_id, until)
  join round q on q.id = a.round_id
  join seat t on t.class_id = a.class_id and {SAT.replace("$2", "q.opens_at")}
  left join frozen_count z on z.round_id = a.round_id and z.class_id = a.class_id
 group by a.round_id, a.class_id, a.until, q.id
"""


async def find_participation(conn: Connection, wanted: Sequence[Wanted]) -> list[Participation]:
    """The counts of classes in rounds, in no order; a class in which nobody sat at the opening is missing.

    Who took back a reflection, or whose statement was removed since, does not count any more; once the counts have been
    frozen they stay as they were then.
    """
    return await conn.fetch_as(
        Participation, _COUNTS, *([getattr(one, name) for one in wanted] for name in Wanted.__slots__)
    )
