"""What editors see of a round: the statements that competed, how far the jury is, and nothing of a score."""

from dataclasses import fields
from datetime import timedelta

import pytest

from backend.campaigns.store.feed import Shown
from backend.core.errors import NotFound
from backend.core.ids import Id, new_id
from backend.core.paging import Page, PageRequest
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.rounds import confirming, judging, listing, overview, running, standings, work
from backend.rounds.listing import ListedStanding
from backend.rounds.overview import JuryProgress
from backend.rounds.rules import AbstainReason
from backend.rounds.standings import LiveStandings
from backend.rounds.store.overview import JurorCounts
from tests.campaigns.stage import together
from tests.places.town import give, make_account, viewer_of
from tests.rounds.arena import DAY, Arena

ALL = PageRequest(100)


async def entries(arena: Arena, who: Viewer, request: PageRequest = ALL) -> list[Id]:
    page = await overview.list_round_entries(arena.db, who, arena.round_id, request)
    return [one.id for one in page.rows]


async def by_chance(arena: Arena) -> list[Id]:
    """The entries by their numbers."""
    rows = await arena.rows("select statement_id from entry where round_id = $1 order by number", arena.round_id)
    return [row["statement_id"] for row in rows]


async def decided(arena: Arena, editor: Viewer) -> None:
    found = await standings.provisional_result(arena.db, editor, arena.round_id)
    await confirming.confirm_round(arena.db, editor, arena.round_id, found.digest)


async def teaching_editor(arena: Arena, class_id: Id) -> Viewer:
    """Runs the campaign, and teaches a class of it."""
    account_id = (await arena.editor()).require_account()
    await give(arena.db, arena.stage.town.admin, account_id, Role.TEACHER, ScopeKind.CLASS, class_id)
    return await viewer_of(arena.db, account_id)


async def test_entries_are_listed_from_the_end_of_the_judging_until_they_are_forgotten(arena: Arena) -> None:
    _, _, said = await arena.competing_class("8A", size=10, speaking=6)
    editor = await arena.editor()
    for moment in (arena.open, arena.closed, arena.judging):
        with moment():
            assert await entries(arena, editor) == []
    with arena.over():
        assert set(await entries(arena, editor)) == set(said)
        assert set(await entries(arena, arena.stage.town.secretariat)) == set(said)
        await decided(arena, editor)
        assert set(await entries(arena, editor)) == set(said)
        await confirming.announce_round(arena.db, editor, arena.round_id)
        assert set(await entries(arena, editor)) == set(said)
    with arena.at(40 * DAY):
        assert set(await entries(arena, editor)) == set(said)
    with arena.at(40 * DAY + timedelta(hours=2)):  # by the clock, whether or not the worker is alive
        assert await entries(arena, editor) == []
        assert await work.trim_old(arena.db) == 1
        assert await entries(arena, editor) == []


async def test_entries_are_not_listed_of_a_paused_or_void_round(arena: Arena) -> None:
    await arena.competing_class("8A")
    await arena.draw()
    editor = await arena.editor()
    with arena.judging():
        await running.pause_round(arena.db, editor, arena.round_id)
    with arena.over():
        assert await entries(arena, editor) == []
        await running.void_round(arena.db, editor, arena.round_id, "Strømmen gikk.")
        assert await entries(arena, editor) == []


async def test_editor_who_comes_before_the_lot_causes_it(arena: Arena) -> None:
    _, _, said = await arena.competing_class("8A")
    editor = await arena.editor()
    with arena.over():
        assert set(await entries(arena, editor)) == set(said)
    assert (await arena.round()).drawn_at is not None


async def test_only_what_everybody_can_read_is_listed_in_the_order_of_chance(arena: Arena) -> None:
    classes = {(await arena.competing_class(name, size=12, speaking=9))[0] for name in ("8A", "8B")}
    await arena.draw()
    ordered = await by_chance(arena)
    await arena.give_scores(ordered[9:], 5, 5, 5)
    await arena.give_scores(ordered[:9], 1, 1, 1)
    hidden, withdrawn, removed, leaving, narrowed = ordered[1:10:2]
    for one, visibility in ((hidden, "HIDDEN"), (withdrawn, "WITHDRAWN"), (removed, "REMOVED")):
        await arena.write("update statement set visibility = $2 where id = $1", one, visibility)
    await arena.write("update statement set author_left_at = now() where id = $1", leaving)
    await arena.write("update statement set audience = 'SCHOOL' where id = $1", narrowed)
    left = [one for one in ordered if one not in {hidden, withdrawn, removed, leaving, narrowed}]
    account_id = (await arena.editor()).require_account()
    # One who works at the school reads there what was said to the school: that is no entry for all that.
    await arena.write(
        "insert into role_grant (id, account_id, role, scope_kind, scope_id, granted_at)"
        " values ($1, $2, 'MODERATOR', 'SCHOOL', $3, now())",
        new_id(), account_id, arena.stage.town.school.id,
    )  # fmt: skip
    editor = await viewer_of(arena.db, account_id)
    with arena.over():
        assert await entries(arena, editor) == left
        page = await overview.list_round_entries(arena.db, editor, arena.round_id, PageRequest(100))
    assert {one.class_id for one in page.rows} == classes
    assert not {one.name for one in fields(page.rows[0])} & {
        "score",
        "scores",
        "number",
        "slot",
        "is_drawn",
        "author_id",
    }


