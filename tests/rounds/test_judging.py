"""Jurors: what they read, score and leave to others; what is none of theirs is not there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.errors import Closed, Conflict, DomainError, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.rounds import drawing, judging, running
from backend.rounds.rules import JUROR_PATIENCE, AbstainReason, DutyState, RoundState
from backend.rounds.store.judging import Assigned
from tests.campaigns.stage import together
from tests.places.town import give, viewer_of
from tests.rounds.arena import DAY, Arena

ALL = PageRequest(100)


async def asked(arena: Arena, juror: Viewer, *, round_id: Id | None = None) -> list[Assigned]:
    page = await judging.list_entries(arena.db, juror, ALL, round_id=round_id)
    return list(page.rows)


async def judged(arena: Arena) -> tuple[Viewer, Assigned]:
    """A juror with something to score, as it is found."""
    await arena.competing_class("8A", size=10, speaking=10)
    juror = await arena.juror()
    await arena.draw()
    with arena.judging():
        return juror, (await asked(arena, juror))[0]


async def score(arena: Arena, juror: Viewer, one: Assigned, points: int) -> None:
    await judging.score_entry(arena.db, juror, one.id, judging.wording_id(one), points)


async def test_juror_reads_the_words_and_scores_them(arena: Arena) -> None:
    juror, one = await judged(arena)
    assert (one.text, one.language, one.state, one.score) == ("Vi må få snakke.", "nb", DutyState.ASSIGNED, None)
    assert not {"author_id", "class_id", "statement_id", "contender_id"} & set(Assigned.__slots__)
    with arena.judging():
        assert len(await asked(arena, juror)) == 5
        assert await asked(arena, juror, round_id=new_id()) == []
        for points in (1, 5, 4, 4):
            await score(arena, juror, one, points)
        found = {row.id: (row.state, row.score) for row in await asked(arena, juror, round_id=arena.round_id)}
    assert found.pop(one.id) == (DutyState.SCORED, 4)
    assert set(found.values()) == {(DutyState.ASSIGNED, None)}
    audit = await arena.rows("select subject_id, details from audit_entry where action = 'juror:entry:scored'")
    assert {(row["subject_id"], str(row["details"])) for row in audit} == {(arena.round_id, "{}")}


async def test_juror_who_comes_before_the_lot_causes_it(arena: Arena) -> None:
    """The worker may be dead, or have slept since the close."""
    await arena.competing_class("8A", size=10, speaking=10)
    juror = await arena.juror()
    with arena.judging():
        assert len(await asked(arena, juror)) == 5
    assert (await arena.round()).drawn_at is not None


@pytest.mark.parametrize("points", [-1, 0, 6, 2**31 - 1])
async def test_score_out_of_range_is_refused(arena: Arena, points: int) -> None:
    juror, one = await judged(arena)
    with arena.judging(), pytest.raises(ValidationFailed) as refused:
        await score(arena, juror, one, points)
    assert (refused.value.code, refused.value.path) == ("score_range", ("score",))
    assert await arena.value("select count(*) from jury_duty where state <> 'ASSIGNED'") == 0


async def test_scores_of_others_are_nobodys_business(arena: Arena) -> None:
    juror, one = await judged(arena)
    other = await arena.juror()
    with arena.judging():
        await drawing.draw_due(arena.db)
        await score(arena, juror, one, 5)
        theirs = await asked(arena, other)
        assert {(row.state, row.score) for row in theirs} == {(DutyState.ASSIGNED, None)}
        assert not {row.id for row in theirs} & {row.id for row in await asked(arena, juror)}
        for entry, who in ((one, other), (theirs[0], juror), (one, arena.stage.teacher), (one, await arena.editor())):
            with pytest.raises(NotFound):
                await score(arena, who, entry, 1)
            with pytest.raises(NotFound):
                await judging.abstain(arena.db, who, entry.id, AbstainReason.OTHER)


async def test_score_of_an_older_wording_is_refused_and_one_given_stands(arena: Arena) -> None:
    juror, one = await judged(arena)
    with arena.judging():
        await score(arena, juror, one, 3)
        async with arena.db.transaction() as tx:
            revision = await tx.fetch_value(
                "insert into revision (id, statement_id, number, version, text, language, direction, audience,"
                " shown_as, review, created_at, changed_at, submitted_at)"
                " select gen_random_uuid(), statement_id, 2, 1, 'Nye ord.', 'nb', 'ltr', audience, shown_as, review,"
                " created_at, changed_at, submitted_at from revision where id = $1 returning id",
                one.revision_id,
            )
            await tx.execute(
                "update statement set published_revision_id = $2, latest_revision_id = $2"
                " where published_revision_id = $1", one.revision_id, revision,
            )  # fmt: skip
        with pytest.raises(Conflict) as refused:
            await score(arena, juror, one, 5)
        assert (refused.value.code, refused.value.path) == ("stale_revision", ("wording_id",))
        [now] = [row for row in await asked(arena, juror) if row.id == one.id]
        assert (now.text, now.score, now.judged_revision_id) == ("Nye ord.", 3, one.revision_id)
        await score(arena, juror, now, 5)
        [now] = [row for row in await asked(arena, juror) if row.id == one.id]
    assert (now.score, now.judged_revision_id) == (5, revision)


@pytest.mark.parametrize("change", ["visibility = 'HIDDEN'", "visibility = 'REMOVED'", "author_left_at = now()"])
async def test_what_nobody_can_read_is_no_entry(arena: Arena, change: str) -> None:
    juror, one = await judged(arena)
    async with arena.db.transaction() as tx:
        await tx.execute(f"update statement set {change} where published_revision_id = $1", one.revision_id)
    with arena.judging():
        assert one.id not in {row.id for row in await asked(arena, juror)}
        with pytest.raises(NotFound):
            await score(arena, juror, one, 5)


async def test_statement_before_its_reviewers_comes_to_the_juror_once_it_is_published(arena: Arena) -> None:
    class_id = await arena.new_class("8A")
    people = await arena.crowd(class_id, 10)
    for one in people:
        await arena.say(one, class_id, visibility="UNPUBLISHED", review="IN_REVIEW")
    juror = await arena.juror()
    await arena.draw()
    with arena.judging():
        assert await asked(arena, juror) == []
        async with arena.db.transaction() as tx:
            await tx.execute(
                "update statement set visibility = 'PUBLISHED', published_revision_id = latest_revision_id,"
                " published_at = now()"
            )
        assert len(await asked(arena, juror)) == 5


async def test_abstaining_asks_somebody_else_at_once_and_is_final(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    jurors = await arena.jurors(5)
    await arena.draw()
    with arena.judging():
        [juror, *_] = [one for one in jurors if await asked(arena, one)]
        one = (await asked(arena, juror))[0]
        await score(arena, juror, one, 2)
        await judging.abstain(arena.db, juror, one.id, AbstainReason.KNOWS_AUTHOR)
        await judging.abstain(arena.db, juror, one.id, AbstainReason.OTHER)
        [now] = [row for row in await asked(arena, juror) if row.id == one.id]
        assert (now.state, now.score, now.abstained_for) == (DutyState.ABSTAINED, None, AbstainReason.KNOWS_AUTHOR)
        with pytest.raises(Conflict) as refused:
            await score(arena, juror, one, 5)
    assert refused.value.state == "ABSTAINED"
    live = await arena.value(
        "select count(*) from jury_duty where state = 'ASSIGNED'"
        " and entry_id = (select entry_id from jury_duty where id = $1)", one.id,
    )  # fmt: skip
    assert live == 4
    assert await arena.value("select count(*) from jury_duty") == 5 * 4 + 1


async def test_jurors_are_told_once_that_there_is_something_to_judge(arena: Arena) -> None:
    juror, one = await judged(arena)
    with arena.judging():
        await judging.abstain(arena.db, juror, one.id, AbstainReason.LANGUAGE)
        await drawing.draw_due(arena.db)
        late = await arena.juror()
        await drawing.draw_due(arena.db)
    told = await arena.rows("select account_id, subject_kind, subject_id from notice where kind = 'jury_asked'")
    assert sorted(tuple(row) for row in told) == sorted(
        (who.account_id, "round", arena.round_id) for who in (juror, late)
    )


async def test_silent_and_dismissed_jurors_are_not_waited_for(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    first = await arena.jurors(4)
    await arena.draw()
    gone = first[0].require_account()
    async with arena.db.transaction() as tx:
        await tx.execute("update role_grant set revoked_at = now() where account_id = $1", gone)
    await arena.jurors(4)
    with arena.judging():
        await drawing.draw_due(arena.db)
    assert await arena.value("select count(*) from jury_duty") == 5 * (4 + 1)
    with arena.at(5 * DAY + timedelta(hours=2) + JUROR_PATIENCE):
        assert await asked(arena, await viewer_of(arena.db, gone)) == []
        await drawing.draw_due(arena.db)
    assert await arena.value("select count(*) from jury_duty") == 5 * (4 + 1 + 3)


async def test_juror_who_came_to_teach_the_class_meanwhile_may_not_judge_it(arena: Arena) -> None:
    juror, one = await judged(arena)
    class_id = await arena.value("select class_ids[1] from contender")
    await give(arena.db, arena.stage.town.admin, juror.require_account(), Role.TEACHER, ScopeKind.CLASS, class_id)
    juror = await viewer_of(arena.db, juror.require_account())
    with arena.judging():
        assert await asked(arena, juror) == []
        with pytest.raises(NotFound):
            await score(arena, juror, one, 5)


@pytest.mark.parametrize(
    ("after", "change", "error"),
    [
        (5 * DAY - timedelta(seconds=1), "paused_at = null", Closed("judging_not_begun")),
        (10 * DAY, "paused_at = null", Closed("judging_over")),
        (6 * DAY, "paused_at = opens_at + interval '5 days'", Conflict(state=RoundState.PAUSED)),
        (6 * DAY, "voided_at = opens_at + interval '5 days', void_reason = 'x'", Conflict(state=RoundState.VOID)),
    ],
)
async def test_scores_are_taken_while_the_round_is_judged(
    arena: Arena, after: timedelta, change: str, error: DomainError
) -> None:
    juror, one = await judged(arena)
    async with arena.db.transaction() as tx:
        await tx.execute(f"update round set {change}")
    with arena.at(after):
        assert await asked(arena, juror) == []
        for act in (score(arena, juror, one, 5), judging.abstain(arena.db, juror, one.id, AbstainReason.OTHER)):
            with pytest.raises(type(error)) as refused:
                await act
            assert (refused.value.code, refused.value.path) == (error.code, error.path)
    assert await arena.value("select count(*) from jury_duty where state <> 'ASSIGNED'") == 0


async def test_restricted_juror_and_nobody_score_nothing(arena: Arena) -> None:
    juror, one = await judged(arena)
    with arena.judging():
        with pytest.raises(Unauthenticated):
            await asked(arena, ANONYMOUS)
        with pytest.raises(Unauthenticated):
            await score(arena, ANONYMOUS, one, 5)
        async with arena.db.transaction() as tx:
            await tx.execute("update account set restricted_until = now() + interval '1 year'")
        with pytest.raises(NotAllowed) as refused:
            await score(arena, await viewer_of(arena.db, juror.require_account()), one, 5)
    assert refused.value.code == "account_restricted"


async def test_sealed_session_of_a_student_juror_reads_and_scores_nothing(arena: Arena) -> None:
    juror, one = await judged(arena)
    sealed = replace(juror, sealed_until=arena.opens_at + 9 * DAY)
    with arena.judging():
        assert await asked(arena, sealed) == []
        async with arena.db.reading() as conn:
            assert await judging.find_entries(conn, sealed, [one.id]) == []
        with pytest.raises(Conflict) as refused:
            await score(arena, sealed, one, 5)
    assert refused.value.code == "sealed_after_reset"


async def test_statement_that_was_narrowed_to_the_school_is_shown_to_no_juror(arena: Arena) -> None:
    juror, one = await judged(arena)
    async with arena.db.transaction() as tx:
        await tx.execute("update statement set audience = 'SCHOOL' where published_revision_id = $1", one.revision_id)
    with arena.judging():
        assert one.id not in {row.id for row in await asked(arena, juror)}
        with pytest.raises(NotFound):
            await score(arena, juror, one, 5)


async def test_score_and_abstention_at_once_leave_one_of_them(arena: Arena) -> None:
    juror, one = await judged(arena)
    with arena.judging():
        await together(
            *(score(arena, juror, one, points) for points in (1, 2, 3)),
            judging.abstain(arena.db, juror, one.id, AbstainReason.OTHER),
        )
        [now] = [row for row in await asked(arena, juror) if row.id == one.id]
    assert now.state is DutyState.ABSTAINED
    assert now.score is None


async def test_void_round_asks_no_jurors(arena: Arena) -> None:
    await arena.competing_class("8A", size=10, speaking=10)
    await arena.draw()
    with arena.judging():
        await running.void_round(arena.db, await arena.editor(), arena.round_id, "Feil uke.")
        await arena.jurors(3)
        await drawing.draw_due(arena.db)
    assert await arena.value("select count(*) from jury_duty") == 0
