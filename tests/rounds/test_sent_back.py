"""A statement that was sent back is what a student of this week is led to."""

from datetime import timedelta

import pytest

from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.rounds import my_week, reflecting
from backend.rounds.my_week import Todo
from tests.rounds.arena import Arena


async def todo(arena: Arena, viewer: Viewer) -> Todo:
    [row], _ = await my_week.my_week(arena.db, viewer)
    assert row.own is not None
    return row.own.todo


async def sent_back(arena: Arena, *, review: str = "CHANGES_REQUESTED", audience: str = "CITY") -> tuple[Viewer, Id]:
    """A student of a class with a statement of this round that is not published."""
    class_id = await arena.new_class("8A")
    [account_id, *_] = await arena.crowd(class_id, 10)
    await arena.say(account_id, class_id, visibility="UNPUBLISHED", review=review, audience=audience)
    return await arena.viewer(account_id), class_id


@pytest.mark.parametrize("audience", ["CLASS", "CITY"])
async def test_student_is_led_to_what_was_sent_back(arena: Arena, audience: str) -> None:
    student, _ = await sent_back(arena, audience=audience)
    for moment in (arena.frozen, arena.closed):
        with moment():
            assert await todo(arena, student) is Todo.CHANGE_STATEMENT
    await arena.draw()
    with arena.judging():  # there are no cards to mark
        assert await todo(arena, student) is Todo.CHANGE_STATEMENT


async def test_marking_comes_first_in_the_judging(arena: Arena) -> None:
    student, _ = await sent_back(arena)
    await arena.competing_class("8B")
    await arena.draw()
    with arena.judging():
        assert await todo(arena, student) is Todo.MARK_VOICES


async def test_done_task_needs_no_change(arena: Arena) -> None:
    student, class_id = await sent_back(arena)
    with arena.frozen():
        await reflecting.mark_reflection(arena.db, student, arena.round_id)
        assert await todo(arena, student) is Todo.NOTHING
        await reflecting.unmark_reflection(arena.db, student, arena.round_id)
        assert await todo(arena, student) is Todo.CHANGE_STATEMENT
        await arena.say(student.require_account(), class_id)
        assert await todo(arena, student) is Todo.NOTHING


@pytest.mark.parametrize(
    ("review", "expected"),
    [
        ("DRAFT", Todo.CHANGE_STATEMENT),  # being rewritten: it was handed in, and is to be so again
        ("IN_REVIEW", Todo.WAIT_FOR_APPROVAL),
        ("HELD", Todo.WAIT_FOR_APPROVAL),
        ("REJECTED", Todo.SAY_SOMETHING_OR_REFLECT),
    ],
)
async def test_other_reviews_lead_elsewhere(arena: Arena, review: str, expected: Todo) -> None:
    student, _ = await sent_back(arena, review=review)
    with arena.frozen():
        assert await todo(arena, student) is expected


async def test_sent_back_comes_before_what_waits(arena: Arena) -> None:
    student, class_id = await sent_back(arena)
    await arena.say(student.require_account(), class_id, visibility="UNPUBLISHED", review="IN_REVIEW")
    with arena.frozen():
        assert await todo(arena, student) is Todo.CHANGE_STATEMENT


@pytest.mark.parametrize("visibility", ["WITHDRAWN", "HIDDEN"])
async def test_withdrawn_or_hidden_statement_is_nothing_to_change(arena: Arena, visibility: str) -> None:
    student, _ = await sent_back(arena)
    await arena.write("update statement set visibility = $1", visibility)
    with arena.frozen():
        assert await todo(arena, student) is not Todo.CHANGE_STATEMENT
    with arena.closed():
        assert await todo(arena, student) is Todo.NOTHING


async def test_statement_of_an_earlier_week_is_not_of_this_one(arena: Arena) -> None:
    student, _ = await sent_back(arena)
    await arena.write("update revision set submitted_at = $1", arena.opens_at - timedelta(hours=1))
    with arena.frozen():
        assert await todo(arena, student) is Todo.SAY_SOMETHING_OR_REFLECT
