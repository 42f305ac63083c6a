"""One city with a school, a class and its people, as the moderation knows them: ids, roles, languages."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.viewer import Grant, Role, Scope, ScopeKind, Viewer, ViewerSeat
from moderation.claims import Claim, claim_case
from moderation.deciding import Decided, NewDecision, decide_case
from moderation.rules import Reason, Verdict
from moderation.subjects import Requirement, Subject
from tests.moderation import notes


def person(*grants: Grant, languages: tuple[str, ...] = ("nb", "en"), seats: tuple[ViewerSeat, ...] = ()) -> Viewer:
    """Somebody signed in."""
    return Viewer(account_id=new_id(), grants=grants, languages=frozenset(languages), seats=seats)


def sealed(who: Viewer) -> Viewer:
    """The same person in a session that began with a passphrase which the teacher had reset."""
    return replace(who, sealed_until=datetime.now(UTC) + timedelta(hours=24))


@dataclass(slots=True)
class World:
    """A place, its people, and short words for what they do all the time."""

    db: Database
    place: Scope = field(default_factory=lambda: Scope(new_id(), new_id(), new_id()))
    author: Viewer = field(init=False)
    teacher: Viewer = field(init=False)
    moderator: Viewer = field(init=False)
    second: Viewer = field(init=False)
    elsewhere: Viewer = field(init=False)

    def __post_init__(self) -> None:
        self.author = self.student()
        self.teacher = person(self.teaching)
        self.moderator = person(self.moderating)
        self.second = person(Grant(Role.MODERATOR, ScopeKind.NETWORK, None))
        self.elsewhere = person(Grant(Role.MODERATOR, ScopeKind.CITY, new_id()))

    @property
    def teaching(self) -> Grant:
        return Grant(Role.TEACHER, ScopeKind.CLASS, self.place.class_id)

    @property
    def moderating(self) -> Grant:
        return Grant(Role.MODERATOR, ScopeKind.CITY, self.place.city_id)

    def student(self, class_id: Id | None = None) -> Viewer:
        """Somebody with a confirmed seat, in the class of the place if no other is given."""
        school_id, city_id, own_class_id = self.place.school_id, self.place.city_id, self.place.class_id
        assert school_id is not None
        assert city_id is not None
        assert own_class_id is not None
        seat = ViewerSeat(new_id(), class_id or own_class_id, school_id, city_id, True)
        return person(seats=(seat,))

    async def submit(
        self, *, keys: int = 2, teacher_for: timedelta | None = timedelta(days=2), skip_teacher: bool = False,
        language: str = "nb", translations: tuple[str, ...] = (), has_pictures: bool = False, is_held: bool = False,
        severity: int = 0, author: Viewer | None = None, place: Scope | None = None,
    ) -> tuple[Subject, Id]:  # fmt: skip
        """A note goes to review."""
        now = await self.now()
        requirement = Requirement(
            keys, language, notes.ZONE, None if teacher_for is None else now + teacher_for, translations, skip_teacher
        )
        return await notes.submit_note(
            self.db, place=place or self.place, author_id=(author or self.author).require_account(),
            requirement=requirement, has_pictures=has_pictures, is_held=is_held, severity=severity,
        )  # fmt: skip

    async def now(self) -> datetime:
        async with self.db.reading() as conn:
            return await conn.now()

    async def claim(self, case_id: Id, who: Viewer | None = None) -> Claim:
        return await claim_case(self.db, notes.DESK, who or self.moderator, case_id)

    async def decide(
        self, subject: Subject, case_id: Id, verdict: Verdict, *, who: Viewer | None = None, token: str | None = None,
        reason: Reason | None = None, words: str | None = None,
    ) -> Decided:  # fmt: skip
        """Claim (unless a token is given) and decide on the revision of `subject`."""
        who = who or self.moderator
        token = token or (await self.claim(case_id, who)).token
        assert token is not None
        new = NewDecision(subject.revision_id, subject.version, verdict, reason, words, "nb" if words else None)
        return await decide_case(self.db, notes.DESK, who, case_id, token, new)

    async def publish(self, **options: object) -> tuple[Subject, Id]:
        """A note that a moderator approved."""
        subject, case_id = await self.submit(keys=1, teacher_for=None, **options)  # type: ignore[arg-type]
        await self.decide(subject, case_id, Verdict.APPROVE)
        return subject, case_id

    async def notices(self, who: Viewer) -> list[str]:
        """The kinds of notices in somebody's inbox, oldest first."""
        async with self.db.reading() as conn:
            rows = await conn.fetch("select kind from notice where account_id = $1 order by at, id", who.account_id)
        return [row["kind"] for row in rows]

    async def count(self, sql: str, *args: object) -> int:
        async with self.db.reading() as conn:
            number: int = await conn.fetch_value(sql, *args)
        return number


@pytest.fixture
def world(db: Database, runner: asyncio.Runner) -> World:
    runner.run(notes.make_table(db))
    return World(db)
