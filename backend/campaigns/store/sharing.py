"""SQL of share cards and bundles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.rules import ShownAs
from backend.campaigns.sharing.rules import MAX_ATTEMPTS, Shared, ShareStatus
from backend.campaigns.store.shared_files import FileRow
from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql
from media.cards.orders import CardShape


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card that is asked for. `shape` None: both; `excerpt` None: the text, or its first sentences."""

    id: Id
    statement_id: Id
    revision_id: Id
    asked_by: Id | None
    excerpt: str | None
    shape: CardShape | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A share card with its files, as `NewCard`, and the author of its statement."""

    id: Id
    statement_id: Id
    author_id: Id | None
    revision_id: Id
    asked_by: Id | None
    excerpt: str | None
    shape: CardShape | None
    status: ShareStatus
    reason: str | None
    detail: str | None
    alt_text: str | None
    language: str
    direction: str
    created_at: datetime
    files: tuple[FileRow, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """A bundle with its file, who made it and where it was posted."""

    id: Id
    statement_id: Id
    campaign_id: Id
    revision_id: Id
    made_by: Id | None
    made_by_handle: str | None
    status: ShareStatus
    reason: str | None
    links: list[str]
    created_at: datetime
    expires_at: datetime
    files: tuple[FileRow, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a card shows of a published statement."""

    revision_id: Id
    text: str
    language: str
    direction: str
    shown_as: ShownAs
    pseudonym: str | None
    city_name: str | None
    campaign_id: Id
    title: dict[str, str]
    background: str | None
    accent: str | None


_FILES = """coalesce((select json_agg(json_build_object('id', f.id, 'format', f.format, 'shape', f.shape,
                'width', f.width, 'height', f.height, 'size', f.size, 'sha256', f.sha256) order by f.shape)
              from shared_file f where f.{owner} = {table}.id), '[]') as files"""
_CARD = f"""
select k.id, k.statement_id, s.author_id, k.revision_id, k.asked_by, k.excerpt, k.shape, k.status,
       k.reason, k.detail, k.alt_text, r.language, r.direction, k.created_at,
       {_FILES.format(owner="card_id", table="k")}
  from share_card k join revision r on r.id = k.revision_id join statement s on s.id = k.statement_id
"""
_EXPORT = f"""
select e.id, e.statement_id, e.campaign_id, e.revision_id, e.made_by,
       (select a.handle from account a where a.id = e.made_by) as made_by_handle, e.status, e.reason, e.links,
       e.created_at, e.expires_at, {_FILES.format(owner="export_id", table="e")}
  from social_export e
"""


async def get_said(conn: Connection, statement_id: Id) -> Said | None:
    """What the statement says now, and under which name; None when it is not published."""
    return await conn.fetch_one_as(
        Said,
        "select r.id as revision_id, r.text, r.language, r.direction, s.shown_as, a.pseudonym, c.name as city_name,"
        " k.id as campaign_id, k.title, k.background, k.accent"
        " from statement s join revision r on r.id = s.published_revision_id join campaign k on k.id = s.campaign_id"
        " left join account a on a.id = s.author_id and a.status = 'ACTIVE' left join city c on c.id = s.city_id"
        " where s.id = $1 and s.visibility = 'PUBLISHED'",
        statement_id,
    )


async def find_cards(conn: Connection, ids: Sequence[Id]) -> list[Card]:
    """The cards with these ids, whatever their state."""
    return await conn.fetch_as(Card, f"{_CARD} where k.id = any($1::uuid[])", list(ids))


async def list_cards(conn: Connection, statement_id: Id, request: PageRequest) -> list[Card]:
    """The statement's cards that have not gone, newest first."""
    keyset, order, bounds = keyset_sql(request, at="k.created_at", row_id="k.id", first_param=2)
    return await conn.fetch_as(
        Card, f"{_CARD} where k.statement_id = $1 and k.status <> 'GONE' and {keyset} {order}", statement_id, *bounds
    )


async def ready_cards(conn: Connection, statement_id: Id) -> list[Card]:
    """The statement's finished cards, oldest first."""
    return await conn.fetch_as(
        Card, f"{_CARD} where k.statement_id = $1 and k.status = 'READY' order by k.id", statement_id
    )


async def living_cards(conn: Connection, statement_id: Id, *, but_revision: Id | None = None) -> list[Card]:
    """The statement's cards that wait or are ready, but those of one wording, oldest first."""
    return await conn.fetch_as(
        Card,
        f"{_CARD} where k.statement_id = $1 and k.revision_id is distinct from $2 and k.status in ('WAITING', 'READY')"
        " order by k.id",
        statement_id, but_revision,
    )  # fmt: skip


async def same_card(conn: Connection, card: NewCard) -> Id | None:
    """A card that shows the very same and waits or is ready."""
    found: Id | None = await conn.fetch_value(
        "select id from share_card where statement_id = $1 and revision_id = $2 and excerpt is not distinct from $3"
        " and shape is not distinct from $4 and status in ('WAITING', 'READY') order by id limit 1",
        card.statement_id, card.revision_id, card.excerpt, card.shape,
    )  # fmt: skip
    return found


