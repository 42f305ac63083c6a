"""SQL of leaving and erasure: what the campaigns keep of one account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class OwnWording:
    """One wording of a statement, as its author gets a copy of it."""

    statement_id: Id
    number: int
    audience: str
    shown_as: str
    visibility: str
    review: str
    language: str
    text: str
    translations: list[dict[str, str]]
    created_at: datetime
    submitted_at: datetime | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnSupport:
    """A statement that somebody stands behind."""

    statement_id: Id
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnLesson:
    """A finished lesson."""

    course: str
    course_version: int
    lesson: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnAttempt:
    """A quiz handed in."""

    course: str
    course_version: int
    score: int
    passed: bool
    at: datetime


async def wordings_of(conn: Connection, account_id: Id) -> list[OwnWording]:
    """All that the account ever wrote."""
    return await conn.fetch_as(
        OwnWording,
        "select s.id as statement_id, r.number, r.audience, s.shown_as, s.visibility, r.review, r.language, r.text,"
        " coalesce((select jsonb_agg(jsonb_build_object('language', t.language, 'text', t.text) order by t.language)"
        "   from revision_translation t where t.revision_id = r.id), '[]') as translations,"
        " r.created_at, r.submitted_at, s.published_at"
        " from statement s join revision r on r.statement_id = s.id where s.author_id = $1 order by s.id, r.number",
        account_id,
    )


async def supports_of(conn: Connection, account_id: Id) -> list[OwnSupport]:
    """What the account stands behind."""
    return await conn.fetch_as(
        OwnSupport, "select statement_id, at from support where account_id = $1 order by at", account_id
    )


async def lessons_of(conn: Connection, account_id: Id) -> list[OwnLesson]:
    """The account's finished lessons."""
    return await conn.fetch_as(
        OwnLesson,
        "select course, course_version, lesson, at from lesson_completion where account_id = $1 order by at",
        account_id,
    )


async def attempts_of(conn: Connection, account_id: Id) -> list[OwnAttempt]:
    """The account's quizzes."""
    return await conn.fetch_as(
        OwnAttempt,
        "select course, course_version, score, passed, at from quiz_attempt where account_id = $1 order by at",
        account_id,
    )


async def keeps_statements(conn: Connection, account_id: Id) -> bool:
    """Whether the account chose to leave its published statements behind."""
    kept: bool | None = await conn.fetch_value("select erasure_keeps_statements from account where id = $1", account_id)
    return bool(kept)


async def lock_of_author(tx: Transaction, account_id: Id) -> list[Id]:
    """The ids of all the author's statements, locked in id order."""
    rows = await tx.fetch("select id from statement where author_id = $1 order by id for update", account_id)
    return [row["id"] for row in rows]


async def withhold(tx: Transaction, account_id: Id, *, keep_published: bool) -> list[Id]:
    """Take an author's statements out of every view; the published wordings that were shown until now."""
    rows = await tx.fetch(
        "update statement set author_left_at = $2 where author_id = $1 and author_left_at is null"
        " and not ($3 and visibility = 'PUBLISHED') returning visibility, published_revision_id",
        account_id, await tx.now(), keep_published,
    )  # fmt: skip
    return [row["published_revision_id"] for row in rows if row["visibility"] == "PUBLISHED"]


async def show_again(tx: Transaction, account_id: Id) -> None:
    """The author stays: their statements are as visible as before."""
    await tx.execute("update statement set author_left_at = null where author_id = $1", account_id)


async def leave_behind(tx: Transaction, statement_ids: Sequence[Id]) -> None:
    """Cut published statements from their author; older and newer wordings lose their text."""
    await tx.execute(
        "update statement set author_id = null, shown_as = 'A_STUDENT' where id = any($1::uuid[])", list(statement_ids)
    )
    await _forget_wordings(tx, statement_ids, but_published=True)


async def forget(tx: Transaction, statement_ids: Sequence[Id]) -> None:
    """Cut withdrawn statements from their author, and remove all that they said."""
    await tx.execute(
        "update statement set author_id = null, shown_as = 'A_STUDENT', search_text = null, search = null"
        " where id = any($1::uuid[])",
        list(statement_ids),
    )
    await _forget_wordings(tx, statement_ids, but_published=False)


async def _forget_wordings(tx: Transaction, statement_ids: Sequence[Id], *, but_published: bool) -> None:
    gone = (
        "select r.id from revision r join statement s on s.id = r.statement_id where s.id = any($1::uuid[])"
        " and not ($2 and r.id = s.published_revision_id)"
    )
    for statement in (
        f"delete from revision_translation where revision_id in ({gone})",
        f"delete from revision_asset where revision_id in ({gone})",
        f"update revision set text = '' where id in ({gone})",
    ):
        await tx.execute(statement, list(statement_ids), but_published)


async def forget_person(tx: Transaction, account_id: Id) -> None:
    """Remove supports and progress, and whom translations came from."""
    for table in ("support", "lesson_completion", "quiz_attempt"):
        await tx.execute(f"delete from {table} where account_id = $1", account_id)
    await tx.execute("update revision_translation set made_by = null where made_by = $1", account_id)