@pytest.mark.parametrize("size", [1, 2, 5, 13])
async def test_entries_are_the_same_from_both_ends(arena: Arena, size: int) -> None:
    for name in ("8A", "8B"):
        await arena.competing_class(name, size=10, speaking=6)
    await arena.draw()
    ordered, editor = await by_chance(arena), await arena.editor()

    async def step(request: PageRequest) -> Page[Shown]:
        return await overview.list_round_entries(arena.db, editor, arena.round_id, request)

    with arena.over():
        page = await step(PageRequest(size))
        forward = [one.id for one in page.rows]
        while page.has_next:
            page = await step(PageRequest(size, after=page.keys[-1]))
            forward += [one.id for one in page.rows]
        page = await step(PageRequest(size, backward=True))
        backward = [one.id for one in page.rows]
        while page.has_previous:
            page = await step(PageRequest(size, before=page.keys[0], backward=True))
            backward = [one.id for one in page.rows] + backward
    assert forward == backward == ordered


async def test_round_is_not_there_for_who_does_not_run_it_or_has_a_class_in_it(arena: Arena) -> None:
    class_id, people, _ = await arena.competing_class("8A")
    other, _, _ = await arena.competing_class("8B")
    idle = await arena.new_class("8C")
    teacher, head = await teaching_editor(arena, other), arena.stage.town.admin
    await arena.draw()
    strangers = [
        await arena.viewer(people[0]), await arena.student_editor(), await arena.juror(), head, teacher, ANONYMOUS,
        await viewer_of(arena.db, await make_account(arena.db)),
    ]  # fmt: skip
    with arena.over():
        for one in strangers:
            with pytest.raises(NotFound) as refused:
                await entries(arena, one)
            with pytest.raises(NotFound) as unknown:
                await overview.list_round_entries(arena.db, one, class_id, ALL)
            assert (refused.value.code, refused.value.path) == (unknown.value.code, unknown.value.path)
        assert len(await entries(arena, await teaching_editor(arena, idle))) == 12
        for one in strangers:
            if one is not teacher:
                with pytest.raises(NotFound):
                    await overview.jury_progress(arena.db, one, arena.round_id)
        assert await overview.jury_progress(arena.db, teacher, arena.round_id) is not None


async def test_jury_is_counted_by_name_and_never_by_score(arena: Arena) -> None:
    _, _, said = await arena.competing_class("8A", size=10, speaking=10)
    jurors, editor = await arena.jurors(3), await arena.editor()
    for number, one in enumerate(jurors):
        await arena.write("update account set pseudonym = $2 where id = $1", one.account_id, f"Juror {2 - number}")
    with arena.closed():
        assert await overview.jury_progress(arena.db, editor, arena.round_id) is None
    with arena.judging():  # whoever asks first causes the lot
        assert await overview.jury_progress(arena.db, editor, arena.round_id) == JuryProgress(
            5, 5, [JurorCounts(f"Juror {number}", 5, 0, 0) for number in range(3)]
        )
        late = await arena.juror()
        await arena.write("update account set pseudonym = 'Late' where id = $1", late.account_id)
        lists = {one: (await judging.list_entries(arena.db, one, ALL)).rows for one in jurors}
        first = min(lists[jurors[0]], key=lambda row: row.text)
        for one in jurors:
            mine = next(row for row in lists[one] if row.revision_id == first.revision_id)
            await judging.score_entry(arena.db, one, mine.id, judging.wording_id(mine), 5)
        left = next(row for row in lists[jurors[0]] if row.id != first.id)
        await judging.abstain(arena.db, jurors[0], left.id, AbstainReason.TOO_CLOSE)
        found = await overview.jury_progress(arena.db, editor, arena.round_id)
        assert found == JuryProgress(
            5, 4,
            [
                JurorCounts("Juror 0", 5, 1, 0), JurorCounts("Juror 1", 5, 1, 0), JurorCounts("Juror 2", 5, 1, 1),
                JurorCounts("Late", found.jurors[3].asked if found else -1, 0, 0),
            ],
        )  # fmt: skip
    class_id = await arena.value("select class_ids[1] from contender")
    teaching = jurors[0].require_account()
    await give(arena.db, arena.stage.town.admin, teaching, Role.TEACHER, ScopeKind.CLASS, class_id)
    with arena.judging():  # a score of somebody who teaches there now does not count
        found = await overview.jury_progress(arena.db, editor, arena.round_id)
        assert found is not None
        assert (found.drawn, found.lacking) == (5, 5)
    drawn = {row["id"] for row in await arena.rows("select statement_id as id from entry where is_drawn")}
    await arena.write("update statement set visibility = 'HIDDEN' where id = $1", min(drawn & set(said)))
    with arena.over():
        found = await overview.jury_progress(arena.db, editor, arena.round_id)
        assert found is not None
        assert found.drawn == 4
        await decided(arena, editor)
        assert await overview.jury_progress(arena.db, editor, arena.round_id) is None


