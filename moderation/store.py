"""SQL of cases, keys and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest, keyset_sql
from backend.core.viewer import Scope
from moderation.rules import CaseState, Hand, Key, Reason, Review, Verdict

MAX_HISTORY = 100


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as it is stored. `state` is the stored one; what holds now is `rules.effective_state`."""

    id: Id
    subject_kind: str
    subject_id: Id
    author_id: Id | None
    city_id: Id | None
    school_id: Id | None
    class_id: Id | None
    campaign_id: Id | None
    zone: str
    cycle: int
    revision_id: Id
    version: int
    review_open: bool
    keys: int
    language: str
    translations: list[str]
    skip_teacher: bool
    is_held: bool
    tags: list[str]
    reported_revision_id: Id | None
    reported_version: int | None
    is_hidden: bool
    reopened: bool
    state: CaseState
    severity: int
    reports: int
    opened_at: datetime
    rank_at: datetime
    queue_from: datetime
    due_at: datetime
    concern: str | None
    passed_on_at: datetime | None
    claimed_by: Id | None
    claim_hash: bytes | None
    claim_until: datetime | None
    closed_at: datetime | None
    sealed_at: datetime | None

    @property
    def place(self) -> Scope:
        """The places around the subject."""
        return Scope(self.city_id, self.school_id, self.class_id, self.campaign_id)

    @property
    def review(self) -> Review:
        """What it takes to approve."""
        needs_moderator = self.is_held or self.has_open_report or self.is_hidden
        return Review(self.keys, self.language, self.translations, self.skip_teacher, needs_moderator)

    @property
    def has_open_report(self) -> bool:
        """Whether reports on what is visible wait for a decision."""
        return self.reported_revision_id is not None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as it is stored."""

    id: Id
    case_id: Id
    cycle: int
    revision_id: Id
    version: int
    verdict: Verdict
    is_final: bool
    hand: Hand
    decided_by: Id | None
    is_authors_teacher: bool
    language_read: str | None
    reason: Reason | None
    words: str | None
    words_language: str | None
    appeal_id: Id | None
    at: datetime


async def find_cases(conn: Connection, case_ids: Sequence[Id]) -> dict[Id, CaseRow]:
    """Cases by id; no visibility is checked here."""
    rows = await conn.fetch_as(CaseRow, "select * from moderation_case where id = any($1::uuid[])", list(case_ids))
    return {row.id: row for row in rows}


async def lock_case(tx: Transaction, case_id: Id) -> CaseRow | None:
    """The case, locked until the end of the transaction. The subject is locked before it."""
    return await tx.fetch_one_as(CaseRow, "select * from moderation_case where id = $1 for update", case_id)


async def lock_case_of(tx: Transaction, kind: str, subject_id: Id) -> CaseRow | None:
    """The case of a subject, locked."""
    return await tx.fetch_one_as(
        CaseRow,
        "select * from moderation_case where subject_kind = $1 and subject_id = $2 for update",
        kind,
        subject_id,
    )


async def save_case(tx: Transaction, row: CaseRow) -> None:
    """Write a locked case back, or the first one of a subject whose own row is locked."""
    names = list(CaseRow.__slots__)
    values = [getattr(row, name) for name in names]
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != "id")
    await tx.execute(
        f"insert into moderation_case ({', '.join(names)}) values ({places}) on conflict (id) do update set {changes}",
        *values,
    )


async def save_hand(tx: Transaction, case_id: Id, account_id: Id) -> None:
    """Remember that this person had a hand in the case."""
    await tx.execute(
        "insert into case_hand (id, case_id, account_id) values ($1, $2, $3)"
        " on conflict (case_id, account_id) do nothing",
        new_id(),
        case_id,
        account_id,
    )


async def had_hand(conn: Connection, case_id: Id, account_id: Id) -> bool:
    """Whether this person ever claimed, decided, keyed or passed on the case."""
    found: bool = await conn.fetch_value(
        "select exists (select from case_hand where case_id = $1 and account_id = $2)", case_id, account_id
    )
    return found


async def list_keys(conn: Connection, row: CaseRow) -> list[Key]:
    """The approvals that count: of this review, its revision and its version."""
    return await conn.fetch_as(
        Key,
        "select decided_by as account_id, hand, is_authors_teacher from moderation_decision"
        " where case_id = $1 and cycle = $2 and revision_id = $3 and version = $4 and verdict = 'APPROVE'"
        " order by at, id",
        row.id,
        row.cycle,
        row.revision_id,
        row.version,
    )


async def insert_decision(tx: Transaction, row: DecisionRow) -> None:
    """Write a decision."""
    await tx.insert("moderation_decision", row)


async def find_decisions(conn: Connection, decision_ids: Sequence[Id]) -> dict[Id, DecisionRow]:
    """Decisions by id; no visibility is checked here."""
    rows = await conn.fetch_as(
        DecisionRow, "select * from moderation_decision where id = any($1::uuid[])", list(decision_ids)
    )
    return {row.id: row for row in rows}


async def list_decisions_of(conn: Connection, case_ids: Sequence[Id]) -> dict[Id, list[DecisionRow]]:
    """The newest `MAX_HISTORY` decisions of each of the cases, oldest first."""
    rows = await conn.fetch_as(
        DecisionRow,
        "select d.* from unnest($1::uuid[]) as wanted(id) cross join lateral"
        " (select * from moderation_decision where case_id = wanted.id order by at desc, id desc limit $2) d"
        " order by d.at, d.id",
        list(case_ids),
        MAX_HISTORY,
    )
    decisions: dict[Id, list[DecisionRow]] = {case_id: [] for case_id in case_ids}
    for row in rows:
        decisions[row.case_id].append(row)
    return decisions


# What an author learns of: a first key that waits for the second is not news, what hides for now is.
_CONCERNS_AUTHOR = "(d.is_final or d.verdict = 'HIDE')"


async def list_decision_ids(conn: Connection, account_id: Id, request: PageRequest) -> list[Id]:
    """A page of the decisions on what the account wrote or reported, newest first."""
    where, order, params = keyset_sql(request, at="at", row_id="id", first_param=2)
    rows = await conn.fetch(
        "select id from (select d.id, d.at from moderation_case c join moderation_decision d on d.case_id = c.id"
        f" where c.author_id = $1 and {_CONCERNS_AUTHOR} union"
        " select d.id, d.at from subject_report r join moderation_decision d on d.id = r.decision_id"
        f" where r.reporter_id = $1) mine where {where} {order}",
        account_id,
        *params,
    )
    return [row["id"] for row in rows]


async def list_decision_ids_on(
    conn: Connection, author_id: Id, kind: str, subject_ids: Sequence[Id], *, most: int
) -> dict[Id, list[Id]]:
    """The decisions that the author learns of on each of these subjects, newest first, `most` of each."""
    rows = await conn.fetch(
        "select id, subject_id from (select d.id, c.subject_id,"
        "   row_number() over (partition by c.id order by d.at desc, d.id desc) as place"
        "   from moderation_case c join moderation_decision d on d.case_id = c.id"
        f"  where c.author_id = $1 and c.subject_kind = $2 and c.subject_id = any($3::uuid[]) and {_CONCERNS_AUTHOR}"
        " ) newest where place <= $4 order by subject_id, place",
        author_id, kind, list(subject_ids), most,
    )  # fmt: skip
    found: dict[Id, list[Id]] = {}
    for row in rows:
        found.setdefault(row["subject_id"], []).append(row["id"])
    return found
