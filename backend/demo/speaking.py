"""What the young people of the demo say, one after the other as it happened, each until what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.campaigns.drafting import Draft, TranslationDraft, draft_statement
from backend.campaigns.mine import find_own
from backend.campaigns.rules import Audience, ShownAs, keys_needed
from backend.campaigns.subject import KIND
from backend.campaigns.submitting import submit_statement
from backend.campaigns.withdrawing import withdraw_statement
from backend.core.ids import Id
from backend.core.viewer import Viewer
from backend.demo.campaigns import Running
from backend.demo.reading import DemoStatement
from backend.demo.reviewing import Reviewers, approve, first_key, refuse
from backend.demo.stage import Stage, ago, for_each
from backend.demo.towns import Classroom, Town
from moderation.appeals import file_appeal
from moderation.subjects import Subject

# Said without the pseudonym.
UNNAMED = frozenset({"leaving-faith", "calm-rain", "revontuli-rasismi"})

# What waits for so long has the teacher's key, where it takes another one after that.
_TEACHER_DAYS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A statement that was handed in `hours_ago`."""

    id: Id
    demo: DemoStatement
    author: Viewer
    town: Town
    room: Classroom
    hours_ago: float


async def speak(
    stage: Stage, towns: Sequence[Town], campaigns: Mapping[str, Running], pictures: Mapping[str, Id]
) -> dict[str, Said]:
    """All statements by key, each with its outcome; answers come after what they answer, which is of the same city."""
    ages = {one.key: 24 * one.days_ago + stage.chance.uniform(0.5, 4) for one in stage.material.statements}

    async def of_town(town: Town) -> dict[str, Said]:
        said: dict[str, Said] = {}
        rooms = {name: room for room in town.classrooms for name in room.confirmed}
        for demo in sorted(stage.material.statements, key=lambda one: -ages[one.key]):
            if demo.author in rooms:
                place = (town, rooms[demo.author])
                said[demo.key] = await _say(stage, place, campaigns, pictures, demo, said, hours_ago=ages[demo.key])
        return said

    by_town = await for_each(towns, of_town)
    return {one.key: said[one.key] for one in stage.material.statements for said in by_town if one.key in said}


async def _say(
    stage: Stage, place: tuple[Town, Classroom], campaigns: Mapping[str, Running], pictures: Mapping[str, Id],
    demo: DemoStatement, earlier: Mapping[str, Said], *, hours_ago: float,
) -> Said:  # fmt: skip
    town, room = place
    author = room.confirmed[demo.author]
    with ago(hours=hours_ago):
        answered = earlier[demo.reply_to].id if demo.reply_to else None
        asset_ids = [pictures[demo.key]] if demo.key in pictures else []
        subject = await _hand_in(stage, author, campaigns[demo.campaign], demo, answered, asset_ids)
    said = Said(subject.id, demo, author, town, room, hours_ago)
    await _conclude(stage, said, subject)
    return said


async def _hand_in(
    stage: Stage, author: Viewer, campaign: Running, demo: DemoStatement, answered: Id | None, asset_ids: Sequence[Id]
) -> Subject:
    draft = Draft(
        text=demo.text,
        language=demo.language,
        audience=Audience(demo.audience),
        shown_as=ShownAs.A_STUDENT if demo.key in UNNAMED else ShownAs.PSEUDONYM,
        skips_teacher=demo.about_school,
        topic_id=campaign.topics[demo.topic],
        asset_ids=asset_ids,
        translations=[TranslationDraft(one.text, one.language) for one in demo.translations],
    )
    statement_id = await draft_statement(stage.db, author, campaign_id=campaign.id, draft=draft, in_reply_to=answered)
    rows, _ = await find_own(stage.db, author, [statement_id])
    revision_id, version = rows[0].revision_id, rows[0].revision_version
    await submit_statement(
        stage.db, author, stage.services.campaigns, statement_id=statement_id, revision_id=revision_id, version=version
    )
    return Subject(KIND, statement_id, revision_id, version)


async def _conclude(stage: Stage, said: Said, subject: Subject) -> None:
    reviewers = Reviewers(said.room.teacher, _on_duty(said))
    match said.demo.outcome:
        case "PUBLISHED":
            await approve(stage, reviewers, subject, said.demo, hours_ago=said.hours_ago)
        case "WITHDRAWN":
            await approve(stage, reviewers, subject, said.demo, hours_ago=said.hours_ago)
            with ago(hours=said.hours_ago - 30):
                await withdraw_statement(stage.db, said.author, said.id)
        case "WAITING":
            if said.demo.days_ago >= _TEACHER_DAYS and keys_needed(Audience(said.demo.audience)) > 1:
                with ago(hours=said.hours_ago - 20):
                    await first_key(stage, reviewers.teacher, subject, said.demo)
        case _:
            await _refuse(stage, reviewers, said, subject)


async def _refuse(stage: Stage, reviewers: Reviewers, said: Said, subject: Subject) -> None:
    decision_id = await refuse(stage, reviewers, subject, said.demo, hours_ago=said.hours_ago)
    if said.demo.appeal is None:
        return
    with ago(hours=said.hours_ago - 30):
        await file_appeal(stage.db, stage.services.desk, said.author, decision_id=decision_id, text=said.demo.appeal)


def _on_duty(said: Said) -> tuple[Viewer, ...]:
    """They take turns; of refusals always the second, so that the first can answer the appeals."""
    first, second = said.town.moderators
    takes_turn = said.demo.outcome == "PUBLISHED" and said.demo.days_ago % 2 == 0
    return (first, second) if takes_turn else (second, first)
