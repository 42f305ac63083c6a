"""A small real feature to moderate: notes of one line in a table of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.core.database import Connection, Database, Transaction
from backend.core.ids import Id, new_id
from backend.core.viewer import Scope, Viewer
from moderation.config import ModerationSettings
from moderation.opening import open_case
from moderation.rules import Reason
from moderation.subjects import Desk, Requirement, Subject, SubjectView

ZONE = "Europe/Oslo"
_TABLE = """
create table note (
    id uuid primary key, revision_id uuid not null, version int not null, author_id uuid, city_id uuid, school_id uuid,
    class_id uuid, text text not null, state text not null, has_pictures boolean not null
)
"""


@dataclass(frozen=True, slots=True)
class Note:
    """A row of the table."""

    id: Id
    revision_id: Id
    version: int
    author_id: Id | None
    city_id: Id | None
    school_id: Id | None
    class_id: Id | None
    text: str
    state: str
    has_pictures: bool


def view(note: Note) -> SubjectView:
    """A note as moderation sees it."""
    return SubjectView(
        id=note.id,
        revision_id=note.revision_id,
        version=note.version,
        author_id=note.author_id,
        place=Scope(note.city_id, note.school_id, note.class_id),
        zone=ZONE,
        title={"nb": "En lapp", "en": "A note"},
        excerpt=note.text,
        text=note.text,
        language="nb",
        translations=(),
        state=note.state,
        is_visible=note.state == "published",
        is_withdrawn=note.state == "withdrawn",
        has_pictures=note.has_pictures,
    )


class NoteHandler:
    """Moderation's hand on the notes."""

    async def describe(self, conn: Connection, subject_ids: Sequence[Id]) -> Mapping[Id, SubjectView]:
        notes = await conn.fetch_as(Note, "select * from note where id = any($1::uuid[])", list(subject_ids))
        return {note.id: view(note) for note in notes}

    async def describe_revisions(self, conn: Connection, revision_ids: Sequence[Id]) -> Mapping[Id, SubjectView]:
        notes = await conn.fetch_as(Note, "select * from note where revision_id = any($1::uuid[])", list(revision_ids))
        return {note.revision_id: view(note) for note in notes}

    async def visible_ids(self, conn: Connection, viewer: Viewer, subject_ids: Sequence[Id]) -> frozenset[Id]:
        described = await self.describe(conn, subject_ids)
        return frozenset(one.id for one in described.values() if one.is_visible)

    async def lock(self, tx: Transaction, subject_id: Id) -> SubjectView | None:
        note = await tx.fetch_one_as(Note, "select * from note where id = $1 for update", subject_id)
        return None if note is None else view(note)

    async def _set(self, tx: Transaction, subject_id: Id, state: str) -> None:
        await tx.execute("update note set state = $2 where id = $1 and state <> 'withdrawn'", subject_id, state)

    async def in_review(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        await self._set(tx, subject_id, "in_review")

    async def approve(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        await self._set(tx, subject_id, "published")

    async def request_changes(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        await self._set(tx, subject_id, "changes_requested")

    async def reject(self, tx: Transaction, subject_id: Id, revision_id: Id, reason: Reason) -> None:
        await self._set(tx, subject_id, "rejected")

    async def hide(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        await self._set(tx, subject_id, "hidden")

    async def restore(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        await self._set(tx, subject_id, "published")

    async def remove(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        await self._set(tx, subject_id, "removed")


DESK = Desk(ModerationSettings(secret=b"x" * 32), {"note": NoteHandler()})


async def make_table(db: Database) -> None:
    """Create the notes' table."""
    async with db.transaction() as tx:
        await tx.execute(_TABLE)


async def submit_note(
    db: Database,
    *,
    place: Scope,
    author_id: Id,
    requirement: Requirement,
    text: str = "Vi må få snakke.",
    has_pictures: bool = False,
    is_held: bool = False,
    severity: int = 0,
) -> tuple[Subject, Id]:
    """Write a note and open its case: (subject, case id)."""
    subject = Subject("note", new_id(), new_id(), 1)
    async with db.transaction() as tx:
        await tx.execute(
            "insert into note values ($1,$2,1,$3,$4,$5,$6,$7,'in_review',$8)",
            subject.id, subject.revision_id, author_id, place.city_id, place.school_id, place.class_id, text,
            has_pictures,
        )  # fmt: skip
        case_id = await open_case(
            tx, subject=subject, place=place, author_id=author_id, requirement=requirement, is_held=is_held,
            severity=severity,
        )  # fmt: skip
    return subject, case_id


async def resubmit_note(
    db: Database, subject: Subject, *, place: Scope, author_id: Id, requirement: Requirement
) -> Subject:
    """A new revision of the note goes to review."""
    again = Subject(subject.kind, subject.id, new_id(), subject.version + 1)
    async with db.transaction() as tx:
        await tx.execute(
            "update note set revision_id = $2, version = $3, state = 'in_review' where id = $1",
            again.id, again.revision_id, again.version,
        )  # fmt: skip
        await open_case(tx, subject=again, place=place, author_id=author_id, requirement=requirement)
    return again


async def state_of_note(db: Database, subject: Subject) -> str:
    """The word that the notes keep."""
    async with db.reading() as conn:
        state: str = await conn.fetch_value("select state from note where id = $1", subject.id)
    return state
