"""Decisions, reports and appeals as those whom they concern see them."""

from datetime import datetime

import strawberry

from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.moderation import enums as enums
from graphql_api.moderation.content import CaseContent, case_content
from graphql_api.moderation.enums import ReportOutcome
from graphql_api.moderation.texts import ReasonText, reason_text, redress_text
from graphql_api.moderation.types import CaseStep, case_step, subject_global_id
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.scalars import LanguageTag
from moderation.appeal_briefs import AppealBrief
from moderation.appeal_rules import AppealState, Side
from moderation.appeal_store import AppealRow, ReasonsRow
from moderation.briefs import DecisionBrief
from moderation.report_rules import Category
from moderation.report_store import ReportRow
from moderation.rules import Hand, Reason, Verdict


@strawberry.type(description="Why something was restricted, and what the person concerned can do about it.")
class StatementOfReasons:
    reason_code: strawberry.Private[Reason]
    restriction: Verdict = strawberry.field(description="What was done.")
    facts: str | None = strawberry.field(description="What it is about, in the reviewer's words.")
    facts_language: LanguageTag | None = strawberry.field(description="The language of these words.")
    is_automated: bool = strawberry.field(
        description="Whether a rule did it without a person: only when many reports hide something until one looks."
    )
    appeal_until: datetime | None = strawberry.field(description="Until when it can be contested with `appealFile`.")
    at: datetime = strawberry.field(description="When.")

    @resolver("The reason, from the closed list.")
    def reason(self, info: Info) -> ReasonText:
        return reason_text(self.reason_code, info.context.locale)

    @resolver("How to contest it, and that speaking elsewhere stays free.")
    def redress(self, info: Info) -> str:
        return redress_text(info.context.locale)


def statement_of_reasons(row: ReasonsRow) -> StatementOfReasons:
    """A statement of reasons as the API shows it."""
    return StatementOfReasons(
        reason_code=row.reason,
        restriction=row.restriction,
        facts=row.facts,
        facts_language=LanguageTag(row.facts_language) if row.facts_language else None,
        is_automated=row.automated,
        appeal_until=row.appeal_until,
        at=row.at,
    )


@strawberry.type(description="An appeal, for the one who filed it; a guardian's also for the child.")
class OwnAppeal(Node):
    state: AppealState = strawberry.field(description="Where it stands.")
    side: Side = strawberry.field(description="As what it was filed.")
    text: str | None = strawberry.field(description="What was written; null for all but the one who wrote it.")
    answer: str | None = strawberry.field(
        description="The answer; null until there is one, and to a guardian if the child filed the appeal."
    )
    answer_language: LanguageTag | None = strawberry.field(description="The language of the answer.")
    filed_at: datetime = strawberry.field(description="When it was filed.")
    due_at: datetime = strawberry.field(description="When it should be answered.")
    answered_at: datetime | None = strawberry.field(description="When it was answered.")


def own_appeal(row: AppealRow, *, for_guardian: bool = False) -> OwnAppeal:
    """An appeal as the one who filed it sees it, and as author or guardian see each other's.

    A child reads what its guardian was answered; what a child was answered may speak of what it said.
    """
    is_ones_own = (row.side is Side.GUARDIAN) is for_guardian
    shows_answer = is_ones_own or not for_guardian
    return OwnAppeal(
        id=global_id("OwnAppeal", row.id),
        state=row.state,
        side=row.side,
        text=row.text if is_ones_own else None,
        answer=row.answer if shows_answer else None,
        answer_language=LanguageTag(row.answer_language) if row.answer_language and shows_answer else None,
        filed_at=row.filed_at,
        due_at=row.due_at,
        answered_at=row.decided_at,
    )


