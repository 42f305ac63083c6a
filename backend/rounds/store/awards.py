"""SQL of awards: given, answered by the author, rescinded; and what of them is still there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.rounds.rules import AwardConsent
from backend.rounds.store.standings import SHOWN

MOST_OWN = 100


@dataclass(frozen=True, slots=True)
class NewAward:
    """An award's row when it is given, for a contender or a statement."""

    id: Id
    round_id: Id
    title: dict[str, str]
    contender_id: Id | None
    statement_id: Id | None
    given_by: Id
    given_at: datetime
    consent: AwardConsent


@dataclass(frozen=True, slots=True)
class Award:
    """An award. `author_id` and `is_shown` are of its statement; those of a class are always shown.

    `class_ids`: of its contender, or all that the statement's author sat in. `rescinded_at`: by an editor, or since its
    statement was removed; a restored statement has its award again.
    """

    id: Id
    round_id: Id
    title: dict[str, str]
    contender_id: Id | None
    statement_id: Id | None
    given_at: datetime
    consent: AwardConsent
    rescinded_at: datetime | None
    rescind_reason: str | None
    author_id: Id | None
    class_ids: list[Id]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """A statement that competed: its author, and the classes for which it did."""

    author_id: Id | None
    class_ids: list[Id]


_AWARD = f"""
select a.id, a.round_id, a.title, a.contender_id, a.statement_id, a.given_at, a.consent,
       coalesce(a.rescinded_at, case when s.visibility = 'REMOVED' then s.changed_at end) as rescinded_at,
       a.rescind_reason, s.author_id,
       coalesce((select c.class_ids from contender c where c.id = a.contender_id), '{{}}') ||
       array(select s.class_id where s.class_id is not null
             union select t.class_id from seat t where t.account_id = s.author_id) as class_ids,
       s.id is null or ({SHOWN}) as is_shown
  from award a left join statement s on s.id = a.statement_id
"""


async def add_award(tx: Transaction, row: NewAward) -> None:
    """Insert an award."""
    await tx.insert("award", row)


async def count_awards(conn: Connection, round_id: Id) -> int:
    """How many awards were given in a round."""
    found: int = await conn.fetch_value("select count(*) from award where round_id = $1", round_id)
    return found


async def list_awards(conn: Connection, round_id: Id) -> list[Award]:
    """The awards of a round, in the order of giving."""
    return await conn.fetch_as(Award, f"{_AWARD} where a.round_id = $1 order by a.given_at, a.id", round_id)


async def find_awards(conn: Connection, ids: Sequence[Id]) -> list[Award]:
    """Those of the awards that exist, in no order."""
    return await conn.fetch_as(Award, f"{_AWARD} where a.id = any($1)", list(ids))


async def own_awards(conn: Connection, author_id: Id) -> list[Award]:
    """Awards for somebody's own statements, the latest first, at most a hundred."""
    return await conn.fetch_as(
        Award, f"{_AWARD} where s.author_id = $1 order by a.given_at desc, a.id desc limit {MOST_OWN}", author_id
    )


async def lock_award(tx: Transaction, award_id: Id) -> Award | None:
    """The award, locked until the end of the transaction."""
    return await tx.fetch_one_as(Award, f"{_AWARD} where a.id = $1 for update of a", award_id)


async def entered_statement(conn: Connection, round_id: Id, statement_id: Id) -> Entered | None:
    """The statement as it competed in a round; None when it did not, or can no longer be read by everybody."""
    return await conn.fetch_one_as(
        Entered,
        "select s.author_id, c.class_ids from entry e join contender c on c.id = e.contender_id"
        f" join statement s on s.id = e.statement_id and {SHOWN} where e.round_id = $1 and e.statement_id = $2",
        round_id, statement_id,
    )  # fmt: skip


async def consent_of(conn: Connection, round_id: Id, statement_id: Id) -> AwardConsent | None:
    """The author's answer to an award for this statement in this round; None when there is none that holds.

    A no to one that was rescinded since is a no.
    """
    found = await conn.fetch_value(
        "select consent from award where round_id = $1 and statement_id = $2"
        " and (rescinded_at is null or consent = 'REFUSED') order by consent = 'REFUSED' desc limit 1",
        round_id, statement_id,
    )  # fmt: skip
    return AwardConsent(found) if found is not None else None


async def set_consent(tx: Transaction, award_id: Id, consent: AwardConsent) -> None:
    """Write the author's answer."""
    await tx.execute("update award set consent = $2, answered_at = $3 where id = $1", award_id, consent, await tx.now())


async def set_rescinded(tx: Transaction, award_id: Id, reason: str) -> None:
    """Take an award back, for all to see."""
    await tx.execute(
        "update award set rescinded_at = $2, rescind_reason = $3 where id = $1", award_id, await tx.now(), reason
    )


async def teachers_of(conn: Connection, contender_id: Id) -> list[Id]:
    """Teachers now of a contender's classes, in id order."""
    rows = await conn.fetch(
        "select distinct g.account_id from contender c join role_grant g on g.role = 'TEACHER'"
        " and g.scope_kind = 'CLASS' and g.scope_id = any(c.class_ids) and g.revoked_at is null"
        " and (g.until is null or g.until > $2) where c.id = $1 order by g.account_id",
        contender_id, await conn.now(),
    )  # fmt: skip
    return [row["account_id"] for row in rows]
