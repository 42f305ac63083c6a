"""Roles are granted and revoked down the chain of the rules: never to oneself, never beyond one's own scope."""

from dataclasses import dataclass
from datetime import datetime

from backend.accounts import store as account_store
from backend.accounts.handles import normal_handle
from backend.accounts.people import Account, Status
from backend.core import audit, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Conflict, NotAllowed, NotFound, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.paging import Page, PageRequest
from backend.core.policy import GRANTORS, STAFF_ROLES
from backend.core.viewer import Role, Scope, ScopeKind, Viewer
from backend.notices import inbox
from backend.places import role_store, seat_store
from backend.places.config import PlaceSettings, ScopeOf
from backend.places.records import RoleGrant
from backend.places.scopes import scope_of_city, scope_of_class, scope_of_school
from backend.places.visibility import can_see_class

# Where each role is held.
SCOPE_KINDS: dict[Role, frozenset[ScopeKind]] = {
    Role.SECRETARIAT: frozenset({ScopeKind.NETWORK}),
    Role.CITY_OFFICIAL: frozenset({ScopeKind.CITY}),
    Role.MODERATOR: frozenset({ScopeKind.CITY, ScopeKind.NETWORK}),
    Role.SAFEGUARDING_LEAD: frozenset({ScopeKind.CITY}),
    Role.SCHOOL_ADMIN: frozenset({ScopeKind.SCHOOL}),
    Role.TEACHER: frozenset({ScopeKind.CLASS}),
    Role.EDITOR: frozenset({ScopeKind.CAMPAIGN}),
    Role.CAMPAIGN_JUROR: frozenset({ScopeKind.CAMPAIGN}),
    Role.STUDENT_EDITOR: frozenset({ScopeKind.CAMPAIGN}),
}


@dataclass(frozen=True, slots=True)
class NewRole:
    """What is to be granted: to the account with this handle, in this scope, until then (None: until revoked)."""

    handle: str
    role: Role
    scope_kind: ScopeKind
    scope_id: Id | None
    until: datetime | None = None


async def grant_role(
    db: Database, viewer: Viewer, settings: PlaceSettings, new: NewRole, *, client_key: str | None = None
) -> RoleGrant:
    """Grant a role.

    Raises ValidationFailed `role_scope_kind`, `until_in_past`, NotFound (scope or handle), NotAllowed `not_allowed`,
    `own_role`, `staff_needs_email`, `teacher_sits_here`, Conflict `role_already_granted`.
    """
    viewer.require_account()
    _check_shape(new)
    async with db.transaction() as tx:
        scope = await _scope(tx, settings, new.scope_kind, new.scope_id)
        _require_grantor(viewer, new.role, new.scope_kind, scope)
        account = await _account(tx, new.handle)
        if account.id == viewer.account_id:
            raise NotAllowed("own_role", path=("handle",))
        if new.until is not None and new.until <= await tx.now():
            raise ValidationFailed("until_in_past", path=("until",))
        if new.role in STAFF_ROLES and account.email_verified_at is None:
            raise NotAllowed("staff_needs_email", path=("handle",))
        if new.role is Role.TEACHER and new.scope_id is not None:
            await _check_not_student(tx, new.scope_id, account.id)
        return await _write(tx, viewer, new, account.id, client_key)


def _check_shape(new: NewRole) -> None:
    if new.scope_kind not in SCOPE_KINDS[new.role] or (new.scope_kind is ScopeKind.NETWORK) != (new.scope_id is None):
        raise ValidationFailed("role_scope_kind", path=("scope_id",))


async def _scope(conn: Connection, settings: PlaceSettings, kind: ScopeKind, scope_id: Id | None) -> Scope:
    found: Scope | None = Scope()
    if scope_id is not None:
        finders: dict[ScopeKind, ScopeOf] = {
            ScopeKind.CITY: scope_of_city,
            ScopeKind.SCHOOL: scope_of_school,
            ScopeKind.CLASS: scope_of_class,
            ScopeKind.CAMPAIGN: settings.scope_of_campaign,
        }
        found = await finders[kind](conn, scope_id)
    if found is None:
        raise not_found(kind.value)
    return found


async def _account(conn: Connection, handle: str) -> Account:
    known = await account_store.find_credentials(conn, normal_handle(handle))
    account = await account_store.get_account(conn, known[0]) if known else None
    if account is None or account.status is not Status.ACTIVE:
        raise NotFound("handle_unknown", path=("handle",))
    return account


def why_not_grant(viewer: Viewer, role: Role, scope: Scope) -> str | None:
    """None when the viewer may grant and revoke the role in the scope, else why not."""
    if viewer.has_any(GRANTORS.get(role, frozenset()), scope):
        return "account_restricted" if viewer.is_restricted else None
    return "second_factor_missing" if viewer.second_factor_missing else "not_allowed"


def _require_grantor(viewer: Viewer, role: Role, kind: ScopeKind, scope: Scope) -> None:
    reason = why_not_grant(viewer, role, scope)
    if reason == "not_allowed" and kind is ScopeKind.CLASS and not can_see_class(viewer, scope):
        raise not_found(kind.value)  # cities and schools are public, classes are not
    if reason is not None:
        raise NotAllowed(reason)


