"""A city with a school, two classes and their staff, made through the services; and viewers with real sessions."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.accounts import accounts, sessions
from backend.accounts.config import AccountSettings, HashCost
from backend.accounts.people import Credentials, Door, NewAccount, SessionKind
from backend.core.database import Database
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.places import cities, classes, joining, memberships, roles, store
from backend.places.config import PlaceSettings
from backend.places.joining import Joined, Newcomer
from backend.places.records import City, RoleGrant, RosterSeat, School, SchoolClass
from backend.places.roles import NewRole
from backend.places.rules import Country
from backend.places.viewing import load_viewer
from tests.prepared import prepared

SETTINGS = PlaceSettings(AccountSettings(secret=b"a-secret-that-only-the-tests-know", hash_cost=HashCost(1, 8, 1, 2)))
EVIL_TEXTS = ["NUL \x00", "override \u202e", "lone surrogate \ud800", "\u200b\u200b", "   ", "x" * 5000]


async def make_account(
    db: Database, handle: str | None = None, *, staff: bool = False, pseudonym: str | None = None
) -> Id:
    """An account of its own; staff have a verified e-mail address."""
    account_id = new_id()
    async with db.transaction() as tx:
        new = NewAccount(account_id, handle or f"person-{secrets.token_hex(6)}", Door.OWN, "en", pseudonym, 2010, "NO")
        await accounts.create_account(tx, new, Credentials("no hash", b"none"))
        if staff:
            await tx.execute(
                "update account set email = handle || '@example.org', email_verified_at = now() where id = $1",
                account_id,
            )
    return account_id


async def sign_in(db: Database, account_id: Id, *, second_factor: bool = True) -> str:
    """A session token of the account."""
    async with db.transaction() as tx:
        started = await sessions.begin_session(
            tx, SETTINGS.accounts, account_id, kind=SessionKind.PERSONAL, address="192.0.2.1",
            second_factor=second_factor,
        )  # fmt: skip
    return started.token


async def viewer_with(db: Database, token: str) -> Viewer:
    """The viewer behind a token, as a request would have it."""
    return await load_viewer(
        db, token, address="192.0.2.1", request_id="test", accept_language=None, reset_seal=SETTINGS.accounts.reset_seal
    )


async def viewer_of(db: Database, account_id: Id, *, second_factor: bool = True) -> Viewer:
    """The viewer in a new session of the account."""
    return await viewer_with(db, await sign_in(db, account_id, second_factor=second_factor))


async def handle_of(db: Database, account_id: Id) -> str:
    """What the account signs in with."""
    async with db.reading() as conn:
        return str(await conn.fetch_value("select handle from account where id = $1", account_id))


async def give(
    db: Database, grantor: Viewer, account_id: Id, role: Role, kind: ScopeKind, scope_id: Id | None,
    until: datetime | None = None,
) -> RoleGrant:  # fmt: skip
    """Grant a role the way the API does."""
    handle = await handle_of(db, account_id)
    return await roles.grant_role(db, grantor, SETTINGS, NewRole(handle, role, kind, scope_id, until))


async def staff(db: Database, grantor: Viewer, role: Role, kind: ScopeKind, scope_id: Id | None) -> Viewer:
    """A new member of staff, signed in with the second factor."""
    account_id = await make_account(db, staff=True)
    await give(db, grantor, account_id, role, kind, scope_id)
    return await viewer_of(db, account_id)


async def make_secretariat(db: Database) -> Viewer:
    """The first secretariat."""
    account_id = await make_account(db, staff=True)
    await roles.appoint_secretariat(db, await handle_of(db, account_id))
    return await viewer_of(db, account_id)


@dataclass(frozen=True, slots=True)
class Town:
    """A city with its school, class 9A with its teacher, and class 9B of the same school with another one."""

    db: Database
    secretariat: Viewer
    official: Viewer
    admin: Viewer
    teacher: Viewer
    other_teacher: Viewer
    city: City
    school: School
    school_class: SchoolClass
    other_class: SchoolClass

    async def code(self, class_id: Id | None = None) -> str:
        """The running code of 9A, or of another class."""
        wanted = class_id or self.school_class.id
        async with self.db.reading() as conn:
            return (await store.get_codes(conn, [wanted]))[wanted].code

    async def join(self, pseudonym: str, *, client_key: str | None = None, class_id: Id | None = None) -> Joined:
        """A new student with a pending seat."""
        return await joining.join_class(
            self.db, ANONYMOUS, SETTINGS, code=await self.code(class_id), newcomer=Newcomer(pseudonym, 2010),
            client_key=client_key,
        )  # fmt: skip

    async def confirm(self, *seat_ids: Id) -> Sequence[RosterSeat]:
        """Confirmed by the teacher of 9A."""
        return await memberships.confirm_seats(self.db, self.teacher, list(seat_ids))


async def make_class(db: Database, admin: Viewer, school_id: Id, name: str, enrolment: int = 12) -> SchoolClass:
    """A class with a code."""
    return await classes.create_class(
        db, admin, SETTINGS, school_id=school_id, name=name, school_year="2026/27", declared_enrolment=enrolment
    )


async def make_town(db: Database, *, secretariat: Viewer | None = None, enrolment: int = 12) -> Town:
    """A whole town, down the chain of roles."""
    if secretariat is not None:
        return await _build_town(db, secretariat, enrolment)

    async def build() -> Town:
        return await _build_town(db, await make_secretariat(db), enrolment)

    return replace(await prepared(db, f"town of {enrolment}", build), db=db)


async def _build_town(db: Database, secretariat: Viewer, enrolment: int) -> Town:
    city = await cities.create_city(db, secretariat, name="Kristiansand", country=Country.NO, zone="Europe/Oslo")
    official = await staff(db, secretariat, Role.CITY_OFFICIAL, ScopeKind.CITY, city.id)
    school = await cities.create_school(db, official, city_id=city.id, name="Kongsgård")
    admin = await staff(db, official, Role.SCHOOL_ADMIN, ScopeKind.SCHOOL, school.id)
    nine_a = await make_class(db, admin, school.id, "9A", enrolment)
    nine_b = await make_class(db, admin, school.id, "9B", enrolment)
    teacher = await staff(db, admin, Role.TEACHER, ScopeKind.CLASS, nine_a.id)
    other = await staff(db, admin, Role.TEACHER, ScopeKind.CLASS, nine_b.id)
    return Town(db, secretariat, official, admin, teacher, other, city, school, nine_a, nine_b)
