"""What the mutations take that run a round."""

from datetime import date, datetime, time

import strawberry

from backend.core.errors import ValidationFailed
from backend.rounds.page import TopicPage
from backend.rounds.rules import Weights
from backend.rounds.schedule import Holiday, Plan
from backend.rounds.scheduling import Single
from backend.rounds.store.rounds import Word
from graphql_api.campaigns.inputs import LocalizedTextInput, optional_id, texts
from graphql_api.client_key import ClientKey, client_key
from graphql_api.rounds.enums import Weekday


@strawberry.input(description="A word of the topic and what it means.")
class TopicWordInput:
    word: list[LocalizedTextInput] = strawberry.field(
        description="The word in one or more languages; at most 60 characters."
    )
    meaning: list[LocalizedTextInput] = strawberry.field(
        description="What it means, in plain words; at most 300 characters."
    )


@strawberry.input(description="The prompt of a round and what a class works with.")
class TopicPageInput:
    prompt: list[LocalizedTextInput] = strawberry.field(description="The question or sentence that invites to speak.")
    questions: list[list[LocalizedTextInput]] = strawberry.field(
        default_factory=list, description="At most 12 questions to talk about in class, of at most 300 characters."
    )
    vocabulary: list[TopicWordInput] = strawberry.field(
        default_factory=list, description="At most 40 words in plain language."
    )
    topic_id: strawberry.ID | None = strawberry.field(
        default=None, description="A topic of the campaign, such as one that a student proposed."
    )


@strawberry.input(description="How much each part of a class's score counts, in per cent; together 100.")
class RoundWeightsInput:
    quality: int = strawberry.field(default=50, description="What the jury gives.")
    participation: int = strawberry.field(default=30, description="The share of the class that does the week's task.")
    voices: int = strawberry.field(default=20, description="The marks of other classes.")


@strawberry.input(description="Days without school, both included.")
class HolidayInput:
    first_day: date = strawberry.field(description="The first day.")
    last_day: date = strawberry.field(description="The last day; the same for a single one.")


@strawberry.input(description="A round every week between two days, by the clocks of the campaign's zone.")
class WeeklyPlanInput:
    first_day: date = strawberry.field(description="No round before this day.")
    last_day: date = strawberry.field(description="No round after this day; at most 60 weeks later.")
    opens_on: Weekday = strawberry.field(default=Weekday.MONDAY, description="The day on which a round opens.")
    opens_at_time: str = strawberry.field(default="08:00", description="At what time, HH:MM.")
    closes_on: Weekday = strawberry.field(default=Weekday.FRIDAY, description="The day on which it closes.")
    closes_at_time: str = strawberry.field(default="15:00", description="At what time, HH:MM.")
    holidays: list[HolidayInput] = strawberry.field(
        default_factory=list, description="Days without school: a round opens after them and closes before them."
    )


@strawberry.input(description="The times of one round. Those left out follow from the others.")
class SingleRoundInput:
    opens_at: datetime = strawberry.field(description="From when classes take part; now or later.")
    closes_at: datetime = strawberry.field(description="Until when; at most 31 days later.")
    freezes_at: datetime | None = strawberry.field(
        default=None, description="From when the standings stand still; else for the last quarter, at most 24 hours."
    )
    judging_starts_at: datetime | None = strawberry.field(
        default=None, description="From when jurors score; else 24 hours after the close."
    )
    judging_ends_at: datetime | None = strawberry.field(
        default=None, description="Until when they do; else 5 days after that."
    )


@strawberry.input(description="Rounds of a campaign: give either `weekly` or `single`.")
class RoundScheduleInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign.")
    weekly: WeeklyPlanInput | None = strawberry.field(
        default=None, description="A round every week, in place of the weekly ones that have not opened yet."
    )
    single: SingleRoundInput | None = strawberry.field(default=None, description="One round.")
    page: TopicPageInput | None = strawberry.field(
        default=None, description="The prompt and the topic page; else the campaign's prompt alone."
    )
    weights: RoundWeightsInput | None = strawberry.field(
        default=None, description="How the parts of the score count; else 50, 30 and 20."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="A new prompt and topic page of a round.")
class RoundUpdateInput:
    round_id: strawberry.ID = strawberry.field(description="The round.")
    page: TopicPageInput = strawberry.field(description="The prompt and the topic page as they shall be.")


@strawberry.input(description="The round to pause.")
class RoundPauseInput:
    round_id: strawberry.ID = strawberry.field(description="The round.")


@strawberry.input(description="The round that goes on.")
class RoundResumeInput:
    round_id: strawberry.ID = strawberry.field(description="The round.")


@strawberry.input(description="The round that ends without a result, and why.")
class RoundVoidInput:
    round_id: strawberry.ID = strawberry.field(description="The round.")
    reason: str = strawberry.field(description="Why, for everybody to read; at most 500 characters.")


def topic_page(given: TopicPageInput) -> TopicPage:
    """The page. Raises ValidationFailed when a locale comes twice."""
    return TopicPage(
        texts(given.prompt, "prompt"),
        [texts(one, "questions") for one in given.questions],
        [Word(texts(one.word, "vocabulary"), texts(one.meaning, "vocabulary")) for one in given.vocabulary],
        optional_id(given.topic_id, "Topic", "topic_id"),
    )


def weights(given: RoundWeightsInput | None) -> Weights:
    """The weights, or the usual ones."""
    return Weights() if given is None else Weights(given.quality, given.participation, given.voices)


def wanted(given: RoundScheduleInput) -> Plan | Single:
    """The plan or the single round. Raises ValidationFailed unless there is exactly one of them."""
    if given.weekly is not None and given.single is None:
        return _plan(given.weekly)
    if given.single is not None and given.weekly is None:
        return _single(given.single)
    raise ValidationFailed("weekly_or_single", path=("single",))


def _plan(given: WeeklyPlanInput) -> Plan:
    return Plan(
        given.opens_on.number,
        _clock(given.opens_at_time, "opens_at_time"),
        given.closes_on.number,
        _clock(given.closes_at_time, "closes_at_time"),
        given.first_day,
        given.last_day,
        tuple(Holiday(one.first_day, one.last_day) for one in given.holidays),
    )


def _single(given: SingleRoundInput) -> Single:
    return Single(given.opens_at, given.closes_at, given.freezes_at, given.judging_starts_at, given.judging_ends_at)


def _clock(given: str, field: str) -> time:
    try:
        hours, minutes = given.split(":") if len(given) == 5 else ("", "")
        return time(int(hours), int(minutes))
    except ValueError:
        raise ValidationFailed("time_of_day", path=(field,)) from None
