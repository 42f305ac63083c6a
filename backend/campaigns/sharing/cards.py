"""Ask for share cards of a statement, and see them."""

from collections.abc import Sequence

from backend.campaigns.rules import Audience
from backend.campaigns.sharing.attempts import ask_worker
from backend.campaigns.sharing.ending import end_sharing, remove_shared, tell_of_old_posts
from backend.campaigns.sharing.guards import lock_to_share, require_shareable
from backend.campaigns.sharing.rules import Shared, TakedownReason
from backend.campaigns.store import sharing as store
from backend.campaigns.store import statements as statement_store
from backend.campaigns.store.sharing import Card, NewCard
from backend.campaigns.store.statements import Revision, Statement
from backend.core import audit, policy, ratelimit, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.policy import Action
from backend.core.ratelimit import Limit
from backend.core.text import clean_text
from backend.core.viewer import Viewer
from media.cards.orders import CardShape
from media.cards.quoting import MAX_QUOTE_CHARS, occurs_in

_CARDS_A_DAY = Limit("share_cards", burst=30, per_seconds=86_400)


async def request_card(
    db: Database,
    viewer: Viewer,
    statement_id: Id,
    *,
    secret: bytes,
    excerpt: str | None = None,
    shape: CardShape | None = None,
    client_key: str | None = None,
) -> Id:
    """Have a card drawn by a worker; the id of the card, or of one that shows the very same. `shape` None: both.

    For the author, and the campaign's editors and student editors. Raises NotFound, NotAllowed, Conflict with the
    state, ConsentRequired, ValidationFailed (excerpt_not_in_text, card_without_words), RateLimited.
    """
    if excerpt is not None:
        excerpt = clean_text(excerpt, path=("excerpt",), max_chars=MAX_QUOTE_CHARS, multiline=True)
    account_id = viewer.require_active()
    async with db.reading() as conn:
        is_repeat = await repeats.known_result(conn, viewer, "shareCardRequest", client_key) is not None
    if not is_repeat:
        await ratelimit.take(db, _CARDS_A_DAY, str(account_id), secret=secret)
    async with db.transaction() as tx:
        statement = await lock_to_share(tx, viewer, statement_id, Action.CARD_MAKE, or_author=True)
        first = await repeats.known_result(tx, viewer, "shareCardRequest", client_key)
        if first is not None:
            return first
        revision_id = await require_shareable(tx, statement)
        await _check_excerpt(tx, revision_id, excerpt)
        asked = NewCard(new_id(), statement_id, revision_id, account_id, excerpt, shape, await tx.now())
        same = await store.same_card(tx, asked)
        first = await repeats.first_result(tx, viewer, "shareCardRequest", client_key, same or asked.id)
        if first is None and same is None:
            await _add(tx, asked)
            who = "author" if statement.author_id == account_id else "editor"
            await audit.record(tx, account_id, f"{who}:share_card:requested", ("statement", statement_id))
        return first or same or asked.id


async def _add(tx: Transaction, card: NewCard) -> None:
    """It waits for a worker. The statement is locked."""
    await store.add_card(tx, card)
    await ask_worker(tx, Shared.CARD, card.id)


async def renew_cards(tx: Transaction, statement: Statement, revision: Revision) -> None:
    """A wording was published: cards of an older one go, and are drawn of it, with their excerpts where it has them."""
    before = await store.living_cards(tx, statement.id, but_revision=revision.id)
    await remove_shared(tx, statement.id, but_revision=revision.id)
    if revision.audience is not Audience.SOCIAL or statement.author_left_at is not None:
        return
    await tell_of_old_posts(tx, statement.id, statement.campaign_id, but_revision=revision.id)
    await _draw_again(tx, before, revision)


async def end_name(tx: Transaction, statement: Statement) -> None:
    """The pseudonym that the statement was shown under is no longer its author's: cards are drawn with what is now.

    Nothing with the old one is handed out any more, and posts of it have to go: it may have given a child away.
    """
    before = await store.living_cards(tx, statement.id)
    await end_sharing(tx, statement.id, statement.campaign_id, TakedownReason.NAME_TAKEN_OFF)
    if before and statement.published_revision_id is not None and statement.author_left_at is None:
        await _draw_again(tx, before, await statement_store.get_revision(tx, statement.published_revision_id))


async def _draw_again(tx: Transaction, cards: Sequence[Card], revision: Revision) -> None:
    """The same cards of this wording, which wait for a worker; without an excerpt that it does not have."""
    for card in cards:
        excerpt = card.excerpt if card.excerpt is not None and occurs_in(card.excerpt, revision.text) else None
        again = NewCard(new_id(), card.statement_id, revision.id, card.asked_by, excerpt, card.shape, await tx.now())
        if await store.same_card(tx, again) is None:
            await _add(tx, again)


async def _check_excerpt(tx: Transaction, revision_id: Id, excerpt: str | None) -> None:
    text = (await statement_store.get_revision(tx, revision_id)).text
    if not text:
        raise ValidationFailed("card_without_words")
    if excerpt is not None and not occurs_in(excerpt, text):
        raise ValidationFailed("excerpt_not_in_text", path=("excerpt",))


def may_see(viewer: Viewer, statement: Statement) -> bool:
    """Whether the statement's cards are shown to the viewer: its author, and who makes cards in its campaign."""
    is_author = statement.author_id is not None and statement.author_id == viewer.account_id and not viewer.is_sealed
    return is_author or is_editor(viewer, statement)


def is_editor(viewer: Viewer, statement: Statement) -> bool:
    """Whether the viewer makes cards in the statement's campaign."""
    return policy.can(viewer, Action.CARD_MAKE, statement.scope)


async def list_cards(db: Database, viewer: Viewer, statement_id: Id, request: PageRequest) -> Page[Card]:
    """A page of the statement's cards, newest first; empty for those who may not see them."""
    async with db.reading() as conn:
        statement = await statement_store.get_statement(conn, statement_id)
        seen = statement is not None and may_see(viewer, statement)
        rows = await store.list_cards(conn, statement_id, request) if seen else []
    return page_of(request, rows, lambda row: Key(row.created_at, row.id))


async def find_cards(db: Database, viewer: Viewer, ids: Sequence[Id]) -> list[Card]:
    """Those of the cards that the viewer may see."""
    async with db.reading() as conn:
        rows = await store.find_cards(conn, ids)
        seen = await _seen(conn, viewer, [row.statement_id for row in rows])
    return [row for row in rows if row.statement_id in seen]


async def _seen(conn: Connection, viewer: Viewer, statement_ids: Sequence[Id]) -> set[Id]:
    statements = await statement_store.find_statements(conn, statement_ids)
    return {one.id for one in statements if may_see(viewer, one)}
