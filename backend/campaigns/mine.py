"""My statements and what happened to them, with the next step for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns import coverage
from backend.campaigns.rules import Audience, NextStep, next_step
from backend.campaigns.store import feed, progress
from backend.campaigns.store.feed import Own
from backend.core.database import Connection, Database
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.viewer import Viewer
from moderation.queue_store import find_with_teacher


@dataclass(frozen=True, slots=True)
class Standing:
    """What of the author and the reviewers decides the next steps."""

    passed: frozenset[tuple[str, int]]
    covered: frozenset[Audience]
    with_teacher: frozenset[Id]

    def next_step(self, row: Own) -> NextStep:
        """The next step of one of the author's statements."""
        return next_step(
            visibility=row.visibility,
            review=row.review,
            course_passed=(row.course, row.course_version) in self.passed,
            consent_covers=row.audience in self.covered,
            with_teacher=row.id in self.with_teacher,
        )


async def list_own(db: Database, viewer: Viewer, request: PageRequest) -> tuple[Page[Own], Standing]:
    """A page of the viewer's own statements in every state. Raises Conflict while the session is sealed."""
    account_id = viewer.require_account()
    async with db.reading() as conn:
        now = await conn.now()
        viewer.require_unsealed(now)
        rows = await feed.list_own(conn, account_id, request)
        standing = await _standing(conn, viewer, [row.id for row in rows], now)
    return page_of(request, rows, lambda row: Key(row.created_at, row.id)), standing


async def find_own(db: Database, viewer: Viewer, statement_ids: Sequence[Id]) -> tuple[list[Own], Standing]:
    """Those of the statements that are the viewer's own; none while the session is sealed or nobody is signed in."""
    if viewer.account_id is None:
        return [], Standing(frozenset(), frozenset(), frozenset())
    async with db.reading() as conn:
        now = await conn.now()
        rows = [] if viewer.is_sealed(now) else await feed.find_own(conn, viewer.account_id, statement_ids)
        return rows, await _standing(conn, viewer, [row.id for row in rows], now)


async def _standing(conn: Connection, viewer: Viewer, statement_ids: Sequence[Id], now: datetime) -> Standing:
    account_id = viewer.require_account()
    return Standing(
        passed=frozenset(await progress.passed_courses(conn, account_id)),
        covered=await coverage.covered_audiences(conn, account_id, now, at_school=bool(viewer.seats)),
        with_teacher=await find_with_teacher(conn, "statement", statement_ids, now),
    )
