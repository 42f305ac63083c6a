"""SQL of statements and their revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.rules import WAITING_REVIEWS, Audience, Review, ShownAs, Visibility, reviews_before
from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from backend.core.text import primary_language, signs_apart
from backend.core.viewer import Scope


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement's row."""

    id: Id
    campaign_id: Id
    topic_id: Id | None
    author_id: Id | None
    shown_as: ShownAs
    class_id: Id | None
    school_id: Id | None
    city_id: Id | None
    audience: Audience
    skips_teacher: bool
    in_reply_to: Id | None
    visibility: Visibility
    latest_revision_id: Id
    published_revision_id: Id | None
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None
    author_left_at: datetime | None

    @property
    def scope(self) -> Scope:
        """Where it was said."""
        return Scope(self.city_id, self.school_id, self.class_id, self.campaign_id)


@dataclass(frozen=True, slots=True)
class Revision:
    """One wording."""

    id: Id
    statement_id: Id
    number: int
    version: int
    text: str
    language: str
    direction: str
    audience: Audience
    shown_as: ShownAs
    topic_id: Id | None
    review: Review
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Translation:
    """A wording in another language and who made it: AUTHOR or HELPER."""

    language: str
    direction: str
    text: str
    maker: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What an author writes: checked and cleaned."""

    text: str
    language: str
    direction: str
    audience: Audience
    asset_ids: Sequence[Id]
    translations: Sequence[Translation]


_STATEMENT = ", ".join(Statement.__slots__)
_REVISION = ", ".join(Revision.__slots__)


async def get_statement(conn: Connection, statement_id: Id) -> Statement | None:
    """The row, whatever its state."""
    return await conn.fetch_one_as(Statement, f"select {_STATEMENT} from statement where id = $1", statement_id)


async def find_statements(conn: Connection, statement_ids: Sequence[Id]) -> list[Statement]:
    """The rows, in id order."""
    return await conn.fetch_as(
        Statement, f"select {_STATEMENT} from statement where id = any($1::uuid[]) order by id", list(statement_ids)
    )


async def delete_statement(tx: Transaction, statement_id: Id) -> None:
    """Remove a statement that only its author ever saw, with its wordings."""
    await tx.execute("delete from revision where statement_id = $1", statement_id)
    await tx.execute("delete from statement where id = $1", statement_id)


async def lock_statement(tx: Transaction, statement_id: Id) -> Statement | None:
    """The row, locked until the end of the transaction."""
    return await tx.fetch_one_as(
        Statement, f"select {_STATEMENT} from statement where id = $1 for update", statement_id
    )


async def judged_revisions(conn: Connection, statement_ids: Sequence[Id]) -> dict[Id, list[Id]]:
    """For each statement that somebody else sees, saw or is about to see: its published wording and the waiting one."""
    rows = await conn.fetch(
        "select s.id, r.id as revision_id from statement s join revision r on r.statement_id = s.id"
        " where s.id = any($1::uuid[]) and (r.id = s.published_revision_id"
        " or r.id = s.latest_revision_id and r.review = any($2::text[]))",
        list(statement_ids), sorted(WAITING_REVIEWS),
    )  # fmt: skip
    found: dict[Id, list[Id]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row["revision_id"])
    return found


async def get_revision(conn: Connection, revision_id: Id) -> Revision:
    """The wording; every statement has its latest one."""
    revision = await conn.fetch_one_as(Revision, f"select {_REVISION} from revision where id = $1", revision_id)
    if revision is None:
        raise LookupError(f"revision {revision_id} is missing")
    return revision


async def add_statement(tx: Transaction, statement: Statement) -> None:
    """Insert a new statement."""
    await tx.execute(
        "insert into statement (id, campaign_id, topic_id, author_id, shown_as, class_id, school_id, city_id, audience,"
        " skips_teacher, in_reply_to, visibility, latest_revision_id, created_at, changed_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
        statement.id, statement.campaign_id, statement.topic_id, statement.author_id, statement.shown_as,
        statement.class_id, statement.school_id, statement.city_id, statement.audience, statement.skips_teacher,
        statement.in_reply_to, statement.visibility, statement.latest_revision_id, statement.created_at,
    )  # fmt: skip


async def update_statement(
    tx: Transaction,
    statement_id: Id,
    *,
    topic_id: Id | None,
    shown_as: ShownAs,
    audience: Audience,
    skips_teacher: bool,
    latest_revision_id: Id,
) -> None:
    """Write what an author may change while nothing waits for review; name and topic go to the latest wording.

    What is published keeps its topic and name until that wording is: only taking one's name off it needs nobody's yes.
    """
    await tx.execute(
        "update statement set topic_id = case when published_at is null then $2 else topic_id end,"
        " shown_as = case when published_at is null or $3 = 'A_STUDENT' then $3 else shown_as end,"
        " audience = $4, skips_teacher = $5, latest_revision_id = $6, changed_at = $7 where id = $1",
        statement_id, topic_id, shown_as, audience, skips_teacher, latest_revision_id, await tx.now(),
    )  # fmt: skip
    await tx.execute(
        "update revision set topic_id = $2, shown_as = $3 where id = $1", latest_revision_id, topic_id, shown_as
    )


async def add_revision(tx: Transaction, statement_id: Id, revision_id: Id, number: int, wording: Wording) -> None:
    """Insert a new draft wording, under the statement's name and topic."""
    await tx.execute(
        "insert into revision (id, statement_id, number, version, text, language, direction, audience, shown_as,"
        " topic_id, review, created_at, changed_at)"
        " select $1, s.id, $3, 1, $4, $5, $6, $7, s.shown_as, s.topic_id, 'DRAFT', $8, $8 from statement s"
        " where s.id = $2",
        revision_id, statement_id, number, wording.text, wording.language, wording.direction, wording.audience,
        await tx.now(),
    )  # fmt: skip
    await _attach(tx, revision_id, wording)


