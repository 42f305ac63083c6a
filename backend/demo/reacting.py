"""How others of the demo respond: they stand behind statements, and report some."""

from collections.abc import Mapping, Sequence

from backend.campaigns.rules import PUBLIC_AUDIENCES, Audience
from backend.campaigns.subject import KIND
from backend.campaigns.supporting import support_statement
from backend.core.viewer import Viewer
from backend.demo.speaking import Said
from backend.demo.stage import Stage, ago, for_each
from backend.demo.towns import Classroom, Town
from moderation.report_rules import Category
from moderation.reporting import report_subject

# Of which statement, why, and from which classes: three reporters from two classes hide until somebody decides.
REPORTS = (
    ("where-are-you-really-from", Category.HARASSMENT, ("fyrlykta-9b", "fyrlykta-9b", "sjokartet-10a")),
    ("klotter-vagg", Category.OTHER, ("pappersbaten-8c", "vindkompassen-na1")),
    ("koulubussi", Category.PERSONAL_DATA, ("lankakera-8a",)),
)
_PUBLISHED_AFTER_HOURS = 12


async def support(stage: Stage, towns: Sequence[Town], said: Mapping[str, Said]) -> int:
    """As many supports as the material says, of people who may see the statement, since it was published."""
    wanted = [each for one in said.values() for each in _supporters(stage, towns, one)]

    async def add(each: tuple[Said, Viewer, float]) -> None:
        one, reader, hours_ago = each
        with ago(hours=hours_ago):
            await support_statement(stage.db, reader, one.id)

    await for_each(wanted, add, at_once=6)
    return len(wanted)


def _supporters(stage: Stage, towns: Sequence[Town], said: Said) -> list[tuple[Said, Viewer, float]]:
    """Of what, who, and how many hours ago."""
    readers = _readers(towns, said)
    chosen = stage.chance.sample(readers, min(said.demo.supports, len(readers)))
    latest = said.hours_ago - _PUBLISHED_AFTER_HOURS
    return [(said, reader, stage.chance.uniform(0.1, latest)) for reader in chosen]


def _readers(towns: Sequence[Town], said: Said) -> list[Viewer]:
    """The confirmed students who may see it, but for its author."""
    return [
        viewer
        for town in towns
        for room in town.classrooms
        if _may_read(room, said)
        for viewer in room.confirmed.values()
        if viewer is not said.author
    ]


def _may_read(room: Classroom, said: Said) -> bool:
    audience = Audience(said.demo.audience)
    if audience in PUBLIC_AUDIENCES:
        return True
    if audience is Audience.SCHOOL:
        return room.school_class.school_id == said.room.school_class.school_id
    return room is said.room


async def report(stage: Stage, towns: Sequence[Town], said: Mapping[str, Said]) -> None:
    """Yesterday's reports, which wait for the moderators."""
    rooms = {room.demo.key: room for town in towns for room in town.classrooms}
    for key, category, classes in REPORTS:
        one = said[key]
        for place, class_key in enumerate(classes):
            readers = [viewer for viewer in rooms[class_key].confirmed.values() if viewer is not one.author]
            with ago(hours=26 - 2 * place):
                await report_subject(
                    stage.db, stage.services.desk, readers[place], kind=KIND, subject_id=one.id, category=category
                )