async def add_card(tx: Transaction, card: NewCard) -> None:
    """Insert a card that waits to be drawn."""
    await tx.execute(
        "insert into share_card (id, statement_id, revision_id, asked_by, excerpt, shape, status, attempts,"
        " created_at, changed_at) values ($1, $2, $3, $4, $5, $6, 'WAITING', 0, $7, $7)",
        card.id, card.statement_id, card.revision_id, card.asked_by, card.excerpt, card.shape, card.created_at,
    )  # fmt: skip


async def add_export(tx: Transaction, export: Export) -> None:
    """Insert a bundle that waits to be made."""
    await tx.execute(
        "insert into social_export (id, statement_id, campaign_id, revision_id, made_by, status, attempts, links,"
        " created_at, changed_at, expires_at) values ($1, $2, $3, $4, $5, 'WAITING', 0, '[]', $6, $6, $7)",
        export.id, export.statement_id, export.campaign_id, export.revision_id, export.made_by, export.created_at,
        export.expires_at,
    )  # fmt: skip


async def begin_attempt(tx: Transaction, what: Shared, row_id: Id) -> bool:
    """Count an attempt at a waiting card or bundle; False when it waits no more or has had its attempts: it failed."""
    began = await tx.execute(
        f"update {what} set attempts = attempts + 1, changed_at = $2 where id = $1 and status = 'WAITING'"
        " and attempts < $3",
        row_id, await tx.now(), MAX_ATTEMPTS,
    )  # fmt: skip
    if not began:
        await fail(tx, what, row_id, "share_failed")
    return began == 1


async def return_attempt(tx: Transaction, what: Shared, row_id: Id) -> None:
    """An attempt that failed for no fault of the card or bundle does not count."""
    await tx.execute(f"update {what} set attempts = greatest(attempts - 1, 0) where id = $1", row_id)


async def same_export(conn: Connection, export: Export) -> Id | None:
    """A bundle of the same wording that the same editor asked for and that waits or can still be fetched."""
    found: Id | None = await conn.fetch_value(
        "select id from social_export where statement_id = $1 and revision_id = $2 and made_by = $3"
        " and status in ('WAITING', 'READY') and expires_at > $4 order by id limit 1",
        export.statement_id, export.revision_id, export.made_by, export.created_at,
    )  # fmt: skip
    return found


async def fail(tx: Transaction, what: Shared, row_id: Id, reason: str) -> None:
    """A waiting card or bundle will not be made."""
    await tx.execute(
        f"update {what} set status = 'FAILED', reason = $2, changed_at = $3 where id = $1 and status = 'WAITING'",
        row_id, reason, await tx.now(),
    )  # fmt: skip


async def fail_card(tx: Transaction, card_id: Id, reason: str, *, characters: str) -> None:
    """A waiting card will not be drawn, because of these characters if any; what has ended meanwhile gets no words."""
    await tx.execute(
        "update share_card set status = 'FAILED', reason = $2, detail = $3, changed_at = $4"
        " where id = $1 and status = 'WAITING'",
        card_id, reason, characters, await tx.now(),
    )  # fmt: skip


async def mark_card_ready(tx: Transaction, card_id: Id, *, alt_text: str) -> bool:
    """The files are stored; whether the card still waited for them."""
    return await tx.execute(
        "update share_card set status = 'READY', alt_text = $2, changed_at = $3 where id = $1 and status = 'WAITING'",
        card_id, alt_text, await tx.now(),
    ) == 1  # fmt: skip


async def mark_export_ready(tx: Transaction, export_id: Id) -> bool:
    """The bundle is stored; whether it was still wanted."""
    return await tx.execute(
        "update social_export set status = 'READY', changed_at = $2 where id = $1 and status = 'WAITING'",
        export_id, await tx.now(),
    ) == 1  # fmt: skip


async def find_exports(conn: Connection, ids: Sequence[Id]) -> list[Export]:
    """The bundles with these ids."""
    return await conn.fetch_as(Export, f"{_EXPORT} where e.id = any($1::uuid[])", list(ids))


async def list_exports(conn: Connection, campaign_id: Id, request: PageRequest) -> list[Export]:
    """All that was taken away of a campaign, newest first, also what has gone since."""
    keyset, order, bounds = keyset_sql(request, at="e.created_at", row_id="e.id", first_param=2)
    return await conn.fetch_as(Export, f"{_EXPORT} where e.campaign_id = $1 and {keyset} {order}", campaign_id, *bounds)


async def set_links(tx: Transaction, export_id: Id, links: Sequence[str]) -> None:
    """Where the bundle was posted."""
    await tx.execute(
        "update social_export set links = $2, changed_at = $3 where id = $1", export_id, list(links), await tx.now()
    )


async def shared_statements(conn: Connection, statement_ids: Sequence[Id]) -> set[Id]:
    """Those of the statements that have a card or a bundle, or had one."""
    rows = await conn.fetch(
        "select statement_id from share_card where statement_id = any($1::uuid[])"
        " union select statement_id from social_export where statement_id = any($1::uuid[])",
        list(statement_ids),
    )
    return {row["statement_id"] for row in rows}
