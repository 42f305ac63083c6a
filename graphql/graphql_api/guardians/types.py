"""A child as its guardian sees it: what is asked, what was answered, and what the guardian's own yes carries."""

from datetime import datetime

import strawberry

from backend.accounts.consent_rules import WORDING, ConsentAudience, ConsentGiver
from backend.accounts.guardian_keys import GuardianPage as GuardianPageData
from backend.accounts.guardian_sight import Carried
from backend.campaigns import guardians
from backend.campaigns.guardians import RefusedWording
from backend.core.paging import page_request
from graphql_api.accounts.types import Consent, ConsentStanding, consent_row, consent_standing
from graphql_api.campaigns.extras import selected_extras
from graphql_api.campaigns.statement_types import Statement, statement
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.messages import message
from graphql_api.moderation.decision_types import OwnAppeal, own_appeal
from graphql_api.moderation.texts import ReasonText, reason_text
from graphql_api.node_ids import global_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from moderation.rules import Verdict


@strawberry.type(
    description="A refusal of something that the guardian's yes would have carried: why, and how to contest it. "
    "Neither the child's words nor those to the child."
)
class GuardianDecision:
    decision_id: strawberry.ID = strawberry.field(description="The decision's id, for `appealFile`.")
    verdict: Verdict = strawberry.field(description="Refused, or sent back for changes.")
    audience: ConsentAudience = strawberry.field(description="To whom it would have been shown.")
    reason: ReasonText = strawberry.field(description="The reason, from the closed list, in plain words.")
    redress: str = strawberry.field(description="How to contest it, and that speaking elsewhere stays free.")
    appeal_until: datetime | None = strawberry.field(
        description="Until when `appealFile` with the key can contest it; null if it cannot be contested any more."
    )
    appeal: OwnAppeal | None = strawberry.field(
        description="The one appeal against it. If the child filed it, without what was written and answered."
    )
    at: datetime = strawberry.field(description="When it was decided.")


def guardian_decision(row: RefusedWording, locale: str) -> GuardianDecision:
    """A refusal as a guardian sees it."""
    refusal = row.refusal
    return GuardianDecision(
        decision_id=global_id("Decision", refusal.decision.id),
        verdict=refusal.decision.verdict,
        audience=row.audience,
        reason=reason_text(refusal.reason, locale),
        redress=message(locale, "page.redress", {}),
        appeal_until=refusal.appeal_until,
        appeal=own_appeal(refusal.appeal, for_guardian=True) if refusal.appeal else None,
        at=refusal.decision.at,
    )


@strawberry.type(description="What a guardian sees with a key: which child, what is asked, what their yes carries.")
class GuardianPage:
    carried: strawberry.Private[Carried]
    locale: strawberry.Private[str]
    child_pseudonym: str | None = strawberry.field(description="The name by which the child is shown.")
    child_handle: str | None = strawberry.field(description="What the child signs in with, to tell children apart.")
    introduction: str = strawberry.field(description="What this is about and what a guardian may do, in plain words.")
    wording: str = strawberry.field(description="The version of the texts; an answer names it.")
    items: list[ConsentStanding] = strawberry.field(description="What is asked, and where each question stands.")
    answers: list[Consent] = strawberry.field(description="The guardian's own answers that hold now.")
    expires_at: datetime = strawberry.field(description="Until when the key works.")

    @resolver(
        "What of the child's is published beyond the school under the guardian's yes, newest first. "
        "Nothing that was said to class or school, waits, is hidden or was taken back; nothing after the yes has ended."
    )
    async def statements(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Statement]:
        context, request = info.context, page_request(first=first, after=after, last=last, before=before)
        page = await guardians.list_published(context.db, context.viewer, self.carried, request)
        extras = await selected_extras(info, [row.revision_id for row in page.rows], "edges", "node")
        return connection(page, lambda row: statement(row, extras))

    @resolver("Refusals of what the guardian's yes would have carried, newest first; at most 50.")
    async def decisions(self, info: Info) -> list[GuardianDecision]:
        rows = await guardians.list_refused(info.context.db, info.context.services.desk, self.carried)
        return [guardian_decision(row, self.locale) for row in rows]


def guardian_page(page: GuardianPageData, locale: str) -> GuardianPage:
    """A guardian's page as the API shows it."""
    rows = [row for row in page.state.rows if row.granted_by is ConsentGiver.GUARDIAN]
    return GuardianPage(
        carried=page.carried,
        locale=locale,
        child_pseudonym=page.child.pseudonym,
        child_handle=page.child.handle,
        introduction=message(locale, f"consent.{WORDING}.introduction", {}),
        wording=WORDING,
        items=[consent_standing(question, page.state, locale, for_guardian=True) for question in page.questions],
        answers=[consent_row(row) for row in rows],
        expires_at=page.expires_at,
    )
