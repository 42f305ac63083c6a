"""What can be read of places."""

from typing import Annotated, TypeAlias

import strawberry

from backend.core.paging import page_request
from backend.places import reading, roles
from backend.places.rules import LIVE, SeatStatus
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.places import types
from graphql_api.places.role_mutations import scope_from
from graphql_api.places.types import City, RoleGrant, School, SchoolClass, Seat

CityArgument: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The city.")]
SchoolArgument: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The school.")]
ClassArgument: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The class.")]
StatusesArgument: TypeAlias = Annotated[
    list[SeatStatus] | None,
    strawberry.argument(description="Only seats in these states; pending and confirmed ones if absent."),
]
ScopeArgument: TypeAlias = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The city, school, class or campaign; the network if absent."),
]


@strawberry.type
class PlaceQueries:
    @resolver("The member cities, newest first. Public.")
    async def cities(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[City]:
        request = page_request(first=first, after=after, last=last, before=before)
        return connection(await reading.list_cities(info.context.db, request), types.city)

    @resolver("A city's schools, newest first. Public.")
    async def schools(
        self, info: Info, city_id: CityArgument, first: First = None, after: After = None, last: Last = None,
        before: Before = None,
    ) -> Connection[School]:  # fmt: skip
        request = page_request(first=first, after=after, last=last, before=before)
        page = await reading.list_schools(info.context.db, parse_id(city_id, "City", path=("city_id",)), request)
        return connection(page, types.school)

    @resolver("A school's classes, newest first, for the staff of school, city and network; null for others.")
    async def school_classes(
        self, info: Info, school_id: SchoolArgument, first: First = None, after: After = None, last: Last = None,
        before: Before = None,
    ) -> Connection[SchoolClass] | None:  # fmt: skip
        request = page_request(first=first, after=after, last=last, before=before)
        row_id = parse_id(school_id, "School", path=("school_id",))
        page = await reading.list_classes(info.context.db, info.context.viewer, row_id, request)
        return connection(page, types.school_class)

    @resolver("The classes that the viewer teaches or sits in, newest first.")
    async def viewer_classes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[SchoolClass]:
        request = page_request(first=first, after=after, last=last, before=before)
        page = await reading.list_own_classes(info.context.db, info.context.viewer, request)
        return connection(page, types.school_class)

    @resolver(
        "A class's seats in the order of joining, for its teachers and the school's administration; null for others."
    )
    async def seats(
        self, info: Info, class_id: ClassArgument, statuses: StatusesArgument = None, first: First = None,
        after: After = None, last: Last = None, before: Before = None,
    ) -> Connection[Seat] | None:  # fmt: skip
        request = page_request(first=first, after=after, last=last, before=before)
        row_id = parse_id(class_id, "SchoolClass", path=("class_id",))
        wanted = LIVE if statuses is None else tuple(statuses)
        page = await reading.list_roster(info.context.db, info.context.viewer, row_id, wanted, request)
        return connection(page, types.seat)

    @resolver("All seats that the viewer has or had, oldest first; at most 100.")
    async def viewer_seats(self, info: Info) -> list[Seat]:
        return [types.seat(row) for row in await reading.list_own_seats(info.context.db, info.context.viewer)]

    @resolver("The roles held in a scope, newest first, as far as the viewer may grant them; null if they may none.")
    async def roles(
        self, info: Info, scope_id: ScopeArgument = None, first: First = None, after: After = None,
        last: Last = None, before: Before = None,
    ) -> Connection[RoleGrant] | None:  # fmt: skip
        request = page_request(first=first, after=after, last=last, before=before)
        kind, row_id = scope_from(scope_id)
        context = info.context
        page = await roles.list_roles(context.db, context.viewer, context.services.places, kind, row_id, request)
        return connection(page, types.role_grant)

    @resolver("The viewer's own roles in force, also those that wait for the second factor.")
    async def viewer_roles(self, info: Info) -> list[RoleGrant]:
        return [types.role_grant(row) for row in await reading.list_own_roles(info.context.db, info.context.viewer)]
