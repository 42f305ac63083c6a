"""Cities, schools, classes, seats and roles: the part of the schema that the places domain adds."""

from collections.abc import Mapping, Sequence

from backend.core.ids import Id
from backend.places import reading
from graphql_api.composition import Domain
from graphql_api.context import Context
from graphql_api.node import Node
from graphql_api.places import types
from graphql_api.places.card_mutations import CardMutations
from graphql_api.places.guardian_mutations import GuardianMutations
from graphql_api.places.mutations import PlaceMutations
from graphql_api.places.queries import PlaceQueries
from graphql_api.places.role_mutations import RoleMutations


async def load_cities(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Cities by id."""
    return {key: types.city(row) for key, row in (await reading.cities_by_id(context.db, ids)).items()}


async def load_schools(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Schools by id."""
    return {key: types.school(row) for key, row in (await reading.schools_by_id(context.db, ids)).items()}


async def load_classes(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Classes by id, as far as the viewer may see them."""
    found = await reading.classes_by_id(context.db, context.viewer, ids)
    return {key: types.school_class(row) for key, row in found.items()}


async def load_seats(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Seats by id, as far as the viewer may see them."""
    found = await reading.seats_by_id(context.db, context.viewer, ids)
    return {key: types.seat(row) for key, row in found.items()}


async def load_roles(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Roles by id, as far as the viewer may see them."""
    found = await reading.roles_by_id(context.db, context.viewer, ids)
    return {key: types.role_grant(row) for key, row in found.items()}


PLACES = Domain(
    queries=(PlaceQueries,),
    mutations=(PlaceMutations, CardMutations, GuardianMutations, RoleMutations),
    nodes={
        "City": load_cities,
        "School": load_schools,
        "SchoolClass": load_classes,
        "Seat": load_seats,
        "RoleGrant": load_roles,
    },
)
