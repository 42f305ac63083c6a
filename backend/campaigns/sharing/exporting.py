"""An editor takes a statement away to post it: the bundle, who made it, and where it was posted."""

from collections.abc import Collection, Sequence

from backend.campaigns.sharing.attempts import ask_worker
from backend.campaigns.sharing.guards import lock_to_share, require_shareable
from backend.campaigns.sharing.rules import (
    BUNDLE_LIFE,
    Shared,
    ShareStatus,
    check_links,
    check_takes_links,
    takedown_state,
)
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store import sharing as store
from backend.campaigns.store import statements as statement_store
from backend.campaigns.store import takedowns as takedown_store
from backend.campaigns.store.sharing import Export
from backend.core import audit, policy, repeats
from backend.core.database import Connection, Database
from backend.core.errors import not_found
from backend.core.ids import Id, new_id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.policy import Action
from backend.core.viewer import Scope, Viewer


async def create_export(db: Database, viewer: Viewer, statement_id: Id, *, client_key: str | None = None) -> Id:
    """Have a bundle made by a worker; its id, or that of the same one while it can be fetched. It counts as gone out.

    The statement is locked: whoever takes it back just now either comes first, and there is no export, or finds it and
    opens a takedown. Raises NotFound, NotAllowed, Conflict with the state, ConsentRequired.
    """
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        statement = await lock_to_share(tx, viewer, statement_id, Action.SOCIAL_EXPORT, or_author=False)
        first = await repeats.known_result(tx, viewer, "socialExportCreate", client_key)
        if first is not None:
            return first
        revision_id = await require_shareable(tx, statement)
        now = await tx.now()
        export = Export(
            id=new_id(), statement_id=statement_id, campaign_id=statement.campaign_id, revision_id=revision_id,
            made_by=account_id, made_by_handle=viewer.handle, status=ShareStatus.WAITING, reason=None, links=[],
            created_at=now, expires_at=now + BUNDLE_LIFE, files=(),
        )  # fmt: skip
        same = await store.same_export(tx, export)
        first = await repeats.first_result(tx, viewer, "socialExportCreate", client_key, same or export.id)
        if first is None and same is None:
            await store.add_export(tx, export)
            await ask_worker(tx, Shared.BUNDLE, export.id)
            await audit.record(
                tx, account_id, "editor:social_export:created", ("social_export", export.id), statement=statement_id
            )
        return first or same or export.id


async def note_posts(db: Database, viewer: Viewer, export_id: Id, links: Sequence[str]) -> None:
    """Write where the bundle was posted, anew, so that a takedown names the posts.

    Raises NotFound, ValidationFailed, Conflict `taken_down` once that was confirmed.
    """
    links = check_links(links)
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        export = next(iter(await store.find_exports(tx, [export_id])), None)
        if export is None or not await may_export(tx, viewer, export.campaign_id):
            raise not_found("SocialExport", export_id)
        await statement_store.lock_statement(tx, export.statement_id)
        covering = await takedown_store.takedown_of(tx, export_id)
        check_takes_links(takedown_state(covering.confirmed_at, covering.lapsed_at) if covering is not None else None)
        await store.set_links(tx, export_id, links)
        await audit.record(
            tx, account_id, "editor:social_export:posted", ("social_export", export_id), posts=len(links)
        )


async def may_export(conn: Connection, viewer: Viewer, campaign_id: Id) -> bool:
    """Whether the viewer is an editor of the campaign, not a student editor."""
    return campaign_id in await exported_by(conn, viewer, [campaign_id])


async def exported_by(conn: Connection, viewer: Viewer, campaign_ids: Collection[Id]) -> set[Id]:
    """Those of the campaigns of which the viewer is an editor, not a student editor; one statement."""
    found = await campaign_store.find_campaigns(conn, list(campaign_ids))
    return {
        one.id
        for one in found
        if policy.can(viewer, Action.SOCIAL_EXPORT, Scope(city_id=one.city_id, campaign_id=one.id))
    }


async def list_exports(db: Database, viewer: Viewer, campaign_id: Id, request: PageRequest) -> Page[Export]:
    """A page of what was taken away of a campaign, newest first; empty for all but its editors."""
    async with db.reading() as conn:
        seen = await may_export(conn, viewer, campaign_id)
        rows = await store.list_exports(conn, campaign_id, request) if seen else []
    return page_of(request, rows, lambda row: Key(row.created_at, row.id))


async def find_exports(db: Database, viewer: Viewer, ids: Sequence[Id]) -> list[Export]:
    """Those of the bundles that the viewer may see."""
    async with db.reading() as conn:
        rows = await store.find_exports(conn, ids)
        seen = await exported_by(conn, viewer, {row.campaign_id for row in rows})
    return [row for row in rows if row.campaign_id in seen]
