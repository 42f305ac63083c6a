"""Joining by code: the pending seat, what it opens, repeats, refusals, guessing."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, RateLimited, ValidationFailed
from backend.core.viewer import ANONYMOUS
from backend.places import classes, joining, rules
from backend.places.joining import Newcomer
from backend.places.rules import SeatStatus
from tests.places.town import EVIL_TEXTS, SETTINGS, Town, make_account, make_town, viewer_of, viewer_with

KEY = "a-random-key-of-at-least-22-characters"


async def count(db: Database, table: str) -> int:
    async with db.reading() as conn:
        return int(await conn.fetch_value(f"select count(*) from {table}"))


async def test_join_new_student_gets_pending_seat_session_and_card(town: Town) -> None:
    joined = await town.join("Blue Fox")
    assert joined.seat.status is SeatStatus.PENDING
    assert joined.seat.pseudonym == "Blue Fox"
    assert joined.card is not None
    assert len(joined.card.passphrase.split("-")) == 4
    assert joined.session_token is not None
    viewer = await viewer_with(town.db, joined.session_token)
    assert viewer.account_id == joined.seat.account_id
    assert [seat.confirmed for seat in viewer.seats] == [False]
    assert not viewer.confirmed_in(town.school_class.id)


async def test_join_code_however_typed_is_read(town: Town) -> None:
    code = await town.code()
    typed = f" {code[:4].lower()}-{code[4:].lower()}\u200b"
    joined = await joining.join_class(town.db, ANONYMOUS, SETTINGS, code=typed, newcomer=Newcomer("Blue Fox", 2010))
    assert joined.school_class.id == town.school_class.id


async def test_join_repeated_key_gives_the_same_account_and_secrets(town: Town) -> None:
    first = await town.join("Blue Fox", client_key=KEY)
    again = await town.join("Blue Fox", client_key=KEY)
    assert (again.seat, again.card, again.session_token) == (first.seat, first.card, first.session_token)


async def test_join_repeated_key_at_the_same_time_makes_one_account(town: Town) -> None:
    before = await count(town.db, "account")
    results = await asyncio.gather(*(town.join("Blue Fox", client_key=KEY) for _ in range(5)))
    assert len({(one.seat.id, one.session_token, str(one.card)) for one in results}) == 1
    assert await count(town.db, "account") == before + 1


async def test_join_repeated_key_after_the_code_was_rotated_gives_first_result(town: Town) -> None:
    code = await town.code()
    first = await town.join("Blue Fox", client_key=KEY)
    await classes.rotate_code(town.db, town.teacher, SETTINGS, class_id=town.school_class.id)
    again = await joining.join_class(
        town.db, ANONYMOUS, SETTINGS, code=code, newcomer=Newcomer("Blue Fox", 2010), client_key=KEY
    )
    assert again.session_token == first.session_token


async def test_join_without_key_gives_different_secrets_each_time(town: Town) -> None:
    one, two = await town.join("Blue Fox"), await town.join("Red Fox")
    assert one.card is not None
    assert two.card is not None
    assert one.card.passphrase != two.card.passphrase
    assert one.session_token != two.session_token


@pytest.mark.parametrize("taken", ["blue fox", "Вlue Fох", "B1ue Fox", "BLUEFOX"])
async def test_join_pseudonym_that_looks_taken_is_refused(town: Town, taken: str) -> None:
    await town.join("Blue Fox")
    before = await count(town.db, "account")
    with pytest.raises(DomainError) as refused:
        await town.join(taken)
    assert refused.value.code in ("pseudonym_taken", "pseudonym_mixed_scripts")
    assert await count(town.db, "account") == before


async def test_join_same_pseudonym_at_the_same_time_lets_one_in(town: Town) -> None:
    results = await asyncio.gather(*(town.join("Blue Fox") for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in results) == 1
    assert {one.code for one in results if isinstance(one, DomainError)} == {"pseudonym_taken"}


async def test_join_same_pseudonym_in_another_class_is_allowed(town: Town) -> None:
    await town.join("Blue Fox")
    other = await town.join("Blue Fox", class_id=town.other_class.id)
    assert other.seat.class_id == town.other_class.id


@pytest.mark.parametrize("text", [*EVIL_TEXTS, "anna@example.org", "12345678", "teacher"])
async def test_join_bad_pseudonym_is_refused(town: Town, text: str) -> None:
    before = await count(town.db, "account")
    with pytest.raises(ValidationFailed):
        await town.join(text)
    assert await count(town.db, "account") == before


@pytest.mark.parametrize("year", [1800, 2025, 99999])
async def test_join_impossible_birth_year_is_refused(town: Town, year: int) -> None:
    with pytest.raises(ValidationFailed, match="birth_year"):
        await joining.join_class(
            town.db, ANONYMOUS, SETTINGS, code=await town.code(), newcomer=Newcomer("Blue Fox", year)
        )


async def test_join_nobody_without_newcomer_is_refused(town: Town) -> None:
    with pytest.raises(ValidationFailed, match="newcomer_missing"):
        await joining.join_class(town.db, ANONYMOUS, SETTINGS, code=await town.code(), newcomer=None)


@pytest.mark.parametrize("code", ["", "AAAAAAAA", "0OIL1SBZ", "x" * 100_000, "ACDE\x00FGH", "\ud800" * 8, "ＡＣＤＥ"])
async def test_join_wrong_code_gets_the_one_answer(town: Town, code: str) -> None:
    with pytest.raises(NotFound, match="class_code_unknown"):
        await joining.join_class(town.db, ANONYMOUS, SETTINGS, code=code, newcomer=Newcomer("Blue Fox", 2010))


async def test_join_expired_revoked_and_closed_get_the_same_answer_as_wrong(town: Town) -> None:
    old = await town.code()
    await classes.rotate_code(town.db, town.teacher, SETTINGS, class_id=town.school_class.id)
    current = await town.code()
    async with town.db.transaction() as tx:
        await tx.execute("update school_class set closed_at = now() where id = $1", town.other_class.id)
    closed = await town.code(town.other_class.id)
    for code, later in ((old, timedelta()), (current, timedelta(days=14, seconds=1)), (closed, timedelta())):
        with time_shifted(later), pytest.raises(NotFound) as refused:
            await joining.join_class(town.db, ANONYMOUS, SETTINGS, code=code, newcomer=Newcomer("Blue Fox", 2010))
        assert (refused.value.code, refused.value.params) == ("class_code_unknown", {})


async def test_join_guessing_by_the_thousand_is_rate_limited_even_with_the_right_code(town: Town) -> None:
    guesser = replace(ANONYMOUS, address="198.51.100.7")
    limited = 0
    for number in range(200):
        with pytest.raises((NotFound, RateLimited)) as refused:
            await joining.join_class(
                town.db, guesser, SETTINGS, code=rules.make_code(), newcomer=Newcomer(f"Fox {number}", 2010)
            )
        limited += isinstance(refused.value, RateLimited)
    assert limited >= 130
    with pytest.raises(RateLimited):
        await joining.join_class(
            town.db, guesser, SETTINGS, code=await town.code(), newcomer=Newcomer("Blue Fox", 2010)
        )
    elsewhere = replace(ANONYMOUS, address="203.0.113.5")
    assert await joining.join_class(
        town.db, elsewhere, SETTINGS, code=await town.code(), newcomer=Newcomer("Blue Fox", 2010)
    )


async def test_join_guessing_in_parallel_is_rate_limited(town: Town) -> None:
    guesser = replace(ANONYMOUS, address="198.51.100.8")
    results = await asyncio.gather(
        *(
            joining.join_class(town.db, guesser, SETTINGS, code=rules.make_code(), newcomer=Newcomer("Blue Fox", 2010))
            for _ in range(150)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, NotFound) for one in results) <= joining.WRONG_CODES.burst + 2
    assert any(isinstance(one, RateLimited) for one in results)


async def test_join_signed_in_takes_a_seat_for_the_account_once(town: Town) -> None:
    viewer = await viewer_of(town.db, await make_account(town.db, pseudonym="Red Fox"))
    code = await town.code()
    joined = await joining.join_class(town.db, viewer, SETTINGS, code=code, newcomer=None)
    assert (joined.seat.account_id, joined.card, joined.session_token) == (viewer.account_id, None, None)
    with pytest.raises(Conflict, match="seat_exists") as refused:
        await joining.join_class(town.db, viewer, SETTINGS, code=code, newcomer=None)
    assert refused.value.state == "PENDING"


async def test_join_signed_in_twice_at_once_takes_one_seat(town: Town) -> None:
    viewer = await viewer_of(town.db, await make_account(town.db, pseudonym="Red Fox"))
    code = await town.code()
    results = await asyncio.gather(
        *(joining.join_class(town.db, viewer, SETTINGS, code=code, newcomer=None) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in results) == 1
    assert await count(town.db, "seat") == 1


@pytest.mark.parametrize("who", ["teacher", "admin", "official", "secretariat"])
async def test_join_staff_over_the_class_is_refused(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed, match="staff_seat"):
        await joining.join_class(town.db, getattr(town, who), SETTINGS, code=await town.code(), newcomer=None)
    assert await count(town.db, "seat") == 0


async def test_join_leaked_code_cannot_fill_the_table(db: Database) -> None:
    town = await make_town(db)
    settings = replace(SETTINGS, class_capacity=3)
    small = await classes.create_class(
        db, town.admin, settings, school_id=town.school.id, name="9C", school_year="2026/27", declared_enrolment=3
    )
    results = await asyncio.gather(
        *(town.join(f"Fox number {'abcdef'[n]}", class_id=small.id) for n in range(6)), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in results) == 3
    assert {one.code for one in results if isinstance(one, DomainError)} == {"class_waiting_full"}
