"""The rounds of the network's campaign: one that has been announced, one that is open, and the weeks that follow."""

from collections.abc import Sequence
from datetime import time, timedelta

from backend.accounts.passphrases import hasher_for
from backend.accounts.sign_in import SignIn, sign_in
from backend.core.clock import process_now
from backend.core.ids import Id
from backend.core.paging import PageRequest
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.demo import store, students
from backend.demo.campaigns import Running
from backend.demo.reading import DemoRound
from backend.demo.speaking import Said
from backend.demo.staff import Adult, hire
from backend.demo.stage import ADDRESS, PASSPHRASE, Stage, ago, for_each
from backend.demo.towns import Town
from backend.places import roles
from backend.places.roles import NewRole
from backend.rounds import awarding, confirming, dealing, drawing, judging, reflecting, scheduling, standings, work
from backend.rounds.page import TopicPage
from backend.rounds.rules import DutyState
from backend.rounds.schedule import Plan
from backend.rounds.scheduling import Single
from backend.rounds.store.rounds import Word

# Days before now: of the round that is over, and of the one that runs.
OPENED, CLOSED, JUDGED_FROM, JUDGED_UNTIL, CONFIRMED, ANNOUNCED = 37.5, 10, 9, 5, 4, 3
RUNNING_OPENED, RUNNING_CLOSES_IN = 2, 2
WEEKLY_FROM, WEEKLY_UNTIL = 5, 60  # days from now
JURORS = ("Ingrid", "Yusuf", "Aino", "Selma", "Anders")
ALL = PageRequest(size=100)


async def hold_rounds(
    stage: Stage, secretariat: Viewer, towns: Sequence[Town], campaign: Running, said: dict[str, Said]
) -> None:
    """From the calendar to the awards of the finished round."""
    pages = {one.key: one for one in stage.material.rounds}
    finished = await _schedule(stage, campaign, pages["finished"], opened=OPENED, closes_in=-CLOSED)
    running = await _schedule(stage, campaign, pages["running"], opened=RUNNING_OPENED, closes_in=RUNNING_CLOSES_IN)
    with ago(days=RUNNING_OPENED - 1):
        today = process_now().date()
        plan = Plan(0, time(8), 4, time(15), today + timedelta(days=WEEKLY_FROM), today + timedelta(days=WEEKLY_UNTIL))
        content = _page(campaign, pages["weekly"])
        await scheduling.schedule_weekly(stage.db, campaign.editor, campaign.id, plan, content=content)
    young = [viewer for town in towns for room in town.classrooms for viewer in room.confirmed.values()]
    with ago(days=CLOSED + 10):
        await for_each(young[::4], lambda one: reflecting.mark_reflection(stage.db, one, finished))
    with ago(days=1):
        await for_each(young[::5], lambda one: reflecting.mark_reflection(stage.db, one, running))
    await _judge(stage, secretariat, campaign, finished)
    await _mark(stage, young, finished)
    await _conclude(stage, campaign, finished, pages["finished"], said)


async def _schedule(stage: Stage, campaign: Running, demo: DemoRound, *, opened: float, closes_in: float) -> Id:
    now = process_now()
    closes_at = now + timedelta(days=closes_in)
    times = Single(now - timedelta(days=opened), closes_at)
    if closes_in < 0:
        times = Single(
            times.opens_at,
            closes_at,
            judging_starts_at=now - timedelta(days=JUDGED_FROM),
            judging_ends_at=now - timedelta(days=JUDGED_UNTIL),
        )
    with ago(days=opened, hours=1):
        return await scheduling.schedule_single(
            stage.db, campaign.editor, campaign.id, times, content=_page(campaign, demo)
        )


def _page(campaign: Running, demo: DemoRound) -> TopicPage:
    words = [Word(dict(one["word"]), dict(one["meaning"])) for one in demo.vocabulary]
    return TopicPage(demo.prompt, demo.questions, words, campaign.topics[demo.topic])


