"""The school's side of consent: slips for guardians, and the yes in place of parents who cannot be reached."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.accounts.consent_rules import Question
from backend.places import guardian_slips, representatives
from backend.places.guardian_slips import SlipBatch
from graphql_api.accounts.types import ConsentStanding, consent_standing
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id
from graphql_api.places import guardian_inputs as inputs
from graphql_api.places import loaders, types
from graphql_api.places.card_sheet import slip_sheet
from graphql_api.places.types import Seat
from graphql_api.problems import Problems


@strawberry.type(description="A key for one child's guardian. For the school's own channel, never for the child.")
class GuardianSlip:
    seat: Seat = strawberry.field(description="The child's seat.")
    code: str = strawberry.field(description="What the guardian types.")
    link: str = strawberry.field(description="The same as a link. Opening it changes nothing.")
    expires_at: datetime = strawberry.field(description="Until when it works.")
    is_answered: bool = strawberry.field(description="Whether the guardian has answered.")


@strawberry.type(description="Slips for guardians.")
class GuardianSlips:
    slips: list[GuardianSlip] = strawberry.field(
        description="One for each child of the class who has asked a guardian."
    )
    sheet_html: str = strawberry.field(
        description="All slips on A4 pages to print: a whole HTML document, self-contained, in the class's language."
    )


GuardianSlipsPrintResult = Annotated[
    GuardianSlips | Problems,
    strawberry.union("GuardianSlipsPrintResult", description="The slips to hand out, or why they are not given."),
]
GuardianSlipRenewResult = Annotated[
    GuardianSlips | Problems,
    strawberry.union("GuardianSlipRenewResult", description="The new slip, or why the old one still works."),
]


@strawberry.type(description="The yes is in the ledger for a year. The student's own answer is needed beside it.")
class RepresentativeConsentGranted:
    items: list[ConsentStanding] = strawberry.field(description="The questions, and where each stands now.")


RepresentativeConsentGrantResult = Annotated[
    RepresentativeConsentGranted | Problems,
    strawberry.union(
        "RepresentativeConsentGrantResult", description="Where the questions stand, or why nothing changed."
    ),
]


async def _slips(batch: SlipBatch, context: Context) -> GuardianSlips:
    school = await loaders.schools(context).load(batch.school_class.school_id)
    made = [
        GuardianSlip(
            seat=types.seat(one.seat),
            code=one.slip.code,
            link=one.slip.link,
            expires_at=one.slip.expires_at,
            is_answered=one.slip.is_answered,
        )
        for one in batch.slips
    ]
    return GuardianSlips(slips=made, sheet_html=slip_sheet(batch, school_name=school.name))


@strawberry.type
class GuardianMutations:
    @mutation("The slips for guardians of a class, to print and hand out. TEACHER of the class; noted in the audit.")
    async def guardian_slips_print(self, info: Info, input: inputs.GuardianSlipsPrintInput) -> GuardianSlipsPrintResult:
        batch = await guardian_slips.print_slips(
            info.context.db, info.context.viewer, info.context.services.places,
            class_id=parse_id(input.class_id, "SchoolClass", path=("class_id",)),
        )  # fmt: skip
        return await _slips(batch, info.context)

    @mutation("A new key for a guardian in place of one that was lost. TEACHER of the class.")
    async def guardian_slip_renew(self, info: Info, input: inputs.GuardianSlipRenewInput) -> GuardianSlipRenewResult:
        batch = await guardian_slips.renew_slip(
            info.context.db, info.context.viewer, info.context.services.places,
            seat_id=parse_id(input.seat_id, "Seat", path=("seat_id",)), client_key=input.client_mutation_key,
        )  # fmt: skip
        return await _slips(batch, info.context)

    @mutation("Answer yes in place of parents who cannot be reached, for a year. SCHOOL_ADMIN, who says why.")
    async def representative_consent_grant(
        self, info: Info, input: inputs.RepresentativeConsentGrantInput
    ) -> RepresentativeConsentGrantResult:
        questions = [Question(item.purpose, item.audience) for item in input.items]
        state = await representatives.grant_for_child(
            info.context.db, info.context.viewer, info.context.services.accounts, questions=questions,
            seat_id=parse_id(input.seat_id, "Seat", path=("seat_id",)), reason=input.reason,
            client_key=input.client_mutation_key,
        )  # fmt: skip
        locale = info.context.locale
        return RepresentativeConsentGranted(items=[consent_standing(one, state, locale) for one in questions])
