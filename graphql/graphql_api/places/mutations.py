"""What can be done with cities, schools, classes and the seats in them."""

from typing import Annotated

import strawberry

from backend.core.clock import process_now
from backend.places import cities, classes, joining, memberships
from graphql_api.accounts.cookies import session_cookie
from graphql_api.accounts.enums import SessionTransport
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id, parse_ids
from graphql_api.places import inputs, types
from graphql_api.places.card_mutations import LoginCard, login_card
from graphql_api.places.types import City, ClassCode, School, SchoolClass, Seat
from graphql_api.problems import Problems

CityCreateResult = Annotated[
    City | Problems, strawberry.union("CityCreateResult", description="The new city, or why there is none.")
]
CitySafeguardingSetResult = Annotated[
    City | Problems,
    strawberry.union("CitySafeguardingSetResult", description="The city with its hours, or why they are unchanged."),
]
SchoolCreateResult = Annotated[
    School | Problems, strawberry.union("SchoolCreateResult", description="The new school, or why there is none.")
]
ClassCreateResult = Annotated[
    SchoolClass | Problems,
    strawberry.union("ClassCreateResult", description="The new class with its first code, or why there is none."),
]
ClassCodeRotateResult = Annotated[
    ClassCode | Problems, strawberry.union("ClassCodeRotateResult", description="The fresh code, or why it is the old.")
]
ClassEnrolmentSetResult = Annotated[
    SchoolClass | Problems,
    strawberry.union("ClassEnrolmentSetResult", description="The class with its enrolment, or why it is unchanged."),
]


@strawberry.type(description="A pending seat was taken. Until the teacher confirms it, it opens the course and drafts.")
class ClassJoined:
    seat: Seat = strawberry.field(description="The seat.")
    school_class: SchoolClass = strawberry.field(description="The class.")
    session_token: str | None = strawberry.field(
        description="For a new account: the session, for the Authorization header. Null with a session or a cookie."
    )
    card: LoginCard | None = strawberry.field(
        description="For a new account: how to get in again. Show it, let it be written down. Null with a session."
    )


ClassJoinResult = Annotated[
    ClassJoined | Problems, strawberry.union("ClassJoinResult", description="The pending seat, or why there is none.")
]


@strawberry.type(description="These seats are confirmed now.")
class MembershipsConfirmed:
    seats: list[Seat] = strawberry.field(description="The seats, in no particular order.")


MembershipConfirmResult = Annotated[
    MembershipsConfirmed | Problems,
    strawberry.union("MembershipConfirmResult", description="The confirmed seats, or why none of them is."),
]
MembershipRemoveResult = Annotated[
    Seat | Problems, strawberry.union("MembershipRemoveResult", description="The ended seat, or why it still holds.")
]
MembershipLeaveResult = Annotated[
    Seat | Problems, strawberry.union("MembershipLeaveResult", description="The ended seat, or why it still holds.")
]


def _newcomer(given: inputs.NewcomerInput) -> joining.Newcomer:
    return joining.Newcomer(
        given.pseudonym, given.birth_year, given.locale, session_kind=given.session_kind, device=given.device
    )


def _session_token(joined: joining.Joined, newcomer: inputs.NewcomerInput | None, context: Context) -> str | None:
    """For the answer, unless it goes out in a cookie."""
    begun = joined.session
    if begun is None or newcomer is None or newcomer.transport is SessionTransport.TOKEN:
        return joined.session_token
    cookie = session_cookie(context.settings, begun.token, begun.kind, now=process_now(), ends_at=begun.ends_at)
    context.cookies_to_set.append(cookie)
    return None


