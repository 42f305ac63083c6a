"""Voices of other classes: dealt once, marked once, while the round is judged, and nothing told of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.errors import Closed, Conflict, DomainError, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.rounds import dealing
from backend.rounds.dealing import Dealing, DealtHand
from backend.rounds.rules import RoundState
from backend.rounds.store import standings as store
from tests.campaigns.stage import together
from tests.places.town import give
from tests.rounds.arena import DAY, Arena


async def deal(arena: Arena, voter: Viewer) -> DealtHand:
    await Dealing().deal(arena.db, voter, arena.round_id)
    return await hand_of(arena, voter)


async def hand_of(arena: Arena, voter: Viewer) -> DealtHand:
    found = await dealing.my_hand(arena.db, voter, arena.round_id)
    assert found is not None
    return found


def ids(hand: DealtHand, count: int | None = None) -> list[Id]:
    return [card.id for card in hand.cards][:count]


async def mark(arena: Arena, voter: Viewer, card_ids: list[Id]) -> None:
    await dealing.mark_entries(arena.db, voter, arena.round_id, card_ids)


async def classes(arena: Arena, count: int, *, size: int = 10, speaking: int = 6) -> list[list[Id]]:
    """So many competing classes: the accounts of each."""
    return [(await arena.competing_class(f"{n}A", size=size, speaking=speaking))[1] for n in range(count)]


async def of_own_class(arena: Arena, hand: DealtHand, account_id: Id) -> int:
    found: int = await arena.value(
        "select count(*) from entry e join contender c on c.id = e.contender_id join seat t on t.account_id = $2"
        " and t.class_id = any(c.class_ids) where e.id = any($1)", ids(hand), account_id,
    )  # fmt: skip
    return found


@pytest.mark.parametrize("count", [2, 3, 8])
async def test_voters_are_dealt_six_of_other_classes(arena: Arena, count: int) -> None:
    people = await classes(arena, count)
    await arena.draw()
    dealer = Dealing()
    with arena.judging():
        voters = [Viewer(one) for group in zip(*people, strict=True) for one in group]
        await asyncio.gather(*(dealer.deal(arena.db, one, arena.round_id) for one in voters))
        for voter in voters[::7]:
            hand = await hand_of(arena, voter)
            assert (len(hand.cards), hand.marked, hand.most_marks) == (6, None, 3)
            assert await of_own_class(arena, hand, voter.require_account()) == 0
    dealt = await arena.value("select dealt from voice_deck")
    assert max(dealt) - min(dealt) <= 2
    assert sum(dealt) == 6 * len(voters)


async def test_hand_stays_the_same_also_when_asked_for_at_once(arena: Arena) -> None:
    people = await classes(arena, 3)
    await arena.draw()
    voter, dealer = await arena.viewer(people[0][0]), Dealing()
    with arena.judging():
        assert await dealing.my_hand(arena.db, voter, arena.round_id) is None
        dealers = [dealer, dealer, Dealing(), Dealing()]  # of two further processes
        _, failed = await together(*(one.deal(arena.db, voter, arena.round_id) for one in dealers))
        assert failed == []
        first = await hand_of(arena, voter)
        assert ids(await deal(arena, voter)) == ids(first)
    assert await arena.value("select count(*) from hand") == 1
    assert await arena.value("select (select sum(d) from unnest(dealt) d) from voice_deck") == 6


async def test_lot_is_drawn_by_the_first_who_wants_a_hand(arena: Arena) -> None:
    people = await classes(arena, 2)
    with arena.judging():
        assert len((await deal(arena, await arena.viewer(people[0][0]))).cards) == 6
    assert (await arena.round()).drawn_at is not None


async def test_marks_are_counted_once(arena: Arena) -> None:
    people = await classes(arena, 2)
    await arena.draw()
    voter = await arena.viewer(people[0][0])
    with arena.judging():
        hand = await deal(arena, voter)
        chosen = ids(hand, 2)
        await mark(arena, voter, [*chosen, chosen[0]])
        await mark(arena, voter, chosen[::-1])  # the answer was lost on the way
        for other in ([], chosen[:1], ids(hand)[2:5]):
            with pytest.raises(Conflict) as refused:
                await mark(arena, voter, other)
            assert refused.value.code == "already_marked"
        assert (await hand_of(arena, voter)).marked == frozenset(chosen)
        async with arena.db.reading() as conn:
            [voices] = await store.voices(conn, arena.round_id)
    assert (voices.marks, voices.dealt_sixths) == (2, 6 * 4)
    for table in ("audit_entry", "notice"):
        assert await arena.value(f"select count(*) from {table} where subject_kind in ('hand', 'entry', 'card')") == 0


async def test_marks_at_the_same_time_leave_one_answer(arena: Arena) -> None:
    people = await classes(arena, 2)
    await arena.draw()
    voter = await arena.viewer(people[0][0])
    with arena.judging():
        cards = ids(await deal(arena, voter))
        done, failed = await together(*(mark(arena, voter, [one]) for one in cards))
    assert (len(done), len(failed)) == (1, 5)
    assert await arena.value("select cardinality(marked) from hand") == 1


async def test_marking_nothing_is_an_answer(arena: Arena) -> None:
    people = await classes(arena, 2)
    await arena.draw()
    voter = await arena.viewer(people[0][0])
    with arena.judging():
        await deal(arena, voter)
        await mark(arena, voter, [])
        assert (await hand_of(arena, voter)).marked == frozenset()
        async with arena.db.reading() as conn:
            assert await store.voices(conn, arena.round_id) == []


async def test_wrong_marks_are_refused_and_change_nothing(arena: Arena) -> None:
    people = await classes(arena, 3)
    await arena.draw()
    voter, other = await arena.viewer(people[0][0]), await arena.viewer(people[1][0])
    with arena.judging():
        with pytest.raises(NotFound):
            await mark(arena, voter, [])
        hand, theirs = await deal(arena, voter), await deal(arena, other)
        foreign = next(one for one in ids(theirs) if one not in ids(hand))
        with pytest.raises(ValidationFailed) as refused:
            await mark(arena, voter, ids(hand, 4))
        assert (refused.value.code, refused.value.params["max"]) == ("too_many_marks", 3)
        for card in (foreign, new_id()):
            with pytest.raises(NotFound):
                await mark(arena, voter, [card])
        assert (await hand_of(arena, voter)).marked is None


async def test_small_hand_has_fewer_marks(arena: Arena) -> None:
    await arena.competing_class("8A", speaking=3)
    _, people, _ = await arena.competing_class("8B")
    await arena.draw()
    with arena.judging():
        hand = await deal(arena, await arena.viewer(people[0]))
    assert (len(hand.cards), hand.most_marks) == (3, 1)


@pytest.mark.parametrize("change", ["visibility = 'HIDDEN'", "author_left_at = now()"])
async def test_card_that_nobody_can_read_any_more_is_gone_from_the_hand(arena: Arena, change: str) -> None:
    people = await classes(arena, 2)
    await arena.draw()
    voter = await arena.viewer(people[0][0])
    with arena.judging():
        gone = ids(await deal(arena, voter))[0]
        async with arena.db.transaction() as tx:
            await tx.execute(
                f"update statement set {change} where id = (select statement_id from entry where id = $1)", gone
            )
        assert gone not in ids(await hand_of(arena, voter))
        with pytest.raises(NotFound):
            await mark(arena, voter, [gone])


async def test_marks_that_were_taken_can_be_sent_again_when_a_card_is_gone(arena: Arena) -> None:
    people = await classes(arena, 2)
    await arena.draw()
    voter = await arena.viewer(people[0][0])
    with arena.judging():
        chosen = ids(await deal(arena, voter), 2)
        await mark(arena, voter, chosen)
        async with arena.db.transaction() as tx:
            await tx.execute("update statement set visibility = 'HIDDEN'")
        await mark(arena, voter, chosen)
        with pytest.raises(Conflict):
            await mark(arena, voter, chosen[:1])


async def test_class_that_is_alone_has_nothing_to_mark(arena: Arena) -> None:
    [people] = await classes(arena, 1)
    await arena.draw()
    with arena.judging(), pytest.raises(Conflict) as refused:
        await deal(arena, await arena.viewer(people[0]))
    assert refused.value.code == "no_cards"
    assert await arena.value("select count(*) from hand") == 0


async def test_only_who_sat_in_a_class_at_the_opening_has_a_voice(arena: Arena) -> None:
    people = await classes(arena, 2)
    late = await arena.crowd(await arena.value("select class_id from seat where account_id = $1", people[0][0]), 1,
                             before=-DAY)  # fmt: skip
    await arena.draw()
    with arena.judging():
        for who in (await arena.viewer(late[0]), arena.stage.teacher, await arena.editor(), await arena.juror()):
            with pytest.raises(NotAllowed) as refused:
                await deal(arena, who)
            assert refused.value.code == "no_seat_at_opening"
        with pytest.raises(Unauthenticated):
            await deal(arena, ANONYMOUS)
        with pytest.raises(NotFound):
            await Dealing().deal(arena.db, await arena.viewer(people[0][0]), new_id())


async def test_student_who_moved_is_dealt_neither_class(arena: Arena) -> None:
    people = await classes(arena, 3)
    new_class = await arena.value("select class_id from seat where account_id = $1", people[1][0])
    async with arena.db.transaction() as tx:
        await tx.execute(
            "insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)"
            " values (gen_random_uuid(), $1, $2, 'CONFIRMED', $3, $3)", new_class, people[0][0], arena.opens_at + DAY,
        )  # fmt: skip
    await arena.draw()
    with arena.judging():
        hand = await deal(arena, await arena.viewer(people[0][0]))
    assert await of_own_class(arena, hand, people[0][0]) == 0
    assert len(hand.cards) == 6


async def test_student_who_helps_in_another_class_is_not_dealt_it(arena: Arena) -> None:
    """Somebody grown up may sit in one class and teach in another."""
    people = await classes(arena, 3)
    taught = await arena.value("select class_id from seat where account_id = $1", people[1][0])
    async with arena.db.transaction() as tx:
        await tx.execute("update account set birth_year = 1990, email_verified_at = now() where id = $1", people[0][0])
    await give(arena.db, arena.stage.town.admin, people[0][0], Role.TEACHER, ScopeKind.CLASS, taught)
    await arena.draw()
    with arena.judging():
        hand = await deal(arena, await arena.viewer(people[0][0]))
    found = await arena.rows(
        "select c.class_ids from entry e join contender c on c.id = e.contender_id where e.id = any($1)", ids(hand)
    )
    assert len(found) == 6
    assert all(taught not in row["class_ids"] for row in found)


@pytest.mark.parametrize(
    ("after", "change", "error"),
    [
        (5 * DAY - timedelta(seconds=1), "paused_at = null", Closed("judging_not_begun")),
        (10 * DAY, "paused_at = null", Closed("judging_over")),
        (6 * DAY, "paused_at = opens_at + interval '5 days'", Conflict(state=RoundState.PAUSED)),
        (6 * DAY, "voided_at = opens_at + interval '5 days', void_reason = 'x'", Conflict(state=RoundState.VOID)),
    ],
)
async def test_voices_are_taken_while_the_round_is_judged(
    arena: Arena, after: timedelta, change: str, error: DomainError
) -> None:
    people = await classes(arena, 2)
    await arena.draw()
    voter, late = await arena.viewer(people[0][0]), await arena.viewer(people[0][1])
    with arena.judging():
        card = ids(await deal(arena, voter))[0]
    async with arena.db.transaction() as tx:
        await tx.execute(f"update round set {change}")
    with arena.at(after):
        assert await dealing.my_hand(arena.db, voter, arena.round_id) is None
        for act in (Dealing().deal(arena.db, late, arena.round_id), mark(arena, voter, [card])):
            with pytest.raises(type(error)) as refused:
                await act
            assert refused.value.code == error.code
    assert await arena.value("select count(*) from hand where marked is not null") == 0


async def test_restricted_voter_and_sealed_session_have_no_voice(arena: Arena) -> None:
    """Whoever signed in by a teacher's reset must not be able to be the student."""
    people = await classes(arena, 2)
    await arena.draw()
    with arena.judging():
        voter = await arena.viewer(people[0][0])
        cards = ids(await deal(arena, voter))
        sealed = replace(voter, sealed_until=arena.opens_at + 6 * DAY)
        restricted = replace(voter, is_restricted=True)
        assert await dealing.my_hand(arena.db, sealed, arena.round_id) is None
        for who, error, code in (
            (sealed, Conflict, "sealed_after_reset"),
            (restricted, NotAllowed, "account_restricted"),
        ):
            for act in (Dealing().deal(arena.db, who, arena.round_id), mark(arena, who, cards[:1])):
                with pytest.raises(error) as refused:
                    await act
                assert refused.value.code == code
        assert (await hand_of(arena, voter)).marked is None
