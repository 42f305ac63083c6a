"""The cities of the demo with their schools, classes and everybody who works there."""

from dataclasses import dataclass, field

from backend.core.clock import process_now
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.demo.reading import DemoCity, DemoClass, DemoSchool
from backend.demo.staff import Adult, hire
from backend.demo.stage import Stage, for_each
from backend.places import cities, classes
from backend.places.records import City, School, SchoolClass
from backend.places.rules import Country

HOURS = {
    "kristiansand": "Hverdager 08.00–20.00, helg 12.00–18.00. Ellers: alarmtelefonen 116 111.",
    "malmo": "Vardagar 08.00–20.00, helger 12.00–18.00. Annars: 116 111.",
    "tampere": "Arkisin 8–20, viikonloppuisin 12–18. Muina aikoina: 116 111.",
}
# Two moderators a city; between them they read everything that is said there.
LANGUAGES = {
    "kristiansand": (("nb", "nn", "da", "en", "ar", "fa"), ("nb", "nn", "en", "ti", "so", "es", "uk")),
    "malmo": (("sv", "da", "en", "ar", "fa"), ("sv", "nb", "en", "so", "es")),
    "tampere": (("fi", "sv", "en", "ar"), ("fi", "sv", "en", "uk", "so", "is")),
}
TEACHERS = {
    "fyrlykta-innforing": ("nb", "nn", "en", "ar", "ti"),
    "fyrlykta-9b": ("nb", "nn", "en"),
    "sjokartet-10a": ("nb", "nn", "en", "es"),
    "pappersbaten-8c": ("sv", "en", "ar"),
    "vindkompassen-na1": ("sv", "da", "en"),
    "lankakera-8a": ("fi", "sv", "en"),
}
ROOM_TO_GROW = 4


@dataclass(frozen=True, slots=True)
class Classroom:
    """A class with its teacher and, as they come, its students by pseudonym."""

    demo: DemoClass
    city: str
    school_class: SchoolClass
    teacher: Viewer
    confirmed: dict[str, Viewer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Town:
    """A city with those who look after its statements."""

    demo: DemoCity
    city: City
    official: Viewer
    moderators: tuple[Viewer, ...]
    classrooms: tuple[Classroom, ...]


async def found_towns(stage: Stage, secretariat: Viewer) -> list[Town]:
    """All the cities."""
    return await for_each(stage.material.cities, lambda demo: _found(stage, secretariat, demo), at_once=3)


async def _found(stage: Stage, secretariat: Viewer, demo: DemoCity) -> Town:
    city = await cities.create_city(
        stage.db, secretariat, name=demo.name, country=Country(demo.country), zone=demo.zone,
        safeguarding_hours=HOURS[demo.key],
    )  # fmt: skip

    async def appoint(handle: str, name: str, role: Role, languages: tuple[str, ...] = ()) -> Viewer:
        adult = Adult(f"{handle}-{demo.key}", name, demo.country, demo.locale, languages)
        return await hire(stage, secretariat, adult, role, ScopeKind.CITY, city.id)

    official = await appoint("official", "Ingrid", Role.CITY_OFFICIAL)
    first, second = LANGUAGES[demo.key]
    moderators = (
        await appoint("moderator", "Amina", Role.MODERATOR, first),
        await appoint("moderator2", "Jonas", Role.MODERATOR, second),
    )
    await appoint("lead", "Yusuf", Role.SAFEGUARDING_LEAD)
    await appoint("lead2", "Kaisa", Role.SAFEGUARDING_LEAD)
    rooms: list[Classroom] = []
    for school in stage.material.schools:
        if school.city == demo.key:
            rooms += await _build(stage, official, demo, city.id, school)
    return Town(demo, city, official, moderators, tuple(rooms))


async def _build(stage: Stage, official: Viewer, city: DemoCity, city_id: Id, demo: DemoSchool) -> list[Classroom]:
    school = await cities.create_school(stage.db, official, city_id=city_id, name=demo.name)
    adult = Adult(f"admin-{demo.key}", "Marit", city.country, city.locale)
    admin = await hire(stage, official, adult, Role.SCHOOL_ADMIN, ScopeKind.SCHOOL, school.id)
    wanted = [one for one in stage.material.classes if one.school == demo.key]
    return [await _open(stage, admin, city, school, one) for one in wanted]


async def _open(stage: Stage, admin: Viewer, city: DemoCity, school: School, demo: DemoClass) -> Classroom:
    made = await classes.create_class(
        stage.db, admin, stage.services.places, school_id=school.id, name=demo.name, school_year=_school_year(),
        declared_enrolment=len(demo.students) + ROOM_TO_GROW, locale=city.locale,
    )  # fmt: skip
    adult = Adult(f"teacher-{demo.key}", "Elin", city.country, city.locale, TEACHERS[demo.key])
    teacher = await hire(stage, admin, adult, Role.TEACHER, ScopeKind.CLASS, made.id)
    return Classroom(demo, city.key, made, teacher)


def _school_year() -> str:
    now = process_now()
    begins = now.year if now.month >= 7 else now.year - 1
    return f"{begins}/{begins + 1}"
