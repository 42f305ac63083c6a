"""What fills an empty development database: invented cities' schools, students and what they say."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from backend.composition import make_registry, make_services
from backend.core import audit
from backend.core.database import Database
from backend.core.jobs import Registry
from backend.core.viewer import Viewer
from backend.demo import (
    campaigns,
    pictures,
    proposing,
    reacting,
    rounds,
    sharing,
    speaking,
    staff,
    store,
    students,
    towns,
    working,
)
from backend.demo.campaigns import Running
from backend.demo.speaking import Said
from backend.demo.stage import PASSPHRASE, Stage, ago
from backend.demo.towns import Town
from backend.settings import Settings

_ALL = 1_000_000


class DemoRefused(Exception):
    """Demo data do not go here; the message says why."""


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """How to get in as somebody of the demo. Staff also need a code of their authenticator app: see `hint`."""

    who: str
    handle: str | None = None
    passphrase: str | None = None
    hint: str | None = None


async def fill(settings: Settings, *, report: Callable[[str], None]) -> list[DemoSignIn]:
    """Let three cities have lived with Stemme for two months, through the services; whom one can sign in as.

    Takes some ten seconds. Raises DemoRefused in production and when there is an account already.
    """
    if settings.is_production:
        raise DemoRefused("Demo data are refused in production.")
    # A crash in the middle starts all over, so no commit has to wait for the disk.
    joint = "&" if "?" in settings.database_url else "?"
    db = await Database.open(f"{settings.database_url}{joint}synchronous_commit=off", size=12)
    try:
        async with db.reading() as conn:
            if await store.has_accounts(conn):
                raise DemoRefused("The database is not empty: there are accounts.")
        stage = Stage(db, make_services(settings))
        return await _play(stage, make_registry(settings, db, stage.services), report)
    finally:
        await db.close()


async def _play(stage: Stage, registry: Registry, report: Callable[[str], None]) -> list[DemoSignIn]:
    with ago(days=63):
        secretariat = await staff.first_secretariat(stage)
        built = await towns.found_towns(stage, secretariat)
        await working.do_jobs(stage, registry)
    report(f"  {len(built)} cities, {len(stage.material.schools)} schools and the people who work there")
    await students.fill_classes(stage, built)
    rooms = [room for town in built for room in town.classrooms]
    report(f"  {len(rooms)} classes with {sum(len(room.confirmed) for room in rooms)} confirmed students")
    running, said = await _speak(stage, registry, secretariat, built, report)
    supports = await reacting.support(stage, built, said)
    await reacting.report(stage, built, said)
    network = running[campaigns.NETWORK]
    await rounds.hold_rounds(stage, secretariat, built, network, said)
    await proposing.propose_topics(stage, built, network)
    shared = await sharing.share(stage, running, said)
    codes = await students.welcome_latecomers(stage, built)
    await working.do_jobs(stage, registry)
    # All at once: the sealer looks back an hour only, and most of this is said to have happened long ago.
    await audit.seal(stage.db, limit=_ALL)
    report(f"  {supports} supports, some reports, rounds of the competition, proposed topics, the last ones to join")
    report(f"  {shared} statements with cards and bundles for social media")
    return _sign_ins(codes)


async def _speak(
    stage: Stage, registry: Registry, secretariat: Viewer, built: list[Town], report: Callable[[str], None]
) -> tuple[dict[str, Running], dict[str, Said]]:
    """From the consents to the statements; the pictures are sent meanwhile. The campaigns and what was said."""
    authors = {name: viewer for town in built for room in town.classrooms for name, viewer in room.confirmed.items()}
    async with asyncio.TaskGroup() as meanwhile:
        sending = meanwhile.create_task(pictures.send_pictures(stage, authors))
        await students.answer_consents(stage, built)
        with ago(days=51):
            await working.do_jobs(stage, registry)
        await students.take_course(stage, built)
        editor = students.OWN_DOOR[students.STUDENT_EDITOR]
        running = await campaigns.open_campaigns(stage, secretariat, built, student_editor=editor)
        report(f"  {len(running)} campaigns; consents answered, the course taken")
    said = await speaking.speak(stage, built, running, sending.result())
    report(f"  {len(said)} statements with {len(sending.result())} pictures")
    return running, said


def _sign_ins(codes: dict[str, str]) -> list[DemoSignIn]:
    people = [
        ("Secretariat", "secretariat"),
        ("City official", "official-kristiansand"),
        ("School administration", "admin-fyrlykta"),
        ("Teacher of 9B", "teacher-fyrlykta-9b"),
        ("Moderator", "moderator-kristiansand"),
        ("Second moderator", "moderator2-kristiansand"),
        ("Safeguarding lead", "lead-kristiansand"),
        ("Editor", "editor"),
        ("Juror", "juror1"),
    ]
    young = [
        ("Student, 17 years", students.STUDENT),
        ("Younger student of 9B", students.YOUNGER),
        ("Student editor", students.STUDENT_EDITOR),
    ]
    return [
        *(DemoSignIn(who, handle, PASSPHRASE, f"code: .venv/bin/stemme totp {handle}") for who, handle in people),
        *(DemoSignIn(who, students.OWN_DOOR[pseudonym], PASSPHRASE) for who, pseudonym in young),
        DemoSignIn("Class code of 9B", hint=codes["fyrlykta-9b"]),
    ]
