"""Who may do what in the places: each refusal names its reason and leaves nothing behind."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.consent_rules import ConsentAudience, ConsentPurpose, Question
from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.errors import NotAllowed, NotFound, Unauthenticated
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.places import cards, cities, classes, closing, memberships, representatives, resets, roles
from backend.places.representatives import SubstituteReason
from backend.places.roles import NewRole
from backend.places.rules import Country, RemovalReason
from tests.places.town import (
    SETTINGS,
    Town,
    handle_of,
    make_account,
    make_secretariat,
    make_town,
    viewer_of,
    viewer_with,
)

TABLES = (
    "city", "school", "school_class", "class_code", "seat", "role_grant", "account", "consent", "audit_entry", "notice",
    "repeat",
)  # fmt: skip


async def state_of(db: Database) -> dict[str, str]:
    """A digest of every table that a mutation of places could change."""
    async with db.reading() as conn:
        return {
            table: await conn.fetch_value(
                f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t"
            )
            for table in TABLES
        }


class Scene:
    """A town with a pending and a confirmed student, and people of every kind, also from another town."""

    def __init__(self, town: Town, other_town: Town) -> None:
        self.town, self.other_town = town, other_town
        self.people: dict[str, Viewer] = {"nobody": ANONYMOUS}

    async def fill(self) -> None:
        db = self.town.db
        pending, confirmed = await self.town.join("Pending Fox"), await self.town.join("Confirmed Fox")
        await self.town.confirm(confirmed.seat.id)
        self.pending, self.confirmed = pending.seat.id, confirmed.seat.id
        stranger = await make_account(db, staff=True)
        self.handle = await handle_of(db, await make_account(db, staff=True))
        self.people |= {
            "stranger": await viewer_of(db, stranger),
            "pending student": await viewer_with(db, pending.session_token or ""),
            "student": await viewer_with(db, confirmed.session_token or ""),
            "other teacher": self.town.other_teacher,
            "teacher elsewhere": self.other_town.teacher,
            "admin elsewhere": self.other_town.admin,
            "official elsewhere": self.other_town.official,
            "teacher without second factor": await viewer_of(
                db, self.town.teacher.require_account(), second_factor=False
            ),
            "restricted teacher": replace(self.town.teacher, is_restricted=True),
            "teacher": self.town.teacher,
            "admin": self.town.admin,
            "official": self.town.official,
            "secretariat": self.town.secretariat,
        }


@pytest.fixture
def scene(db: Database, runner: Any) -> Scene:
    async def make() -> Scene:
        secretariat = await make_secretariat(db)
        made = Scene(await make_town(db, secretariat=secretariat), await make_town(db, secretariat=secretariat))
        await made.fill()
        return made

    made: Scene = runner.run(make())
    return made


Act = Callable[[Scene, Viewer], Awaitable[object]]


def _grant(role: Role, kind: ScopeKind, place: Callable[[Town], Any]) -> Act:
    return lambda scene, viewer: roles.grant_role(
        scene.town.db, viewer, SETTINGS, NewRole(scene.handle, role, kind, place(scene.town))
    )


QUESTIONS = [Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)]
# Each mutation with those who may do it; everybody else of the scene is refused.
MATRIX: dict[str, tuple[Act, set[str]]] = {
    "city_create": (
        lambda s, v: cities.create_city(s.town.db, v, name="Skien", country=Country.NO, zone="Europe/Oslo"),
        {"secretariat"},
    ),
    "safeguarding_set": (
        lambda s, v: cities.set_safeguarding_hours(s.town.db, v, city_id=s.town.city.id, hours="Mon–Fri 8–16"),
        {"secretariat", "official"},
    ),
    "school_create": (
        lambda s, v: cities.create_school(s.town.db, v, city_id=s.town.city.id, name="Lund"),
        {"secretariat", "official"},
    ),
    "class_create": (
        lambda s, v: classes.create_class(
            s.town.db, v, SETTINGS, school_id=s.town.school.id, name="8C", school_year="2026/27", declared_enrolment=9
        ),
        {"admin"},
    ),
    "enrolment_set": (
        lambda s, v: classes.set_enrolment(s.town.db, v, class_id=s.town.school_class.id, declared_enrolment=9),
        {"admin"},
    ),
    "code_rotate": (
        lambda s, v: classes.rotate_code(s.town.db, v, SETTINGS, class_id=s.town.school_class.id),
        {"teacher"},
    ),
    "class_close": (
        lambda s, v: closing.close_class(s.town.db, v, SETTINGS, class_id=s.town.school_class.id),
        {"teacher", "admin"},
    ),
    "confirm": (lambda s, v: memberships.confirm_seats(s.town.db, v, [s.pending]), {"teacher"}),
    "remove": (
        lambda s, v: memberships.remove_seat(s.town.db, v, seat_id=s.confirmed, reason=RemovalReason.MOVED),
        {"teacher"},
    ),
    "leave": (lambda s, v: memberships.leave_class(s.town.db, v, seat_id=s.confirmed), {"student"}),
    "cards": (
        lambda s, v: cards.create_cards(s.town.db, v, SETTINGS, class_id=s.town.school_class.id, count=2),
        {"teacher"},
    ),
    "reset": (lambda s, v: resets.reset_passphrase(s.town.db, v, SETTINGS, seat_id=s.confirmed), {"teacher"}),
    "representative": (
        lambda s, v: representatives.grant_for_child(
            s.town.db, v, SETTINGS.accounts, seat_id=s.confirmed, questions=QUESTIONS,
            reason=SubstituteReason.PARENTS_UNREACHABLE,
        ),
        {"admin"},
    ),
    "grant_official": (_grant(Role.CITY_OFFICIAL, ScopeKind.CITY, lambda t: t.city.id), {"secretariat"}),
    "grant_moderator": (_grant(Role.MODERATOR, ScopeKind.CITY, lambda t: t.city.id), {"secretariat"}),
    "grant_lead": (_grant(Role.SAFEGUARDING_LEAD, ScopeKind.CITY, lambda t: t.city.id), {"secretariat"}),
    "grant_admin": (_grant(Role.SCHOOL_ADMIN, ScopeKind.SCHOOL, lambda t: t.school.id), {"official"}),
    "grant_teacher": (_grant(Role.TEACHER, ScopeKind.CLASS, lambda t: t.school_class.id), {"admin"}),
    "grant_secretariat": (_grant(Role.SECRETARIAT, ScopeKind.NETWORK, lambda t: None), set()),
}  # fmt: skip


@pytest.mark.parametrize("action", MATRIX)
async def test_mutation_refuses_everybody_else_and_changes_nothing(scene: Scene, action: str) -> None:
    act, allowed = MATRIX[action]
    before = await state_of(scene.town.db)
    for name, viewer in scene.people.items():
        if name in allowed:
            continue
        with pytest.raises((NotAllowed, NotFound, Unauthenticated)) as refused:
            await act(scene, viewer)
        if name == "nobody":
            assert refused.type is Unauthenticated, name
        elif name == "teacher without second factor" and "teacher" in allowed:
            assert refused.value.args == ("second_factor_missing",)
        elif name == "restricted teacher" and "teacher" in allowed:
            assert refused.value.args == ("account_restricted",)
        assert await state_of(scene.town.db) == before, name
    for name in allowed:
        await act(scene, scene.people[name])
        break


@pytest.mark.parametrize("action", ["confirm", "remove", "reset", "code_rotate", "cards", "class_close"])
async def test_teacher_of_another_class_learns_nothing(scene: Scene, action: str) -> None:
    for name in ("other teacher", "teacher elsewhere", "stranger", "official elsewhere"):
        with pytest.raises(NotFound):
            await MATRIX[action][0](scene, scene.people[name])


@pytest.mark.parametrize("action", ["confirm", "remove", "reset"])
async def test_classmate_learns_nothing_of_anothers_seat(scene: Scene, action: str) -> None:
    classmate = await scene.town.join("Curious Fox")
    with pytest.raises(NotFound):
        await MATRIX[action][0](scene, await viewer_with(scene.town.db, classmate.session_token or ""))


async def test_role_revoked_or_expired_ends_at_once(scene: Scene) -> None:
    db, town = scene.town.db, scene.town
    substitute = await make_account(db, staff=True)
    async with db.reading() as conn:
        until = await conn.now() + timedelta(hours=8)
    handle = await handle_of(db, substitute)
    grant = await roles.grant_role(
        db, town.admin, SETTINGS, NewRole(handle, Role.TEACHER, ScopeKind.CLASS, town.school_class.id, until)
    )
    assert (await viewer_of(db, substitute)).has(Role.TEACHER, town.school_class.scope)
    with time_shifted(timedelta(hours=8)):
        assert not (await viewer_of(db, substitute)).grants
    await roles.revoke_role(db, town.admin, SETTINGS, grant.id)
    viewer = await viewer_of(db, substitute)
    assert not viewer.grants
    with pytest.raises(NotFound):
        await memberships.confirm_seats(db, viewer, [scene.pending])
