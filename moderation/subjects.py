"""What a feature gives and gets so that its things can be moderated. This package knows them by kind and id only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backend.core.database import Connection, Transaction
from backend.core.errors import not_found
from backend.core.ids import Id
from backend.core.viewer import Scope, Viewer
from moderation.config import ModerationSettings
from moderation.rules import Reason


@dataclass(frozen=True, slots=True)
class Subject:
    """A revision of a thing, in the version that was submitted."""

    kind: str
    id: Id
    revision_id: Id
    version: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the review takes. `teacher_until`: when the moderators' queue opens; None opens it at once.

    `zone` is the IANA zone in which school days are counted. The caller makes `teacher_until` with
    `moderation.school_days.after_school_days`.
    """

    keys: int
    language: str
    zone: str
    teacher_until: datetime | None
    translations: tuple[str, ...] = ()
    skip_teacher: bool = False


@dataclass(frozen=True, slots=True)
class SubjectView:
    """What the bench and a report need to know of a thing.

    `revision_id` and `version` are of what is visible now, or else of what lies in review; `state` is a word of the
    feature. `title` says where it belongs, by locale; `text` is the whole of it, `excerpt` one line. `is_visible`:
    published, so that a report makes sense; `is_withdrawn`: the author took it back; `has_pictures`: somebody may be
    depicted.
    """

    id: Id
    revision_id: Id
    version: int
    author_id: Id | None
    place: Scope
    zone: str
    title: Mapping[str, str]
    excerpt: str
    text: str
    language: str
    translations: tuple[str, ...]
    state: str
    is_visible: bool
    is_withdrawn: bool
    has_pictures: bool


class SubjectHandler(Protocol):
    """One kind of thing. Every writing method runs in the caller's transaction, after `lock`, may be
    repeated, and leaves a withdrawn thing withdrawn.

    Order of locks everywhere: first the subject, then its case.
    """

    async def describe(self, conn: Connection, subject_ids: Sequence[Id]) -> Mapping[Id, SubjectView]:
        """The things as they are; what is gone is missing. One statement whatever the number."""
        ...

    async def describe_revisions(self, conn: Connection, revision_ids: Sequence[Id]) -> Mapping[Id, SubjectView]:
        """Exactly these revisions, by revision id: what a reviewer judges is what they are shown."""
        ...

    async def visible_ids(self, conn: Connection, viewer: Viewer, subject_ids: Sequence[Id]) -> frozenset[Id]:
        """Which of them this viewer sees now (for a report)."""
        ...

    async def lock(self, tx: Transaction, subject_id: Id) -> SubjectView | None:
        """Lock the row (`for update`) and describe it."""
        ...

    async def in_review(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """The revision waits (again) for a key."""
        ...

    async def approve(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """All keys are there: publish the revision."""
        ...

    async def request_changes(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """The author may change and submit again."""
        ...

    async def reject(self, tx: Transaction, subject_id: Id, revision_id: Id, reason: Reason) -> None:
        """The revision is refused, for this reason."""
        ...

    async def hide(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Nobody but author and staff sees it until it is restored."""
        ...

    async def restore(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Back to published, from hidden or removed."""
        ...

    async def remove(self, tx: Transaction, subject_id: Id, revision_id: Id) -> None:
        """Taken away; only an appeal brings it back."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The moderation service as the composition root sets it up: its settings, and a handler for each kind."""

    settings: ModerationSettings
    handlers: Mapping[str, SubjectHandler]

    def handler(self, kind: str) -> SubjectHandler:
        """The handler of a kind. Raises NotFound for a kind that nobody registered."""
        if kind not in self.handlers:
            raise not_found("Subject")
        return self.handlers[kind]