async def _check_not_student(tx: Transaction, class_id: Id, account_id: Id) -> None:
    if await seat_store.find_live_seat(tx, class_id, account_id) is not None:
        raise NotAllowed("teacher_sits_here", path=("handle",))


async def _write(tx: Transaction, viewer: Viewer, new: NewRole, account_id: Id, client_key: str | None) -> RoleGrant:
    grant_id = new_id()
    first = await repeats.first_result(tx, viewer, "roleGrant", client_key, grant_id)
    if first is None:
        scope = (new.scope_kind, new.scope_id)
        if not await role_store.insert_grant(
            tx, grant_id, account_id, new.role, scope, by=viewer.account_id, until=new.until
        ):
            raise Conflict("role_already_granted", state="GRANTED", path=("role",))
        await audit.record(
            tx, viewer.account_id, "grantor:role:granted", ("account", account_id),
            role=new.role.value, scope=new.scope_kind.value, scope_id=new.scope_id,
        )  # fmt: skip
        await inbox.tell(tx, account_id, "role_granted", {"role": new.role.value}, subject=("role_grant", grant_id))
    grant = await role_store.get_grant(tx, first or grant_id)
    if grant is None:
        raise not_found("RoleGrant")
    return grant


async def revoke_role(db: Database, viewer: Viewer, settings: PlaceSettings, grant_id: Id) -> RoleGrant:
    """End a role now: whoever may grant it, or its holder. Raises Conflict `role_ended` when it is over already."""
    async with db.transaction() as tx:
        grant = await role_store.lock_grant(tx, grant_id) if viewer.require_account() else None
        if grant is None:
            raise not_found("RoleGrant")
        if grant.account_id != viewer.account_id:
            await _require_revoker(tx, viewer, settings, grant)
        if not grant.is_in_force(await tx.now()):
            raise Conflict("role_ended", state="REVOKED" if grant.revoked_at else "EXPIRED")
        await role_store.set_revoked(tx, grant_id, viewer.require_account())
        await audit.record(
            tx, viewer.account_id, "grantor:role:revoked", ("account", grant.account_id),
            role=grant.role.value, scope=grant.scope_kind.value, scope_id=grant.scope_id,
        )  # fmt: skip
        await inbox.tell(
            tx, grant.account_id, "role_revoked", {"role": grant.role.value}, subject=("role_grant", grant_id)
        )
        ended = await role_store.get_grant(tx, grant_id)
        return ended or grant


async def _require_revoker(tx: Transaction, viewer: Viewer, settings: PlaceSettings, grant: RoleGrant) -> None:
    scope = await _scope(tx, settings, grant.scope_kind, grant.scope_id)
    reason = why_not_grant(viewer, grant.role, scope)
    if reason == "not_allowed":
        raise not_found("RoleGrant")  # who holds a role is shown only to those who grant it
    if reason is not None:
        raise NotAllowed(reason)


async def list_roles(
    db: Database, viewer: Viewer, settings: PlaceSettings, kind: ScopeKind, scope_id: Id | None,
    request: PageRequest,
) -> Page[RoleGrant]:  # fmt: skip
    """The roles in force in a scope, as far as the viewer may grant them. Raises NotFound when they may grant none."""
    viewer.require_account()
    async with db.reading() as conn:
        scope = await _scope(conn, settings, kind, scope_id)
        held_here = [role for role, kinds in SCOPE_KINDS.items() if kind in kinds]
        roles = [role for role in held_here if why_not_grant(viewer, role, scope) is None]
        if not roles:
            raise not_found(kind.value)
        return await role_store.list_grants(conn, (kind, scope_id), roles, request)


async def appoint_secretariat(db: Database, handle: str) -> Id:
    """Make the account with this handle a member of the SECRETARIAT, whom nobody below may appoint; its id.

    For the command line only. Raises NotFound, NotAllowed `staff_needs_email`, Conflict `role_already_granted`.
    """
    async with db.transaction() as tx:
        account = await _account(tx, handle)
        if account.email_verified_at is None:
            raise NotAllowed("staff_needs_email", path=("handle",))
        grant_id = new_id()
        if not await role_store.insert_grant(
            tx, grant_id, account.id, Role.SECRETARIAT, (ScopeKind.NETWORK, None), by=None, until=None
        ):
            raise Conflict("role_already_granted", state="GRANTED")
        await audit.record(tx, None, "operator:role:granted", ("account", account.id), role=Role.SECRETARIAT.value)
        role = {"role": Role.SECRETARIAT.value}
        await inbox.tell(tx, account.id, "role_granted", role, subject=("role_grant", grant_id))
        return account.id


async def dismiss_secretariat(db: Database, handle: str) -> Id:
    """Take the role away again; the account's id. For the command line only. Raises NotFound, Conflict `role_ended`."""
    async with db.transaction() as tx:
        account = await _account(tx, handle)
        grant_id = await role_store.end_role(tx, account.id, Role.SECRETARIAT)
        if grant_id is None:
            raise Conflict("role_ended", state="REVOKED")
        await audit.record(tx, None, "operator:role:revoked", ("account", account.id), role=Role.SECRETARIAT.value)
        role = {"role": Role.SECRETARIAT.value}
        await inbox.tell(tx, account.id, "role_revoked", role, subject=("role_grant", grant_id))
        return account.id
