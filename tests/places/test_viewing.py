"""From a token to the viewer: one statement, and nothing that does not hold now."""

from datetime import timedelta

import pytest

from backend.core.database import Connection, Database
from backend.core.viewer import Role
from backend.places.viewing import load_viewer
from tests.places.town import Town, sign_in, viewer_of, viewer_with


@pytest.mark.parametrize("token", [None, "", "wrong", "x" * 10_000, "a\x00b", "æøå"])
async def test_viewer_of_a_bad_token_is_nobody_with_the_wanted_language(db: Database, token: str | None) -> None:
    viewer = await load_viewer(
        db, token, address="192.0.2.1", request_id="r", accept_language="nn, en;q=0.5", reset_seal=timedelta(hours=24)
    )
    assert (viewer.account_id, viewer.locale, viewer.address) == (None, "nn", "192.0.2.1")


async def test_viewer_takes_one_statement_however_many_roles_and_seats(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await sign_in(town.db, town.teacher.require_account())
    statements: list[str] = []
    fetch_one_as = Connection.fetch_one_as

    async def counted(self: Connection, kind: type[object], sql: str, *args: object) -> object:
        statements.append(sql)
        return await fetch_one_as(self, kind, sql, *args)

    monkeypatch.setattr(Connection, "fetch_one_as", counted)
    assert (await viewer_with(town.db, token)).grants
    assert len(statements) == 1


async def test_viewer_without_second_factor_has_no_staff_role(town: Town) -> None:
    account_id = town.teacher.require_account()
    viewer = await viewer_of(town.db, account_id, second_factor=False)
    assert (viewer.grants, viewer.second_factor_missing) == ((), True)
    viewer = await viewer_of(town.db, account_id)
    assert ([grant.role for grant in viewer.grants], viewer.second_factor_missing) == ([Role.TEACHER], False)


async def test_viewer_of_an_erased_or_restricted_account(town: Town) -> None:
    joined = await town.join("Blue Fox")
    async with town.db.transaction() as tx:
        await tx.execute(
            "update account set restricted_until = now() + interval '1 day' where id = $1", joined.seat.account_id
        )
    assert (await viewer_with(town.db, joined.session_token or "")).is_restricted
    async with town.db.transaction() as tx:
        await tx.execute("update account set status = 'ERASED' where id = $1", joined.seat.account_id)
    assert (await viewer_with(town.db, joined.session_token or "")).account_id is None
