"""What the mutations of moderation take."""

import strawberry

from graphql_api.client_key import ClientKey, client_key
from graphql_api.moderation import enums as enums
from graphql_api.moderation.enums import AppealAnswer
from graphql_api.scalars import LanguageTag
from moderation.report_rules import Category
from moderation.rules import Reason, Verdict


@strawberry.input(description="A case to take.")
class CaseClaimInput:
    case_id: strawberry.ID = strawberry.field(description="The case.")


@strawberry.input(description="A claim to keep for its whole time anew.")
class CaseHeartbeatInput:
    case_id: strawberry.ID = strawberry.field(description="The case.")
    claim_token: str = strawberry.field(description="The token that `caseClaim` gave.")


@strawberry.input(description="A case to give back.")
class CaseReleaseInput:
    case_id: strawberry.ID = strawberry.field(description="The case.")
    claim_token: str = strawberry.field(description="The token that `caseClaim` gave.")


@strawberry.input(description="A decision on a claimed case, bound to the wording that was seen.")
class CaseDecideInput:
    case_id: strawberry.ID = strawberry.field(description="The case.")
    claim_token: str = strawberry.field(description="The token that `caseClaim` gave.")
    revision_id: strawberry.ID = strawberry.field(description="The wording that was seen: `submitted` or `reported`.")
    version: int = strawberry.field(description="Its version.")
    verdict: Verdict = strawberry.field(description="What is decided.")
    reason: Reason | None = strawberry.field(
        default=None, description="Needed for REQUEST_CHANGES, REJECT, HIDE and REMOVE, and for nothing else."
    )
    words: str | None = strawberry.field(
        default=None, description="Plain words to the author, at most 1,000 characters. Needed for REQUEST_CHANGES."
    )
    words_language: LanguageTag | None = strawberry.field(
        default=None, description="The language of the words, needed with them; best the author's own."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="An appeal against a decision.")
class AppealFileInput:
    decision_id: strawberry.ID = strawberry.field(
        description="The decision, from `viewerDecisions`, the inbox or a guardian's page."
    )
    text: str = strawberry.field(description="Why it is wrong, in any language, at most 2,000 characters.")
    key: str | None = strawberry.field(default=None, description="A guardian key, to appeal as the child's guardian.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="The answer to an appeal.")
class AppealDecideInput:
    appeal_id: strawberry.ID = strawberry.field(description="The appeal.")
    answer: AppealAnswer = strawberry.field(description="What was found. It is carried out at once.")
    text: str = strawberry.field(description="The answer in plain words, at most 1,000 characters.")
    text_language: LanguageTag = strawberry.field(description="The language of the answer.")
    reason: Reason | None = strawberry.field(
        default=None, description="Needed when the answer hides something that was kept, and ignored otherwise."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="A report of something that the viewer sees.")
class SubjectReportInput:
    subject_id: strawberry.ID = strawberry.field(description="The thing, such as a `Statement` or a `TopicProposal`.")
    category: Category = strawberry.field(description="What is wrong with it.")
    note: str | None = strawberry.field(default=None, description="More about it, at most 500 characters.")