@strawberry.type
class PlaceMutations:
    @mutation("Add a member city. SECRETARIAT.")
    async def city_create(self, info: Info, input: inputs.CityCreateInput) -> CityCreateResult:
        made = await cities.create_city(
            info.context.db, info.context.viewer, name=input.name, country=input.country, zone=input.zone,
            safeguarding_hours=input.safeguarding_hours, client_key=input.client_mutation_key,
        )  # fmt: skip
        return types.city(made)

    @mutation("Publish when a city's safeguarding leads can be reached. CITY_OFFICIAL of the city, or SECRETARIAT.")
    async def city_safeguarding_set(
        self, info: Info, input: inputs.CitySafeguardingSetInput
    ) -> CitySafeguardingSetResult:
        city_id = parse_id(input.city_id, "City", path=("city_id",))
        changed = await cities.set_safeguarding_hours(
            info.context.db, info.context.viewer, city_id=city_id, hours=input.hours
        )
        return types.city(changed)

    @mutation("Add a school to a city. CITY_OFFICIAL of the city, or SECRETARIAT.")
    async def school_create(self, info: Info, input: inputs.SchoolCreateInput) -> SchoolCreateResult:
        made = await cities.create_school(
            info.context.db, info.context.viewer, city_id=parse_id(input.city_id, "City", path=("city_id",)),
            name=input.name, client_key=input.client_mutation_key,
        )  # fmt: skip
        return types.school(made)

    @mutation("Add a class to a school, with a first code. SCHOOL_ADMIN.")
    async def class_create(self, info: Info, input: inputs.ClassCreateInput) -> ClassCreateResult:
        made = await classes.create_class(
            info.context.db, info.context.viewer, info.context.services.places,
            school_id=parse_id(input.school_id, "School", path=("school_id",)), name=input.name,
            school_year=input.school_year, declared_enrolment=input.declared_enrolment, locale=input.locale,
            closes_on=input.closes_on, client_key=input.client_mutation_key,
        )  # fmt: skip
        return types.school_class(made)

    @mutation("Give a class a fresh code; the old one stops at once. TEACHER of the class.")
    async def class_code_rotate(self, info: Info, input: inputs.ClassCodeRotateInput) -> ClassCodeRotateResult:
        made = await classes.rotate_code(
            info.context.db, info.context.viewer, info.context.services.places,
            class_id=parse_id(input.class_id, "SchoolClass", path=("class_id",)),
            client_key=input.client_mutation_key,
        )  # fmt: skip
        return types.class_code(made)

    @mutation("Correct how many are enrolled in a class. SCHOOL_ADMIN.")
    async def class_enrolment_set(self, info: Info, input: inputs.ClassEnrolmentSetInput) -> ClassEnrolmentSetResult:
        changed = await classes.set_enrolment(
            info.context.db, info.context.viewer, declared_enrolment=input.declared_enrolment,
            class_id=parse_id(input.class_id, "SchoolClass", path=("class_id",)),
        )  # fmt: skip
        return types.school_class(changed)

    @mutation(
        "Take a pending seat in a class with its code. Anybody; without a session it makes an account.",
        for_anybody=True,
    )
    async def class_join(self, info: Info, input: inputs.ClassJoinInput) -> ClassJoinResult:
        joined = await joining.join_class(
            info.context.db, info.context.viewer, info.context.services.places, code=input.code,
            newcomer=_newcomer(input.newcomer) if input.newcomer else None,
            client_key=input.client_mutation_key,
        )  # fmt: skip
        return ClassJoined(
            seat=types.seat(joined.seat),
            school_class=types.school_class(joined.school_class),
            session_token=_session_token(joined, input.newcomer, info.context),
            card=login_card(joined.card, info.context) if joined.card else None,
        )

    @mutation("Confirm pending seats of a class, all or none. TEACHER of the class.")
    async def membership_confirm(self, info: Info, input: inputs.MembershipConfirmInput) -> MembershipConfirmResult:
        seat_ids = parse_ids(input.seat_ids, "Seat", path=("seat_ids",))
        confirmed = await memberships.confirm_seats(info.context.db, info.context.viewer, seat_ids)
        return MembershipsConfirmed(seats=[types.seat(row) for row in confirmed])

    @mutation("Take a seat away; access to the class ends at once. TEACHER of the class.")
    async def membership_remove(self, info: Info, input: inputs.MembershipRemoveInput) -> MembershipRemoveResult:
        seat_id = parse_id(input.seat_id, "Seat", path=("seat_id",))
        removed = await memberships.remove_seat(
            info.context.db, info.context.viewer, seat_id=seat_id, reason=input.reason
        )
        return types.seat(removed)

    @mutation("Give up an own seat. The account stays.")
    async def membership_leave(self, info: Info, input: inputs.MembershipLeaveInput) -> MembershipLeaveResult:
        seat_id = parse_id(input.seat_id, "Seat", path=("seat_id",))
        return types.seat(await memberships.leave_class(info.context.db, info.context.viewer, seat_id=seat_id))
