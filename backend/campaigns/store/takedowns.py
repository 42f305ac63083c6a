"""SQL of ending what was shared, and of the takedowns that follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.sharing.rules import TAKEDOWN_TIME, Shared, TakedownReason, Telling
from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest, keyset_sql


@dataclass(frozen=True, slots=True)
class Takedown:
    """A takedown's row, with where the statement was posted."""

    id: Id
    statement_id: Id
    campaign_id: Id
    reason: TakedownReason
    opened_at: datetime
    due_at: datetime
    confirmed_at: datetime | None
    confirmed_by: Id | None
    confirmed_by_handle: str | None
    note: str | None
    lapsed_at: datetime | None
    links: list[str]


_TAKEDOWN = """
select t.id, t.statement_id, t.campaign_id, t.reason, t.opened_at, t.due_at, t.confirmed_at, t.confirmed_by,
       (select a.handle from account a where a.id = t.confirmed_by) as confirmed_by_handle, t.note,
       t.lapsed_at, coalesce((select jsonb_agg(distinct l) from social_export e, jsonb_array_elements_text(e.links) l
                               where e.statement_id = t.statement_id and e.takedown_id = t.id), '[]') as links
  from takedown t
"""
_OPEN = "confirmed_at is null and lapsed_at is null"


async def end_shared(tx: Transaction, statement_id: Id, *, but_revision: Id | None = None) -> bool:
    """Cards and bundles of a statement go, but those of one wording; whether there were any. Their words go with them.

    A failed card goes too: it holds an excerpt.
    """
    now = await tx.now()
    cards = await tx.execute(
        "update share_card set status = 'GONE', excerpt = null, alt_text = null, detail = null, changed_at = $3"
        " where statement_id = $1 and status <> 'GONE' and revision_id is distinct from $2",
        statement_id, but_revision, now,
    )  # fmt: skip
    exports = await tx.execute(
        "update social_export set status = 'GONE', changed_at = $3"
        " where statement_id = $1 and status <> 'GONE' and revision_id is distinct from $2",
        statement_id, but_revision, now,
    )  # fmt: skip
    return bool(cards + exports)


async def expire_exports(tx: Transaction) -> int:
    """Bundles go a day after they were asked for; how many. That they were taken away stays known."""
    return await tx.execute(
        "update social_export set status = 'GONE', changed_at = $1 where status = 'READY' and expires_at <= $1",
        await tx.now(),
    )


async def open_takedown(tx: Transaction, statement_id: Id, reason: TakedownReason) -> Id | None:
    """Open a takedown if anything went out that none covers yet; its id when it is new. The statement is locked.

    An open one learns that it is for a name as well: then showing the statement again does not end it.
    """
    if reason is TakedownReason.NAME_TAKEN_OFF:
        await tx.execute(f"update takedown set reason = $2 where statement_id = $1 and {_OPEN}", statement_id, reason)
    if not await went_out(tx, statement_id):
        return None
    now, takedown_id = await tx.now(), new_id()
    opened: Id | None = await tx.fetch_value(
        "insert into takedown (id, statement_id, campaign_id, reason, opened_at, due_at)"
        " select $1, s.id, s.campaign_id, $3, $4, $5 from statement s where s.id = $2"
        f" on conflict (statement_id) where {_OPEN} do nothing returning id",
        takedown_id, statement_id, reason, now, now + TAKEDOWN_TIME,
    )  # fmt: skip
    for table in Shared:
        await tx.execute(
            f"update {table} set takedown_id = (select id from takedown where statement_id = $1 and {_OPEN})"
            " where statement_id = $1 and takedown_id is null",
            statement_id,
        )
    return opened


async def went_out(tx: Transaction, statement_id: Id, *, but_revision: Id | None = None) -> bool:
    """A bundle was asked for and did not fail, or somebody of the campaign fetched a card; but of no takedown.

    A bundle that failed counts too once posts are noted with it. `but_revision`: of other wordings only.
    """
    found: bool = await tx.fetch_value(
        "select exists (select from social_export where statement_id = $1 and takedown_id is null"
        "               and (reason is null or links <> '[]') and revision_id is distinct from $2)"
        " or exists (select from share_card where statement_id = $1 and takedown_id is null"
        "            and fetched_at is not null and revision_id is distinct from $2)",
        statement_id, but_revision,
    )  # fmt: skip
    return found


async def lapse_takedown(tx: Transaction, statement_id: Id) -> Id | None:
    """The statement is shown again: an open takedown ends and what it covered counts anew; its id if there was one.

    One that was opened for a name stays: the name is still on what was posted.
    """
    lapsed: Id | None = await tx.fetch_value(
        f"update takedown set lapsed_at = $2 where statement_id = $1 and {_OPEN} and reason <> $3 returning id",
        statement_id, await tx.now(), TakedownReason.NAME_TAKEN_OFF,
    )  # fmt: skip
    if lapsed is not None:
        for table in Shared:
            await tx.execute(
                f"update {table} set takedown_id = null where statement_id = $1 and takedown_id = $2",
                statement_id, lapsed,
            )  # fmt: skip
    return lapsed


