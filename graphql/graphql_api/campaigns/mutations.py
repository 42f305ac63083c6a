"""What can be done with campaigns, courses and statements."""

import strawberry

from backend.campaigns import (
    discarding,
    drafting,
    learning,
    running,
    submitting,
    supporting,
    translating,
    withdrawing,
)
from backend.campaigns.drafting import TranslationDraft
from backend.campaigns.running import NewCampaign
from backend.core.errors import not_found
from backend.core.ids import Id
from graphql_api.campaigns import inputs, loaders, results
from graphql_api.campaigns.campaign_types import Campaign, campaign, course
from graphql_api.campaigns.enums import TeacherAnswer
from graphql_api.campaigns.extras import by_revision
from graphql_api.campaigns.inputs import optional_id, texts
from graphql_api.campaigns.queries import load_own_statement
from graphql_api.campaigns.statement_types import OwnStatement, statement
from graphql_api.campaigns.translations import statement_translation
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import global_id, parse_id
from graphql_api.problems import problem_for
from moderation.keys import teacher_keys
from moderation.subjects import Subject


async def _campaign(context: Context, campaign_id: Id) -> Campaign:
    found = await loaders.campaigns(context).load(campaign_id)
    if found is None:
        raise not_found("campaign", campaign_id)
    return campaign(found)


async def _own(context: Context, statement_id: Id) -> OwnStatement:
    found = await load_own_statement(context, statement_id)
    if found is None:
        raise not_found("statement", statement_id)
    return found


async def _supported(context: Context, statement_id: Id) -> results.SupportOutcome:
    row = await loaders.shown(context).load(statement_id)
    if row is None:
        return results.SupportOutcome(statement=None)
    return results.SupportOutcome(statement=statement(row, await by_revision(context).load(row.revision_id)))


