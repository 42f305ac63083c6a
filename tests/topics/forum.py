"""Short words for what is done with proposed topics all the time, on the campaigns' stage."""

import asyncio
from dataclasses import replace
from typing import Any

from backend.campaigns.running import find_scope
from backend.core.errors import not_found
from backend.core.ids import Id
from backend.core.paging import PageRequest
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.places import roles
from backend.places.roles import NewRole
from backend.rounds.store.rounds import is_topic_used
from backend.topics import answering, proposing, reading
from backend.topics.answering import NewAnswer
from backend.topics.config import TopicSettings
from backend.topics.proposing import KIND, NewTopic
from backend.topics.reading import Seen
from backend.topics.rules import Answer, ProposalState
from backend.topics.store import proposals as store
from backend.topics.store.proposals import Proposal
from backend.topics.subject import TopicSubject
from moderation.claims import claim_case
from moderation.config import ModerationSettings
from moderation.deciding import Decided, NewDecision, decide_case
from moderation.report_rules import Category
from moderation.reporting import report_subject
from moderation.rules import Reason, Verdict
from moderation.subjects import Desk
from tests.campaigns.stage import Stage, together
from tests.places.town import SETTINGS as PLACES
from tests.places.town import handle_of, make_account, viewer_of

DESK = Desk(ModerationSettings(secret=b"x" * 32), {KIND: TopicSubject()})
WITH_CAMPAIGNS = replace(PLACES, scope_of_campaign=find_scope)
SETTINGS = TopicSettings(used_in_rounds=is_topic_used)
NAME, WHY = "Trygg skolevei", "Det er mørkt og mange biler."


async def propose(
    stage: Stage, who: Viewer, name: str = NAME, *, why: str = WHY, language: str = "nb",
    campaign_id: Id | None = None, client_key: str | None = None,
) -> Id:  # fmt: skip
    """A proposal that waits for a moderator."""
    new = NewTopic(name, why, language)
    return await proposing.propose_topic(stage.db, who, campaign_id or stage.campaign_id, new, client_key=client_key)


async def decide(
    stage: Stage, proposal_id: Id, verdict: Verdict, *, who: Viewer | None = None, reason: Reason | None = None,
    words: str | None = None,
) -> Decided:  # fmt: skip
    """A moderator claims the case and decides; nothing about the time of its queue is changed."""
    who, case_id = who or stage.moderator, await stage.case_of(proposal_id)
    claim = await claim_case(stage.db, DESK, who, case_id)
    assert claim.token is not None
    new = NewDecision(proposal_id, 1, verdict, reason, words, "nb" if words else None)
    return await decide_case(stage.db, DESK, who, case_id, claim.token, new)


async def shown(stage: Stage, who: Viewer, name: str = NAME, *, why: str = WHY) -> Id:
    """A proposal that others see."""
    proposal_id = await propose(stage, who, name, why=why)
    await decide(stage, proposal_id, Verdict.APPROVE)
    return proposal_id


async def report(stage: Stage, who: Viewer, proposal_id: Id, category: Category = Category.HARASSMENT) -> None:
    await report_subject(stage.db, DESK, who, kind=KIND, subject_id=proposal_id, category=category)


async def choose(
    stage: Stage, who: Viewer, proposal_id: Id, name: str = "Skoleveien", *, seen: ProposalState = ProposalState.SHOWN
) -> None:
    """It becomes a topic of the campaign."""
    new = NewAnswer(Answer.CHOSEN, {"nb": name, "en": "The way to school"}, {})
    await answering.answer_topic(stage.db, who, SETTINGS, proposal_id, new, seen=seen)


async def decline(
    stage: Stage, who: Viewer, proposal_id: Id, reason: str = "Vi hadde det i fjor.", *,
    seen: ProposalState = ProposalState.SHOWN,
) -> None:  # fmt: skip
    new = NewAnswer(Answer.DECLINED, {}, {"nb": reason})
    await answering.answer_topic(stage.db, who, SETTINGS, proposal_id, new, seen=seen)


async def row_of(stage: Stage, proposal_id: Id) -> Proposal:
    async with stage.db.reading() as conn:
        row = await store.get_proposal(conn, proposal_id)
    assert row is not None
    return row


async def state_of(stage: Stage, proposal_id: Id) -> ProposalState:
    return (await row_of(stage, proposal_id)).state


async def listed(stage: Stage, viewer: Viewer, *states: ProposalState) -> list[Id]:
    """The ids in the viewer's list of the campaign."""
    page = await reading.list_topics(
        stage.db, viewer, stage.campaign_id, PageRequest(50), states=list(states) if states else None
    )
    return [seen.row.id for seen in page.rows]


async def look(stage: Stage, viewer: Viewer, proposal_id: Id) -> Seen:
    """The proposal as the viewer sees it. Raises NotFound."""
    found = await reading.find_topics(stage.db, viewer, [proposal_id])
    if not found:
        raise not_found("proposal", proposal_id)
    return found[0]


async def sees(stage: Stage, viewer: Viewer, proposal_id: Id) -> bool:
    """Whether it is in the viewer's list; the single look-up must say the same."""
    is_listed = proposal_id in await listed(stage, viewer)
    found = await reading.find_topics(stage.db, viewer, [proposal_id])
    assert is_listed is bool(found)
    return is_listed


async def editor(stage: Stage, *, role: Role = Role.EDITOR, by: Viewer | None = None) -> Viewer:
    """Somebody who runs the campaign, or another role in it."""
    account_id = await make_account(stage.db, staff=True)
    new = NewRole(await handle_of(stage.db, account_id), role, ScopeKind.CAMPAIGN, stage.campaign_id, None)
    await roles.grant_role(stage.db, by or stage.town.secretariat, WITH_CAMPAIGNS, new)
    return await viewer_of(stage.db, account_id)


async def notices(stage: Stage, who: Viewer) -> list[str]:
    """The kinds of notices about topics in somebody's inbox, oldest first."""
    async with stage.db.reading() as conn:
        rows = await conn.fetch(
            "select kind from notice where account_id = $1 and kind like '%topic%' order by at, id", who.account_id
        )
    return [row["kind"] for row in rows]


async def topics_of(stage: Stage) -> list[str]:
    """The names of the campaign's topics, in order."""
    async with stage.db.reading() as conn:
        rows = await conn.fetch(
            "select name->>'nb' as name from topic where campaign_id = $1 order by position", stage.campaign_id
        )
    return [row["name"] for row in rows]


async def at_one_moment(stage: Stage, table: str, row_id: Id, *tries: Any) -> tuple[list[Any], list[BaseException]]:
    """Let the coroutines run into a lock on the row that is held until all of them wait: (results, errors)."""
    async with stage.db.transaction() as tx:
        await tx.execute(f"select from {table} where id = $1 for update", row_id)
        tasks = [asyncio.ensure_future(one) for one in tries]
        await waiting_for_locks(stage, len(tries))
    return await together(*tasks)


async def waiting_for_locks(stage: Stage, count: int) -> None:
    """Return once so many of the test's transactions wait for a lock."""
    sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while await stage.value(sql) < count:  # noqa: ASYNC110 - the database tells nobody that somebody waits
            await asyncio.sleep(0.02)
