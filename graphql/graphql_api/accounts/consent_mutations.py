"""Consent: a child's own answers, asking a guardian, and a guardian's answers by key."""

from collections.abc import Sequence

import strawberry

from backend.accounts import consent, guardian_keys, guardian_requests
from backend.accounts.consent import Answered
from backend.accounts.consent_rules import ConsentState, Question
from graphql_api.accounts import inputs, results, types
from graphql_api.accounts.inputs import ConsentAnswerItemInput, ConsentItemInput
from graphql_api.context import Info
from graphql_api.fields import mutation


def _questions(items: Sequence[ConsentItemInput | ConsentAnswerItemInput]) -> list[Question]:
    return [Question(item.purpose, item.audience) for item in items]


def _recorded(
    questions: Sequence[Question], state: ConsentState, locale: str, *, for_guardian: bool = False
) -> results.ConsentRecorded:
    items = [types.consent_standing(one, state, locale, for_guardian=for_guardian) for one in questions]
    return results.ConsentRecorded(items=items)


@strawberry.type
class ConsentMutations:
    @mutation("Ask a guardian for consent. In a class the teacher hands the key out; otherwise it is mailed.")
    async def consent_request(self, info: Info, input: inputs.ConsentRequestInput) -> results.ConsentRequestResult:
        context = info.context
        asked = await guardian_requests.request_consent(
            context.db, context.services.accounts, context.viewer, _questions(input.items),
            guardian_email=input.guardian_email, client_key=input.client_mutation_key,
        )  # fmt: skip
        items = _recorded(asked.slip.questions, asked.state, context.locale).items
        return results.ConsentRequested(items=items, expires_at=asked.slip.expires_at)

    @mutation("Answer about consent: for oneself, or with a guardian key without an account.", for_anybody=True)
    async def consent_answer(self, info: Info, input: inputs.ConsentAnswerInput) -> results.ConsentAnswerResult:
        context, questions = info.context, _questions(input.items)
        answers = [Answered(one, item.answer) for one, item in zip(questions, input.items, strict=True)]
        if input.key is not None:
            state = await guardian_keys.answer_by_key(
                context.db, context.services.accounts, context.viewer, input.key, answers, wording=input.wording,
                client_key=input.client_mutation_key,
            )  # fmt: skip
        else:
            state = await consent.answer_self(
                context.db, context.services.accounts, context.viewer, answers, wording=input.wording,
                client_key=input.client_mutation_key,
            )  # fmt: skip
        return _recorded(questions, state, context.locale, for_guardian=input.key is not None)

    @mutation(
        "Take a yes back, at once and without reason: one's own, or with a guardian key the guardian's.",
        for_anybody=True,
    )
    async def consent_withdraw(self, info: Info, input: inputs.ConsentWithdrawInput) -> results.ConsentWithdrawResult:
        context, questions = info.context, _questions(input.items)
        if input.key is not None:
            state = await guardian_keys.withdraw_by_key(
                context.db, context.services.accounts, context.viewer, input.key, questions
            )
        else:
            state = await consent.withdraw_self(context.db, context.viewer, questions)
        return _recorded(questions, state, context.locale, for_guardian=input.key is not None)
