"""SQL for roles. A role is in force while it is not revoked and its `until` has not come."""

from collections.abc import Sequence
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, keyset_sql, page_of
from backend.core.viewer import Role, Scope, ScopeKind
from backend.places.records import RoleGrant

_GRANT = """
select g.id, g.account_id, a.handle, g.role, g.scope_kind, g.scope_id, g.granted_by, g.granted_at, g.until,
       g.revoked_at
  from role_grant g join account a on a.id = g.account_id
"""
_IN_SCOPE = """
(g.scope_kind = 'NETWORK' or (g.scope_kind, g.scope_id) in
  (('CITY', {city}::uuid), ('SCHOOL', {school}::uuid), ('CLASS', {school_class}::uuid)))
"""


async def insert_grant(
    tx: Transaction, grant_id: Id, account_id: Id, role: Role, scope: tuple[ScopeKind, Id | None], *, by: Id | None,
    until: datetime | None,
) -> bool:  # fmt: skip
    """Grant a role; False when the account holds it here already."""
    now = await tx.now()
    scope_kind, scope_id = scope
    await tx.execute(
        "update role_grant set revoked_at = until where account_id = $1 and role = $2 and scope_kind = $3"
        " and scope_id is not distinct from $4 and revoked_at is null and until <= $5",
        account_id, role, scope_kind, scope_id, now,
    )  # fmt: skip
    made = await tx.fetch_value(
        "insert into role_grant (id, account_id, role, scope_kind, scope_id, granted_by, granted_at, until)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id",
        grant_id, account_id, role, scope_kind, scope_id, by, now, until,
    )  # fmt: skip
    return made is not None


async def get_grant(conn: Connection, grant_id: Id) -> RoleGrant | None:
    """A role by the id of its grant."""
    return await conn.fetch_one_as(RoleGrant, f"{_GRANT} where g.id = $1", grant_id)


async def get_grants(conn: Connection, grant_ids: Sequence[Id]) -> list[RoleGrant]:
    """Roles by the ids of their grants, in no order."""
    return await conn.fetch_as(RoleGrant, f"{_GRANT} where g.id = any($1)", list(grant_ids))


async def lock_grant(tx: Transaction, grant_id: Id) -> RoleGrant | None:
    """A role by the id of its grant, for this transaction alone."""
    return await tx.fetch_one_as(RoleGrant, f"{_GRANT} where g.id = $1 for update of g", grant_id)


async def set_revoked(tx: Transaction, grant_id: Id, by: Id) -> None:
    """End a role now."""
    await tx.execute(
        "update role_grant set revoked_at = $2, revoked_by = $3 where id = $1 and revoked_at is null",
        grant_id,
        await tx.now(),
        by,
    )


async def end_role(tx: Transaction, account_id: Id, role: Role) -> Id | None:
    """End a role of the whole network now; the id of its grant, None when the account does not hold it."""
    ended: Id | None = await tx.fetch_value(
        "update role_grant set revoked_at = $3 where account_id = $1 and role = $2 and scope_kind = 'NETWORK'"
        " and revoked_at is null returning id",
        account_id, role, await tx.now(),
    )  # fmt: skip
    return ended


async def list_grants(
    conn: Connection, scope: tuple[ScopeKind, Id | None], roles: Sequence[Role], request: PageRequest
) -> Page[RoleGrant]:
    """The roles of these kinds in force in exactly this scope, newest first."""
    where, order, params = keyset_sql(request, at="g.granted_at", row_id="g.id", first_param=5)
    rows = await conn.fetch_as(
        RoleGrant,
        f"{_GRANT} where g.scope_kind = $1 and g.scope_id is not distinct from $2 and g.role = any($3)"
        f" and g.revoked_at is null and (g.until is null or g.until > $4) and {where} {order}",
        scope[0], scope[1], [role.value for role in roles], await conn.now(), *params,
    )  # fmt: skip
    return page_of(request, rows, lambda row: Key(row.granted_at, row.id))


async def list_own_grants(conn: Connection, account_id: Id) -> list[RoleGrant]:
    """All roles an account has or had, oldest first; at most 200."""
    return await conn.fetch_as(
        RoleGrant, f"{_GRANT} where g.account_id = $1 order by g.granted_at, g.id limit 200", account_id
    )


async def list_own_in_force(conn: Connection, account_id: Id) -> list[RoleGrant]:
    """The roles an account has now, oldest first; at most 200."""
    return await conn.fetch_as(
        RoleGrant,
        f"{_GRANT} where g.account_id = $1 and g.revoked_at is null and (g.until is null or g.until > $2)"
        " order by g.granted_at, g.id limit 200",
        account_id,
        await conn.now(),
    )


async def has_any_role(conn: Connection, account_id: Id) -> bool:
    """Whether the account holds any role now."""
    found = await conn.fetch_value(
        "select exists (select from role_grant where account_id = $1 and revoked_at is null"
        " and (until is null or until > $2))",
        account_id,
        await conn.now(),
    )
    return bool(found)


async def holders_over_class(conn: Connection, account_ids: Sequence[Id], scope: Scope) -> set[Id]:
    """Those of the accounts that hold a role reaching the class."""
    rows = await conn.fetch(
        "select distinct g.account_id from role_grant g where g.account_id = any($1) and g.revoked_at is null"
        " and (g.until is null or g.until > $2) and " + _IN_SCOPE.format(city="$3", school="$4", school_class="$5"),
        list(account_ids), await conn.now(), scope.city_id, scope.school_id, scope.class_id,
    )  # fmt: skip
    return {row["account_id"] for row in rows}


async def holders_of(conn: Connection, role: Role, scope_kind: ScopeKind, scope_ids: Sequence[Id]) -> list[Id]:
    """Who holds the role now in one of these scopes, in id order."""
    rows = await conn.fetch(
        "select distinct account_id from role_grant where role = $1 and scope_kind = $2 and scope_id = any($3)"
        " and revoked_at is null and (until is null or until > $4) order by account_id",
        role, scope_kind, list(scope_ids), await conn.now(),
    )  # fmt: skip
    return [row["account_id"] for row in rows]


async def holders_in_network(conn: Connection, role: Role) -> list[Id]:
    """Who holds the role now for the whole network, in id order."""
    rows = await conn.fetch(
        "select distinct account_id from role_grant where role = $1 and scope_kind = 'NETWORK'"
        " and revoked_at is null and (until is null or until > $2) order by account_id",
        role, await conn.now(),
    )  # fmt: skip
    return [row["account_id"] for row in rows]


async def staff_of_class(conn: Connection, class_id: Id) -> list[Id]:
    """The teachers of a running class and its school's administration now, in id order."""
    rows = await conn.fetch(
        "select distinct g.account_id from school_class c join role_grant g on (g.role, g.scope_kind, g.scope_id) in"
        " (('TEACHER', 'CLASS', c.id), ('SCHOOL_ADMIN', 'SCHOOL', c.school_id))"
        " where c.id = $1 and c.closed_at is null and g.revoked_at is null and (g.until is null or g.until > $2)"
        " order by g.account_id",
        class_id,
        await conn.now(),
    )
    return [row["account_id"] for row in rows]


async def teachers_of_class(conn: Connection, class_id: Id) -> list[Id]:
    """The teachers of a class now, in id order."""
    return await holders_of(conn, Role.TEACHER, ScopeKind.CLASS, [class_id])


async def revoke_all(tx: Transaction, account_id: Id) -> None:
    """Erasure: every role of the account ends."""
    await tx.execute(
        "update role_grant set revoked_at = $2 where account_id = $1 and revoked_at is null", account_id, await tx.now()
    )
