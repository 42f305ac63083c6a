"""What a guardian reads and contests with a key: what their yes carries, published or refused. Nothing hidden."""

from dataclasses import dataclass

from backend.accounts import guardian_keys
from backend.accounts.config import AccountSettings
from backend.accounts.consent_rules import ConsentAudience
from backend.accounts.guardian_sight import Carried
from backend.campaigns.reading import reader_of
from backend.campaigns.store import feed
from backend.campaigns.store import guardians as store
from backend.campaigns.store.feed import Shown
from backend.campaigns.subject import KIND
from backend.core import repeats
from backend.core.database import Database, Transaction
from backend.core.errors import NotFound, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.viewer import Viewer
from moderation import appeal_store, appeals, refusals
from moderation import store as decision_store
from moderation.appeal_store import AppealRow
from moderation.refusals import Refusal
from moderation.subjects import Desk


@dataclass(frozen=True, slots=True)
class RefusedWording:
    """A refusal, and for whom the refused wording was meant. What it said is the child's."""

    refusal: Refusal
    audience: ConsentAudience


async def list_published(db: Database, viewer: Viewer, carried: Carried, request: PageRequest) -> Page[Shown]:
    """A page of what is published under the guardian's yes, newest first, as everybody sees it."""
    async with db.snapshot() as conn:
        ids = await store.list_published_ids(conn, carried, request)
        found = {row.id: row for row in await feed.find_shown(conn, await reader_of(conn, viewer), ids)}
    return page_of(request, [found[one] for one in ids if one in found], lambda row: Key(row.published_at, row.id))


async def list_refused(db: Database, desk: Desk, carried: Carried) -> list[RefusedWording]:
    """The newest refusals of what the guardian's yes would have carried; at most `refusals.MAX_REFUSALS`."""
    async with db.reading() as conn:
        wordings = await store.judged_wordings(conn, carried)
        found = await refusals.list_refusals(conn, desk, carried.account_id, KIND, list(wordings))
    return [RefusedWording(one, wordings[one.decision.revision_id]) for one in found]


async def appeal_by_key(
    db: Database,
    accounts: AccountSettings,
    desk: Desk,
    viewer: Viewer,
    code: str,
    *,
    decision_id: Id,
    text: str,
    client_key: str | None = None,
) -> AppealRow:
    """Contest a refusal with a guardian key, once for the guardian and the child together.

    Raises NotFound, the same for a wrong key and for a decision that is none of the guardian's; NotAllowed
    `guardian_key_by_child`; RateLimited; and as `moderation.appeals.file_appeal`.
    """
    text = appeals.clean_appeal(text)
    try:
        key = await guardian_keys.find_key(db, accounts, viewer, code)
        await appeals.limit_appeals(db, desk, key.id)
        async with db.transaction() as tx:
            carried = await guardian_keys.lock_carried(tx, viewer, key)
            await _require_carried(tx, carried, decision_id)
            appeal_id = new_id()
            first_id = await repeats.first_result(tx, viewer, "appealFileByKey", client_key, appeal_id)
            if first_id is not None:
                return await _repeated(tx, decision_id, first_id)
            return await appeals.file_by_guardian(tx, desk, decision_id, appeal_id=appeal_id, text=text)
    except NotFound:
        raise not_found("Decision") from None


async def _require_carried(tx: Transaction, carried: Carried, decision_id: Id) -> None:
    decision = (await decision_store.find_decisions(tx, [decision_id])).get(decision_id)
    if decision is None or not await store.judged_wordings(tx, carried, only=decision.revision_id):
        raise not_found("Decision")


async def _repeated(tx: Transaction, decision_id: Id, first_id: Id) -> AppealRow:
    appeal = (await appeal_store.appeals_on(tx, [decision_id])).get(decision_id)
    if appeal is None or appeal.id != first_id:
        raise ValidationFailed("client_key_reused", path=("client_mutation_key",))
    return appeal