async def find_takedowns(conn: Connection, ids: Sequence[Id]) -> list[Takedown]:
    """The takedowns with these ids."""
    return await conn.fetch_as(Takedown, f"{_TAKEDOWN} where t.id = any($1::uuid[])", list(ids))


async def lock_takedown(tx: Transaction, takedown_id: Id) -> Takedown | None:
    """The takedown, locked until the end of the transaction."""
    return await tx.fetch_one_as(Takedown, f"{_TAKEDOWN} where t.id = $1 for update of t", takedown_id)


async def takedown_of(tx: Transaction, export_id: Id) -> Takedown | None:
    """The takedown that covers what was posted of a bundle; None while nothing of it has to go."""
    return await tx.fetch_one_as(
        Takedown, f"{_TAKEDOWN} join social_export b on b.takedown_id = t.id where b.id = $1", export_id
    )


async def list_takedowns(conn: Connection, campaign_id: Id, request: PageRequest, *, only_open: bool) -> list[Takedown]:
    """The takedowns of a campaign, newest first."""
    keyset, order, bounds = keyset_sql(request, at="t.opened_at", row_id="t.id", first_param=3)
    return await conn.fetch_as(
        Takedown,
        f"{_TAKEDOWN} where t.campaign_id = $1 and (not $2 or {_OPEN}) and {keyset} {order}",
        campaign_id, only_open, *bounds,
    )  # fmt: skip


async def confirm(tx: Transaction, takedown_id: Id, account_id: Id, note: str | None) -> None:
    """Everything is down: who says so, and since nothing is there any more, the addresses go."""
    await tx.execute(
        "update takedown set confirmed_at = $2, confirmed_by = $3, note = $4 where id = $1",
        takedown_id, await tx.now(), account_id, note,
    )  # fmt: skip
    await tx.execute(
        "update social_export e set links = '[]' from takedown t"
        " where t.id = $1 and e.statement_id = t.statement_id and e.takedown_id = t.id",
        takedown_id,
    )


async def find_due(conn: Connection, *, before: datetime, telling: Telling) -> list[Id]:
    """Open takedowns that are due before then and of which this was not told."""
    rows = await conn.fetch(
        f"select id from takedown where {_OPEN} and due_at <= $1 and {telling} is null order by due_at", before
    )
    return [row["id"] for row in rows]


async def claim_telling(tx: Transaction, takedown_id: Id, telling: Telling) -> Id | None:
    """Note that it is told now; the campaign, or None when somebody else did or it is no longer open."""
    campaign_id: Id | None = await tx.fetch_value(
        f"update takedown set {telling} = $2 where id = $1 and {telling} is null and {_OPEN} returning campaign_id",
        takedown_id, await tx.now(),
    )  # fmt: skip
    return campaign_id


async def forget_person(tx: Transaction, account_id: Id) -> None:
    """Who asked, exported and confirmed is forgotten, with what they noted; that it was done stays."""
    await tx.execute("update takedown set note = null where confirmed_by = $1", account_id)
    for table, column in ((Shared.CARD, "asked_by"), (Shared.BUNDLE, "made_by"), ("takedown", "confirmed_by")):
        await tx.execute(f"update {table} set {column} = null where {column} = $1", account_id)


@dataclass(frozen=True, slots=True)
class OwnShare:
    """A card or a bundle of an own statement, or made by the person: what, when, and where it stands."""

    kind: str
    statement_id: Id
    by_me: bool
    words: str | None
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnTakedown:
    """A takedown of an own statement, or one that the person confirmed."""

    statement_id: Id
    by_me: bool
    reason: str
    note: str | None
    opened_at: datetime
    confirmed_at: datetime | None


async def shares_of(conn: Connection, account_id: Id) -> list[OwnShare]:
    """What was shared of the account's statements, and what it shared itself."""
    return await conn.fetch_as(
        OwnShare,
        "select 'card' as kind, k.statement_id, coalesce(k.asked_by = $1, false) as by_me,"
        " case when s.author_id = $1 then coalesce(k.excerpt, k.alt_text) end as words, k.status, k.created_at as at"
        " from share_card k join statement s on s.id = k.statement_id where s.author_id = $1 or k.asked_by = $1"
        " union all select 'export', e.statement_id, coalesce(e.made_by = $1, false), null, e.status, e.created_at"
        " from social_export e join statement s on s.id = e.statement_id where s.author_id = $1 or e.made_by = $1"
        " order by at",
        account_id,
    )


async def takedowns_of(conn: Connection, account_id: Id) -> list[OwnTakedown]:
    """What had to be taken down of the account's statements, and what it took down. Notes only of its own."""
    return await conn.fetch_as(
        OwnTakedown,
        "select t.statement_id, coalesce(t.confirmed_by = $1, false) as by_me, t.reason,"
        " case when t.confirmed_by = $1 then t.note end as note, t.opened_at, t.confirmed_at"
        " from takedown t join statement s on s.id = t.statement_id where s.author_id = $1 or t.confirmed_by = $1"
        " order by t.opened_at",
        account_id,
    )
