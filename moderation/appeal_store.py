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


async def overtaken(conn: Connection, decision_ids: Sequence[Id]) -> frozenset[Id]:
    """Those of the decisions that hold nothing any more: something newer was handed in, or decided in the same family
    (on review, on reports)."""
    rows = await conn.fetch(
        "select d.id from moderation_decision d join moderation_case c on c.id = d.case_id"
        " where d.id = any($1::uuid[]) and (d.verdict = any($2::text[]) and c.cycle <> d.cycle or exists ("
        "   select from moderation_decision later where later.case_id = d.case_id and later.is_final"
        "   and (later.at, later.id) > (d.at, d.id)"
        "   and (later.verdict = any($2::text[])) = (d.verdict = any($2::text[]))))",
        list(decision_ids),
        sorted(REVIEW_VERDICTS),
    )
    return frozenset(row["id"] for row in rows)


async def list_refusals(
    conn: Connection, author_id: Id, kind: str, revision_ids: Sequence[Id], *, most: int
) -> list[DecisionRow]:
    """The final refusals of these revisions of the author's, newest first."""
    return await conn.fetch_as(
        DecisionRow,
        "select d.* from moderation_case c join moderation_decision d on d.case_id = c.id"
        " where c.author_id = $1 and c.subject_kind = $2 and d.revision_id = any($3::uuid[]) and d.is_final"
        " and d.verdict in ('REJECT', 'REQUEST_CHANGES') order by d.at desc, d.id desc limit $4",
        author_id,
        kind,
        list(revision_ids),
        most,
    )


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


async def find_contested(
    conn: Connection, kind: str, subject_ids: Sequence[Id], *, decided_after: datetime
) -> frozenset[Id]:
    """Those of the subjects of which an appeal waits for its answer, or that were decided about since then."""
    rows = await conn.fetch(
        "select c.subject_id from moderation_case c where c.subject_kind = $1 and c.subject_id = any($2::uuid[])"
        " and (exists (select from appeal a where a.case_id = c.id and a.decided_at is null)"
        "      or exists (select from moderation_decision d where d.case_id = c.id and d.at > $3))",
        kind, list(subject_ids), decided_after,
    )  # fmt: skip
    return frozenset(row["subject_id"] for row in rows)


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
