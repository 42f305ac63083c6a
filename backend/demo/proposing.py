"""The topics that young people of the demo propose for the network's campaign, and what its editor answers."""

from collections.abc import Sequence

from backend.core.ids import Id
from backend.demo.campaigns import Running
from backend.demo.reading import DemoProposal
from backend.demo.reviewing import decide
from backend.demo.stage import Stage, ago, for_each
from backend.demo.towns import Classroom, Town
from backend.topics.answering import NewAnswer, answer_topic
from backend.topics.proposing import KIND, NewTopic, propose_topic
from backend.topics.rules import Answer, ProposalState
from backend.topics.store.subjects import VERSION
from backend.topics.supporting import support_topic
from moderation.rules import Verdict
from moderation.subjects import Subject

_SHOWN_AFTER_HOURS, _SUPPORTED_AFTER_HOURS = 5, 12


async def propose_topics(stage: Stage, towns: Sequence[Town], campaign: Running) -> None:
    """Each proposal until what became of it."""
    for demo in stage.material.proposals:
        town, room = next((town, room) for town in towns for room in town.classrooms if demo.proposer in room.confirmed)
        with ago(days=demo.days_ago):
            new = NewTopic(demo.words, demo.why, demo.language)
            proposal_id = await propose_topic(stage.db, room.confirmed[demo.proposer], campaign.id, new)
        if demo.outcome == "WAITING":
            continue
        with ago(days=demo.days_ago, hours=-_SHOWN_AFTER_HOURS):
            moderator = next(one for one in town.moderators if demo.language in one.languages)
            await decide(stage, moderator, Subject(KIND, proposal_id, proposal_id, VERSION), Verdict.APPROVE)
        await _support(stage, [room for one in towns for room in one.classrooms], demo, proposal_id)
        if demo.answered_days_ago is not None:
            with ago(days=demo.answered_days_ago):
                new_answer = NewAnswer(Answer(demo.outcome), demo.name or {}, demo.reason or {})
                await answer_topic(
                    stage.db, campaign.editor, stage.services.topics, proposal_id, new_answer, seen=ProposalState.SHOWN
                )


async def _support(stage: Stage, rooms: Sequence[Classroom], demo: DemoProposal, proposal_id: Id) -> None:
    others = [viewer for room in rooms for name, viewer in room.confirmed.items() if name != demo.proposer]
    with ago(days=demo.days_ago, hours=-_SUPPORTED_AFTER_HOURS):
        await for_each(
            stage.chance.sample(others, demo.supports), lambda one: support_topic(stage.db, one, proposal_id)
        )
