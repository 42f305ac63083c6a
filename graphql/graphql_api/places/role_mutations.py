"""Granting and revoking roles."""

from typing import Annotated

import strawberry

from backend.core.errors import NotFound
from backend.core.ids import Id
from backend.core.viewer import ScopeKind
from backend.places import roles
from backend.places.roles import NewRole
from graphql_api.context import Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id, split_id
from graphql_api.places import inputs, types
from graphql_api.places.types import SCOPE_TYPES, RoleGrant
from graphql_api.problems import Problems

RoleGrantResult = Annotated[
    RoleGrant | Problems, strawberry.union("RoleGrantResult", description="The granted role, or why there is none.")
]
RoleRevokeResult = Annotated[
    RoleGrant | Problems, strawberry.union("RoleRevokeResult", description="The ended role, or why it still holds.")
]
_KIND_OF = {name: kind for kind, name in SCOPE_TYPES.items()}


def scope_from(scope_id: strawberry.ID | None) -> tuple[ScopeKind, Id | None]:
    """The kind and row id of the place that a global id means; none is the network. Raises NotFound."""
    if scope_id is None:
        return ScopeKind.NETWORK, None
    parts = split_id(scope_id)
    if parts is None or parts[0] not in _KIND_OF:
        raise NotFound(path=("scope_id",))
    return _KIND_OF[parts[0]], parts[1]


@strawberry.type
class RoleMutations:
    @mutation("Grant a role in a scope that the own one covers: never to oneself, only down the chain.")
    async def role_grant(self, info: Info, input: inputs.RoleGrantInput) -> RoleGrantResult:
        kind, scope_id = scope_from(input.scope_id)
        granted = await roles.grant_role(
            info.context.db, info.context.viewer, info.context.services.places,
            NewRole(input.handle, input.role, kind, scope_id, input.until), client_key=input.client_mutation_key,
        )  # fmt: skip
        return types.role_grant(granted)

    @mutation("End a role at once: whoever may grant it, or its holder.")
    async def role_revoke(self, info: Info, input: inputs.RoleRevokeInput) -> RoleRevokeResult:
        grant_id = parse_id(input.role_grant_id, "RoleGrant", path=("role_grant_id",))
        ended = await roles.revoke_role(info.context.db, info.context.viewer, info.context.services.places, grant_id)
        return types.role_grant(ended)