async def test_juror_who_left_is_counted_without_a_name(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    juror, editor = await arena.juror(), await arena.editor()
    await arena.draw()
    await arena.write("update role_grant set revoked_at = now() where account_id = $1", juror.account_id)
    await arena.write("update account set pseudonym = null where id = $1", juror.account_id)
    with arena.judging():
        assert await overview.jury_progress(arena.db, editor, arena.round_id) == JuryProgress(
            5, 5, [JurorCounts(None, 5, 0, 0)]
        )


async def line(arena: Arena, who: Viewer, class_id: Id, request: PageRequest = ALL) -> Page[ListedStanding]:
    return await listing.list_standings(
        arena.db, who, LiveStandings(seconds=0), arena.round_id, request, class_id=class_id
    )


async def test_standings_are_narrowed_to_the_line_of_a_class(arena: Arena) -> None:
    small, _, _ = await arena.competing_class("7A", size=5, speaking=5)
    smaller, _, _ = await arena.competing_class("7B", size=5, speaking=5)
    other, people, _ = await arena.competing_class("8A")
    idle = await arena.new_class("9A")
    await arena.write(
        "insert into class_union (id, campaign_id, class_ids, made_by, made_at)"
        " values (gen_random_uuid(), $1, $2, gen_random_uuid(), $3)",
        arena.stage.campaign_id, [small, smaller], arena.opens_at - DAY,
    )  # fmt: skip
    student, editor = await arena.viewer(people[0]), await arena.editor()
    with arena.frozen():
        whole = await listing.list_standings(arena.db, student, LiveStandings(seconds=0), arena.round_id, ALL)
        await _narrowed(arena, student, whole, joined=(small, smaller), alone=other, idle=idle)
    with arena.over():
        await decided(arena, editor)
        await confirming.announce_round(arena.db, editor, arena.round_id)
        whole = await listing.list_standings(arena.db, ANONYMOUS, LiveStandings(), arena.round_id, ALL)
        assert all(one.result for one in whole.rows)
        await _narrowed(arena, ANONYMOUS, whole, joined=(small, smaller), alone=other, idle=idle)


async def _narrowed(
    arena: Arena, who: Viewer, whole: Page[ListedStanding], *, joined: tuple[Id, Id], alone: Id, idle: Id
) -> None:
    """Each class has its own line of the whole, in the same place of it; a class that is not in it has none."""
    assert len(whole.rows) == 2
    for class_id in (*joined, alone):
        [at] = [n for n, one in enumerate(whole.rows) if class_id in {known.id for known in one.classes}]
        page = await line(arena, who, class_id)
        assert (page.rows, page.keys) == ([whole.rows[at]], [whole.keys[at]])
        assert (page.has_next, page.has_previous) == (False, False)
        assert (await line(arena, who, class_id, PageRequest(1, after=page.keys[0]))).rows == []
        assert (await line(arena, who, class_id, PageRequest(1, before=page.keys[0], backward=True))).rows == []
        assert (await line(arena, who, class_id, PageRequest(1, backward=True))).rows == page.rows
    assert (await line(arena, who, idle)).rows == []


async def test_two_editors_who_ask_at_once_draw_one_lot(arena: Arena) -> None:
    _, _, said = await arena.competing_class("8A")
    editors = [await arena.editor() for _ in range(3)]
    with arena.over():
        found, failed = await together(*(entries(arena, one) for one in editors))
    assert failed == []
    assert [set(one) for one in found] == [set(said)] * 3
    assert await arena.value("select count(*) from audit_entry where action = 'clock:round:drawn'") == 1