async def _judge(stage: Stage, secretariat: Viewer, campaign: Running, round_id: Id) -> None:
    """Five adults and a student of 9B score what the lot draws."""
    with ago(days=CLOSED + 2):
        jurors = [await _adult(stage, secretariat, campaign, number) for number in range(len(JURORS))]
        jurors.append(await _youth(stage, secretariat, campaign))
    with ago(days=JUDGED_FROM - 0.1):
        await drawing.draw_if_due(stage.db, round_id)
    with ago(days=JUDGED_FROM - 1):
        for juror in jurors:
            for entry in (await judging.list_entries(stage.db, juror, ALL, round_id=round_id)).rows:
                if entry.state is DutyState.ASSIGNED:
                    score = stage.chance.choices((1, 2, 3, 4, 5), (1, 3, 6, 7, 4))[0]
                    await judging.score_entry(stage.db, juror, entry.id, judging.wording_id(entry), score)


async def _adult(stage: Stage, secretariat: Viewer, campaign: Running, number: int) -> Viewer:
    adult = Adult(f"juror{number + 1}", JURORS[number], "NO", "nb")
    return await hire(stage, secretariat, adult, Role.CAMPAIGN_JUROR, ScopeKind.CAMPAIGN, campaign.id)


async def _youth(stage: Stage, secretariat: Viewer, campaign: Running) -> Viewer:
    handle = students.OWN_DOOR[students.YOUNGER]
    new = NewRole(handle, Role.CAMPAIGN_JUROR, ScopeKind.CAMPAIGN, campaign.id)
    await roles.grant_role(stage.db, secretariat, stage.services.places, new)
    accounts = stage.services.accounts
    started = await sign_in(
        stage.db, accounts, hasher_for(accounts.hash_cost), Viewer(address=ADDRESS), SignIn(handle, PASSPHRASE)
    )
    return await stage.viewer(started.token)


async def _mark(stage: Stage, young: Sequence[Viewer], round_id: Id) -> None:
    """Two of three voters hand their hand in, with one to three marks."""

    async def one(voter: Viewer) -> None:
        await stage.services.dealing.deal(stage.db, voter, round_id)
        hand = await dealing.my_hand(stage.db, voter, round_id)
        if hand is not None and stage.chance.random() < 2 / 3:
            marks = stage.chance.sample([card.id for card in hand.cards], stage.chance.randint(1, hand.most_marks))
            await dealing.mark_entries(stage.db, voter, round_id, marks)

    with ago(days=JUDGED_FROM - 2):
        await for_each(young, one)


async def _conclude(stage: Stage, campaign: Running, round_id: Id, demo: DemoRound, said: dict[str, Said]) -> None:
    """The editor confirms and announces; the best class gets an award, and a statement, whose author agrees."""
    with ago(days=CONFIRMED):
        result = await standings.provisional_result(stage.db, campaign.editor, round_id)
        await confirming.confirm_round(stage.db, campaign.editor, round_id, result.digest)
        await awarding.give_award(
            stage.db, campaign.editor, round_id, demo.award or {}, class_id=result.lines[0].classes[0].id
        )
        honoured = await _honoured(stage, said)
        award_id = await awarding.give_award(
            stage.db, campaign.editor, round_id, demo.statement_award or {}, statement_id=honoured.id
        )
    with ago(days=ANNOUNCED + 0.5):
        await awarding.answer_award(stage.db, honoured.author, award_id, agrees=True)
    with ago(days=ANNOUNCED):
        await confirming.announce_round(stage.db, campaign.editor, round_id)
    with ago(days=ANNOUNCED, hours=-1):
        await work.tell_announced(stage.db)


async def _honoured(stage: Stage, said: dict[str, Said]) -> Said:
    """The most supported statement of those that competed."""
    by_id = {one.id: one for one in said.values()}
    async with stage.db.reading() as conn:
        competed = await store.competing_statements(conn)
    return max((by_id[one] for one in competed), key=lambda one: (one.demo.supports, one.demo.key))
