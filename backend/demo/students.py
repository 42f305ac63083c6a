"""The young people of the demo: they join by a class code, are confirmed, answer for themselves, take the course."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.accounts import consent, guardian_keys
from backend.accounts.consent import Answered
from backend.accounts.consent_rules import (
    WORDING,
    ConsentAnswer,
    ConsentAudience,
    ConsentPurpose,
    Question,
    protected_age,
)
from backend.accounts.guardian_requests import request_consent
from backend.accounts.passphrases import hasher_for
from backend.accounts.sign_up import SignUp, sign_up
from backend.campaigns.course_content import Course
from backend.campaigns.learning import complete_lesson, find_course, submit_quiz
from backend.core.clock import process_now
from backend.core.viewer import Viewer
from backend.demo.stage import ADDRESS, PASSPHRASE, Stage, ago, for_each
from backend.demo.towns import Classroom, Town
from backend.places import classes, joining, memberships
from backend.places.joining import Joined, Newcomer

# The age that most of a class turn this year.
AGES = {
    "fyrlykta-innforing": 17,
    "fyrlykta-9b": 14,
    "sjokartet-10a": 15,
    "pappersbaten-8c": 14,
    "vindkompassen-na1": 16,
    "lankakera-8a": 14,
}
# Those whose sign-ins are shown, and some others of the three classes of Kristiansand, came by their own door, with a
# handle that can be remembered.
OWN_DOOR = {
    "نجمة الشمال": "north-star", "Blåveis": "blaveis", "Kompass 10": "kompass", "ሰማይ": "semay",
    "Соняшник 3": "soniashnyk", "Havbris": "havbris", "Fjellrev 12": "fjellrev", "Måneskinn 4": "maneskinn",
    "Bølgetopp": "bolgetopp", "Granitt": "granitt",
}  # fmt: skip
STUDENT, YOUNGER, STUDENT_EDITOR = list(OWN_DOOR)[:3]

PENDING_A_CLASS = 1
OWN_AGE = 13  # from which the young people of these three countries answer for themselves


@dataclass(frozen=True, slots=True)
class _Coming:
    """Somebody on the way into a class."""

    room: Classroom
    code: str
    pseudonym: str
    birth_year: int
    locale: str
    country: str


async def fill_classes(stage: Stage, towns: Sequence[Town]) -> None:
    """Everybody but the latest comes in and is confirmed: roster, consents and course are theirs from here on."""
    rooms = [(town, room) for town in towns for room in town.classrooms]
    await for_each(rooms, lambda pair: _fill(stage, *pair), at_once=3)


async def _fill(stage: Stage, town: Town, room: Classroom) -> None:
    late = latecomers(stage, room)
    with ago(days=60):
        coming = await _invite(stage, town, room, [one for one in room.demo.students if one not in late])
        joined = await for_each(coming, lambda one: _join(stage, one), at_once=2)
    with ago(days=59):
        await memberships.confirm_seats(stage.db, room.teacher, [seat.seat.id for seat, _ in joined])
        for one, (_, token) in zip(coming, joined, strict=True):
            room.confirmed[one.pseudonym] = await stage.viewer(token)


async def welcome_latecomers(stage: Stage, towns: Sequence[Town]) -> dict[str, str]:
    """Those who joined yesterday and wait for their teacher; the codes that are valid now, by class."""
    codes: dict[str, str] = {}
    for town in towns:
        for room in town.classrooms:
            with ago(hours=26):
                coming = await _invite(stage, town, room, latecomers(stage, room))
            with ago(hours=20):
                await for_each(coming, lambda one: _join(stage, one))
            codes[room.demo.key] = coming[0].code
    return codes


def latecomers(stage: Stage, room: Classroom) -> list[str]:
    """The last of the class who say nothing in the demo."""
    speaking = {statement.author for statement in stage.material.statements}
    return [one for one in room.demo.students if one not in speaking][-PENDING_A_CLASS:]


async def _invite(stage: Stage, town: Town, room: Classroom, pseudonyms: Sequence[str]) -> list[_Coming]:
    code = await classes.rotate_code(stage.db, room.teacher, stage.services.places, class_id=room.school_class.id)
    return [
        _Coming(room, code.code, one, birth_year(stage, room, one), town.demo.locale, town.demo.country)
        for one in pseudonyms
    ]


def birth_year(stage: Stage, room: Classroom, pseudonym: str) -> int:
    """Every third of a class is a year younger than most."""
    is_younger = room.demo.students.index(pseudonym) % 3 == 2
    return stage.year - AGES[room.demo.key] + is_younger


async def _join(stage: Stage, one: _Coming) -> tuple[Joined, str]:
    """The pending seat and a session of theirs."""
    viewer = Viewer(address=ADDRESS, locale=one.locale)
    newcomer: Newcomer | None = Newcomer(one.pseudonym, one.birth_year, one.locale)
    token = None
    if one.pseudonym in OWN_DOOR:
        token, newcomer = await _sign_up(stage, one), None
        viewer = await stage.viewer(token)
    joined = await joining.join_class(stage.db, viewer, stage.services.places, code=one.code, newcomer=newcomer)
    return joined, token or joined.session_token or ""


async def _sign_up(stage: Stage, one: _Coming) -> str:
    accounts = stage.services.accounts
    form = SignUp(
        OWN_DOOR[one.pseudonym], one.pseudonym, one.birth_year, one.country, passphrase=PASSPHRASE, locale=one.locale
    )
    signed_up = await sign_up(stage.db, accounts, hasher_for(accounts.hash_cost), Viewer(address=ADDRESS), form)
    return signed_up.session.token


async def answer_consents(stage: Stage, towns: Sequence[Town]) -> None:
    """Own answers, and guardians' for the youngest; whoever speaks to the city has all that it takes."""
    authors = {one.author for one in stage.material.statements}
    widest = {one.author: one.audience for one in stage.material.statements if one.audience in ("CITY", "SOCIAL")}
    widest |= {one.author: "SOCIAL" for one in stage.material.statements if one.audience == "SOCIAL"}

    async def one(pair: tuple[Classroom, str]) -> None:
        room, pseudonym = pair
        place = room.demo.students.index(pseudonym)
        if pseudonym not in authors and place % 7 == 0:
            return  # nobody has to say yes
        reach = widest.get(pseudonym, "CITY" if place % 3 else "SCHOOL")
        await _answer(stage, room, pseudonym, reach, guardian_answers=pseudonym in widest or place % 2 == 0)

    with ago(days=52):
        await for_each(_everybody(towns), one)


