"""The copy of what one did in rounds, and its erasure: voices and scores count on without anybody behind them."""

from datetime import timedelta

from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from backend.rounds import entering, personal, reflecting
from backend.rounds.personal import PERSONAL, OwnRounds
from tests.rounds.arena import Arena

TABLES = {"entry_choice": "account_id", "reflection": "account_id", "hand": "voter_id", "jury_duty": "juror_id"}
NAMES = OwnRounds.__slots__


async def _busy(arena: Arena) -> tuple[Viewer, Viewer, Viewer, list[Id]]:
    """A student, a classmate who did the same, a juror, and the statements of another class."""
    class_id = await arena.new_class("8A")
    accounts = await arena.crowd(class_id, 10)
    _, _, statements = await arena.competing_class("8B", speaking=10)
    viewers = [await arena.viewer(one) for one in accounts[:2]]
    for viewer in viewers:
        said = await arena.say(viewer.require_account(), class_id)
        with arena.at(timedelta(hours=4)):
            await reflecting.mark_reflection(arena.db, viewer, arena.round_id)
            await entering.enter_statement(arena.db, viewer, arena.round_id, said)
    juror = (await arena.jurors(5))[0]
    await arena.draw()
    async with arena.db.transaction() as tx:
        for viewer in viewers:
            await tx.execute(
                "insert into hand (id, round_id, voter_id, numbers, dealt_at) values ($1, $2, $3, $4, now())",
                new_id(), arena.round_id, viewer.account_id, [0, 1, 2, 3, 4, 5],
            )  # fmt: skip
    return viewers[0], viewers[1], juror, statements


async def _count(arena: Arena, viewer: Viewer) -> dict[str, int]:
    return {
        table: await arena.value(f"select count(*) from {table} where {column} = $1", viewer.account_id)
        for table, column in TABLES.items()
    }


async def _erase(arena: Arena, viewer: Viewer) -> None:
    async with arena.db.transaction() as tx:
        await PERSONAL.erase(tx, viewer.require_account())


async def test_erasure_forgets_what_a_student_did_and_nothing_of_others(arena: Arena) -> None:
    student, classmate, _, _ = await _busy(arena)
    assert await _count(arena, student) == {"entry_choice": 1, "reflection": 1, "hand": 1, "jury_duty": 0}
    before = await _count(arena, classmate)
    await _erase(arena, student)
    assert set((await _count(arena, student)).values()) == {0}
    assert await arena.value("select count(*) from hand") == 1
    assert await _count(arena, classmate) == before


async def test_voice_that_was_handed_in_counts_on_without_its_voter(arena: Arena) -> None:
    student, classmate, _, _ = await _busy(arena)
    async with arena.db.transaction() as tx:
        await tx.execute("update hand set marked = '{2,4}', marked_at = now()")
    await _erase(arena, student)
    rows = await arena.rows("select voter_id, numbers, marked from hand")
    assert [(row["numbers"], row["marked"]) for row in rows] == [([0, 1, 2, 3, 4, 5], [2, 4])] * 2
    voters = {row["voter_id"] for row in rows}
    assert len(voters) == 2
    assert student.account_id not in voters
    assert classmate.account_id in voters


async def test_scores_of_a_juror_who_leaves_stay_and_what_waited_goes(arena: Arena) -> None:
    _, _, juror, _ = await _busy(arena)
    others = await arena.value("select count(*) from jury_duty where juror_id <> $1", juror.account_id)
    duties = [row["id"] for row in await arena.rows("select id from jury_duty where juror_id = $1", juror.account_id)]
    assert len(duties) >= 3
    async with arena.db.transaction() as tx:
        await tx.execute(
            "update jury_duty set state = 'SCORED', score = 4, revision_id = gen_random_uuid(), decided_at = now()"
            " where id = any($1)",
            duties[:2],
        )
        await tx.execute("update jury_duty set state = 'ABSTAINED', abstained_for = 'OTHER' where id = $1", duties[2])
    await _erase(arena, juror)
    left = await arena.rows("select id, juror_id, score from jury_duty where id = any($1) order by id", duties)
    assert [(row["id"], row["score"]) for row in left] == [(one, 4) for one in sorted(duties[:2])]
    assert len({row["juror_id"] for row in left} | {juror.account_id}) == 3
    assert await arena.value("select count(*) from jury_duty") == others + 2


async def test_copy_holds_what_one_did_and_nothing_of_others(arena: Arena) -> None:
    student, classmate, juror, _ = await _busy(arena)
    async with arena.db.transaction() as tx:
        await tx.execute("update hand set marked = '{2,4}', marked_at = now() where voter_id = $1", student.account_id)
        await tx.execute(
            "insert into class_union (id, campaign_id, class_ids, made_by, made_at) values ($1, $2, '{}', $3, now())",
            new_id(), arena.stage.campaign_id, juror.account_id,
        )  # fmt: skip
        await tx.execute(
            "insert into award (id, round_id, title, statement_id, given_by, given_at, consent)"
            " select $1, $2, '{\"nb\": \"Modig\"}', id, $3, now(), 'ASKED' from statement where author_id = $4",
            new_id(), arena.round_id, juror.account_id, student.account_id,
        )  # fmt: skip

    async def copies() -> list[OwnRounds]:
        async with arena.db.snapshot() as conn:
            return [await personal.export(conn, who.require_account()) for who in (student, classmate, juror)]

    with arena.judging():  # which statements they are would tell whose
        mine, _, judged = await copies()
        assert (mine.hands[0].dealt, mine.hands[0].marked) == ([], [])
        assert {one.statement_id for one in judged.duties} == {None}
    with arena.over():
        mine, theirs, judged = await copies()
    assert [len(getattr(mine, name)) for name in NAMES] == [1, 1, 1, 0, 1, 0]
    [hand] = mine.hands
    assert hand.marked is not None
    assert (len(hand.dealt), len(hand.marked)) == (6, 2)
    assert set(hand.marked) < set(hand.dealt)
    assert [len(getattr(theirs, name)) for name in NAMES] == [1, 1, 1, 0, 0, 0]
    assert theirs.hands[0].marked is None
    assert len(judged.duties) >= 3
    assert {one.kind for one in judged.decisions} == {"UNION_MADE", "AWARD_GIVEN"}
    assert str(classmate.account_id) not in str(mine)
    assert str(student.account_id) not in str(judged)
