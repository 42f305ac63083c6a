"""What editors are told of a round: once that its result waits, and once that its jury is too small."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from backend.core.ids import Id, new_id
from backend.core.jobs import Registry
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.rounds import confirming, editor_notices, running, standings
from backend.rounds.editor_notices import can_be_judged, tell_jury_short, tell_to_confirm
from backend.rounds.store.overview import Lacking
from tests.places.town import give
from tests.rounds.arena import DAY, Arena
from tests.topics.forum import at_one_moment

HALF = 7 * DAY + timedelta(hours=13)  # judged from the fifth day to the tenth


async def told(arena: Arena, *people: Viewer) -> list[list[tuple[str, Id]]]:
    """Kinds and subjects of the notices of each about a round, oldest first."""
    return [
        [
            (row["kind"], row["subject_id"])
            for row in await arena.rows(
                "select kind, subject_id from notice where account_id = $1 and subject_kind = 'round' order by at, id",
                one.account_id,
            )
        ]
        for one in people
    ]


async def test_editors_are_told_once_that_a_result_waits(arena: Arena) -> None:
    await arena.competing_class("8A")
    await arena.draw()
    editors = [await arena.editor(), await arena.editor()]
    others = [await arena.student_editor(), arena.stage.town.secretariat]
    for moment in (arena.open, arena.closed, arena.judging):
        with moment():
            assert await tell_to_confirm(arena.db) == 0
    with arena.over():
        found, failed = await at_one_moment(
            arena.stage, "round", arena.round_id, *(tell_to_confirm(arena.db) for _ in range(4))
        )
        assert (sum(found), failed) == (1, [])
        assert await tell_to_confirm(arena.db) == 0
    waits = [("round_to_confirm", arena.round_id)]
    assert (await told(arena, *editors))[1] == waits
    assert {str(one) for one in await told(arena, *editors)} == {str(waits)}
    assert await told(arena, *others) == [[], []]


async def test_secretariat_is_told_where_there_is_no_editor(arena: Arena) -> None:
    await arena.draw()
    with arena.over():
        assert await tell_to_confirm(arena.db) == 1
    assert await told(arena, arena.stage.town.secretariat) == [[("round_to_confirm", arena.round_id)]]


@pytest.mark.parametrize("end", ["confirmed", "paused", "void"])
async def test_nobody_is_told_of_a_round_that_needs_no_confirming(arena: Arena, end: str) -> None:
    await arena.competing_class("8A")
    await arena.draw()
    editor = await arena.editor()
    if end == "confirmed":
        with arena.over():
            found = await standings.provisional_result(arena.db, editor, arena.round_id)
            await confirming.confirm_round(arena.db, editor, arena.round_id, found.digest)
    else:
        with arena.at(HALF + timedelta(hours=1)):
            if end == "paused":
                await running.pause_round(arena.db, editor, arena.round_id)
            else:
                await running.void_round(arena.db, editor, arena.round_id, "Strømmen gikk.")
            assert await tell_jury_short(arena.db) == 0
    with arena.over():
        assert await tell_to_confirm(arena.db) == 0
        assert await tell_jury_short(arena.db) == 0
    assert await told(arena, editor) == [[]]


async def test_editors_are_told_once_after_half_of_the_judging_that_jurors_are_missing(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    editor, _ = await arena.editor(), await arena.jurors(2)
    await arena.draw()
    with arena.at(HALF - timedelta(hours=2)):
        assert await tell_jury_short(arena.db) == 0
    with arena.at(HALF):
        found, failed = await at_one_moment(
            arena.stage, "round", arena.round_id, *(tell_jury_short(arena.db) for _ in range(4))
        )
        assert (sum(found), failed) == (1, [])
        await arena.jurors(1)
        await arena.write("update role_grant set revoked_at = now() where role = 'CAMPAIGN_JUROR'")
        assert await tell_jury_short(arena.db) == 0
    assert await told(arena, editor) == [[("jury_short", arena.round_id)]]


async def test_jury_is_big_enough_while_three_are_left_for_every_entry(arena: Arena) -> None:
    class_id, _, _ = await arena.competing_class("8A", size=10, speaking=10)
    await arena.competing_class("8B", size=10, speaking=10)
    jurors = await arena.jurors(3)
    await arena.draw()
    with arena.at(HALF):
        assert await tell_jury_short(arena.db) == 0
        # Who silently has much to read may answer yet; who teaches the class may not.
        await arena.write("update jury_duty set assigned_at = assigned_at - interval '9 days'")
        assert await tell_jury_short(arena.db) == 0
        await give(
            arena.db, arena.stage.town.admin, jurors[0].require_account(), Role.TEACHER, ScopeKind.CLASS, class_id
        )
        assert await tell_jury_short(arena.db) == 1


async def test_what_a_former_juror_scored_counts_and_an_abstention_does_not(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    jurors = await arena.jurors(3)
    await arena.draw()
    with arena.at(HALF):
        await arena.write(
            "update jury_duty set state = 'SCORED', score = 3, revision_id = gen_random_uuid() where juror_id = $1",
            jurors[0].account_id,
        )
        await arena.write("update role_grant set revoked_at = now() where account_id = $1", jurors[0].account_id)
        assert await tell_jury_short(arena.db) == 0
        await arena.write(
            "update jury_duty set state = 'ABSTAINED', abstained_for = 'OTHER' where id = (select id from jury_duty"
            " where juror_id = $1 limit 1)",
            jurors[1].account_id,
        )
        assert await tell_jury_short(arena.db) == 1


async def test_entry_that_nobody_can_read_needs_no_jury(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    with arena.at(HALF):
        await arena.write("update statement set visibility = 'HIDDEN'")
        assert await tell_jury_short(arena.db) == 0
        await arena.write("update statement set visibility = 'PUBLISHED'")
        assert await tell_jury_short(arena.db) == 1


A, B, C, D = (new_id() for _ in range(4))
HERE, THERE = new_id(), new_id()


@pytest.mark.parametrize(
    ("scored", "done", "jurors", "enough"),
    [
        (0, [], {A: set(), B: set(), C: set()}, True),
        (0, [], {A: set(), B: set()}, False),
        (0, [], {A: set(), B: {THERE}, C: {THERE}}, True),
        (0, [], {A: set(), B: set(), C: {HERE}}, False),
        (0, [], {A: set(), B: set(), C: {HERE}, D: set()}, True),
        (0, [A], {A: set(), B: set(), C: set()}, False),
        (1, [A], {A: set(), B: set(), C: set()}, True),
        (2, [A, B], {A: set(), B: set()}, False),
        (2, [A, B], {C: set()}, True),
        (2, [A, B, C], {C: set()}, False),
        (0, [], {}, False),
    ],
)
def test_jurors_who_are_left_are_counted(
    scored: int, done: Sequence[Id], jurors: dict[Id, set[Id]], enough: bool
) -> None:
    assert can_be_judged(Lacking([HERE], scored, list(done)), jurors) is enough


async def test_worker_tells_every_minute(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    editor, registry = await arena.editor(), Registry()
    editor_notices.register(registry, arena.db)
    assert {one.cron for one in registry.periodic} == {"* * * * *"}
    for moment in (HALF, 10 * DAY):
        with arena.at(moment):
            for one in registry.periodic:
                await one.run()
    assert [kind for kind, _ in (await told(arena, editor))[0]] == ["jury_short", "round_to_confirm"]
