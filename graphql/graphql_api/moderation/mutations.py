"""What can be done in moderation."""

from typing import Annotated

import strawberry

from backend.campaigns import guardians
from backend.core.errors import not_found
from backend.core.ids import Id
from graphql_api.context import Info
from graphql_api.fields import mutation
from graphql_api.moderation import decision_types, inputs, loaders
from graphql_api.moderation.decision_types import Appeal, OwnAppeal, Report
from graphql_api.moderation.types import KINDS, Case, Claim
from graphql_api.node_ids import parse_id, split_id
from graphql_api.problems import Problems
from moderation import appeals, claims, deciding, reporting
from moderation.appeal_rules import AppealState

CaseClaimResult = Annotated[
    Claim | Problems, strawberry.union("CaseClaimResult", description="The claim, or why there is none.")
]
CaseHeartbeatResult = Annotated[
    Claim | Problems, strawberry.union("CaseHeartbeatResult", description="The claim kept, or why it is lost.")
]
CaseReleaseResult = Annotated[
    Case | Problems, strawberry.union("CaseReleaseResult", description="The case given back, or why it was not.")
]
CaseDecideResult = Annotated[
    Case | Problems,
    strawberry.union("CaseDecideResult", description="The case after the decision, or why there is none."),
]
AppealFileResult = Annotated[
    OwnAppeal | Problems, strawberry.union("AppealFileResult", description="The appeal, or why it was not filed.")
]
AppealDecideResult = Annotated[
    Appeal | Problems, strawberry.union("AppealDecideResult", description="The appeal answered, or why it was not.")
]
SubjectReportResult = Annotated[
    Report | Problems, strawberry.union("SubjectReportResult", description="The report, or why there is none.")
]


@strawberry.type
class ModerationMutations:
    @mutation("Take a case: nobody else can work on it for ten minutes, or as long as `caseHeartbeat` keeps it.")
    async def case_claim(self, info: Info, input: inputs.CaseClaimInput) -> CaseClaimResult:
        context, case_id = info.context, _case_id(input.case_id)
        claim = await claims.claim_case(context.db, context.services.desk, context.viewer, case_id)
        return Claim(case=await loaders.one_case(context, case_id), token=claim.token, until=claim.until)

    @mutation("Keep a claim: its whole time starts anew. Send it every few minutes while the case is open.")
    async def case_heartbeat(self, info: Info, input: inputs.CaseHeartbeatInput) -> CaseHeartbeatResult:
        context, case_id = info.context, _case_id(input.case_id)
        claim = await claims.keep_claim(context.db, context.services.desk, context.viewer, case_id, input.claim_token)
        return Claim(case=await loaders.one_case(context, case_id), token=None, until=claim.until)

    @mutation("Give a case back to the queue.")
    async def case_release(self, info: Info, input: inputs.CaseReleaseInput) -> CaseReleaseResult:
        context, case_id = info.context, _case_id(input.case_id)
        await claims.release_case(context.db, context.viewer, case_id, input.claim_token)
        return await loaders.one_case(context, case_id)

    @mutation("Decide a claimed case. What follows from it happens at once, and everybody concerned is told.")
    async def case_decide(self, info: Info, input: inputs.CaseDecideInput) -> CaseDecideResult:
        context, case_id = info.context, _case_id(input.case_id)
        new = deciding.NewDecision(
            revision_id=parse_id(input.revision_id, "Revision", path=("revision_id",)),
            version=input.version,
            verdict=input.verdict,
            reason=input.reason,
            words=input.words,
            words_language=input.words_language,
        )
        await deciding.decide_case(
            context.db,
            context.services.desk,
            context.viewer,
            case_id,
            input.claim_token,
            new,
            client_key=input.client_mutation_key,
        )
        return await loaders.one_case(context, case_id)

    @mutation(
        "Contest a decision, once, within six months: the author a restriction, a reporter that it was kept, "
        "or with a guardian key, without an account, a guardian the refusal of what their consent carries.",
        for_anybody=True,
    )
    async def appeal_file(self, info: Info, input: inputs.AppealFileInput) -> AppealFileResult:
        context, desk = info.context, info.context.services.desk
        if input.key is None:
            context.viewer.require_account()
        decision_id = parse_id(input.decision_id, "Decision", path=("decision_id",))
        if input.key is not None:
            row = await guardians.appeal_by_key(
                context.db, context.services.accounts, desk, context.viewer, input.key, decision_id=decision_id,
                text=input.text, client_key=input.client_mutation_key,
            )  # fmt: skip
        else:
            row = await appeals.file_appeal(
                context.db, desk, context.viewer, decision_id=decision_id, text=input.text,
                client_key=input.client_mutation_key,
            )  # fmt: skip
        return decision_types.own_appeal(row, for_guardian=input.key is not None)

    @mutation("Answer an appeal, as a moderator who never had a hand in the case. The answer is carried out at once.")
    async def appeal_decide(self, info: Info, input: inputs.AppealDecideInput) -> AppealDecideResult:
        context = info.context
        appeal_id = parse_id(input.appeal_id, "Appeal", path=("appeal_id",))
        answer = appeals.Answer(AppealState(input.answer), input.text, input.text_language, input.reason)
        await appeals.decide_appeal(
            context.db,
            context.services.desk,
            context.viewer,
            appeal_id,
            answer,
            client_key=input.client_mutation_key,
        )
        return await loaders.one_appeal(context, appeal_id)

    @mutation("Report something that the viewer sees. Once a person and wording: a second time gives the first again.")
    async def subject_report(self, info: Info, input: inputs.SubjectReportInput) -> SubjectReportResult:
        context = info.context
        kind, subject_id = _subject(input.subject_id)
        row = await reporting.report_subject(
            context.db,
            context.services.desk,
            context.viewer,
            kind=kind,
            subject_id=subject_id,
            category=input.category,
            note=input.note,
        )
        return decision_types.report(row)


def _case_id(text: str) -> Id:
    """The case's id. Raises NotFound."""
    return parse_id(text, "Case", path=("case_id",))


def _subject(text: str) -> tuple[str, Id]:
    """Kind and id of a thing that can be reported. Raises NotFound."""
    parts = split_id(text)
    if parts is None or parts[0] not in KINDS:
        raise not_found("Subject")
    return KINDS[parts[0]], parts[1]
