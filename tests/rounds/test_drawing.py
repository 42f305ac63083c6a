"""The lot: who competes, how many slots, which are drawn, who judges; the right thing however late it is drawn."""

import hashlib
from datetime import timedelta
from uuid import uuid5

import pytest

from backend.campaigns.rules import Audience
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind
from backend.rounds import drawing, lot
from backend.rounds.store import draw as store
from backend.rounds.store.draw import Contender
from tests.campaigns.stage import together
from tests.places.town import give
from tests.rounds.arena import DAY, Arena


async def _contenders(arena: Arena) -> dict[Id, Contender]:
    async with arena.db.reading() as conn:
        return {one.class_ids[0]: one for one in await store.list_contenders(conn, arena.round_id)}


async def test_lot_before_judging_is_not_drawn(arena: Arena) -> None:
    await arena.competing_class("8A")
    with arena.closed():
        row = await drawing.draw_if_due(arena.db, arena.round_id)
    assert row is not None
    assert row.drawn_at is None
    assert await _contenders(arena) == {}


async def test_lot_draws_five_slots_that_anybody_recounts_from_the_seed(arena: Arena) -> None:
    class_id, _, _ = await arena.competing_class("8A", size=20, speaking=4)
    row = await arena.draw()
    [one] = (await _contenders(arena)).values()
    assert (one.class_ids, one.size, one.authors, one.entered, one.slots) == ([class_id], 20, 4, 4, 10)
    assert one.id == uuid5(arena.round_id, class_id.hex)  # nobody who draws can choose it
    hashes = {slot: hashlib.sha256(row.seed + one.id.bytes + slot.to_bytes(4, "big")).hexdigest() for slot in range(10)}
    assert one.lot == sorted(range(10), key=hashes.__getitem__)[:5]
    assert lot.seed_hash(row.seed) == hashlib.sha256(row.seed).hexdigest()
    drawn = {entry["slot"] for entry in await arena.rows("select slot from entry where is_drawn")}
    assert drawn == {slot for slot in one.lot if slot < 4}


async def test_lot_drawn_weeks_late_is_the_same_but_for_what_changed(arena: Arena) -> None:
    """The worker was dead over the close and the end of the judging."""
    await arena.competing_class("8A", size=12, speaking=3)
    with arena.at(60 * DAY):
        row = await drawing.draw_if_due(arena.db, arena.round_id)
    assert row is not None
    assert row.drawn_at is not None
    [one] = (await _contenders(arena)).values()
    assert (one.size, one.entered) == (12, 3)


async def test_lot_asked_for_by_many_at_once_is_drawn_once(arena: Arena) -> None:
    await arena.competing_class("8A")
    with arena.judging():
        done, failed = await together(*(drawing.draw_if_due(arena.db, arena.round_id) for _ in range(5)))
    assert failed == []
    assert len({row.drawn_at for row in done}) == 1
    assert await arena.value("select count(*) from contender") == 1


async def test_paused_round_is_not_drawn(arena: Arena) -> None:
    await arena.competing_class("8A")
    async with arena.db.transaction() as tx:
        await tx.execute("update round set paused_at = $1", arena.opens_at + DAY)
    with arena.judging():
        row = await drawing.draw_if_due(arena.db, arena.round_id)
    assert row is not None
    assert row.drawn_at is None


@pytest.mark.parametrize(
    ("change", "authors", "entered"),
    [
        ({}, 1, 1),
        ({"audience": "SCHOOL"}, 0, 0),
        ({"visibility": "UNPUBLISHED", "review": "IN_REVIEW"}, 1, 1),
        ({"visibility": "UNPUBLISHED", "review": "HELD"}, 1, 1),
        ({"visibility": "HIDDEN"}, 1, 1),
        ({"visibility": "UNPUBLISHED", "review": "REJECTED"}, 0, 0),
        ({"visibility": "UNPUBLISHED", "review": "CHANGES_REQUESTED"}, 0, 0),
        ({"visibility": "REMOVED"}, 0, 0),
        ({"visibility": "WITHDRAWN"}, 1, 0),
        ({"after": timedelta(hours=-1)}, None, None),
        ({"after": 4 * DAY}, None, None),
    ],
)
async def test_statement_in_each_state_enters_or_not(
    arena: Arena, change: dict[str, str], authors: int | None, entered: int | None
) -> None:
    class_id = await arena.new_class("8A")
    [account] = await arena.crowd(class_id, 1)
    await arena.say(account, class_id, **change)  # type: ignore[arg-type]
    await arena.draw()
    found = (await _contenders(arena)).get(class_id)
    assert (found and found.authors, found and found.entered) == (authors, entered)


async def test_several_statements_of_one_author_are_one_entry(arena: Arena) -> None:
    """Nobody gains by splitting statements."""
    class_id = await arena.new_class("8A")
    [account, *_] = await arena.crowd(class_id, 12)
    first = await arena.say(account, class_id)
    for _ in range(4):
        await arena.say(account, class_id, after=timedelta(hours=5))
    await arena.draw()
    assert [row["statement_id"] for row in await arena.rows("select statement_id from entry")] == [first]


