"""Log-in cards, resets by the teacher, carrying an account over: who gets in with what, and who must not."""

import asyncio
from datetime import timedelta

import pytest

from backend.accounts.accounts import Card
from backend.accounts.passphrases import hasher_for
from backend.accounts.people import SessionKind
from backend.accounts.profile import change_pseudonym
from backend.accounts.sign_in import SignIn, sign_in
from backend.core.clock import time_shifted
from backend.core.database import Database
from backend.core.errors import Closed, Conflict, DomainError, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import Id
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.places import cards, carry_over, closing, joining, memberships, resets, seat_store
from backend.places.carry_over import CarryOver
from backend.places.pseudonyms import name_guard
from backend.places.rules import RemovalReason, SeatStatus
from tests.places.test_joining import count
from tests.places.town import EVIL_TEXTS, SETTINGS, Town, give, make_account, make_town, viewer_of, viewer_with

KEY = "a-random-key-of-at-least-22-characters"
HASHER = hasher_for(SETTINGS.accounts.hash_cost)


async def sign_in_with(db: Database, handle: str, passphrase: str) -> Viewer:
    started = await sign_in(
        db, SETTINGS.accounts, HASHER, ANONYMOUS, SignIn(handle, passphrase, kind=SessionKind.PERSONAL)
    )
    return await viewer_with(db, started.token)


async def test_cards_open_pending_seats(town: Town) -> None:
    batch = await cards.create_cards(town.db, town.teacher, SETTINGS, class_id=town.school_class.id, count=3)
    assert len({one.card.handle for one in batch.cards}) == 3
    for one in batch.cards:
        viewer = await sign_in_with(town.db, one.card.handle, one.card.passphrase)
        assert [(seat.seat_id, seat.confirmed) for seat in viewer.seats] == [(one.seat.id, False)]


async def test_card_that_nobody_used_cannot_be_confirmed(town: Town) -> None:
    batch = await cards.create_cards(town.db, town.teacher, SETTINGS, class_id=town.school_class.id, count=1)
    with pytest.raises(Conflict, match="seat_without_name"):
        await town.confirm(batch.cards[0].seat.id)
    card = batch.cards[0].card
    student = await sign_in_with(town.db, card.handle, card.passphrase)
    await change_pseudonym(town.db, SETTINGS.accounts, student, "Blå Rev", guard=name_guard(student))
    assert [seat.pseudonym for seat in await town.confirm(batch.cards[0].seat.id)] == ["Blå Rev"]


async def test_pseudonym_of_a_classmate_cannot_be_taken_later(town: Town) -> None:
    await town.join("Blue Fox")
    batch = await cards.create_cards(town.db, town.teacher, SETTINGS, class_id=town.school_class.id, count=2)
    students = [await sign_in_with(town.db, one.card.handle, one.card.passphrase) for one in batch.cards]
    with pytest.raises(Conflict, match="pseudonym_taken"):
        await change_pseudonym(town.db, SETTINGS.accounts, students[0], "blue fox", guard=name_guard(students[0]))
    results = await asyncio.gather(
        *(change_pseudonym(town.db, SETTINGS.accounts, one, "Red Fox", guard=name_guard(one)) for one in students),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in results) == 1


async def test_cards_typed_as_read_from_paper_open(town: Town) -> None:
    batch = await cards.create_cards(
        town.db, town.teacher, SETTINGS, class_id=town.school_class.id, pseudonyms=["Blå Rev"]
    )
    card = batch.cards[0].card
    assert (await sign_in_with(town.db, card.handle.upper(), card.passphrase.replace("-", " ").title())).seats


async def test_cards_same_key_gives_same_cards_also_at_the_same_time(town: Town) -> None:
    results = await asyncio.gather(
        *(
            cards.create_cards(town.db, town.teacher, SETTINGS, class_id=town.school_class.id, count=3, client_key=KEY)
            for _ in range(3)
        )
    )
    assert len({tuple(one.card for one in batch.cards) for batch in results}) == 1
    assert await count(town.db, "seat") == 3


