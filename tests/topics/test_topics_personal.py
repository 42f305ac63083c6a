"""Leaving: out of every view at once, back within the day, and forgotten by the job; and the copy of one's data."""

from datetime import timedelta

import pytest

from backend.accounts import erasure, personal_data
from backend.core.clock import time_shifted
from backend.core.viewer import Viewer
from backend.topics.personal import PERSONAL
from backend.topics.rules import ProposalState
from backend.topics.supporting import support_topic
from backend.topics.work import remind_overdue
from moderation.rules import Verdict
from tests.campaigns.stage import Stage
from tests.places.town import SETTINGS
from tests.topics.forum import choose, decide, decline, editor, propose, row_of, sees, shown, topics_of


@pytest.fixture(autouse=True)
def domain() -> None:
    personal_data.register(PERSONAL)


async def ask(stage: Stage, who: Viewer) -> None:
    await erasure.request_erasure(stage.db, SETTINGS.accounts, who, keep_statements=True)


async def erase(stage: Stage, who: Viewer) -> None:
    with time_shifted(timedelta(hours=25)):
        assert await erasure.handle_erase(stage.db, SETTINGS.accounts, {"account": str(who.account_id)})


async def test_leaving_takes_it_out_of_every_view_and_coming_back_shows_it(stage: Stage) -> None:
    proposer, reader, boss = await stage.student(), await stage.student(), await editor(stage)
    seen, chosen, waiting = await shown(stage, proposer), await shown(stage, proposer), await propose(stage, proposer)
    await choose(stage, boss, chosen)
    await ask(stage, proposer)
    for one in (seen, chosen):
        assert not await sees(stage, reader, one)
        assert not await sees(stage, boss, one)
    await decide(stage, waiting, Verdict.APPROVE)
    assert not await sees(stage, reader, waiting)
    with time_shifted(timedelta(days=15)):
        assert await remind_overdue(stage.db) == 0
    await erasure.cancel_erasure(stage.db, proposer)
    assert [await sees(stage, reader, one) for one in (seen, chosen, waiting)] == [True] * 3


async def test_erasure_empties_all_and_of_a_chosen_one_the_topic_stays(stage: Stage) -> None:
    proposer, other, boss = await stage.student(), await stage.student(), await editor(stage)
    chosen, declined = await shown(stage, proposer), await shown(stage, proposer)
    waiting, others = await propose(stage, proposer), await shown(stage, other)
    await support_topic(stage.db, proposer, others)
    await support_topic(stage.db, other, chosen)
    await choose(stage, boss, chosen)
    await decline(stage, boss, declined)
    await ask(stage, proposer)
    await erase(stage, proposer)
    for one in (chosen, declined, waiting):
        row = await row_of(stage, one)
        assert (row.proposer_id, row.class_id, row.school_id, row.name, row.why) == (None, None, None, "", "")
        assert row.state is ProposalState.WITHDRAWN
        assert not await sees(stage, other, one)
        assert not await sees(stage, boss, one)
    assert await topics_of(stage) == ["Skolen", "Byen", "Skoleveien"]
    assert await stage.value("select count(*) from moderation_case where state <> 'CLOSED'") == 0
    count = "select count(*) from topic_support where account_id = $1"
    assert await stage.value(count, proposer.account_id) == 0
    assert await stage.value(count, other.account_id) == 1
    assert await sees(stage, other, others)


async def test_supporter_who_is_leaving_is_told_nothing(stage: Stage) -> None:
    proposer, leaving, boss = await stage.student(), await stage.student(), await editor(stage)
    proposal_id = await shown(stage, proposer)
    await support_topic(stage.db, leaving, proposal_id)
    await ask(stage, leaving)
    await decline(stage, boss, proposal_id)
    assert await stage.value("select count(*) from notice where kind like 'supported%'") == 0


async def test_copy_holds_own_proposals_supports_and_answers_and_nobody_elses(stage: Stage) -> None:
    proposer, other, boss = await stage.student(), await stage.student(), await editor(stage)
    await propose(stage, proposer, "Mitt tema", why="Min grunn.")
    own = await shown(stage, proposer, "Mitt andre")
    others = await shown(stage, other, "Andres tema", why="Andres grunn.")
    await support_topic(stage.db, proposer, others)
    await support_topic(stage.db, other, own)
    await decline(stage, boss, others, "Ikke nå.")
    async with stage.db.snapshot() as conn:
        copy = await PERSONAL.export(conn, proposer.require_account())
        bosses = await PERSONAL.export(conn, boss.require_account())
    text = str(copy)
    assert all(word in text for word in ("Mitt tema", "Min grunn.", "Mitt andre", str(others)))
    assert not any(word in text for word in ("Andres tema", "Andres grunn.", str(other.account_id), "Ikke nå."))
    assert "Ikke nå." in str(bosses)
    assert "Andres tema" not in str(bosses)
