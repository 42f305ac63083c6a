"""SQL of appeals and statements of reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql
from moderation.appeal_rules import AppealState, Side
from moderation.queue_store import OwnSchool
from moderation.rules import REVIEW_VERDICTS, Reason, Verdict
from moderation.store import DecisionRow


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An appeal as it is stored."""

    id: Id
    decision_id: Id
    case_id: Id
    city_id: Id | None
    account_id: Id | None
    side: Side
    text: str | None
    state: AppealState
    filed_at: datetime
    due_at: datetime
    decided_by: Id | None
    decided_at: datetime | None
    answer: str | None
    answer_language: str | None


@dataclass(frozen=True, slots=True)
class ReasonsRow:
    """A statement of reasons as it is stored."""

    id: Id
    decision_id: Id
    account_id: Id | None
    restriction: Verdict
    reason: Reason
    facts: str | None
    facts_language: str | None
    automated: bool
    appeal_until: datetime | None
    at: datetime


async def insert_reasons(tx: Transaction, row: ReasonsRow) -> None:
    """Write a statement of reasons."""
    await tx.insert("statement_of_reasons", row)


async def insert_appeal(tx: Transaction, row: AppealRow) -> None:
    """Write an appeal; its case is locked."""
    await tx.insert("appeal", row)


async def find_appeals(conn: Connection, appeal_ids: Sequence[Id]) -> dict[Id, AppealRow]:
    """Appeals by id; no visibility is checked here."""
    rows = await conn.fetch_as(AppealRow, "select * from appeal where id = any($1::uuid[])", list(appeal_ids))
    return {row.id: row for row in rows}


async def lock_appeal(tx: Transaction, appeal_id: Id) -> AppealRow | None:
    """An appeal, locked; after its subject and case."""
    return await tx.fetch_one_as(AppealRow, "select * from appeal where id = $1 for update", appeal_id)


async def appeals_on(conn: Connection, decision_ids: Sequence[Id]) -> dict[Id, AppealRow]:
    """Appeals by the decision they contest."""
    rows = await conn.fetch_as(
        AppealRow, "select * from appeal where decision_id = any($1::uuid[])", list(decision_ids)
    )
    return {row.decision_id: row for row in rows}


async def reasons_on(conn: Connection, decision_ids: Sequence[Id]) -> dict[Id, ReasonsRow]:
    """Statements of reasons by their decision."""
    rows = await conn.fetch_as(
        ReasonsRow, "select * from statement_of_reasons where decision_id = any($1::uuid[])", list(decision_ids)
    )
    return {row.decision_id: row for row in rows}


async def close_appeal(
    tx: Transaction, row: AppealRow, state: AppealState, *, by: Id, answer: str, language: str | None
) -> AppealRow | None:
    """Write the answer."""
    return await tx.fetch_one_as(
        AppealRow,
        "update appeal set state = $2, decided_by = $3, decided_at = $4, answer = $5, answer_language = $6"
        " where id = $1 returning *",
        row.id,
        state,
        by,
        await tx.now(),
        answer,
        language,
    )


async def is_superseded(conn: Connection, decision: DecisionRow) -> bool:
    """Whether a later final decision of the same family (on review, on reports) took this one's place."""
    family = REVIEW_VERDICTS if decision.verdict in REVIEW_VERDICTS else frozenset(Verdict) - REVIEW_VERDICTS
    found: bool = await conn.fetch_value(
        "select exists (select from moderation_decision where case_id = $1 and is_final and (at, id) > ($2, $3)"
        " and verdict = any($4::text[]))",
        decision.case_id,
        decision.at,
        decision.id,
        sorted(family),
    )
    return found


async def is_reporter_of(conn: Connection, decision_id: Id, account_id: Id) -> bool:
    """Whether this decision settled a report of this person."""
    found: bool = await conn.fetch_value(
        "select exists (select from subject_report where decision_id = $1 and reporter_id = $2)",
        decision_id,
        account_id,
    )
    return found


async def reporters_of(conn: Connection, decision_id: Id) -> list[Id]:
    """Those whose reports this decision settled."""
    rows = await conn.fetch(
        "select distinct reporter_id from subject_report where decision_id = $1 and reporter_id is not null",
        decision_id,
    )
    return [row["reporter_id"] for row in rows]


async def list_open_appeals(
    conn: Connection, viewer_id: Id, request: PageRequest, *, city_ids: Sequence[Id] | None, own: OwnSchool
) -> list[AppealRow]:
    """Unanswered appeals of these cities (None: all), oldest first, without those the viewer is party to.

    A teacher answers none of the `own` students', and whoever runs a school none that is about it.
    """
    where, order, params = keyset_sql(request, at="a.filed_at", row_id="a.id", first_param=6, newest_first=False)
    return await conn.fetch_as(
        AppealRow,
        "select a.* from appeal a join moderation_case c on c.id = a.case_id"
        " where a.decided_at is null and ($2::uuid[] is null or a.city_id = any($2))"
        " and a.account_id is distinct from $1 and c.author_id is distinct from $1"
        " and not coalesce(c.class_id = any($3::uuid[]), false) and not coalesce(c.author_id = any($4::uuid[]), false)"
        " and not (c.skip_teacher and coalesce(c.school_id = any($5::uuid[]), false))"
        " and not exists (select from case_hand h where h.case_id = a.case_id and h.account_id = $1)"
        " and not exists (select from subject_report r where r.decision_id = a.decision_id and r.reporter_id = $1)"
        f" and {where} {order}",
        viewer_id,
        None if city_ids is None else list(city_ids),
        list(own.class_ids),
        list(own.account_ids),
        list(own.school_ids),
        *params,
    )