async def test_cards_without_key_differ(town: Town) -> None:
    one = await cards.create_cards(town.db, town.teacher, SETTINGS, class_id=town.school_class.id, count=1)
    two = await cards.create_cards(town.db, town.teacher, SETTINGS, class_id=town.school_class.id, count=1)
    assert one.cards[0].card.passphrase != two.cards[0].card.passphrase


async def test_cards_within_the_enrolment_beside_live_seats(db: Database) -> None:
    town = await make_town(db, enrolment=4)
    await town.join("Blue Fox")
    with pytest.raises(Conflict, match="enrolment_reached"):
        await cards.create_cards(db, town.teacher, SETTINGS, class_id=town.school_class.id, count=4)
    assert await count(db, "seat") == 1
    assert await cards.create_cards(db, town.teacher, SETTINGS, class_id=town.school_class.id, count=3)


async def test_cards_two_prints_at_once_never_overfill(db: Database) -> None:
    town = await make_town(db, enrolment=4)
    results = await asyncio.gather(
        *(cards.create_cards(db, town.teacher, SETTINGS, class_id=town.school_class.id, count=3) for _ in range(3)),
        return_exceptions=True,
    )
    assert {one.code for one in results if isinstance(one, DomainError)} == {"enrolment_reached"}
    assert await count(db, "seat") == 3


@pytest.mark.parametrize(
    ("amount", "names"),
    [(None, None), (1, ["Blue Fox"]), (0, None), (-1, None), (101, None), (None, []), (10**9, None)],
)
async def test_cards_bad_numbers_are_refused(town: Town, amount: int | None, names: list[str] | None) -> None:
    with pytest.raises(ValidationFailed, match="card_count"):
        await cards.create_cards(
            town.db, town.teacher, SETTINGS, class_id=town.school_class.id, count=amount, pseudonyms=names
        )


@pytest.mark.parametrize("name", EVIL_TEXTS)
async def test_cards_bad_pseudonym_makes_none(town: Town, name: str) -> None:
    before = await count(town.db, "account")
    with pytest.raises(ValidationFailed):
        await cards.create_cards(
            town.db, town.teacher, SETTINGS, class_id=town.school_class.id, pseudonyms=["Blue Fox", name]
        )
    assert await count(town.db, "account") == before


@pytest.mark.parametrize("names", [["Blue Fox", "BLUE FOX"], ["Taken Fox"]])
async def test_cards_pseudonyms_that_look_alike_make_none(town: Town, names: list[str]) -> None:
    await town.join("Taken Fox")
    with pytest.raises(Conflict, match="pseudonym_taken"):
        await cards.create_cards(town.db, town.teacher, SETTINGS, class_id=town.school_class.id, pseudonyms=names)


async def test_cards_for_a_closed_class_are_refused(town: Town) -> None:
    await closing.close_class(town.db, town.teacher, SETTINGS, class_id=town.school_class.id)
    with pytest.raises(Closed, match="class_closed"):
        await cards.create_cards(town.db, town.teacher, SETTINGS, class_id=town.school_class.id, count=1)


async def joined_student(town: Town, name: str = "Blue Fox") -> tuple[joining.Joined, Card, Viewer]:
    joined = await town.join(name)
    await town.confirm(joined.seat.id)
    assert joined.card is not None
    return joined, joined.card, await viewer_with(town.db, joined.session_token or "")


async def test_reset_gives_new_words_ends_sessions_and_tells_the_student(town: Town) -> None:
    joined, card, _ = await joined_student(town)
    batch = await resets.reset_passphrase(town.db, town.teacher, SETTINGS, seat_id=joined.seat.id)
    fresh = batch.cards[0].card
    assert (fresh.handle, fresh.recovery_code) == (card.handle, "")
    assert (await viewer_with(town.db, joined.session_token or "")).account_id is None
    with pytest.raises(NotAllowed, match="sign_in_failed"):
        await sign_in_with(town.db, card.handle, card.passphrase)
    assert (await sign_in_with(town.db, card.handle, fresh.passphrase)).account_id == joined.seat.account_id
    async with town.db.reading() as conn:
        kinds = await conn.fetch("select kind from notice where account_id = $1", joined.seat.account_id)
    assert "passphrase_reset" in {row["kind"] for row in kinds}