@strawberry.type(description="A decision on something the viewer wrote or reported.")
class Decision(Node):
    subject_id: strawberry.ID = strawberry.field(
        description="The id of what it is about: an `OwnStatement` for its author, a `Statement` for others; or a "
        "`TopicProposal`."
    )
    viewer_side: Side = strawberry.field(description="Whether the viewer wrote it or reported it.")
    verdict: Verdict = strawberry.field(description="What was decided.")
    decided_as: Hand = strawberry.field(description="As what it was decided, never by whom.")
    is_final: bool = strawberry.field(description="False while it is hidden only until a moderator has looked.")
    words: str | None = strawberry.field(description="Words to the author; null for reporters.")
    words_language: LanguageTag | None = strawberry.field(description="The language of these words.")
    reasons: StatementOfReasons | None = strawberry.field(
        description="Why it restricts something, for the author; null if it does not."
    )
    viewer_appeal: OwnAppeal | None = strawberry.field(
        description="The appeal against it: the viewer's own, or their guardian's."
    )
    viewer_may_appeal_until: datetime | None = strawberry.field(
        description="Until when the viewer can contest it; null if they cannot."
    )
    at: datetime = strawberry.field(description="When.")


def decision(brief: DecisionBrief) -> Decision:
    """A decision as somebody concerned sees it: words and reasons are the author's."""
    row, is_author = brief.row, brief.side is Side.AUTHOR
    return Decision(
        id=global_id("Decision", row.id),
        subject_id=subject_global_id(brief.subject_kind, brief.subject_id, is_own=is_author),
        viewer_side=brief.side,
        verdict=row.verdict,
        decided_as=row.hand,
        is_final=row.is_final,
        words=row.words if is_author else None,
        words_language=LanguageTag(row.words_language) if is_author and row.words_language else None,
        reasons=statement_of_reasons(brief.reasons) if brief.reasons else None,
        viewer_appeal=own_appeal(brief.appeal) if brief.appeal else None,
        viewer_may_appeal_until=brief.appeal_until,
        at=row.at,
    )


@strawberry.type(description="An appeal that somebody else has to answer.")
class Appeal(Node):
    case_id: strawberry.ID = strawberry.field(description="The id of the `Case` it belongs to.")
    state: AppealState = strawberry.field(description="Where it stands.")
    side: Side = strawberry.field(
        description="Whether the author, their guardian or a reporter contests it: who reads the answer."
    )
    text: str | None = strawberry.field(description="What they write.")
    contested: CaseStep = strawberry.field(description="The decision they contest.")
    content: CaseContent | None = strawberry.field(description="What was decided on; null if it is gone.")
    answer: str | None = strawberry.field(description="The answer; null until there is one.")
    filed_at: datetime = strawberry.field(description="When it was filed.")
    due_at: datetime = strawberry.field(description="When it should be answered.")


def appeal(brief: AppealBrief) -> Appeal:
    """An appeal as the one who answers it sees it."""
    row = brief.row
    return Appeal(
        id=global_id("Appeal", row.id),
        case_id=global_id("Case", row.case_id),
        state=row.state,
        side=row.side,
        text=row.text,
        contested=case_step(brief.decision),
        content=case_content(brief.content),
        answer=row.answer,
        filed_at=row.filed_at,
        due_at=row.due_at,
    )


@strawberry.type(description="A report that the viewer made.")
class Report(Node):
    subject_id: strawberry.ID = strawberry.field(description="The id of what was reported, such as a `Statement`.")
    category: Category = strawberry.field(description="What is wrong with it.")
    note: str | None = strawberry.field(description="What the viewer added.")
    at: datetime = strawberry.field(description="When.")
    outcome: ReportOutcome | None = strawberry.field(description="What came of it; null until somebody decided.")
    decision_id: strawberry.ID | None = strawberry.field(description="The id of the `Decision` that settled it.")


def report(row: ReportRow) -> Report:
    """A report as its maker sees it."""
    return Report(
        id=global_id("Report", row.id),
        subject_id=subject_global_id(row.subject_kind, row.subject_id),
        category=row.category,
        note=row.note,
        at=row.at,
        outcome=ReportOutcome(row.outcome) if row.outcome else None,
        decision_id=global_id("Decision", row.decision_id) if row.decision_id else None,
    )
