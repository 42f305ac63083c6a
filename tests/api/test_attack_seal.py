"""A teacher resets a student's passphrase and signs in with it: what they then see and can do as the student."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from backend.accounts.consent_rules import WORDING
from backend.core.database import Database
from graphql_api.node_ids import global_id
from tests.api.client import Api
from tests.places.town import Town, make_town, sign_in

SCHOOL = {"purpose": "PUBLISH", "audience": "SCHOOL"}
WORDS = "en hest paa taket"


@dataclass(slots=True)
class Reset:
    """A student with a seat and a consent, and the session of whoever signed in with the reset passphrase."""

    api: Api
    town: Town
    seat_id: str
    account_id: Any
    recovery_code: str
    handle: str
    sealed: str

    async def refused(self, name: str, **fields: Any) -> None:
        """The mutation does not act in the sealed session."""
        assert await self.api.refuse(name, as_=self.sealed, **fields) == ("Conflict", "sealed_after_reset"), name


async def make_reset(api: Api, db: Database) -> Reset:
    town = await make_town(db)
    code = await town.code()
    newcomer = {"pseudonym": "Blue Fox", "birthYear": 2010}
    joined = await api.do("ClassJoin", code=code, newcomer=newcomer)
    seat_id = joined["seat"]["id"]
    student, teacher = joined["sessionToken"], await sign_in(db, town.teacher.require_account())
    await api.do("MembershipConfirm", as_=teacher, seatIds=[seat_id])
    await api.do("ConsentAnswer", as_=student, wording=WORDING, items=[{**SCHOOL, "answer": "YES"}])
    card = (await api.do("PassphraseReset", as_=teacher, seatId=seat_id))["cards"][0]["card"]
    assert card["recoveryCode"] is None or card["recoveryCode"] == ""
    begun = await api.do("SessionStart", handle=card["handle"], passphrase=card["passphrase"])
    async with db.reading() as conn:
        account_id = await conn.fetch_value("select id from account where handle = $1", card["handle"])
    recovery = joined["card"]["recoveryCode"]
    return Reset(api, town, seat_id, account_id, recovery, card["handle"], begun["token"])


@pytest.fixture
def reset(api: Api, db: Database, runner: asyncio.Runner) -> Reset:
    return runner.run(make_reset(api, db))


async def test_sealed_session_reads_no_inbox_consent_session_or_notice(reset: Reset, db: Database) -> None:
    viewer = await reset.api.run("ViewerInbox", as_=reset.sealed)
    assert [edge["node"]["kind"] for edge in viewer["inbox"]["edges"]] == ["passphrase_reset"]
    consents = await reset.api.run("ViewerConsents", as_=reset.sealed)
    assert (consents["consents"], consents["consentStandings"]) == ([], [])
    own = await sign_in(db, reset.account_id)  # elsewhere, and sealed as well
    for token in (reset.sealed, own):
        assert len((await reset.api.run("ViewerSessions", as_=token))["sessions"]) == 1
    async with db.reading() as conn:
        rows = await conn.fetch("select id, kind from notice where account_id = $1", reset.account_id)
        sessions = await conn.fetch("select id from session where account_id = $1", reset.account_id)
    assert len(rows) >= 2
    assert len(sessions) >= 3
    ids = [global_id("Notice", row["id"]) for row in rows if row["kind"] != "passphrase_reset"]
    ids += [global_id("Session", row["id"]) for row in sessions]
    answer = await reset.api.send("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids}, as_=reset.sealed)
    assert sum(node is not None for node in answer["data"]["nodes"]) == 1  # the session itself


async def test_sealed_session_does_nothing_in_the_students_name(reset: Reset) -> None:
    await reset.refused("PseudonymChange", pseudonym="Red Hen")
    await reset.refused("EmailChange", email="teacher@example.org")
    await reset.refused("ProfileComplete", birthYear=1990, country="NO")
    await reset.refused("TotpEnroll")
    await reset.refused("TotpConfirm", code="123456")
    await reset.refused("ConsentWithdraw", items=[SCHOOL])
    await reset.refused("InboxMarkRead", upTo="2030-01-01T00:00:00Z")
    await reset.refused("MembershipLeave", seatId=reset.seat_id)
    await reset.refused("ClassJoin", code=await reset.town.code(reset.town.other_class.id))
    await reset.refused("AccountErase", publishedStatements="WITHDRAW")
    assert await reset.api.refuse("AccountExport", as_=reset.sealed) == ("Conflict", "sealed_after_reset")
    async with reset.town.db.reading() as conn:
        row = await conn.fetch_one("select pseudonym, birth_year, email from account where id = $1", reset.account_id)
    assert row is not None
    assert tuple(row) == ("Blue Fox", 2010, None)


async def test_erasure_is_not_taken_back_by_a_sealed_session(reset: Reset, db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            "update account set status = 'ERASURE_REQUESTED', erasure_requested_at = now() where id = $1",
            reset.account_id,
        )
    result = await reset.api.run("AccountEraseCancel", as_=reset.sealed)
    assert result["code"] == "sealed_after_reset"


async def test_student_with_the_own_recovery_code_is_not_sealed(reset: Reset) -> None:
    await reset.api.do("AccountRecover", handle=reset.handle, recoveryCode=reset.recovery_code, passphrase=WORDS)
    begun = await reset.api.do("SessionStart", handle=reset.handle, passphrase=WORDS)
    assert (await reset.api.run("Viewer", as_=begun["token"]))["sealedUntil"] is None
    assert len((await reset.api.run("ViewerInbox", as_=begun["token"]))["inbox"]["edges"]) >= 3
    assert (await reset.api.run("ViewerConsents", as_=begun["token"]))["consents"] != []


@pytest.mark.parametrize("after_reset", [False, True])
async def test_teacher_who_printed_the_recovery_code_lifts_no_seal_with_it(
    api: Api, db: Database, after_reset: bool
) -> None:
    town = await make_town(db)
    teacher = await sign_in(db, town.teacher.require_account())
    cards = await api.do(
        "LoginCardsCreate", as_=teacher, classId=global_id("SchoolClass", town.school_class.id), pseudonyms=["Blue Fox"]
    )
    [printed] = cards["cards"]
    card = printed["card"]
    student = (await api.do("SessionStart", handle=card["handle"], passphrase=card["passphrase"]))["token"]
    await api.do("PassphraseChange", as_=student, currentPassphrase=card["passphrase"], passphrase=WORDS)
    if after_reset:
        await api.do("PassphraseReset", as_=teacher, seatId=printed["seat"]["id"])
    stolen = await api.do("AccountRecover", handle=card["handle"], recoveryCode=card["recoveryCode"])
    begun = await api.do("SessionStart", handle=card["handle"], passphrase=stolen["passphrase"])
    assert (await api.run("Viewer", as_=begun["token"]))["sealedUntil"] is not None
    assert await api.refuse("AccountExport", as_=begun["token"]) == ("Conflict", "sealed_after_reset")


async def test_child_who_left_its_class_asks_no_guardian_by_mail(api: Api, db: Database) -> None:
    town = await make_town(db)
    newcomer = {"pseudonym": "Blue Fox", "birthYear": 2015}
    joined = await api.do("ClassJoin", code=await town.code(), newcomer=newcomer)
    child = joined["sessionToken"]
    await api.do("MembershipLeave", as_=child, seatId=joined["seat"]["id"])
    city = {"purpose": "PUBLISH", "audience": "CITY"}
    refused = await api.refuse("ConsentRequest", as_=child, items=[city], guardianEmail="blue.fox@example.org")
    assert refused == ("ValidationProblem", "guardian_by_school")
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from outgoing_mail") == 0