async def test_student_who_moved_counts_where_they_sat_at_the_opening(arena: Arena) -> None:
    old, new = await arena.new_class("8A"), await arena.new_class("8B")
    [account, *_] = await arena.crowd(old, 10)
    await arena.crowd(new, 10)
    await arena.say(account, old)
    async with arena.db.transaction() as tx:
        moved_at = arena.opens_at + DAY
        await tx.execute("update seat set status = 'LEFT', ended_at = $2 where account_id = $1", account, moved_at)
        await tx.execute(
            "insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)"
            " values (gen_random_uuid(), $2, $1, 'CONFIRMED', $3, $3)",
            account, new, moved_at,
        )  # fmt: skip
    await arena.say(account, new, after=2 * DAY)
    await arena.draw()
    found = await _contenders(arena)
    assert list(found) == [old]
    assert (found[old].size, found[old].entered) == (10, 1)


async def test_joined_classes_compete_as_one(arena: Arena) -> None:
    small, smaller = await arena.new_class("1A"), await arena.new_class("2A")
    accounts = [(one, small) for one in await arena.crowd(small, 5)]
    accounts += [(one, smaller) for one in await arena.crowd(smaller, 4)]
    for account, class_id in accounts[3:7]:
        await arena.say(account, class_id)
    async with arena.db.transaction() as tx:
        await tx.execute(
            "insert into class_union (id, campaign_id, class_ids, made_by, made_at)"
            " values (gen_random_uuid(), $1, $2, gen_random_uuid(), $3)",
            arena.stage.campaign_id, [small, smaller], arena.opens_at - DAY,
        )  # fmt: skip
    await arena.draw()
    [one] = (await _contenders(arena)).values()
    assert (set(one.class_ids), one.size, one.entered, one.slots) == ({small, smaller}, 9, 4, 5)


async def test_juror_never_gets_an_entry_of_a_class_of_their_own(arena: Arena) -> None:
    class_id, accounts, _ = await arena.competing_class("8A", size=12, speaking=12)
    await arena.competing_class("8B", size=12, speaking=12)
    town = arena.stage.town
    youth = await arena.juror(account_id=accounts[0])
    teacher = await arena.juror()
    assert teacher.account_id is not None
    await give(arena.db, town.admin, teacher.account_id, Role.TEACHER, ScopeKind.CLASS, class_id)
    head = await arena.juror(account_id=town.admin.account_id)
    free = await arena.juror()
    await arena.draw()
    judged = {
        (row["juror_id"], row["class_ids"][0] == class_id)
        for row in await arena.rows(
            "select d.juror_id, c.class_ids from jury_duty d join entry e on e.id = d.entry_id"
            " join contender c on c.id = e.contender_id"
        )
    }
    assert judged == {
        (youth.account_id, False), (teacher.account_id, False), (free.account_id, False), (free.account_id, True)
    }  # fmt: skip
    assert head.account_id not in {juror for juror, _ in judged}


async def test_jurors_share_the_entries_evenly(arena: Arena) -> None:
    for name in ("8A", "8B", "8C"):
        await arena.competing_class(name, size=10, speaking=10)
    await arena.jurors(6)
    await arena.draw()
    loads = [row["n"] for row in await arena.rows("select count(*) as n from jury_duty group by juror_id")]
    assert sum(loads) == 15 * 4
    assert max(loads) - min(loads) <= 1


async def test_worker_draws_what_is_due_and_asks_jurors_appointed_later(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    with arena.judging():
        await drawing.draw_due(arena.db)
    assert (await arena.round()).drawn_at is not None
    assert await arena.value("select count(*) from jury_duty") == 0
    await arena.jurors(3)
    with arena.judging():
        await drawing.draw_due(arena.db)
        await drawing.draw_due(arena.db)
    assert await arena.value("select count(*) from jury_duty") == 5 * 3


async def test_deck_has_what_is_published_in_a_row(arena: Arena) -> None:
    class_id = await arena.new_class("8A")
    accounts = await arena.crowd(class_id, 10)
    waiting = {await arena.say(one, class_id, visibility="UNPUBLISHED", review="HELD") for one in accounts[:3]}
    shown = {await arena.say(one, class_id, audience=Audience.SOCIAL) for one in accounts[3:7]}
    await arena.draw()
    async with arena.db.reading() as conn:
        deck = await store.get_deck(conn, arena.round_id)
    assert deck is not None
    assert (deck.first_numbers, deck.sizes, deck.dealt) == ([0], [4], [0])
    numbered = {row["statement_id"]: row["number"] for row in await arena.rows("select * from entry")}
    assert {numbered[one] for one in shown} == {0, 1, 2, 3}
    assert {numbered[one] for one in waiting} == {4, 5, 6}
