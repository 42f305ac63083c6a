"""Cases as reviewers see them."""

from datetime import datetime

import strawberry

from backend.core.ids import Id
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.moderation import enums as enums
from graphql_api.moderation.content import CaseContent, case_content
from graphql_api.moderation.texts import ReasonText, reason_text
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.scalars import LanguageTag
from moderation.briefs import CaseBrief
from moderation.queue_store import Statistics
from moderation.report_rules import Category
from moderation.rules import CaseState, Hand, Reason, Verdict
from moderation.store import DecisionRow


@strawberry.type(description="One step in a case's history. It says as what somebody decided, never who.")
class CaseStep:
    reason_code: strawberry.Private[Reason | None]
    verdict: Verdict = strawberry.field(description="What was decided.")
    decided_as: Hand = strawberry.field(description="As what it was decided.")
    is_final: bool = strawberry.field(description="Whether something came of it; else it waited for another person.")
    version: int = strawberry.field(description="The version that was decided on.")
    words: str | None = strawberry.field(description="What the author was told beyond the reason.")
    words_language: LanguageTag | None = strawberry.field(description="The language of these words.")
    at: datetime = strawberry.field(description="When.")

    @resolver("The reason, if it restricts something.")
    def reason(self, info: Info) -> ReasonText | None:
        return reason_text(self.reason_code, info.context.locale) if self.reason_code else None


@strawberry.type(description="How often a category was reported.")
class CategoryCount:
    category: Category = strawberry.field(description="The category.")
    count: int = strawberry.field(description="How many people.")


@strawberry.type(description="Everything that is to be decided about one thing. It has one case for ever.")
class Case(Node):
    subject_id: strawberry.ID = strawberry.field(description="The thing, such as a `Statement` or a `TopicProposal`.")
    state: CaseState = strawberry.field(description="Where it stands now.")
    submitted: CaseContent | None = strawberry.field(description="What was handed in; null if only reports are open.")
    reported: CaseContent | None = strawberry.field(description="What is visible and was reported; null without.")
    keys_needed: int = strawberry.field(description="How many people have to approve: 2 before it leaves the school.")
    keys_given: int = strawberry.field(description="How many have approved this wording.")
    is_held: bool = strawberry.field(description="Whether a first look by machine wants a moderator to see it first.")
    tags: list[str] = strawberry.field(
        description="What that look saw, such as `contact_details`, or `removed_before`: a picture looks like one that"
        " was removed here, or like a part of it. It decides nothing."
    )
    severity: int = strawberry.field(description="0 ordinary to 3 grave.")
    is_late: bool = strawberry.field(description="Whether it should have been decided by now.")
    opened_at: datetime = strawberry.field(description="When it was handed in, or opened again.")
    due_at: datetime = strawberry.field(description="When it should be decided.")
    concern: str | None = strawberry.field(description="What made the teacher pass it on, in the teacher's words.")
    reports: list[CategoryCount] = strawberry.field(description="What was reported, without by whom: the newest 100.")
    report_notes: list[str] = strawberry.field(
        description="What the newest 100 reporters added, without their names; only for moderators."
    )
    history: list[CaseStep] = strawberry.field(description="What was decided so far, oldest first.")
    claimed_until: datetime | None = strawberry.field(description="Until when somebody works on it; null if nobody.")
    viewer_has_claimed: bool = strawberry.field(description="Whether that is the viewer.")
    viewer_is_authors_teacher: bool = strawberry.field(
        description="Whether the viewer teaches the author: then a second key must come from somebody else."
    )
    viewer_reads_language: bool = strawberry.field(
        description="Whether the viewer declared its language or a translation's. Only then a decision counts."
    )


def case(brief: CaseBrief) -> Case:
    """A case as the API shows it."""
    row, is_claimed = brief.row, brief.state is CaseState.CLAIMED
    return Case(
        id=global_id("Case", row.id),
        subject_id=subject_global_id(row.subject_kind, row.subject_id),
        state=brief.state,
        submitted=case_content(brief.submitted),
        reported=case_content(brief.reported),
        keys_needed=row.keys,
        keys_given=brief.keys_given,
        is_held=row.is_held,
        tags=list(row.tags),
        severity=row.severity,
        is_late=brief.is_late,
        opened_at=row.opened_at,
        due_at=row.due_at,
        concern=row.concern,
        reports=[CategoryCount(category=key, count=number) for key, number in sorted(brief.report_counts.items())],
        report_notes=list(brief.notes),
        history=[case_step(one) for one in brief.decisions],
        claimed_until=row.claim_until if is_claimed else None,
        viewer_has_claimed=is_claimed and row.claimed_by == brief.person.account_id,
        viewer_is_authors_teacher=brief.person.is_authors_teacher,
        viewer_reads_language=brief.can_read,
    )


def case_step(row: DecisionRow) -> CaseStep:
    """A decision as part of the history."""
    return CaseStep(
        reason_code=row.reason,
        verdict=row.verdict,
        decided_as=row.hand,
        is_final=row.is_final,
        version=row.version,
        words=row.words,
        words_language=LanguageTag(row.words_language) if row.words_language else None,
        at=row.at,
    )


@strawberry.type(description="A case in the viewer's hand.")
class Claim:
    case: Case = strawberry.field(description="The case.")
    token: str | None = strawberry.field(
        description="What the other mutations on the case ask for. Shown once: null in the answer to a heartbeat."
    )
    until: datetime = strawberry.field(description="When the claim ends, unless `caseHeartbeat` keeps it.")


@strawberry.type(description="How much waits, as counts only.")
class ModerationStatistics:
    open: int = strawberry.field(description="Cases that wait for moderators.")
    late: int = strawberry.field(description="Of these, past their service level.")
    severe: int = strawberry.field(description="Of these, grave ones.")
    second_key: int = strawberry.field(description="Of these, approved by one person and waiting for the second.")


def statistics(row: Statistics) -> ModerationStatistics:
    """Counts as the API shows them."""
    return ModerationStatistics(open=row.open, late=row.late, severe=row.severe, second_key=row.second_key)


# The types under which others, and its author, can ask for a subject of each kind.
_SUBJECT_TYPES = {"statement": ("Statement", "OwnStatement"), "topic_proposal": ("TopicProposal", "TopicProposal")}
KINDS = {others: kind for kind, (others, _) in _SUBJECT_TYPES.items()}


def subject_global_id(kind: str, subject_id: Id, *, is_own: bool = False) -> strawberry.ID:
    """The global id of a subject, as its author (`is_own`) or somebody else can ask for it."""
    others, own = _SUBJECT_TYPES[kind]
    return global_id(own if is_own else others, subject_id)
