"""SQL of what somebody has learned: lessons finished and quizzes handed in."""

from dataclasses import dataclass
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id


@dataclass(frozen=True, slots=True)
class Attempt:
    """A quiz handed in."""

    score: int
    passed: bool
    at: datetime


async def add_lesson(tx: Transaction, account_id: Id, course: str, version: int, lesson: str) -> bool:
    """Note a finished lesson; whether this is new."""
    inserted = await tx.fetch_value(
        "insert into lesson_completion (id, account_id, course, course_version, lesson, at)"
        " values ($1, $2, $3, $4, $5, $6)"
        " on conflict (account_id, course, course_version, lesson) do nothing returning id",
        new_id(), account_id, course, version, lesson, await tx.now(),
    )  # fmt: skip
    return inserted is not None


async def lessons_done(conn: Connection, account_id: Id, course: str, version: int) -> set[str]:
    """The keys of the finished lessons."""
    rows = await conn.fetch(
        "select lesson from lesson_completion where account_id = $1 and course = $2 and course_version = $3",
        account_id, course, version,
    )  # fmt: skip
    return {row["lesson"] for row in rows}


async def add_attempt(
    tx: Transaction, attempt_id: Id, account_id: Id, course: str, version: int, *, score: int, passed: bool
) -> None:
    """Note a quiz handed in."""
    await tx.execute(
        "insert into quiz_attempt (id, account_id, course, course_version, score, passed, at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        attempt_id, account_id, course, version, score, passed, await tx.now(),
    )  # fmt: skip


async def get_attempt(conn: Connection, attempt_id: Id) -> Attempt | None:
    """One attempt."""
    return await conn.fetch_one_as(Attempt, "select score, passed, at from quiz_attempt where id = $1", attempt_id)


async def best_attempt(conn: Connection, account_id: Id, course: str, version: int) -> Attempt | None:
    """The best attempt so far."""
    return await conn.fetch_one_as(
        Attempt,
        "select score, passed, at from quiz_attempt where account_id = $1 and course = $2 and course_version = $3"
        " order by passed desc, score desc, at limit 1",
        account_id, course, version,
    )  # fmt: skip


async def passed_courses(conn: Connection, account_id: Id) -> set[tuple[str, int]]:
    """The courses, with version, whose quiz the account has passed."""
    rows = await conn.fetch(
        "select distinct course, course_version from quiz_attempt where account_id = $1 and passed", account_id
    )
    return {(row["course"], row["course_version"]) for row in rows}


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How far a class has come, without names."""

    students: int
    began: int
    passed: int


async def count_class(conn: Connection, class_id: Id, course: str, version: int) -> ClassCount:
    """Confirmed students of the class: all, those with a lesson or a quiz, those who passed."""
    [found] = await conn.fetch_as(
        ClassCount,
        "select count(*) as students,"
        " count(*) filter (where exists (select from lesson_completion l where l.account_id = s.account_id"
        "   and l.course = $2 and l.course_version = $3) or exists (select from quiz_attempt q"
        "   where q.account_id = s.account_id and q.course = $2 and q.course_version = $3)) as began,"
        " count(*) filter (where exists (select from quiz_attempt q where q.account_id = s.account_id"
        "   and q.course = $2 and q.course_version = $3 and q.passed)) as passed"
        " from seat s where s.class_id = $1 and s.status = 'CONFIRMED'",
        class_id, course, version,
    )  # fmt: skip
    return found