async def change_draft(tx: Transaction, revision_id: Id, wording: Wording) -> None:
    """Replace the content of a draft; its version rises."""
    await tx.execute(
        "update revision set text = $2, language = $3, direction = $4, audience = $5, version = version + 1,"
        " changed_at = $6 where id = $1 and review = 'DRAFT'",
        revision_id, wording.text, wording.language, wording.direction, wording.audience, await tx.now(),
    )  # fmt: skip
    await tx.execute("delete from revision_asset where revision_id = $1", revision_id)
    await tx.execute("delete from revision_translation where revision_id = $1 and maker = 'AUTHOR'", revision_id)
    await _attach(tx, revision_id, wording)


async def _attach(tx: Transaction, revision_id: Id, wording: Wording) -> None:
    await tx.execute_many(
        "insert into revision_asset (id, revision_id, asset_id, position) values ($1, $2, $3, $4)",
        [(new_id(), revision_id, asset_id, position) for position, asset_id in enumerate(wording.asset_ids)],
    )
    for translation in wording.translations:
        await add_translation(tx, revision_id, translation, made_by=None)


async def add_translation(tx: Transaction, revision_id: Id, translation: Translation, made_by: Id | None) -> None:
    """Add or replace the wording in one language."""
    await tx.execute(
        "insert into revision_translation (id, revision_id, language, direction, text, maker, made_by)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict (revision_id, language)"
        " do update set direction = excluded.direction, text = excluded.text, maker = excluded.maker,"
        " made_by = excluded.made_by",
        new_id(), revision_id, translation.language, translation.direction, translation.text, translation.maker,
        made_by,
    )  # fmt: skip


async def hand_in(tx: Transaction, revision_id: Id, review: Review) -> bool:
    """A draft lies before its reviewers from now on; whether it was one."""
    changed = await tx.execute(
        "update revision set review = $2, changed_at = $3, submitted_at = $3 where id = $1 and review = 'DRAFT'",
        revision_id, review, await tx.now(),
    )  # fmt: skip
    return changed == 1


async def set_review(tx: Transaction, revision_id: Id, review: Review) -> None:
    """Write what reviewers decided, if the rules know a step there from where the revision stands."""
    await tx.execute(
        "update revision set review = $2, changed_at = $4 where id = $1 and review = any($3::text[])",
        revision_id, review, sorted(reviews_before(review)), await tx.now(),
    )  # fmt: skip


async def publish(tx: Transaction, statement_id: Id, revision: Revision, *, config: str) -> None:
    """Show a revision: the statement takes its language and search data. `config` is the text search configuration."""
    translations = (await translations_of(tx, [revision.id])).get(revision.id, [])
    words = " ".join([revision.text, *(one.text for one in translations)])
    await tx.execute(
        "update statement set visibility = 'PUBLISHED', audience = $7, published_revision_id = $2,"
        " published_language = $3, published_at = coalesce(published_at, $6), changed_at = $6,"
        " shown_as = $10, topic_id = $11, search_text = lower(unaccent($8)),"
        " search = to_tsvector('simple', unaccent($9)) || to_tsvector($5::regconfig, unaccent($4)) where id = $1",
        statement_id, revision.id, primary_language(revision.language), revision.text, config, await tx.now(),
        revision.audience, words, signs_apart(words), revision.shown_as, revision.topic_id,
    )  # fmt: skip


async def set_visibility(tx: Transaction, statement_id: Id, visibility: Visibility) -> None:
    """Write the visibility that the rules allowed."""
    await tx.execute(
        "update statement set visibility = $2, changed_at = $3,"
        " withdrawn_at = case when $2 = 'WITHDRAWN' then $3 else withdrawn_at end where id = $1",
        statement_id, visibility, await tx.now(),
    )  # fmt: skip


async def next_number(tx: Transaction, statement_id: Id) -> int:
    """The number of the next wording; the statement's row is locked by the caller."""
    number: int = await tx.fetch_value(
        "select coalesce(max(number), 0) + 1 from revision where statement_id = $1", statement_id
    )
    return number


async def translations_of(conn: Connection, revision_ids: Sequence[Id]) -> dict[Id, list[Translation]]:
    """The translations of several revisions."""
    rows = await conn.fetch(
        "select revision_id, language, direction, text, maker from revision_translation"
        " where revision_id = any($1) order by revision_id, language",
        list(revision_ids),
    )
    found: dict[Id, list[Translation]] = {}
    for row in rows:
        found.setdefault(row["revision_id"], []).append(
            Translation(row["language"], row["direction"], row["text"], row["maker"])
        )
    return found
