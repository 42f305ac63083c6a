"""Leaving and staying: erasure after a day, taken back, copies of one's data, and what remains."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from backend.accounts import erasure, own_data, personal_data
from backend.accounts.people import Status
from backend.accounts.personal_data import PersonalDomain
from backend.accounts.sign_up import SignedUp
from backend.core import audit
from backend.core.clock import time_shifted
from backend.core.database import Connection, Transaction
from backend.core.errors import Conflict, RateLimited, Unauthenticated
from backend.core.ids import Id
from backend.notices import inbox
from tests.accounts.people import House, somebody, viewer_of

DAY = timedelta(hours=24)


class Diary:
    """A domain of the tests: what happened to whom."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def export(self, _conn: Connection, _account_id: Id) -> object:
        return {"lines": ["dear diary"]}

    async def erase(self, _tx: Transaction, _account_id: Id) -> None:
        self.lines.append("erase")

    async def leave(self, _tx: Transaction, _account_id: Id) -> None:
        self.lines.append("leave")

    async def come_back(self, _tx: Transaction, _account_id: Id) -> None:
        self.lines.append("come_back")


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Diary:
    """The registered domains: accounts, notices, a diary."""
    monkeypatch.setattr(personal_data, "_domains", {})
    kept = Diary()
    personal_data.register(own_data.PERSONAL)
    personal_data.register(PersonalDomain("notices", inbox.export, inbox.erase))
    personal_data.register(PersonalDomain("diary", kept.export, kept.erase, kept.leave, kept.come_back))
    return kept


async def leave(home: House, person: SignedUp, *, keep: bool = False) -> None:
    await erasure.request_erasure(home.db, home.settings, viewer_of(person), keep_statements=keep)


async def run_job(home: House, person: SignedUp) -> bool:
    return await erasure.handle_erase(home.db, home.settings, {"account": str(person.account.id)})


async def test_account_leaves_at_once_and_is_erased_after_a_day(home: House, diary: Diary) -> None:
    person = await home.sign_up()
    await leave(home, person)
    assert diary.lines == ["leave"]
    assert not await run_job(home, person)
    with time_shifted(DAY):
        assert await run_job(home, person)
        assert not await run_job(home, person)
    assert diary.lines == ["leave", "erase"]
    assert await home.session(person.session.token) is None
    row = await home.value("select to_jsonb(a) from account a")
    assert isinstance(row, dict)
    assert row["status"] == Status.ERASED
    left = {name for name, value in row.items() if value not in (None, [])}
    assert left == {"id", "status", "door", "locale", "created_at", "erased_at", "erasure_requested_at",
                    "erasure_keeps_statements"}  # fmt: skip
    for table in ("session", "known_address", "notice", "guardian_key", "email_verification", "totp"):
        assert await home.count(table) == 0, table


async def test_audit_of_an_erased_account_leads_to_nobody_and_still_holds(home: House, diary: Diary) -> None:
    person = await home.sign_up()
    await leave(home, person)
    with time_shifted(DAY):
        await run_job(home, person)
    assert await home.count("audit_key") == 0
    assert await home.count("audit_entry") > 2
    await audit.seal(home.db)
    assert await audit.verify(home.db) is None


async def test_handle_of_an_erased_account_is_free_again(home: House, diary: Diary) -> None:
    person = await home.sign_up()
    await leave(home, person)
    with time_shifted(DAY):
        await run_job(home, person)
        assert (await home.sign_up()).account.id != person.account.id


async def test_erasure_taken_back_does_not_happen(home: House, diary: Diary) -> None:
    person = await home.sign_up()
    await leave(home, person)
    await erasure.cancel_erasure(home.db, viewer_of(person))
    assert diary.lines == ["leave", "come_back"]
    with time_shifted(DAY):
        assert not await run_job(home, person)
    assert await home.session(person.session.token) is not None


async def test_second_request_after_a_change_of_mind_counts_anew(home: House, diary: Diary) -> None:
    person = await home.sign_up()
    await leave(home, person)
    await erasure.cancel_erasure(home.db, viewer_of(person))
    with time_shifted(timedelta(hours=20)):
        await leave(home, person)
    with time_shifted(DAY):
        assert not await run_job(home, person)
    with time_shifted(timedelta(hours=44)):
        assert await run_job(home, person)
    assert await home.value("select count(*) from pgqueuer where entrypoint = 'account.erase'") == 2


async def test_erasure_twice_at_the_same_time_happens_once(home: House, diary: Diary) -> None:
    person = await home.sign_up()
    results = await asyncio.gather(*(leave(home, person) for _ in range(3)), return_exceptions=True)
    assert results.count(None) == 1
    assert all(result is None or isinstance(result, Conflict) for result in results)
    assert diary.lines == ["leave"]


async def test_cancel_without_request_is_refused(home: House) -> None:
    with pytest.raises(Conflict, match="erasure_not_requested"):
        await erasure.cancel_erasure(home.db, viewer_of(await home.sign_up()))


async def test_copy_holds_every_domain_and_no_secret(home: House, diary: Diary) -> None:
    person = await home.sign_up()
    text = await erasure.export_data(home.db, home.settings, viewer_of(person))
    parts = msgspec.json.decode(text)
    assert set(parts) == {"accounts", "notices", "diary"}
    assert parts["accounts"]["account"]["handle"] == "mina"
    assert "argon2" not in text
    assert person.session.token not in text


async def test_copies_are_limited(home: House, diary: Diary) -> None:
    viewer = viewer_of(await home.sign_up())
    for _ in range(10):
        await erasure.export_data(home.db, home.settings, viewer)
    with pytest.raises(RateLimited):
        await erasure.export_data(home.db, home.settings, viewer)


async def test_leaving_by_nobody_is_unauthenticated(home: House) -> None:
    with pytest.raises(Unauthenticated):
        await erasure.request_erasure(home.db, home.settings, somebody(), keep_statements=False)
    with pytest.raises(Unauthenticated):
        await erasure.cancel_erasure(home.db, somebody())
    with pytest.raises(Unauthenticated):
        await erasure.export_data(home.db, home.settings, somebody())


async def test_tidying_removes_what_has_ended_and_keeps_what_lives(home: House) -> None:
    person = await home.sign_up()
    assert await own_data.tidy(home.db, home.settings) == 0
    with time_shifted(timedelta(days=29)):
        await home.session(person.session.token)
    with time_shifted(timedelta(days=59)):
        await own_data.tidy(home.db, home.settings)
        assert await home.count("session") == 1
    with time_shifted(timedelta(days=181 + 31)):
        await own_data.tidy(home.db, home.settings)
    assert await home.count("session") == 0
    assert await home.count("known_address") == 0