async def test_reset_seals_whoever_signs_in_with_it(town: Town) -> None:
    joined, _, _ = await joined_student(town)
    batch = await resets.reset_passphrase(town.db, town.teacher, SETTINGS, seat_id=joined.seat.id)
    teacher_as_student = await sign_in_with(town.db, batch.cards[0].card.handle, batch.cards[0].card.passphrase)
    assert teacher_as_student.is_sealed
    with pytest.raises(Conflict, match="sealed_after_reset"):
        await carry_over.carry_over(
            town.db, teacher_as_student, SETTINGS,
            CarryOver(batch.cards[0].card.passphrase, "stolen-account", seat_id=joined.seat.id),
        )  # fmt: skip
    with time_shifted(timedelta(hours=25)):
        later = await sign_in_with(town.db, batch.cards[0].card.handle, batch.cards[0].card.passphrase)
        assert not later.is_sealed


async def test_reset_same_key_gives_same_words_and_resets_once(town: Town) -> None:
    joined, _, _ = await joined_student(town)
    words = set()
    for _ in range(2):
        batch = await resets.reset_passphrase(town.db, town.teacher, SETTINGS, seat_id=joined.seat.id, client_key=KEY)
        words.add(batch.cards[0].card.passphrase)
    assert len(words) == 1
    async with town.db.reading() as conn:
        told = await conn.fetch_value("select count(*) from notice where kind = 'passphrase_reset'")
    assert told == 1


async def test_reset_of_an_account_with_a_verified_address_or_an_ended_seat_is_refused(town: Town) -> None:
    joined, _, _ = await joined_student(town)
    await set_email(town, joined.seat.account_id, "a@b.no")
    with pytest.raises(NotAllowed, match="reset_own_account"):
        await resets.reset_passphrase(town.db, town.teacher, SETTINGS, seat_id=joined.seat.id)
    await set_email(town, joined.seat.account_id, None)
    await memberships.remove_seat(town.db, town.teacher, seat_id=joined.seat.id, reason=RemovalReason.MOVED)
    with pytest.raises(Conflict, match="seat_ended"):
        await resets.reset_passphrase(town.db, town.teacher, SETTINGS, seat_id=joined.seat.id)


async def test_reset_of_somebody_with_a_role_is_refused(town: Town) -> None:
    joined, _, _ = await joined_student(town)
    account = joined.seat.account_id
    await set_email(town, account, "a@b.no")
    await give(town.db, town.secretariat, account, Role.MODERATOR, ScopeKind.CITY, town.city.id)
    await set_email(town, account, None)
    with pytest.raises(NotAllowed, match="reset_own_account"):
        await resets.reset_passphrase(town.db, town.teacher, SETTINGS, seat_id=joined.seat.id)


async def test_reset_of_an_account_that_no_class_made_is_refused(town: Town) -> None:
    own = await viewer_of(town.db, await make_account(town.db, pseudonym="Red Fox"))
    brought = (await joining.join_class(town.db, own, SETTINGS, code=await town.code(), newcomer=None)).seat
    joined, card, viewer = await joined_student(town)
    await carry_over.carry_over(town.db, viewer, SETTINGS, CarryOver(card.passphrase, "my-own-handle"))
    for seat in (brought, joined.seat):
        with pytest.raises(NotAllowed, match="reset_own_account"):
            await resets.reset_passphrase(town.db, town.teacher, SETTINGS, seat_id=seat.id)
    assert (await viewer_with(town.db, joined.session_token or "")).handle == "my-own-handle"  # no session ended


async def test_carry_over_twice_at_once_tells_only_one_how_to_get_in(town: Town) -> None:
    _, card, viewer = await joined_student(town)
    wishes = [CarryOver(card.passphrase, handle) for handle in ("first-handle", "second-handle", "third-handle")]
    results = await asyncio.gather(
        *(carry_over.carry_over(town.db, viewer, SETTINGS, wish) for wish in wishes), return_exceptions=True
    )
    carried = [one for one in results if isinstance(one, carry_over.CarriedOver)]
    refused = {one.code for one in results if isinstance(one, DomainError)}
    assert len(carried) == 1
    assert refused <= {"passphrase_changed_meanwhile", "passphrase_wrong"}
    mine = await sign_in_with(town.db, carried[0].handle, carried[0].passphrase or "")
    assert mine.account_id == viewer.account_id


