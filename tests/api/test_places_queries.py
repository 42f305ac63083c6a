"""Lists of places take the same number of statements however long they are."""

import asyncio

import pytest

from backend.core.database import Connection, Database
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.places.town import Town, make_class, make_town, sign_in

COUNTED = ("fetch", "fetch_one", "fetch_value", "fetch_as", "fetch_one_as", "execute")


@pytest.fixture
def town(db: Database, runner: asyncio.Runner) -> Town:
    return runner.run(make_town(db))


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that runs while the test does."""
    ran: list[str] = []

    def counting(name: str) -> None:
        original = getattr(Connection, name)

        async def counted(self: Connection, *args: object) -> object:
            ran.append(str(next(arg for arg in args if isinstance(arg, str))))
            return await original(self, *args)

        monkeypatch.setattr(Connection, name, counted)

    for name in COUNTED:
        counting(name)
    return ran


async def test_classes_of_a_school_take_as_many_statements_for_two_as_for_five(
    api: Api, db: Database, town: Town, statements: list[str]
) -> None:
    official = await sign_in(db, town.official.require_account())
    school_id = global_id("School", town.school.id)
    await api.run("SchoolClasses", as_=official, schoolId=school_id)
    statements.clear()
    assert len((await api.run("SchoolClasses", as_=official, schoolId=school_id))["edges"]) == 2
    for_two = len(statements)
    for name in ("8A", "8B", "8C"):
        await make_class(db, town.admin, town.school.id, name)
    statements.clear()
    assert len((await api.run("SchoolClasses", as_=official, schoolId=school_id))["edges"]) == 5
    assert len(statements) == for_two


async def test_own_seats_and_roster_take_as_many_statements_for_one_as_for_four(
    api: Api, db: Database, town: Town, statements: list[str]
) -> None:
    teacher = await sign_in(db, town.teacher.require_account())
    class_id = global_id("SchoolClass", town.school_class.id)
    document = (
        "query($c: ID!) { seats(classId: $c) { edges { node { id pseudonym schoolClass { school { name } } } } } }"
    )
    await town.join("Fox a")
    await api.send(document, {"c": class_id}, as_=teacher)
    statements.clear()
    assert len((await api.send(document, {"c": class_id}, as_=teacher))["data"]["seats"]["edges"]) == 1
    for_one = len(statements)
    for name in ("Fox b", "Fox c", "Fox d"):
        await town.join(name)
    statements.clear()
    assert len((await api.send(document, {"c": class_id}, as_=teacher))["data"]["seats"]["edges"]) == 4
    assert len(statements) == for_one
