"""SQL of the jury: who may judge what, who was asked to, and what they answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.rounds.rules import DutyState
from backend.rounds.store.standings import OWN_CLASS


@dataclass(frozen=True, slots=True)
class NewDuty:
    """An entry for a juror."""

    id: Id
    round_id: Id
    entry_id: Id
    juror_id: Id


@dataclass(frozen=True, slots=True)
class Short:
    """A drawn entry that has fewer jurors than wanted, with whoever has been asked already.

    `class_ids` are those of its contender and all that its author sits or sat in.
    """

    entry_id: Id
    contender_id: Id
    class_ids: list[Id]
    live: int
    asked: list[Id]


async def jurors_of(conn: Connection, campaign_id: Id) -> list[Id]:
    """The campaign's jurors now, who are not leaving, in id order."""
    rows = await conn.fetch(
        "select distinct g.account_id from role_grant g join account a on a.id = g.account_id and a.status = 'ACTIVE'"
        " where g.role = 'CAMPAIGN_JUROR' and g.scope_kind = 'CAMPAIGN' and g.scope_id = $1 and g.revoked_at is null"
        " and (g.until is null or g.until > $2) and (a.restricted_until is null or a.restricted_until <= $2)"
        " order by g.account_id",
        campaign_id,
        await conn.now(),
    )
    return [row["account_id"] for row in rows]


async def own_classes(conn: Connection, account_ids: Sequence[Id]) -> dict[Id, set[Id]]:
    """By account the classes it belongs to: a seat of whatever state, or teaching it or running its school, ever.

    Somebody who has just left a class knows its children still.
    """
    rows = await conn.fetch(
        "select account_id, class_id from seat where account_id = any($1)"
        " union select account_id, scope_id from role_grant"
        " where account_id = any($1) and role = 'TEACHER' and scope_kind = 'CLASS'"
        " union select g.account_id, c.id from role_grant g join school_class c on c.school_id = g.scope_id"
        " where g.account_id = any($1) and g.role = 'SCHOOL_ADMIN' and g.scope_kind = 'SCHOOL'",
        list(account_ids),
    )
    found: dict[Id, set[Id]] = {account_id: set() for account_id in account_ids}
    for row in rows:
        found[row["account_id"]].add(row["class_id"])
    return found


async def short_entries(
    conn: Connection,
    round_id: Id,
    wanted: int,
    *,
    jurors: Sequence[Id],
    patient_since: datetime,
    of_duty: Id | None = None,
) -> list[Short]:
    """Drawn entries with fewer than `wanted` jurors who scored or may yet, in id order (which is random).

    Not waited for: whoever is none of the `jurors` any more, or was asked before `patient_since` and is silent.
    `of_duty`: only the entry that somebody was asked to score by it.
    """
    live = (
        f"count(d.id) filter (where not {OWN_CLASS} and (d.state = 'SCORED'"
        " or d.state = 'ASSIGNED' and d.juror_id = any($3) and d.assigned_at > $4))"
    )
    return await conn.fetch_as(
        Short,
        "select e.id as entry_id, e.contender_id,"
        " c.class_ids || array(select t.class_id from seat t where t.account_id = s.author_id) as class_ids,"
        f" {live} as live, coalesce(array_agg(d.juror_id) filter (where d.id is not null), '{{}}') as asked"
        " from entry e join contender c on c.id = e.contender_id join statement s on s.id = e.statement_id"
        " left join jury_duty d on d.entry_id = e.id"
        " where e.round_id = $1 and e.is_drawn"
        " and ($5::uuid is null or e.id = (select entry_id from jury_duty where id = $5))"
        f" group by e.id, c.id, s.id having {live} < $2 order by e.id",
        round_id, wanted, list(jurors), patient_since, of_duty,
    )  # fmt: skip


async def loads(conn: Connection, round_id: Id) -> dict[Id, int]:
    """By juror who was asked anything in a round: how many entries, those abstained from aside."""
    rows = await conn.fetch(
        "select juror_id, count(*) filter (where state <> 'ABSTAINED') as load from jury_duty where round_id = $1"
        " group by juror_id",
        round_id,
    )
    return {row["juror_id"]: row["load"] for row in rows}


async def add_duties(tx: Transaction, rows: Sequence[NewDuty], at: datetime) -> None:
    """Ask jurors, many in one statement."""
    await tx.execute(
        "insert into jury_duty (id, round_id, entry_id, juror_id, assigned_at, state)"
        " select i, r, e, j, $5, $6 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as n (i, r, e, j)",
        *([getattr(row, name) for row in rows] for name in NewDuty.__slots__),
        at,
        DutyState.ASSIGNED,
    )