async def set_email(town: Town, account_id: Id, email: str | None) -> None:
    async with town.db.transaction() as tx:
        await tx.execute(
            "update account set email = $2, email_verified_at = case when $2::text is null then null else now() end"
            " where id = $1",
            account_id, email,
        )  # fmt: skip


async def test_carry_over_makes_the_account_its_owners_alone(town: Town) -> None:
    joined, card, viewer = await joined_student(town)
    carried = await carry_over.carry_over(
        town.db, viewer, SETTINGS, CarryOver(card.passphrase, "my-own-handle", seat_id=joined.seat.id)
    )
    assert carried.passphrase is not None
    assert carried.recovery_code != card.recovery_code
    mine = await sign_in_with(town.db, "my-own-handle", carried.passphrase)
    assert (mine.account_id, mine.seats) == (viewer.account_id, ())
    with pytest.raises(NotAllowed, match="sign_in_failed"):
        await sign_in_with(town.db, card.handle, card.passphrase)
    async with town.db.reading() as conn:
        seat = (await seat_store.get_seats(conn, [joined.seat.id])).get(joined.seat.id)
        assert await conn.fetch_value("select door from account where id = $1", viewer.account_id) == "OWN"
    assert seat is not None
    assert seat.status is SeatStatus.LEFT


async def test_carry_over_repeated_key_gives_the_same(town: Town) -> None:
    joined, card, viewer = await joined_student(town)
    wish = CarryOver(card.passphrase, "my-own-handle", seat_id=joined.seat.id, client_key=KEY)
    first = await carry_over.carry_over(town.db, viewer, SETTINGS, wish)
    again_as = await viewer_with(town.db, joined.session_token or "")
    assert await carry_over.carry_over(town.db, again_as, SETTINGS, wish) == first
    assert first.passphrase is not None
    assert (await sign_in_with(town.db, "my-own-handle", first.passphrase)).account_id == viewer.account_id


async def test_carry_over_wrong_passphrase_changes_nothing(town: Town) -> None:
    joined, card, viewer = await joined_student(town)
    with pytest.raises(NotAllowed, match="passphrase_wrong"):
        await carry_over.carry_over(
            town.db, viewer, SETTINGS, CarryOver("wrong-wrong-wrong-wrong", "my-own", client_key=KEY)
        )
    assert (await sign_in_with(town.db, card.handle, card.passphrase)).confirmed_in(joined.seat.class_id)


async def test_carry_over_taken_handle_changes_nothing(town: Town) -> None:
    joined, card, viewer = await joined_student(town)
    await make_account(town.db, "my-own-handle")
    with pytest.raises(Conflict, match="handle_taken"):
        await carry_over.carry_over(
            town.db, viewer, SETTINGS, CarryOver(card.passphrase, "My-Own-Handle", seat_id=joined.seat.id)
        )
    assert (await sign_in_with(town.db, card.handle, card.passphrase)).confirmed_in(joined.seat.class_id)


async def test_carry_over_anothers_or_ended_seat_is_refused(town: Town) -> None:
    joined, card, viewer = await joined_student(town)
    other, _, _ = await joined_student(town, "Red Fox")
    with pytest.raises(NotFound):
        await carry_over.carry_over(
            town.db, viewer, SETTINGS, CarryOver(card.passphrase, "my-own", seat_id=other.seat.id)
        )
    await memberships.leave_class(town.db, viewer, seat_id=joined.seat.id)
    with pytest.raises(Conflict, match="seat_ended"):
        await carry_over.carry_over(
            town.db, viewer, SETTINGS, CarryOver(card.passphrase, "my-own", seat_id=joined.seat.id)
        )
    assert (await carry_over.carry_over(town.db, viewer, SETTINGS, CarryOver(card.passphrase, "my-own"))).passphrase
