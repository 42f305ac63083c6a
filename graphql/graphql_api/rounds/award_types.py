"""Awards as the API shows them."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from backend.rounds.awarding import ShownAward
from backend.rounds.rules import AwardConsent
from graphql_api.campaigns import loaders as campaign_loaders
from graphql_api.campaigns.extras import by_revision
from graphql_api.campaigns.statement_types import Statement, statement
from graphql_api.context import Info
from graphql_api.enums import describe_enum
from graphql_api.fields import resolver
from graphql_api.localized import LocaleArgument, localized
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.problems import Problems
from graphql_api.rounds import loaders
from graphql_api.rounds.diploma import diploma
from graphql_api.rounds.result_types import CompetingClass, competing_class
from graphql_api.rounds.round_types import Round

describe_enum(
    AwardConsent,
    "Whether the author of a statement agrees to its award.",
    {
        AwardConsent.NOT_NEEDED: "It is for a class.",
        AwardConsent.ASKED: "The author has not answered; only they and the editors know of it.",
        AwardConsent.GIVEN: "The author agreed.",
        AwardConsent.REFUSED: "The author does not want it; only they and the editors know of it.",
    },
)


@strawberry.type(description="A distinction for a class, or with its author's consent for a single statement.")
class Award(Node):
    shown: strawberry.Private[ShownAward]
    classes: list[CompetingClass] = strawberry.field(
        description="The class, or those that joined; empty when it is for a statement."
    )
    is_public: bool = strawberry.field(description="Whether everybody sees it.")
    consent: AwardConsent | None = strawberry.field(
        description="Whether the author agrees; null for others than the author and the campaign's editors."
    )
    given_at: datetime = strawberry.field(description="When it was given.")
    rescinded_at: datetime | None = strawberry.field(
        description="When it was taken back, by an editor or because its statement was removed; null while it holds."
    )
    rescind_reason: str | None = strawberry.field(description="Why an editor took it back; null when none did.")

    @resolver("What it is called.")
    def title(self, info: Info, locale: LocaleArgument = None) -> str:
        return localized(self.shown.award.title, info.context, locale=locale)

    @resolver("The statement; null when it is for a class, or cannot be seen any more.")
    async def statement(self, info: Info) -> Statement | None:
        statement_id = self.shown.award.statement_id
        found = await campaign_loaders.shown(info.context).load(statement_id) if statement_id else None
        return statement(found, await by_revision(info.context).load(found.revision_id)) if found else None

    @resolver("The round; null when the viewer may not see it any more.")
    async def round(self, info: Info) -> Round | None:
        return await loaders.rounds(info.context).load(self.shown.round.id)

    @resolver(
        "A page to print: one HTML document for A4 that loads nothing. Null before the announcement (but for the "
        "campaign's editors, who may need it there), and once the award is taken back."
    )
    async def diploma(self, info: Info, locale: LocaleArgument = None) -> str | None:
        award = self.shown.award
        if not self.shown.is_printable:
            return None
        campaign = await campaign_loaders.campaigns(info.context).load(self.shown.round.campaign_id)
        said = await campaign_loaders.shown(info.context).load(award.statement_id) if award.statement_id else None
        if campaign is None or (award.statement_id and said is None):
            return None
        return diploma(self.shown, campaign, said, context=info.context, locale=locale)


AwardResult: TypeAlias = Annotated[
    Award | Problems, strawberry.union("AwardResult", description="The award as it is now, or why nothing was done.")
]


def award(shown: ShownAward) -> Award:
    """An award as the API shows it to one viewer."""
    row = shown.award
    return Award(
        id=global_id("Award", row.id),
        shown=shown,
        classes=[competing_class(one) for one in shown.classes],
        is_public=shown.is_public,
        consent=row.consent if shown.tells_consent else None,
        given_at=row.given_at,
        rescinded_at=row.rescinded_at,
        rescind_reason=row.rescind_reason,
    )
