"""What the mutations about guardians take."""

import strawberry

from backend.places.representatives import SubstituteReason
from graphql_api.accounts.inputs import ConsentItemInput
from graphql_api.client_key import ClientKey, client_key
from graphql_api.enums import describe_enum

describe_enum(
    SubstituteReason,
    "Why the school answers in place of the parents.",
    {
        SubstituteReason.PARENTS_UNREACHABLE: "Nobody knows how to reach them.",
        SubstituteReason.PARENTS_ABROAD: "They are abroad and cannot be asked.",
        SubstituteReason.CONTACT_UNSAFE: "Asking them would put the child in danger.",
        SubstituteReason.GUARDIAN_NOT_YET_APPOINTED: "The authorities have not appointed a guardian yet.",
    },
)


@strawberry.input(description="A class whose guardians are to be asked.")
class GuardianSlipsPrintInput:
    class_id: strawberry.ID = strawberry.field(description="The class.")


@strawberry.input(description="A slip that was lost, or seen by the wrong person.")
class GuardianSlipRenewInput:
    seat_id: strawberry.ID = strawberry.field(description="The child's confirmed seat.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="A yes in place of parents who cannot be reached.")
class RepresentativeConsentGrantInput:
    seat_id: strawberry.ID = strawberry.field(description="The child's confirmed seat.")
    items: list[ConsentItemInput] = strawberry.field(description="What is consented to, 1 to 12 questions.")
    reason: SubstituteReason = strawberry.field(description="Why the school answers.")
    client_mutation_key: ClientKey = client_key()
