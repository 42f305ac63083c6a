"""A person's own copy of their data here, its erasure, and what goes by itself with time.

What lies under an open case, or where an appeal may still come, keeps its author's id after erasure: sealed, seen by
nobody, told to nobody, there only so that nobody judges their own and the case stays one. It is nulled when the window
has ended. Cases, decisions and outcomes stay without persons.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from moderation.appeal_store import AppealRow, ReasonsRow
from moderation.report_store import ReportRow
from moderation.rules import Verdict
from moderation.subjects import Desk

_CONCERNS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """A decision on what the account wrote."""

    verdict: Verdict
    reason: str | None
    words: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Export:
    """Everything about one account here that is the account's own to have."""

    reports: list[ReportRow]
    appeals: list[AppealRow]
    decisions: list[OwnDecision]
    reasons: list[ReasonsRow]


async def export(conn: Connection, account_id: Id) -> Export:
    """Reports and appeals it made, decisions on what it wrote, with their reasons; no other person's name or words."""
    appeals = await conn.fetch_as(
        AppealRow,
        "select id, decision_id, case_id, city_id, account_id, side,"
        " case when side <> 'GUARDIAN' then text end as text, state, filed_at, due_at,"
        " null::uuid as decided_by, decided_at, answer, answer_language from appeal"
        " where account_id = $1 order by filed_at",
        account_id,
    )
    return Export(
        await conn.fetch_as(ReportRow, "select * from subject_report where reporter_id = $1 order by at", account_id),
        appeals,
        await conn.fetch_as(
            OwnDecision,
            "select d.verdict, d.reason, d.words, d.at from moderation_decision d"
            " join moderation_case c on c.id = d.case_id where c.author_id = $1"
            " and (d.is_final or d.verdict = 'HIDE') order by d.at",
            account_id,
        ),
        await conn.fetch_as(
            ReasonsRow, "select * from statement_of_reasons where account_id = $1 order by at", account_id
        ),
    )


async def erase(tx: Transaction, account_id: Id) -> None:
    """Forget the person: their reports' words, answered appeals, words said to them, their part as staff.

    An open appeal keeps its text until it is answered, but not whom it came from.
    """
    now = await tx.now()
    await tx.execute("update moderation_case set sealed_at = $2 where author_id = $1", account_id, now)
    await tx.execute(
        "update subject_report set reporter_id = null, class_id = null, note = null where reporter_id = $1", account_id
    )
    await tx.execute(
        "update appeal set account_id = null, text = case when decided_at is null then text end, answer = null"
        " where account_id = $1",
        account_id,
    )
    await tx.execute(
        "update moderation_decision d set words = null, words_language = null from moderation_case c"
        " where c.id = d.case_id and c.author_id = $1",
        account_id,
    )
    await tx.execute("update statement_of_reasons set facts = null where account_id = $1", account_id)
    await tx.execute("update moderation_decision set decided_by = null where decided_by = $1", account_id)
    await tx.execute("update appeal set decided_by = null where decided_by = $1", account_id)
    await tx.execute("delete from case_hand where account_id = $1", account_id)
    await tx.execute(
        "update moderation_case set claimed_by = null, claim_hash = null, claim_until = null where claimed_by = $1",
        account_id,
    )


async def forget_old(tx: Transaction, desk: Desk) -> int:
    """The daily job: sealed authors whose window has ended, old concerns, notes, answered appeals of nobody.

    The number of authors forgotten.
    """
    now = await tx.now()
    window = timedelta(days=31 * desk.settings.appeal_months)
    await tx.execute(
        "update moderation_case set concern = null where concern is not null and closed_at < $1", now - _CONCERNS_KEPT
    )
    await tx.execute("update subject_report set note = null where note is not null and decided_at < $1", now - window)
    await tx.execute("update appeal set text = null where account_id is null and decided_at is not null")
    await tx.execute(
        "update statement_of_reasons s set account_id = null from moderation_decision d, moderation_case c"
        " where d.id = s.decision_id and c.id = d.case_id and c.sealed_at is not null and c.closed_at < $1",
        now - window,
    )
    return await tx.execute(
        "update moderation_case c set author_id = null where sealed_at is not null and author_id is not null"
        " and closed_at < $1"
        " and not exists (select from appeal a where a.case_id = c.id and a.decided_at is null)",
        now - window,
    )
