"""The keys of the demo: the teacher's where they read the language, then the moderators'."""

from dataclasses import dataclass

from backend.campaigns.rules import Audience, keys_needed
from backend.core.ids import Id
from backend.core.paging import PageRequest
from backend.core.viewer import Viewer
from backend.demo.reading import DemoStatement
from backend.demo.stage import Stage, ago
from moderation.claims import claim_case
from moderation.deciding import NewDecision, decide_case
from moderation.keys import KeyOutcome, teacher_keys
from moderation.queue_store import QueueFilter
from moderation.queueing import list_queue
from moderation.rules import Reason, Verdict
from moderation.subjects import Subject

CONCERN = {
    "nb": "Jeg er usikker på denne. Kan dere se på den?",
    "sv": "Jag är osäker på den här. Kan ni titta på den?",
    "fi": "En ole varma tästä. Voisitteko katsoa sitä?",
}


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Who looks at a statement: its class's teacher, and the city's moderators in the order of their duty."""

    teacher: Viewer
    moderators: tuple[Viewer, ...]


async def approve(
    stage: Stage, reviewers: Reviewers, subject: Subject, demo: DemoStatement, *, hours_ago: float
) -> None:
    """All keys that it takes, within half a day of the submission."""
    missing = keys_needed(Audience(demo.audience))
    if not demo.about_school:
        with ago(hours=hours_ago - 3):
            outcome = await first_key(stage, reviewers.teacher, subject, demo)
        missing -= outcome is not KeyOutcome.PASSED_ON
    able = [one for one in reviewers.moderators if _reads(one, demo)]
    for place, moderator in enumerate(able[:missing]):
        with ago(hours=hours_ago - 6 - 3 * place):
            await decide(stage, moderator, subject, Verdict.APPROVE)


async def first_key(stage: Stage, teacher: Viewer, subject: Subject, demo: DemoStatement) -> KeyOutcome:
    """The teacher approves what they can read and passes everything else on."""
    return await _teacher(stage, teacher, subject, pass_on=not _reads(teacher, demo))


async def refuse(stage: Stage, reviewers: Reviewers, subject: Subject, demo: DemoStatement, *, hours_ago: float) -> Id:
    """The teacher is unsure and a moderator refuses, with reason and words; the decision's id."""
    if not demo.about_school:
        with ago(hours=hours_ago - 3):
            await _teacher(stage, reviewers.teacher, subject, pass_on=True, concern=CONCERN.get(demo.language))
    verdict = Verdict.REQUEST_CHANGES if demo.outcome == "CHANGES_REQUESTED" else Verdict.REJECT
    unnamed = Reason.OFF_CAMPAIGN_RULES if demo.picture else Reason.PERSONAL_DATA
    reason = Reason(demo.reason) if demo.reason else unnamed
    with ago(hours=hours_ago - 7):
        return await decide(stage, reviewers.moderators[0], subject, verdict, reason, demo)


async def _teacher(
    stage: Stage, teacher: Viewer, subject: Subject, *, pass_on: bool, concern: str | None = None
) -> KeyOutcome:
    desk = stage.services.desk
    result = (await teacher_keys(stage.db, desk, teacher, [subject], pass_on=pass_on, concern=concern))[0]
    if result.problem is not None or result.outcome is None:
        raise result.problem or RuntimeError("a teacher's key without an outcome")
    return result.outcome


async def decide(
    stage: Stage,
    moderator: Viewer,
    subject: Subject,
    verdict: Verdict,
    reason: Reason | None = None,
    demo: DemoStatement | None = None,
) -> Id:
    """A moderator finds the case in their queue, claims it and decides; the decision's id."""
    db, desk = stage.db, stage.services.desk
    queue = await list_queue(db, moderator, QueueFilter(), PageRequest(size=100))
    case_id = next(row.id for row in queue.rows if row.subject_id == subject.id)
    claim = await claim_case(db, desk, moderator, case_id)
    new = NewDecision(
        subject.revision_id,
        subject.version,
        verdict,
        reason,
        words=demo.message if demo else None,
        words_language=demo.language if demo else None,
    )
    return (await decide_case(db, desk, moderator, case_id, claim.token or "", new)).decision.id


def _reads(viewer: Viewer, demo: DemoStatement) -> bool:
    return bool(viewer.languages & {demo.language, *(one.language for one in demo.translations)})