async def _answer(stage: Stage, room: Classroom, pseudonym: str, reach: str, *, guardian_answers: bool) -> None:
    viewer, accounts = room.confirmed[pseudonym], stage.services.accounts
    audiences = list(ConsentAudience)
    questions = [
        Question(ConsentPurpose.PUBLISH, audience)
        for audience in audiences[: audiences.index(ConsentAudience(reach)) + 1]
    ]
    yes = [Answered(question, ConsentAnswer.YES) for question in questions]
    await consent.answer_self(stage.db, accounts, viewer, yes, wording=WORDING)
    age = protected_age(birth_year(stage, room, pseudonym), process_now())
    asked = [question for question in questions if question.is_wide]
    if age is None or age >= OWN_AGE:
        return
    asked = asked or [Question(ConsentPurpose.PUBLISH, ConsentAudience.CITY)]
    slip = (await request_consent(stage.db, accounts, viewer, asked)).slip
    if guardian_answers:
        guardian = Viewer(address=ADDRESS)
        answers = [Answered(question, ConsentAnswer.YES) for question in asked]
        await guardian_keys.answer_by_key(stage.db, accounts, guardian, slip.code, answers, wording=WORDING)


async def take_course(stage: Stage, towns: Sequence[Town]) -> None:
    """Who speaks has passed it before, most others too; some are on the way."""
    course = find_course("my_voice_out", 1, "en")
    authors = {one.author for one in stage.material.statements}

    async def one(pair: tuple[Classroom, str]) -> None:
        room, pseudonym = pair
        place = room.demo.students.index(pseudonym)
        lessons = len(course.lessons) if pseudonym in authors or place % 4 else place % 5
        with ago(days=41 + place % 9):
            await _learn(stage, room.confirmed[pseudonym], course, lessons)

    await for_each(_everybody(towns), one)


async def _learn(stage: Stage, viewer: Viewer, course: Course, lessons: int) -> None:
    for lesson in course.lessons[:lessons]:
        await complete_lesson(stage.db, viewer, name=course.name, version=course.version, lesson=lesson.key)
    if lessons < len(course.lessons):
        return
    await submit_quiz(
        stage.db, viewer, name=course.name, version=course.version,
        answers={question.key: question.right_keys for question in course.questions},
        locale="en", secret=stage.services.accounts.secret,
    )  # fmt: skip


def _everybody(towns: Sequence[Town]) -> list[tuple[Classroom, str]]:
    return [(room, name) for town in towns for room in town.classrooms for name in room.confirmed]
