"""Joining small classes: who may, how many and how big, once, at once, and from which round on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.campaigns import running as campaigns
from backend.core.errors import Closed, Conflict, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import ANONYMOUS, Role, ScopeKind, Viewer
from backend.places import closing
from backend.rounds import joining
from backend.rounds.joining import Joined
from tests.campaigns.stage import new_campaign, together
from tests.places.town import SETTINGS, give, make_town, staff, viewer_of
from tests.rounds.arena import DAY, Arena

COUNT = "select count(*) from class_union"
KEY = "a-key-of-some-length"


async def _classes(arena: Arena, *sizes: int) -> list[Id]:
    """Classes of these sizes, all sat in since yesterday."""
    found = []
    for number, size in enumerate(sizes):
        class_id = await arena.new_class(f"{number}K")
        await arena.crowd(class_id, size, before=timedelta(hours=2))
        found.append(class_id)
    return found


async def _join(arena: Arena, class_ids: list[Id], *, who: Viewer | None = None, **given: Any) -> Id:
    return await joining.join_classes(
        arena.db, who or arena.stage.town.admin, given.pop("campaign_id", arena.stage.campaign_id), class_ids, **given
    )


async def _teacher(arena: Arena, *class_ids: Id) -> Viewer:
    teacher = await staff(arena.db, arena.stage.town.admin, Role.TEACHER, ScopeKind.CLASS, class_ids[0])
    for one in class_ids[1:]:
        await give(arena.db, arena.stage.town.admin, teacher.require_account(), Role.TEACHER, ScopeKind.CLASS, one)
    return await viewer_of(arena.db, teacher.require_account())


async def _somebody(arena: Arena, class_id: Id) -> Id:
    found: Id = await arena.value("select account_id from seat where class_id = $1 order by id limit 1", class_id)
    return found


async def _union(arena: Arena, union_id: Id, who: Viewer) -> Joined | None:
    async with arena.db.reading() as conn:
        return next(iter(await joining.find_unions(conn, who, [union_id])), None)


async def test_joined_classes_compete_as_one_from_the_next_opening_until_separated(arena: Arena) -> None:
    small, smaller = await _classes(arena, 5, 4)
    teacher = await _teacher(arena, small, smaller)
    union_id = await _join(arena, [smaller, small], who=teacher)
    [listed] = await joining.list_unions(arena.db, teacher, small)
    assert (listed.union.id, listed.union.ended_at) == (union_id, None)
    assert [row.id for row in listed.classes] == sorted([small, smaller])
    with arena.open():
        await joining.separate_classes(arena.db, teacher, union_id)
    for class_id in (small, smaller):
        await arena.say(await _somebody(arena, class_id), class_id)
    await arena.draw()
    [contender] = await arena.rows("select class_ids, size from contender")
    assert tuple(contender) == (sorted([small, smaller]), 9)
    assert await joining.list_unions(arena.db, teacher, small) == []


async def test_joining_during_a_round_leaves_that_round_alone(arena: Arena) -> None:
    small, smaller = await _classes(arena, 5, 4)
    for class_id in (small, smaller):
        await arena.say(await _somebody(arena, class_id), class_id)
    with arena.open():
        await _join(arena, [small, smaller])
    await arena.draw()
    assert await arena.value("select count(*) from contender") == 2


@pytest.mark.parametrize(
    ("sizes", "code"),
    [
        ((5,), "classes_to_join"),
        ((1, 1, 1, 1, 1, 1), "classes_to_join"),
        ((9, 9), "no_small_class"),
        ((8, 33), "too_many_joined"),
        ((8, 32), None),
        ((0, 9), None),
        ((1, 2, 3, 4, 5), None),
    ],
)
async def test_joining_needs_a_small_class_and_not_too_many(
    arena: Arena, sizes: tuple[int, ...], code: str | None
) -> None:
    ids = await _classes(arena, *sizes)
    if code is None:
        await _join(arena, ids)
    else:
        with pytest.raises(ValidationFailed) as refused:
            await _join(arena, ids * 2)
        assert refused.value.code == code
    assert await arena.value(COUNT) == (1 if code is None else 0)


async def test_joining_only_for_who_runs_all_of_the_classes(arena: Arena) -> None:
    town = arena.stage.town
    first, second = await _classes(arena, 5, 4)
    one_only = await _teacher(arena, first)
    student = await arena.viewer((await arena.crowd(first, 1))[0])
    stranger = await arena.stage.outsider()
    restricted = replace(await _teacher(arena, first, second), is_restricted=True)
    without_factor = await viewer_of(arena.db, town.admin.require_account(), second_factor=False)
    # Who is refused how: joining, and separating what others joined.
    refusals: list[tuple[Viewer, type[Exception], type[Exception] | None]] = [
        (one_only, NotFound, None), (student, NotAllowed, NotFound), (stranger, NotFound, NotFound),
        (town.official, NotAllowed, NotFound), (town.secretariat, NotAllowed, NotFound),
        (arena.stage.moderator, NotFound, NotFound), (ANONYMOUS, Unauthenticated, Unauthenticated),
        (restricted, NotAllowed, NotAllowed), (without_factor, NotAllowed, NotAllowed),
    ]  # fmt: skip
    for who, refusal, _ in refusals:
        with pytest.raises(refusal):
            await _join(arena, [first, second], who=who)
    assert await arena.value(COUNT) == 0
    union_id = await _join(arena, [first, second])
    for who, _, error in refusals:
        if error is None:
            continue
        with pytest.raises(error):
            await joining.separate_classes(arena.db, who, union_id)
        assert await _union(arena, union_id, who) is None
        assert await joining.list_unions(arena.db, who, first) == []
    assert await arena.value("select ended_at from class_union") is None
    assert await _union(arena, union_id, one_only) is not None
    await joining.separate_classes(arena.db, one_only, union_id)
    assert await arena.value("select ended_at from class_union") is not None


async def test_class_that_does_not_exist_is_answered_like_one_that_is_hidden(arena: Arena) -> None:
    first, second = await _classes(arena, 5, 4)
    teacher = await _teacher(arena, first)
    answers = []
    for hidden in (second, new_id()):
        with pytest.raises(NotFound) as refused:
            await _join(arena, [first, hidden], who=teacher)
        answers.append((refused.value.code, refused.value.path, refused.value.params))
    assert answers[0] == answers[1]
    for union_id in (await _join(arena, [second, arena.stage.town.school_class.id]), new_id()):
        with pytest.raises(NotFound) as refused:
            await joining.separate_classes(arena.db, teacher, union_id)
        answers.append((refused.value.code, refused.value.path, refused.value.params))
    assert answers[2] == answers[3]


async def test_classes_of_another_city_join_in_a_campaign_of_the_network_only(arena: Arena) -> None:
    stage = arena.stage
    elsewhere = await make_town(arena.db, secretariat=stage.town.secretariat)
    mine, theirs = stage.town.school_class.id, elsewhere.school_class.id
    teacher = await _teacher(arena, mine)
    await give(arena.db, elsewhere.admin, teacher.require_account(), Role.TEACHER, ScopeKind.CLASS, theirs)
    teacher = await viewer_of(arena.db, teacher.require_account())
    with pytest.raises(ValidationFailed) as refused:
        await _join(arena, [mine, theirs], who=teacher)
    assert refused.value.code == "class_outside_campaign"
    network = await campaigns.create_campaign(arena.db, stage.town.secretariat, new_campaign(None))
    with pytest.raises(NotFound):  # still a draft
        await _join(arena, [mine, theirs], who=teacher, campaign_id=network)
    async with arena.db.transaction() as tx:
        await tx.execute("update campaign set status = 'OPEN', opens_at = now() where id = $1", network)
    await _join(arena, [mine, theirs], who=teacher, campaign_id=network)
    assert await arena.value(COUNT) == 1


async def test_closed_class_or_campaign_is_not_joined(arena: Arena) -> None:
    first, second = await _classes(arena, 5, 4)
    await closing.close_class(arena.db, arena.stage.town.admin, SETTINGS, class_id=second)
    with pytest.raises(Closed) as refused:
        await _join(arena, [first, second])
    assert refused.value.code == "class_closed"
    await campaigns.close_campaign(arena.db, arena.stage.town.secretariat, arena.stage.campaign_id)
    with pytest.raises(Closed) as refused:
        await _join(arena, [first, arena.stage.town.school_class.id])
    assert refused.value.code == "campaign_closed"
    assert await arena.value(COUNT) == 0


async def test_class_is_in_one_union_of_a_campaign_at_a_time(arena: Arena) -> None:
    first, second, third = await _classes(arena, 3, 3, 3)
    union_id = await _join(arena, [first, second])
    with pytest.raises(Conflict) as refused:
        await _join(arena, [second, third])
    assert refused.value.code == "class_joined"
    await joining.separate_classes(arena.db, arena.stage.town.admin, union_id)
    ended_at = await arena.value("select ended_at from class_union")
    await joining.separate_classes(arena.db, arena.stage.town.admin, union_id)
    assert await arena.value("select ended_at from class_union") == ended_at
    await _join(arena, [second, third])
    assert await arena.value("select count(*) from class_union where ended_at is null") == 1


async def test_unions_made_at_the_same_time_never_share_a_class(arena: Arena) -> None:
    first, second, third = await _classes(arena, 3, 3, 3)
    pairs = ([first, second], [second, third], [first, third])
    done, failed = await together(*(_join(arena, pair) for pair in pairs))
    assert len(done) == 1
    assert [type(one) for one in failed] == [Conflict, Conflict]
    assert await arena.value(COUNT) == 1


async def test_joining_with_the_same_key_is_one_union(arena: Arena) -> None:
    first, second = await _classes(arena, 3, 3)
    done, failed = await together(*(_join(arena, [first, second], client_key=KEY) for _ in range(3)))
    assert (len(set(done)), failed) == (1, [])
    assert await arena.value(COUNT) == 1
    assert await arena.value("select count(*) from audit_entry where action = 'teacher:class_union:made'") == 1


async def test_class_that_closes_in_a_union_counts_nobody(arena: Arena) -> None:
    first, second = await _classes(arena, 9, 4)
    await _join(arena, [first, second])
    await closing.close_class(arena.db, arena.stage.town.admin, SETTINGS, class_id=second)
    await arena.say(await _somebody(arena, first), first)
    await arena.say(await _somebody(arena, second), second)
    await arena.draw()
    assert [tuple(row) for row in await arena.rows("select class_ids, size from contender")] == [
        (sorted([first, second]), 9)
    ]


async def test_sealed_session_joins_nothing(arena: Arena) -> None:
    first, second = await _classes(arena, 3, 3)
    sealed = replace(arena.stage.town.admin, sealed_until=datetime.now(UTC) + DAY)
    with pytest.raises(Conflict):
        await _join(arena, [first, second], who=sealed)
    assert await arena.value(COUNT) == 0