@strawberry.type
class CampaignMutations:
    @mutation("Make a campaign of a city or of the network. For the secretariat. It begins as a draft.")
    async def campaign_create(self, info: Info, input: inputs.CampaignCreateInput) -> results.CampaignResult:
        new = NewCampaign(
            city_id=optional_id(input.city_id, "City", "city_id"),
            title=texts(input.title, "title"),
            description=texts(input.description, "description"),
            prompt=texts(input.prompt, "prompt"),
            topics=[texts(one, "topics") for one in input.topics],
            zone=input.zone,
            course=input.course,
            course_version=input.course_version,
            least_age=input.least_age,
            greatest_age=input.greatest_age,
        )
        context = info.context
        made = await running.create_campaign(context.db, context.viewer, new, client_key=input.client_mutation_key)
        return await _campaign(context, made)

    @mutation("Write a campaign's texts anew and add topics. For its editors and student editors.")
    async def campaign_update(self, info: Info, input: inputs.CampaignUpdateInput) -> results.CampaignResult:
        campaign_id = parse_id(input.campaign_id, "Campaign", path=("campaign_id",))
        changed = await running.update_campaign(
            info.context.db,
            info.context.viewer,
            campaign_id,
            title=texts(input.title, "title"),
            description=texts(input.description, "description"),
            prompt=texts(input.prompt, "prompt"),
            topics=[texts(one, "new_topics") for one in input.new_topics],
            colours=(colours.background, colours.accent) if (colours := input.card_colours) else None,
            client_key=input.client_mutation_key,
        )
        return await _campaign(info.context, changed)

    @mutation("Take statements, now or from a moment on. Needs two safeguarding leads and published hours in the city.")
    async def campaign_open(self, info: Info, input: inputs.CampaignOpenInput) -> results.CampaignResult:
        campaign_id = parse_id(input.campaign_id, "Campaign", path=("campaign_id",))
        await running.open_campaign(
            info.context.db,
            info.context.viewer,
            campaign_id,
            opens_at=input.opens_at,
            closes_at=input.closes_at,
        )
        return await _campaign(info.context, campaign_id)

    @mutation("Take no more statements. What is published stays.")
    async def campaign_close(self, info: Info, input: inputs.CampaignCloseInput) -> results.CampaignResult:
        campaign_id = parse_id(input.campaign_id, "Campaign", path=("campaign_id",))
        await running.close_campaign(info.context.db, info.context.viewer, campaign_id)
        return await _campaign(info.context, campaign_id)

    @mutation("Note a lesson as finished. Again is harmless.")
    async def lesson_complete(self, info: Info, input: inputs.LessonCompleteInput) -> results.CourseResult:
        await learning.complete_lesson(
            info.context.db, info.context.viewer, name=input.course, version=input.version, lesson=input.lesson
        )
        return course(learning.find_course(input.course, input.version, info.context.locale))

    @mutation("Hand the quiz in. It can be tried six times an hour.")
    async def quiz_submit(self, info: Info, input: inputs.QuizSubmitInput) -> results.QuizSubmitResult:
        outcome = await learning.submit_quiz(
            info.context.db,
            info.context.viewer,
            name=input.course,
            version=input.version,
            answers={one.question: frozenset(one.options) for one in input.answers},
            locale=info.context.locale,
            secret=info.context.settings.secret,
            client_key=input.client_mutation_key,
        )
        return results.quiz_outcome(outcome)

    @mutation("Save a new draft. Nobody else sees it.")
    async def statement_draft(self, info: Info, input: inputs.StatementDraftInput) -> results.OwnStatementResult:
        made = await drafting.draft_statement(
            info.context.db,
            info.context.viewer,
            campaign_id=parse_id(input.campaign_id, "Campaign", path=("campaign_id",)),
            draft=input.wording.draft(),
            class_id=optional_id(input.class_id, "SchoolClass", "class_id"),
            in_reply_to=optional_id(input.in_reply_to, "Statement", "in_reply_to"),
            client_key=input.client_mutation_key,
        )
        return await _own(info.context, made)

    @mutation("Change the draft, or begin a new wording; what is published stays until the new one is approved.")
    async def statement_revise(self, info: Info, input: inputs.StatementReviseInput) -> results.OwnStatementResult:
        statement_id = parse_id(input.statement_id, "OwnStatement", path=("statement_id",))
        revised = await drafting.revise_statement(
            info.context.db,
            info.context.viewer,
            statement_id,
            input.wording.draft(),
            seen_version=input.seen_version,
            client_key=input.client_mutation_key,
        )
        return await _own(info.context, revised)

    @mutation("Hand a wording in for review: the course is passed, a consent covers the audience, pictures are ready.")
    async def statement_submit(self, info: Info, input: inputs.StatementSubmitInput) -> results.OwnStatementResult:
        statement_id = parse_id(input.statement_id, "OwnStatement", path=("statement_id",))
        await submitting.submit_statement(
            info.context.db,
            info.context.viewer,
            info.context.services.campaigns,
            statement_id=statement_id,
            revision_id=parse_id(input.revision_id, "Revision", path=("revision_id",)),
            version=input.version,
        )
        return await _own(info.context, statement_id)

    @mutation("Throw away a draft that was never handed in. What was handed in is taken back by `statementWithdraw`.")
    async def statement_discard(
        self, info: Info, input: inputs.StatementDiscardInput
    ) -> results.StatementDiscardResult:
        statement_id = parse_id(input.statement_id, "OwnStatement", path=("statement_id",))
        await discarding.discard_draft(info.context.db, info.context.viewer, statement_id)
        return results.StatementDiscarded(statement_id=input.statement_id)

    @mutation("Put a wording in review into another language, as its teacher or a moderator who reads the original.")
    async def statement_translate(
        self, info: Info, input: inputs.StatementTranslateInput
    ) -> results.StatementTranslateResult:
        made = await translating.translate_statement(
            info.context.db,
            info.context.viewer,
            statement_id=parse_id(input.statement_id, "Statement", path=("statement_id",)),
            revision_id=parse_id(input.revision_id, "Revision", path=("revision_id",)),
            version=input.version,
            draft=TranslationDraft(input.text, input.language),
        )
        return results.StatementTranslated(statement_id=input.statement_id, translation=statement_translation(made))

    @mutation("Take a statement back: at once, without a reason, everywhere. Again is harmless.")
    async def statement_withdraw(self, info: Info, input: inputs.StatementWithdrawInput) -> results.OwnStatementResult:
        statement_id = parse_id(input.statement_id, "OwnStatement", path=("statement_id",))
        await withdrawing.withdraw_statement(info.context.db, info.context.viewer, statement_id)
        return await _own(info.context, statement_id)

    @mutation("Stand behind a statement. Only its author learns how many do. Again is harmless.")
    async def statement_support(self, info: Info, input: inputs.StatementSupportInput) -> results.SupportResult:
        statement_id = parse_id(input.statement_id, "Statement", path=("statement_id",))
        await supporting.support_statement(info.context.db, info.context.viewer, statement_id)
        return await _supported(info.context, statement_id)

    @mutation("No longer stand behind a statement. Again is harmless.")
    async def statement_unsupport(self, info: Info, input: inputs.StatementUnsupportInput) -> results.SupportResult:
        statement_id = parse_id(input.statement_id, "Statement", path=("statement_id",))
        await supporting.unsupport_statement(info.context.db, info.context.viewer, statement_id)
        return await _supported(info.context, statement_id)

    @mutation("A teacher's first key for up to 50 statements of the own classes, or pass them on with a concern.")
    async def statements_approve(
        self, info: Info, input: inputs.StatementsApproveInput
    ) -> results.StatementsApproveResult:
        done = await teacher_keys(
            info.context.db,
            info.context.services.desk,
            info.context.viewer,
            [_subject(one) for one in input.items],
            pass_on=input.answer is TeacherAnswer.PASS_ON,
            concern=input.concern,
        )
        return results.StatementsApproved(
            items=[
                results.Approval(
                    statement_id=global_id("Statement", one.subject.id),
                    outcome=one.outcome,
                    problem=problem_for(one.problem, info.context.locale) if one.problem else None,
                )
                for one in done
            ]
        )


def _subject(item: inputs.StatementApprovalInput) -> Subject:
    return Subject(
        "statement",
        parse_id(item.statement_id, "Statement", path=("items", "statement_id")),
        parse_id(item.revision_id, "Revision", path=("items", "revision_id")),
        item.version,
    )
