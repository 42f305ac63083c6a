"""What the mutations of places take."""

from datetime import date, datetime

import strawberry

from backend.accounts.people import SessionKind
from backend.core.viewer import Role
from backend.places.rules import Country, RemovalReason
from graphql_api.accounts.enums import SessionTransport
from graphql_api.client_key import ClientKey, client_key
from graphql_api.places import enums as enums
from graphql_api.scalars import LanguageTag


@strawberry.input(description="A new member city.")
class CityCreateInput:
    name: str = strawberry.field(description="The city's name, at most 120 characters.")
    country: Country = strawberry.field(description="The country it is in.")
    zone: str = strawberry.field(description="Its IANA time zone, such as Europe/Oslo.")
    safeguarding_hours: str | None = strawberry.field(
        default=None, description="When its safeguarding leads can be reached, in its own words."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="When a city's safeguarding leads can be reached.")
class CitySafeguardingSetInput:
    city_id: strawberry.ID = strawberry.field(description="The city.")
    hours: str | None = strawberry.field(
        description="The hours in the city's own words, at most 300 characters; null while there are none."
    )


@strawberry.input(description="A new school of a city.")
class SchoolCreateInput:
    city_id: strawberry.ID = strawberry.field(description="The city.")
    name: str = strawberry.field(description="The school's name, at most 120 characters.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="A new class of a school.")
class ClassCreateInput:
    school_id: strawberry.ID = strawberry.field(description="The school.")
    name: str = strawberry.field(description="The class's name, such as 9B.")
    school_year: str = strawberry.field(description="The school year, such as 2026/2027.")
    declared_enrolment: int = strawberry.field(description="How many are enrolled: no more seats can be confirmed.")
    locale: LanguageTag | None = strawberry.field(
        default=None, description="The language of its log-in cards; that of the country if absent."
    )
    closes_on: date | None = strawberry.field(default=None, description="The last day on which the class runs.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="A fresh code for a class; the old one stops at once.")
class ClassCodeRotateInput:
    class_id: strawberry.ID = strawberry.field(description="The class.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="A class's corrected enrolment.")
class ClassEnrolmentSetInput:
    class_id: strawberry.ID = strawberry.field(description="The class.")
    declared_enrolment: int = strawberry.field(description="How many are enrolled.")


@strawberry.input(description="A class that ends.")
class ClassCloseInput:
    class_id: strawberry.ID = strawberry.field(description="The class.")


@strawberry.input(description="What a person without an account says about themselves. No name, no e-mail.")
class NewcomerInput:
    pseudonym: str = strawberry.field(description="The name to be shown by: not the real one, unlike others in class.")
    birth_year: int = strawberry.field(description="The year of birth, four digits.")
    locale: LanguageTag | None = strawberry.field(
        default=None, description="The language of the product for this person; that of the request if absent."
    )
    session_kind: SessionKind = strawberry.field(
        default=SessionKind.PERSONAL, description="Whose device it is: on a shared one the session ends within hours."
    )
    device: str | None = strawberry.field(default=None, description="What the device is called in the session list.")
    transport: SessionTransport = strawberry.field(
        default=SessionTransport.TOKEN, description="How the app keeps the session."
    )


@strawberry.input(description="A class code, and who comes with it.")
class ClassJoinInput:
    code: str = strawberry.field(description="The class code. Case and spaces do not matter.")
    newcomer: NewcomerInput | None = strawberry.field(
        default=None, description="Needed without a session, ignored with one."
    )
    client_mutation_key: ClientKey = client_key(for_anybody=True)


@strawberry.input(description="Pending seats that the teacher has checked against the roster, face to face.")
class MembershipConfirmInput:
    seat_ids: list[strawberry.ID] = strawberry.field(description="The seats: 1 to 100 of one class. All or none.")


@strawberry.input(description="A seat to take away.")
class MembershipRemoveInput:
    seat_id: strawberry.ID = strawberry.field(description="The seat.")
    reason: RemovalReason = strawberry.field(description="Why.")


@strawberry.input(description="An own seat to give up.")
class MembershipLeaveInput:
    seat_id: strawberry.ID = strawberry.field(description="The seat.")


@strawberry.input(description="A role for somebody.")
class RoleGrantInput:
    handle: str = strawberry.field(description="The handle of whoever gets it.")
    role: Role = strawberry.field(description="The role.")
    scope_id: strawberry.ID | None = strawberry.field(
        default=None, description="The city, school, class or campaign in which it holds; absent: the network."
    )
    until: datetime | None = strawberry.field(default=None, description="When it ends by itself, for substitutes.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="A role to end.")
class RoleRevokeInput:
    role_grant_id: strawberry.ID = strawberry.field(description="The granted role.")


@strawberry.input(description="Log-in cards to make at once: either a number or a list of pseudonyms.")
class LoginCardsCreateInput:
    class_id: strawberry.ID = strawberry.field(description="The class.")
    count: int | None = strawberry.field(
        default=None, description="How many, without pseudonyms: each student chooses one at the first sign-in."
    )
    pseudonyms: list[str] | None = strawberry.field(default=None, description="One card for each of these pseudonyms.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="Whose passphrase to reset.")
class PassphraseResetInput:
    seat_id: strawberry.ID = strawberry.field(description="The student's seat, pending or confirmed.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="What the owner of a class account chooses when going on without the class.")
class AccountCarryOverInput:
    current_passphrase: str = strawberry.field(description="The passphrase until now.")
    handle: str = strawberry.field(description="The handle to sign in with from now on.")
    passphrase: str | None = strawberry.field(
        default=None, description="The passphrase from now on; four words are made if absent."
    )
    email: str | None = strawberry.field(
        default=None, description="An address for recovery and mail; a code is mailed to it. Not needed."
    )
    seat_id: strawberry.ID | None = strawberry.field(
        default=None, description="The seat to give up; absent when it has ended already."
    )
    client_mutation_key: ClientKey = client_key()
