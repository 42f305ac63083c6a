"""Join small classes so that they compete as one, and separate them again. Rounds that are open stay as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.campaigns.rules import CampaignStatus, effective_status
from backend.campaigns.running import may_see
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store.campaigns import Campaign
from backend.core import audit, policy, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Closed, Conflict, NotAllowed, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.places import store as places_store
from backend.places.records import SchoolClass
from backend.places.visibility import can_see_class
from backend.rounds.rules import LEAST_JOINED, LEAST_SEATS, MOST_JOINED, MOST_JOINED_SEATS
from backend.rounds.store import candidates
from backend.rounds.store import unions as store
from backend.rounds.store.unions import ClassUnion


@dataclass(frozen=True, slots=True)
class Joined:
    """A union with its classes, which whoever runs one of them may know by name."""

    union: ClassUnion
    classes: list[SchoolClass]


_RUNNING = (Action.CLASS_RUN, Action.CLASS_CREATE)  # its teachers, or the administration of its school


async def join_classes(
    db: Database, viewer: Viewer, campaign_id: Id, class_ids: Sequence[Id], *, client_key: str | None = None
) -> Id:
    """Let 2 to 5 classes, a small one among them, compete as one in rounds that open from now on; the union's id.

    Raises NotFound (campaign, class), NotAllowed, Closed (`campaign_closed`, `class_closed`), ValidationFailed, and
    Conflict `class_joined` when one of them is in another union of the campaign.
    """
    account_id = viewer.require_account()
    viewer.require_unsealed()
    wanted = sorted(set(class_ids))
    if not LEAST_JOINED <= len(wanted) <= MOST_JOINED:
        raise ValidationFailed("classes_to_join", path=("class_ids",), least=LEAST_JOINED, most=MOST_JOINED)
    async with db.transaction() as tx:
        # Whoever joins classes of this campaign does it alone: two unions at once could share a class.
        campaign = await campaign_store.lock_campaign(tx, campaign_id)
        if campaign is None or not may_see(viewer, campaign):
            raise not_found("campaign", campaign_id)
        classes = await places_store.get_classes(tx, wanted)
        for class_id in wanted:
            _require_run(viewer, class_id, classes)
        union_id = new_id()
        first = await repeats.first_result(tx, viewer, "classesJoin", client_key, union_id)
        if first is not None:
            return first
        await _check(tx, campaign, list(classes.values()))
        await store.add_union(tx, ClassUnion(union_id, campaign_id, wanted, account_id, await tx.now(), None))
        await audit.record(tx, account_id, "teacher:class_union:made", ("class_union", union_id), classes=len(wanted))
        return union_id


async def separate_classes(db: Database, viewer: Viewer, union_id: Id) -> None:
    """Let the classes compete on their own in rounds that open from now on; again is harmless.

    For whoever runs one of them. Raises NotFound, NotAllowed.
    """
    viewer.require_account()
    viewer.require_unsealed()
    async with db.transaction() as tx:
        union = await store.lock_union(tx, union_id)
        if union is None:
            raise not_found("class_union", union_id)
        [joined] = await _with_classes(tx, [union])
        _require_part(viewer, joined)
        if union.ended_at is None:
            await store.set_ended(tx, union_id, await tx.now())
            await audit.record(tx, viewer.account_id, "teacher:class_union:ended", ("class_union", union_id))


async def find_unions(conn: Connection, viewer: Viewer, ids: Sequence[Id]) -> list[Joined]:
    """Those of the unions, ended ones too, of which the viewer runs a class."""
    found = await _with_classes(conn, await store.find_unions(conn, ids))
    return [one for one in found if any(may_run(viewer, row) for row in one.classes)]


async def list_unions(db: Database, viewer: Viewer, class_id: Id) -> list[Joined]:
    """The unions that a class is in now, one a campaign at most; empty for who does not run the class."""
    async with db.reading() as conn:
        found = await places_store.get_class(conn, class_id)
        if found is None or not may_run(viewer, found):
            return []
        return await _with_classes(conn, await store.live_unions_of(conn, class_id))


async def _with_classes(conn: Connection, unions: Sequence[ClassUnion]) -> list[Joined]:
    classes = await places_store.get_classes(conn, [class_id for one in unions for class_id in one.class_ids])
    return [Joined(one, [classes[class_id] for class_id in one.class_ids if class_id in classes]) for one in unions]


def may_run(viewer: Viewer, row: SchoolClass) -> bool:
    """Whether somebody teaches the class or administers its school."""
    return any(policy.can(viewer, action, row.scope) for action in _RUNNING)


def _require_run(viewer: Viewer, class_id: Id, classes: Mapping[Id, SchoolClass]) -> None:
    row = classes.get(class_id)
    if row is not None and may_run(viewer, row):
        return
    reason = None if row is None else policy.why_not(viewer, Action.CLASS_RUN, row.scope)
    if row is None or reason is None or (reason == "not_allowed" and not can_see_class(viewer, row.scope)):
        raise not_found("class", class_id)
    raise NotAllowed(reason)


def _require_part(viewer: Viewer, joined: Joined) -> None:
    if any(may_run(viewer, row) for row in joined.classes):
        return
    reasons = {policy.why_not(viewer, Action.CLASS_RUN, row.scope) or "not_allowed" for row in joined.classes}
    if reasons == {"not_allowed"}:
        raise not_found("class_union", joined.union.id)
    raise NotAllowed(min(reasons - {"not_allowed"}))


async def _check(tx: Transaction, campaign: Campaign, classes: Sequence[SchoolClass]) -> None:
    now = await tx.now()
    if effective_status(campaign.times, now) is CampaignStatus.CLOSED:
        raise Closed("campaign_closed")
    if any(campaign.city_id not in {None, row.city_id} for row in classes):
        raise ValidationFailed("class_outside_campaign", path=("class_ids",))
    if not all(row.is_open(now) for row in classes):
        raise Closed("class_closed", path=("class_ids",))
    ids = [row.id for row in classes]
    if await store.live_unions(tx, campaign.id, ids):
        raise Conflict("class_joined", state="JOINED", path=("class_ids",))
    sizes = await candidates.sizes_at(tx, ids, now)
    if all(sizes.get(class_id, 0) >= LEAST_SEATS for class_id in ids):
        raise ValidationFailed("no_small_class", path=("class_ids",), least=LEAST_SEATS)
    if sum(sizes.values()) > MOST_JOINED_SEATS:
        raise ValidationFailed("too_many_joined", path=("class_ids",), most=MOST_JOINED_SEATS)
