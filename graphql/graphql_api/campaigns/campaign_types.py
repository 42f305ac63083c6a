"""Campaigns, topics and the course as the API shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from backend.campaigns import course_content, learning
from backend.campaigns.rules import CampaignStatus, effective_status
from backend.campaigns.store import campaigns as store
from backend.core.ids import Id
from graphql_api.campaigns import enums as enums
from graphql_api.campaigns import loaders
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.localized import LocaleArgument, localized
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.places import loaders as place_loaders
from graphql_api.places.types import City, city
from graphql_api.scalars import LanguageTag
from media.cards.colours import default_colours


@strawberry.type(description="A text that staff wrote, in one of its languages.")
class LocalizedText:
    language: LanguageTag = strawberry.field(description="The language of this text.")
    text: str = strawberry.field(description="The text.")


@strawberry.type(description="Something to speak about within a campaign.")
class Topic:
    names: strawberry.Private[dict[str, str]]
    id: strawberry.ID = strawberry.field(description="The global id, for filters and drafts.")

    @resolver("The topic's name.", quick=True)
    def name(self, info: Info, locale: LocaleArgument = None) -> str:
        return localized(self.names, info.context, locale=locale)


def topic(topic_id: Id, names: dict[str, str]) -> Topic:
    """A topic as the API shows it."""
    return Topic(names=names, id=global_id("Topic", topic_id))


@strawberry.type(description="A word of a lesson and what it means.")
class LessonWord:
    word: str = strawberry.field(description="The word.")
    meaning: str = strawberry.field(description="What it means, in plain words.")


@strawberry.type(description="One lesson of a course.")
class Lesson:
    key: str = strawberry.field(description="Stable name of the lesson, for `lessonComplete`.")
    title: str = strawberry.field(description="The title.")
    minutes: int = strawberry.field(description="About how many minutes it takes.")
    body: str = strawberry.field(description="The text as Markdown with headings, lists and bold only.")
    try_it: str = strawberry.field(description="An exercise.")
    discuss: list[str] = strawberry.field(description="Questions to talk about in class.")
    words: list[LessonWord] = strawberry.field(description="Words that may be new.")


@strawberry.type(description="One answer that can be chosen.")
class QuizOption:
    key: str = strawberry.field(description="Stable name of the option, for `quizSubmit`.")
    text: str = strawberry.field(description="The answer.")


@strawberry.type(
    description="A question of a course's quiz. Which options are right is not sent before it is handed in."
)
class QuizQuestion:
    key: str = strawberry.field(description="Stable name of the question, for `quizSubmit`.")
    lesson: str = strawberry.field(description="The key of the lesson it is about.")
    prompt: str = strawberry.field(description="The question.")
    has_several_answers: bool = strawberry.field(description="Whether more than one option may be right.")
    options: list[QuizOption] = strawberry.field(description="The options to choose from.")


@strawberry.type(description="Where the viewer stands in a course.")
class CourseProgress:
    lessons_done: list[str] = strawberry.field(description="The keys of the finished lessons.")
    best_score: int | None = strawberry.field(
        description="Questions right in the best quiz so far; null before the first."
    )
    passed: bool = strawberry.field(description="Whether the quiz was passed. Statements can be handed in after that.")


@strawberry.type(description="A course that comes before speaking: lessons and a quiz, in the reader's language.")
class Course:
    row: strawberry.Private[course_content.Course]
    name: str = strawberry.field(description="Stable name.")
    version: int = strawberry.field(description="The version; a new one does not undo what was passed.")
    language: LanguageTag = strawberry.field(description="The language of these texts.")
    title: str = strawberry.field(description="The title.")
    summary: str = strawberry.field(description="What it is about.")
    pass_mark: int = strawberry.field(description="How many questions must be right.")
    lessons: list[Lesson] = strawberry.field(description="The lessons, in order.")
    questions: list[QuizQuestion] = strawberry.field(description="The quiz.")

    @resolver("Where the viewer stands; null when nobody is signed in.")
    async def viewer_progress(self, info: Info) -> CourseProgress | None:
        account_id = info.context.viewer.account_id
        if account_id is None:
            return None
        async with info.context.db.reading() as conn:
            progress = await learning.get_progress(conn, account_id, self.row.name, self.row.version)
        return CourseProgress(
            lessons_done=[one.key for one in self.row.lessons if one.key in progress.lessons_done],
            best_score=progress.best.score if progress.best else None,
            passed=progress.passed,
        )


def course(row: course_content.Course) -> Course:
    """A course as the API shows it."""
    return Course(
        row=row,
        name=row.name,
        version=row.version,
        language=LanguageTag(row.locale),
        title=row.title,
        summary=row.summary,
        pass_mark=row.pass_mark,
        lessons=[
            Lesson(
                key=one.key,
                title=one.title,
                minutes=one.minutes,
                body=one.body,
                try_it=one.try_it,
                discuss=list(one.discuss),
                words=[LessonWord(word=word.word, meaning=word.meaning) for word in one.words],
            )
            for one in row.lessons
        ],
        questions=quiz_questions(row.questions),
    )


def quiz_questions(questions: Sequence[course_content.Question]) -> list[QuizQuestion]:
    """Questions without what is right."""
    return [
        QuizQuestion(
            key=one.key,
            lesson=one.lesson,
            prompt=one.prompt,
            has_several_answers=one.kind == "multiple",
            options=[QuizOption(key=option.key, text=option.text) for option in one.options],
        )
        for one in questions
    ]


@strawberry.type(description="The two colours of a campaign's share cards, as #rrggbb.")
class CardColours:
    background: str = strawberry.field(description="Behind the words.")
    accent: str = strawberry.field(description="Of quotation marks and names: can be read on the background.")


@strawberry.type(description="A campaign: a theme, a prompt, a course, and a time in which to speak.")
class Campaign(Node):
    row: strawberry.Private[store.Campaign]
    zone: str = strawberry.field(description="The IANA time zone in which its days are counted.")
    opens_at: datetime | None = strawberry.field(description="Since when it takes statements; null before it opens.")
    closes_at: datetime | None = strawberry.field(description="Until when; null: until it is closed.")
    least_age: int | None = strawberry.field(
        description="From which age one may hand in; the age turned this year counts. Null: no limit."
    )
    greatest_age: int | None = strawberry.field(description="Up to which age one may hand in. Null: no limit.")

    @resolver("The title.")
    def title(self, info: Info, locale: LocaleArgument = None) -> str:
        return localized(self.row.title, info.context, locale=locale)

    @resolver("What it is about.")
    def description(self, info: Info, locale: LocaleArgument = None) -> str:
        return localized(self.row.description, info.context, locale=locale)

    @resolver("The question or sentence that invites to speak.")
    def prompt(self, info: Info, locale: LocaleArgument = None) -> str:
        return localized(self.row.prompt, info.context, locale=locale)

    @resolver("Whether it takes statements at this moment.")
    async def status(self, info: Info) -> CampaignStatus:
        async with info.context.db.reading() as conn:
            return effective_status(self.row.times, await conn.now())

    @resolver("The colours of its share cards: those that its editors chose, else two of a small palette.", quick=True)
    def card_colours(self, info: Info) -> CardColours:
        background, accent = default_colours(self.row.id)
        if self.row.background is not None and self.row.accent is not None:
            background, accent = self.row.background, self.row.accent
        return CardColours(background=background, accent=accent)

    @resolver("The city whose campaign it is; null for the whole network.")
    async def city(self, info: Info) -> City | None:
        if self.row.city_id is None:
            return None
        return city(await place_loaders.cities(info.context).load(self.row.city_id))

    @resolver("What can be spoken about, in order; may be empty.")
    async def topics(self, info: Info) -> list[Topic]:
        return [topic(one.id, one.name) for one in await loaders.topics(info.context).load(self.row.id)]

    @resolver("The course to pass first, in the viewer's language or the one asked for.")
    def course(self, info: Info, locale: LocaleArgument = None) -> Course:
        wanted = locale or info.context.locale
        return course(learning.find_course(self.row.course, self.row.course_version, wanted))


def campaign(row: store.Campaign) -> Campaign:
    """A campaign as the API shows it."""
    return Campaign(
        id=global_id("Campaign", row.id),
        row=row,
        zone=row.zone,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        least_age=row.least_age,
        greatest_age=row.greatest_age,
    )


@strawberry.type(description="How far a class has come with a course. Counts only: who it was is not told.")
class ClassProgress:
    students: int = strawberry.field(description="Students with a confirmed seat.")
    began: int = strawberry.field(description="How many of them finished a lesson or tried the quiz.")
    passed: int = strawberry.field(description="How many of them passed the quiz.")


CourseName = Annotated[str, strawberry.argument(description="The course's name, such as `my_voice_out`.")]
