"""Awards: for whom, by whom, when they show, and how they end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.errors import Conflict, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.rounds import awarding, confirming, running, standings, work
from backend.rounds.awarding import ShownAward
from backend.rounds.config import MAX_AWARDS
from backend.rounds.rules import AwardConsent, RoundState
from tests.campaigns.stage import together
from tests.places.town import give, viewer_of
from tests.rounds.arena import DAY, Arena

TITLE = {"nb": "Modigst", "en": "Bravest"}


async def confirmed(arena: Arena) -> tuple[Viewer, Id, list[Id], list[Id]]:
    """A round with a fixed result: its editor, and the class, accounts and statements of one that competed."""
    class_id, people, said = await arena.competing_class("8A", size=10, speaking=6)
    await arena.competing_class("8B", size=10, speaking=6)
    await arena.draw()
    editor = await arena.editor()
    with arena.over():
        found = await standings.provisional_result(arena.db, editor, arena.round_id)
        await confirming.confirm_round(arena.db, editor, arena.round_id, found.digest)
    return editor, class_id, people, said


async def announce(arena: Arena, editor: Viewer) -> None:
    await confirming.announce_round(arena.db, editor, arena.round_id)


async def give_to(
    arena: Arena, editor: Viewer, *, class_id: Id | None = None, statement_id: Id | None = None,
    title: dict[str, str] = TITLE, client_key: str | None = None,
) -> Id:  # fmt: skip
    return await awarding.give_award(
        arena.db, editor, arena.round_id, title, class_id=class_id, statement_id=statement_id, client_key=client_key
    )


async def seen(arena: Arena, viewer: Viewer = ANONYMOUS) -> list[ShownAward]:
    return await awarding.list_awards(arena.db, viewer, arena.round_id)


async def test_award_of_a_class_shows_to_everybody_from_the_announcement_on(arena: Arena) -> None:
    editor, class_id, people, _ = await confirmed(arena)
    student = await arena.viewer(people[0])
    with arena.over():
        await give_to(arena, editor, class_id=class_id)
        assert await seen(arena) == await seen(arena, student) == []
        [mine] = await seen(arena, editor)
        assert (mine.is_public, mine.tells_consent) == (False, True)
        await announce(arena, editor)
        [shown] = await seen(arena)
    assert (shown.award.title, shown.award.consent, shown.award.rescinded_at) == (TITLE, AwardConsent.NOT_NEEDED, None)
    assert ([one.id for one in shown.classes], shown.is_public, shown.tells_consent) == ([class_id], True, False)


async def test_award_of_a_statement_shows_when_its_author_agrees_and_no_longer(arena: Arena) -> None:
    editor, _, people, said = await confirmed(arena)
    author, classmate = await arena.viewer(people[0]), await arena.viewer(people[1])
    with arena.over():
        award_id = await give_to(arena, editor, statement_id=said[0])
        await announce(arena, editor)
        assert await seen(arena) == await seen(arena, classmate) == []
        [asked] = await awarding.own_awards(arena.db, author)
        assert (asked.award.consent, asked.tells_consent) == (AwardConsent.ASKED, True)
        assert await awarding.own_awards(arena.db, classmate) == []
        for agrees, shown in ((True, 1), (True, 1), (False, 0), (True, 1)):
            await awarding.answer_award(arena.db, author, award_id, agrees=agrees)
            assert len(await seen(arena)) == len(await seen(arena, classmate)) == shown
    told = await arena.rows("select account_id, subject_id from notice where kind = 'award_offered'")
    assert [tuple(row) for row in told] == [(people[0], award_id)]
    answers = await arena.rows("select details from audit_entry where action = 'author:award:answered'")
    assert [row["details"] for row in answers] == [{"agrees": True}, {"agrees": False}, {"agrees": True}]


async def test_nobody_but_the_author_answers(arena: Arena) -> None:
    editor, class_id, people, said = await confirmed(arena)
    author = await arena.viewer(people[0])
    with arena.over():
        award_id = await give_to(arena, editor, statement_id=said[0])
        of_class = await give_to(arena, editor, class_id=class_id)
        for who, one in (
            (await arena.viewer(people[1]), award_id), (editor, award_id), (arena.stage.teacher, award_id),
            (editor, of_class), (author, of_class), (author, new_id()),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await awarding.answer_award(arena.db, who, one, agrees=True)
        with pytest.raises(Unauthenticated):
            await awarding.answer_award(arena.db, ANONYMOUS, award_id, agrees=True)
        with pytest.raises(Conflict) as refused:
            await awarding.answer_award(
                arena.db, replace(author, sealed_until=arena.opens_at + 30 * DAY), award_id, agrees=True
            )
        assert refused.value.code == "sealed_after_reset"
        restricted = replace(author, is_restricted=True)
        with pytest.raises(NotAllowed):
            await awarding.answer_award(arena.db, restricted, award_id, agrees=True)
        await awarding.answer_award(arena.db, restricted, award_id, agrees=False)
    assert await arena.value("select consent from award where id = $1", award_id) == "REFUSED"


async def test_author_who_said_no_is_not_asked_again(arena: Arena) -> None:
    editor, _, people, said = await confirmed(arena)
    with arena.over():
        award_id = await give_to(arena, editor, statement_id=said[0])
        await awarding.answer_award(arena.db, await arena.viewer(people[0]), award_id, agrees=False)
        with pytest.raises(Conflict) as refused:
            await give_to(arena, editor, statement_id=said[0])
        assert (refused.value.code, refused.value.path) == ("award_refused", ("statement_id",))
        await give_to(arena, editor, statement_id=said[1])


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("open", RoundState.OPEN), ("closed", RoundState.CLOSED), ("judging", RoundState.JUDGING),
        ("over", RoundState.PROVISIONAL),
    ],
)  # fmt: skip
async def test_award_before_the_result_is_fixed_is_refused(arena: Arena, moment: str, state: RoundState) -> None:
    class_id, _, _ = await arena.competing_class("8A")
    editor = await arena.editor()
    with getattr(arena, moment)(), pytest.raises(Conflict) as refused:
        await give_to(arena, editor, class_id=class_id)
    assert refused.value.state == state
    assert await arena.value("select count(*) from award") == 0


async def test_award_of_a_void_round_is_seen_by_nobody(arena: Arena) -> None:
    editor, class_id, _, _ = await confirmed(arena)
    with arena.over():
        await give_to(arena, editor, class_id=class_id)
        await running.void_round(arena.db, editor, arena.round_id, "Feil uke.")
        assert await seen(arena) == []
        with pytest.raises(Conflict):
            await give_to(arena, editor, class_id=class_id)


async def test_award_a_month_later_is_for_classes_only(arena: Arena) -> None:
    editor, class_id, _, said = await confirmed(arena)
    with arena.over():
        await announce(arena, editor)
    with arena.at(60 * DAY):
        await work.trim_old(arena.db)
        await give_to(arena, editor, class_id=class_id)
        with pytest.raises(Conflict) as refused:
            await give_to(arena, editor, statement_id=said[0])
        assert refused.value.state == "ARCHIVED"
        assert len(await seen(arena)) == 1


async def test_only_what_competed_gets_an_award(arena: Arena) -> None:
    editor, class_id, people, said = await confirmed(arena)
    later = await arena.say(people[7], class_id, after=5 * DAY)
    idle = await arena.new_class("8C")
    with arena.over():
        for wrong in (later, new_id()):
            with pytest.raises(NotFound):
                await give_to(arena, editor, statement_id=wrong)
        for wrong in (idle, new_id()):
            with pytest.raises(NotFound):
                await give_to(arena, editor, class_id=wrong)
        for of_class, of_statement in ((None, None), (class_id, said[0])):
            with pytest.raises(ValidationFailed) as refused:
                await give_to(arena, editor, class_id=of_class, statement_id=of_statement)
            assert refused.value.code == "class_or_statement"
        for title in ({}, {"nb": " "}, {"nb": "x" * 121}, {"xx": "Modigst"}):
            with pytest.raises(ValidationFailed):
                await give_to(arena, editor, class_id=class_id, title=title)
        async with arena.db.transaction() as tx:
            await tx.execute("update statement set visibility = 'HIDDEN' where id = $1", said[0])
        with pytest.raises(NotFound):
            await give_to(arena, editor, statement_id=said[0])
    assert await arena.value("select count(*) from award") == 0


async def test_who_runs_the_campaign_gives_awards_and_nobody_for_their_own_class(arena: Arena) -> None:
    _, class_id, people, said = await confirmed(arena)
    teaching = await arena.editor()
    await give(arena.db, arena.stage.town.admin, teaching.require_account(), Role.TEACHER, ScopeKind.CLASS, class_id)
    teaching = await viewer_of(arena.db, teaching.require_account())
    with arena.over():
        for of_class, of_statement in ((class_id, None), (None, said[0])):
            with pytest.raises(NotAllowed) as refused:
                await give_to(arena, teaching, class_id=of_class, statement_id=of_statement)
            assert refused.value.code == "own_class_awarded"
        for who in (arena.stage.teacher, await arena.viewer(people[0]), await arena.juror()):
            with pytest.raises(NotAllowed):
                await give_to(arena, who, class_id=class_id)
        with pytest.raises(Unauthenticated):
            await give_to(arena, ANONYMOUS, class_id=class_id)
        await give_to(arena, arena.stage.town.secretariat, class_id=class_id)


async def test_editor_with_a_part_in_a_class_learns_nothing_of_its_awards_and_rescinds_none(arena: Arena) -> None:
    editor, class_id, people, said = await confirmed(arena)
    teaching = (await arena.editor()).require_account()
    await give(arena.db, arena.stage.town.admin, teaching, Role.TEACHER, ScopeKind.CLASS, class_id)
    with arena.over():
        who = await viewer_of(arena.db, teaching)
        await give_to(arena, editor, class_id=class_id)
        mine = await give_to(arena, editor, statement_id=said[0])
        assert await seen(arena, who) == []
        assert [one.is_printable for one in await seen(arena, editor)] == [True, False]
        await awarding.answer_award(arena.db, await arena.viewer(people[0]), mine, agrees=True)
        await announce(arena, editor)
        assert {one.tells_consent for one in await seen(arena, who)} == {False}
        with pytest.raises(NotAllowed) as refused:
            await awarding.rescind_award(arena.db, who, mine, "Nei.")
    assert refused.value.code == "own_class_awarded"


async def test_statement_has_one_award_in_a_round(arena: Arena) -> None:
    editor, _, _, said = await confirmed(arena)
    with arena.over():
        done, failed = await together(*(give_to(arena, editor, statement_id=said[0]) for _ in range(3)))
        assert [getattr(one, "code", None) for one in failed] == ["award_already_given"] * 2
        await awarding.rescind_award(arena.db, editor, done[0], "Feil tekst.")
        await give_to(arena, editor, statement_id=said[0])


async def test_awards_are_bounded_and_a_repeat_gives_none_anew(arena: Arena) -> None:
    editor, class_id, _, _ = await confirmed(arena)
    with arena.over():
        first, second = (
            await give_to(arena, editor, class_id=class_id, client_key="x" * 30),
            await give_to(arena, editor, class_id=class_id, client_key="x" * 30),
        )
        assert first == second
        done, failed = await together(*(give_to(arena, editor, class_id=class_id) for _ in range(MAX_AWARDS)))
    assert (len(done), len(failed)) == (MAX_AWARDS - 1, 1)
    assert isinstance(failed[0], ValidationFailed)
    assert await arena.value("select count(*) from award") == MAX_AWARDS


async def test_rescinded_award_stays_visible_with_its_reason(arena: Arena) -> None:
    editor, class_id, people, said = await confirmed(arena)
    author = await arena.viewer(people[0])
    with arena.over():
        mine = await give_to(arena, editor, statement_id=said[0])
        await awarding.answer_award(arena.db, author, mine, agrees=True)
        of_class = await give_to(arena, editor, class_id=class_id)
        await announce(arena, editor)
    with arena.at(400 * DAY):
        for award_id in (mine, of_class):
            await awarding.rescind_award(arena.db, editor, award_id, "Teksten var ikke egen.")
            with pytest.raises(Conflict) as refused:
                await awarding.rescind_award(arena.db, editor, award_id, "Igjen.")
            assert refused.value.state == "RESCINDED"
        with pytest.raises(Conflict):
            await awarding.answer_award(arena.db, author, mine, agrees=False)
        found = await seen(arena)
    assert {(one.award.rescind_reason, one.award.rescinded_at is not None) for one in found} == {
        ("Teksten var ikke egen.", True)
    }
    assert len(found) == 2
    told = await arena.rows("select account_id, subject_id from notice where kind = 'award_rescinded'")
    assert (people[0], mine) in {tuple(row) for row in told}


async def test_award_rescinded_and_agreed_to_at_the_same_time_is_rescinded_once(arena: Arena) -> None:
    editor, _, people, said = await confirmed(arena)
    author = await arena.viewer(people[0])
    with arena.over():
        award_id = await give_to(arena, editor, statement_id=said[0])
        done, failed = await together(
            *(awarding.rescind_award(arena.db, editor, award_id, "Feil tekst.") for _ in range(3)),
            *(awarding.answer_award(arena.db, author, award_id, agrees=agrees) for agrees in (True, False)),
        )
        assert all(isinstance(one, Conflict) and one.state == "RESCINDED" for one in failed)
        assert len(failed) >= 2
    assert len(done) + len(failed) == 5
    told = await arena.rows("select kind from notice where account_id = $1 and kind = 'award_rescinded'", people[0])
    assert len(told) <= 1
    assert await arena.value("select count(*) from audit_entry where action = 'editor:award:rescinded'") == 1


async def test_award_rescinded_before_the_announcement_never_shows(arena: Arena) -> None:
    editor, class_id, _, _ = await confirmed(arena)
    with arena.over():
        award_id = await give_to(arena, editor, class_id=class_id)
        await awarding.rescind_award(arena.db, editor, award_id, "Feil klasse.")
    with arena.at(11 * DAY):
        await announce(arena, editor)
        assert await seen(arena) == []
        assert len(await seen(arena, editor)) == 1


async def test_only_who_runs_the_campaign_rescinds(arena: Arena) -> None:
    editor, class_id, people, _ = await confirmed(arena)
    with arena.over():
        award_id = await give_to(arena, editor, class_id=class_id)
        strangers = (arena.stage.teacher, await arena.viewer(people[0]))
        for who in strangers:  # they do not know of it yet
            with pytest.raises(NotFound):
                await awarding.rescind_award(arena.db, who, award_id, "Nei.")
        for who in (ANONYMOUS,):
            for one in (award_id, new_id()):
                with pytest.raises(Unauthenticated):
                    await awarding.rescind_award(arena.db, who, one, "Nei.")
        with pytest.raises(NotFound):
            await awarding.rescind_award(arena.db, editor, new_id(), "Nei.")
        with pytest.raises(ValidationFailed):
            await awarding.rescind_award(arena.db, editor, award_id, " ")
        await announce(arena, editor)
        for who in strangers:
            with pytest.raises(NotAllowed):
                await awarding.rescind_award(arena.db, who, award_id, "Nei.")
    assert await arena.value("select rescinded_at from award") is None


async def test_removal_of_a_winning_statement_a_year_later_rescinds_and_its_restoration_gives_it_back(
    arena: Arena,
) -> None:
    editor, _, people, said = await confirmed(arena)
    with arena.over():
        award_id = await give_to(arena, editor, statement_id=said[0])
        await awarding.answer_award(arena.db, await arena.viewer(people[0]), award_id, agrees=True)
        await announce(arena, editor)
    with arena.at(365 * DAY):
        await work.trim_old(arena.db)
        removed_at = arena.opens_at + 365 * DAY
        async with arena.db.transaction() as tx:
            await tx.execute(
                "update statement set visibility = 'REMOVED', changed_at = $2 where id = $1", said[0], removed_at
            )
        [shown] = await seen(arena)
        assert (shown.award.rescinded_at, shown.award.rescind_reason) == (removed_at, None)
        with pytest.raises(Conflict):
            await awarding.answer_award(arena.db, await arena.viewer(people[0]), award_id, agrees=False)
        async with arena.db.transaction() as tx:
            await tx.execute("update statement set visibility = 'PUBLISHED' where id = $1", said[0])
        [shown] = await seen(arena)
        assert shown.award.rescinded_at is None


@pytest.mark.parametrize("change", ["visibility = 'WITHDRAWN'", "visibility = 'HIDDEN'", "author_left_at = now()"])
async def test_award_goes_out_of_sight_with_its_statement(arena: Arena, change: str) -> None:
    editor, _, people, said = await confirmed(arena)
    with arena.over():
        award_id = await give_to(arena, editor, statement_id=said[0])
        await awarding.answer_award(arena.db, await arena.viewer(people[0]), award_id, agrees=True)
        await announce(arena, editor)
        async with arena.db.transaction() as tx:
            await tx.execute(f"update statement set {change} where id = $1", said[0])
        assert await seen(arena) == []


async def test_teachers_are_told_of_an_award_that_everybody_can_see(arena: Arena) -> None:
    editor, class_id, _, _ = await confirmed(arena)
    teacher = arena.stage.teacher.require_account()
    await give(arena.db, arena.stage.town.admin, teacher, Role.TEACHER, ScopeKind.CLASS, class_id)
    with arena.over():
        await give_to(arena, editor, class_id=class_id)
        assert await arena.value("select count(*) from notice where kind = 'award_given'") == 0
        await announce(arena, editor)
    with arena.at(10 * DAY + timedelta(hours=2)):
        award_id = await give_to(arena, editor, class_id=class_id)
    told = await arena.rows("select account_id, subject_id from notice where kind = 'award_given'")
    assert [tuple(row) for row in told] == [(teacher, award_id)]
