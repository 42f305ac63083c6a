"""What the campaigns' mutations answer with."""

from typing import Annotated, TypeAlias

import strawberry

from backend.campaigns.learning import QuizResult
from graphql_api.campaigns.campaign_types import Campaign, Course, QuizQuestion, quiz_questions
from graphql_api.campaigns.statement_types import OwnStatement, Statement
from graphql_api.campaigns.translations import StatementTranslation
from graphql_api.problems import (
    Closed,
    Conflict,
    ConsentRequired,
    NotAllowed,
    NotFound,
    Problem,
    Problems,
    RateLimited,
    ValidationProblem,
)
from moderation.keys import KeyOutcome

CampaignResult: TypeAlias = Annotated[
    Campaign | Problems, strawberry.union("CampaignResult", description="The campaign as it is now, or why not.")
]
CourseResult: TypeAlias = Annotated[
    Course | Problems,
    strawberry.union("CourseResult", description="The course with the viewer's progress, or why not."),
]
OwnStatementResult: TypeAlias = Annotated[
    OwnStatement | Problems,
    strawberry.union("OwnStatementResult", description="The own statement as it is now, or why nothing was done."),
]


@strawberry.type(description="A wrong answer and what to read again.")
class QuizMistake:
    question: QuizQuestion = strawberry.field(description="The question.")
    explanation: str = strawberry.field(description="What is right, and why.")


@strawberry.type(description="What a quiz led to.")
class QuizOutcome:
    score: int = strawberry.field(description="Questions right.")
    question_count: int = strawberry.field(description="Questions in all.")
    pass_mark: int = strawberry.field(description="How many must be right.")
    passed: bool = strawberry.field(description="Whether it was passed. It can be tried again after the lessons.")
    mistakes: list[QuizMistake] = strawberry.field(description="What was answered wrong.")


QuizSubmitResult: TypeAlias = Annotated[
    QuizOutcome | Problems, strawberry.union("QuizSubmitResult", description="The outcome, or why it was not counted.")
]


def quiz_outcome(result: QuizResult) -> QuizOutcome:
    """An outcome as the API shows it."""
    questions = quiz_questions(result.wrong)
    return QuizOutcome(
        score=result.score,
        question_count=result.of,
        pass_mark=result.pass_mark,
        passed=result.passed,
        mistakes=[
            QuizMistake(question=question, explanation=row.explanation)
            for question, row in zip(questions, result.wrong, strict=True)
        ],
    )


@strawberry.type(description="A draft was thrown away.")
class StatementDiscarded:
    statement_id: strawberry.ID = strawberry.field(description="What is no longer there.")


StatementDiscardResult: TypeAlias = Annotated[
    StatementDiscarded | Problems,
    strawberry.union("StatementDiscardResult", description="What is gone, or why it is still there."),
]


@strawberry.type(description="A helper's translation, now part of the wording in review.")
class StatementTranslated:
    statement_id: strawberry.ID = strawberry.field(description="The statement.")
    translation: StatementTranslation = strawberry.field(description="The translation as it was saved.")


StatementTranslateResult: TypeAlias = Annotated[
    StatementTranslated | Problems,
    strawberry.union("StatementTranslateResult", description="The translation, or why it was not taken."),
]


@strawberry.type(description="The statement after a support was given or taken back.")
class SupportOutcome:
    statement: Statement | None = strawberry.field(description="The statement; null if it is no longer visible.")


SupportResult: TypeAlias = Annotated[
    SupportOutcome | Problems, strawberry.union("SupportResult", description="The statement, or why nothing was done.")
]


@strawberry.type(description="What became of one statement of a batch.")
class Approval:
    statement_id: strawberry.ID = strawberry.field(description="The statement.")
    outcome: KeyOutcome | None = strawberry.field(description="What was done; null when nothing was.")
    problem: Problem | None = strawberry.field(description="Why nothing was done; null when something was.")


@strawberry.type(description="What became of each statement of a batch, in the order of the input.")
class StatementsApproved:
    items: list[Approval] = strawberry.field(description="One for each item.")


StatementsApproveResult: TypeAlias = Annotated[
    StatementsApproved | Problems,
    strawberry.union("StatementsApproveResult", description="What became of each item, or why none was looked at."),
]

PROBLEM_TYPES = (ValidationProblem, NotAllowed, NotFound, Conflict, ConsentRequired, Closed, RateLimited)
