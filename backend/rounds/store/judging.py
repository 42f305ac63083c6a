"""SQL of what one juror judges: the wordings they were asked to score, and what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql
from backend.rounds.rules import AbstainReason, DutyState
from backend.rounds.store.standings import SHOWN


@dataclass(frozen=True, slots=True)
class Judge:
    """A juror: the campaigns they judge in, and the classes they must not judge."""

    account_id: Id
    campaign_ids: list[Id]
    own_class_ids: list[Id]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A wording to be scored, with nothing that tells whose it is. `judged_revision_id`: the one that was scored."""

    id: Id
    round_id: Id
    state: DutyState
    score: int | None
    abstained_for: AbstainReason | None
    judged_revision_id: Id | None
    assigned_at: datetime
    revision_id: Id
    text: str
    language: str
    direction: str


# $1 juror, $2 their campaigns, $3 their own classes. What is not shown to everybody is shown to no juror.
_ASSIGNED = f"""
select d.id, d.round_id, d.state, d.score, d.abstained_for, d.revision_id as judged_revision_id, d.assigned_at,
       v.id as revision_id, v.text, v.language, v.direction
  from jury_duty d join round q on q.id = d.round_id and q.campaign_id = any($2) join entry e on e.id = d.entry_id
  join contender c on c.id = e.contender_id and not c.class_ids && $3::uuid[]
  join statement s on s.id = e.statement_id and {SHOWN} join revision v on v.id = s.published_revision_id
 where d.juror_id = $1
   and not exists (select from seat t where t.account_id = s.author_id and t.class_id = any($3))
"""


async def list_assigned(
    conn: Connection, who: Judge, request: PageRequest, *, round_id: Id | None, now: datetime
) -> list[Assigned]:
    """A page of what a juror can score now, in one round or in all, the latest asked first."""
    keyset, order, bounds = keyset_sql(request, at="d.assigned_at", row_id="d.id", first_param=6)
    return await conn.fetch_as(
        Assigned,
        f"{_ASSIGNED} and ($4::uuid is null or d.round_id = $4) and q.judging_starts_at <= $5"
        f" and q.judging_ends_at > $5 and q.paused_at is null and q.voided_at is null and {keyset} {order}",
        who.account_id, who.campaign_ids, who.own_class_ids, round_id, now, *bounds,
    )  # fmt: skip


async def find_assigned(conn: Connection, who: Judge, ids: Sequence[Id]) -> list[Assigned]:
    """Those of a juror's wordings, in no order, whatever the state of their rounds."""
    return await conn.fetch_as(
        Assigned, f"{_ASSIGNED} and d.id = any($4)", who.account_id, who.campaign_ids, who.own_class_ids, list(ids)
    )


async def lock_assigned(tx: Transaction, who: Judge, duty_id: Id) -> Assigned | None:
    """One of them, locked until the end of the transaction."""
    return await tx.fetch_one_as(
        Assigned, f"{_ASSIGNED} and d.id = $4 for update of d", who.account_id, who.campaign_ids, who.own_class_ids,
        duty_id,
    )  # fmt: skip


async def round_of_duty(conn: Connection, juror_id: Id, duty_id: Id) -> Id | None:
    """In which round somebody was asked for this."""
    found: Id | None = await conn.fetch_value(
        "select round_id from jury_duty where id = $1 and juror_id = $2", duty_id, juror_id
    )
    return found


async def set_score(tx: Transaction, duty_id: Id, revision_id: Id, score: int) -> None:
    """Write a juror's score of a wording, in place of an earlier one."""
    await tx.execute(
        "update jury_duty set state = $2, revision_id = $3, score = $4, decided_at = $5 where id = $1",
        duty_id, DutyState.SCORED, revision_id, score, await tx.now(),
    )  # fmt: skip


async def set_abstained(tx: Transaction, duty_id: Id, reason: AbstainReason) -> None:
    """A juror does not score this; a score of theirs goes."""
    await tx.execute(
        "update jury_duty set state = $2, abstained_for = $3, revision_id = null, score = null, decided_at = $4"
        " where id = $1",
        duty_id, DutyState.ABSTAINED, reason, await tx.now(),
    )  # fmt: skip
