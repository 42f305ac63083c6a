"""SQL of what the rounds hold about one account: the copy of it, and how it is forgotten."""

from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class OwnChoice:
    """What somebody wanted entered; None: nothing."""

    round_id: Id
    class_id: Id
    statement_id: Id | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnReflection:
    """That somebody reflected."""

    round_id: Id
    class_id: Id
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnHand:
    """The statements that were dealt to somebody and those they marked; None: not handed in.

    While the round is judged both are empty: which statements they are would tell whose.
    """

    round_id: Id
    dealt: list[Id]
    marked: list[Id] | None
    dealt_at: datetime
    marked_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnDuty:
    """What somebody was asked to score as a juror, and answered; the statement None while the round is judged."""

    round_id: Id
    statement_id: Id | None
    state: str
    score: int | None
    abstained_for: str | None
    assigned_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnAward:
    """An award for a statement of somebody's own, and whether they agreed to it."""

    round_id: Id
    statement_id: Id
    title: dict[str, str]
    consent: str
    given_at: datetime
    rescinded_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """What somebody decided in an office: UNION_MADE, RESULT_CONFIRMED or AWARD_GIVEN."""

    kind: str
    id: Id
    at: datetime


_CHOICES = "select round_id, class_id, statement_id, at from entry_choice where account_id = $1 order by at, id"
_REFLECTIONS = "select round_id, class_id, at from reflection where account_id = $1 order by at, id"
_HANDS = """
select h.round_id, h.dealt_at, h.marked_at,
       array(select e.statement_id from entry e
              where e.round_id = h.round_id and e.number = any(h.numbers) and q.judging_ends_at <= $2) as dealt,
       case when h.marked_at is not null then
         array(select e.statement_id from entry e
                where e.round_id = h.round_id and e.number = any(h.marked) and q.judging_ends_at <= $2)
       end as marked
  from hand h join round q on q.id = h.round_id where h.voter_id = $1 order by h.dealt_at, h.id
"""
_DUTIES = """
select d.round_id, case when q.judging_ends_at <= $2 then e.statement_id end as statement_id, d.state, d.score,
       d.abstained_for, d.assigned_at, d.decided_at
  from jury_duty d join entry e on e.id = d.entry_id join round q on q.id = d.round_id
 where d.juror_id = $1 order by d.assigned_at, d.id
"""
_AWARDS = """
select a.round_id, a.statement_id, a.title, a.consent, a.given_at, a.rescinded_at
  from award a join statement s on s.id = a.statement_id where s.author_id = $1 order by a.given_at, a.id
"""
_DECISIONS = """
select 'UNION_MADE' as kind, id, made_at as at from class_union where made_by = $1
 union all select 'RESULT_CONFIRMED', id, confirmed_at from round where confirmed_by = $1
 union all select 'AWARD_GIVEN', id, given_at from award where given_by = $1
 order by at, id
"""


async def choices_of(conn: Connection, account_id: Id) -> list[OwnChoice]:
    """The account's choices."""
    return await conn.fetch_as(OwnChoice, _CHOICES, account_id)


async def reflections_of(conn: Connection, account_id: Id) -> list[OwnReflection]:
    """The account's reflections."""
    return await conn.fetch_as(OwnReflection, _REFLECTIONS, account_id)


async def hands_of(conn: Connection, account_id: Id) -> list[OwnHand]:
    """What was dealt to the account, as long as voices are not counted."""
    return await conn.fetch_as(OwnHand, _HANDS, account_id, await conn.now())


async def duties_of(conn: Connection, account_id: Id) -> list[OwnDuty]:
    """What the account judged or was asked to, as long as it is kept."""
    return await conn.fetch_as(OwnDuty, _DUTIES, account_id, await conn.now())


async def awards_of(conn: Connection, account_id: Id) -> list[OwnAward]:
    """Awards for the account's own statements."""
    return await conn.fetch_as(OwnAward, _AWARDS, account_id)


async def decisions_of(conn: Connection, account_id: Id) -> list[OwnDecision]:
    """What the account decided as a teacher or an editor."""
    return await conn.fetch_as(OwnDecision, _DECISIONS, account_id)


async def forget_taking_part(tx: Transaction, account_id: Id) -> None:
    """Remove choices, reflections and a hand that was not handed in; one that was stays as a voice of nobody."""
    await tx.execute("delete from entry_choice where account_id = $1", account_id)
    await tx.execute("delete from reflection where account_id = $1", account_id)
    await tx.execute("delete from hand where voter_id = $1 and marked_at is null", account_id)
    await tx.execute("update hand set voter_id = gen_random_uuid() where voter_id = $1", account_id)


async def forget_juror(tx: Transaction, account_id: Id) -> None:
    """Remove what was not scored; scores stay, each by somebody else's random id."""
    await tx.execute("delete from jury_duty where juror_id = $1 and state <> 'SCORED'", account_id)
    await tx.execute("update jury_duty set juror_id = gen_random_uuid() where juror_id = $1", account_id)
