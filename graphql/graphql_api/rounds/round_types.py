"""Rounds and the weekly plan as the API shows them."""

from collections.abc import Mapping
from datetime import date, datetime

import strawberry

from backend.rounds.lot import seed_hash
from backend.rounds.rules import RESULT_STATES, Origin, RoundState, Weights
from backend.rounds.store import rounds as store
from graphql_api.campaigns import loaders as campaign_loaders
from graphql_api.campaigns.campaign_types import Campaign, LessonWord, Topic, campaign, topic
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.localized import LocaleArgument, localized
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.rounds import enums as enums
from graphql_api.rounds.enums import Weekday


@strawberry.type(description="How much each part of a class's score counts, in per cent; together 100.")
class RoundWeights:
    quality: int = strawberry.field(description="What the jury gave.")
    participation: int = strawberry.field(description="The share of the class that did the week's task.")
    voices: int = strawberry.field(description="The marks of other classes.")


def round_weights(weights: Weights) -> RoundWeights:
    """The weights as the API shows them."""
    return RoundWeights(quality=weights.quality, participation=weights.participation, voices=weights.voices)


@strawberry.type(description="A competition between classes: a prompt, a time in which to take part, then a result.")
class Round(Node):
    row: strawberry.Private[store.Round]
    state: RoundState = strawberry.field(description="Where it stands at this moment.")
    origin: Origin = strawberry.field(description="How it came into the calendar.")
    opens_at: datetime = strawberry.field(description="From when classes take part.")
    freezes_at: datetime = strawberry.field(description="From when the standings stand still until the announcement.")
    closes_at: datetime = strawberry.field(description="Until when something can be handed in for it.")
    judging_starts_at: datetime = strawberry.field(description="From when jurors score and other classes mark.")
    judging_ends_at: datetime = strawberry.field(
        description="Until when. What is approved by then counts, if it was handed in before the close."
    )
    paused_at: datetime | None = strawberry.field(description="Since when it stands still; null when it does not.")
    announces_at: datetime | None = strawberry.field(
        description="When the result is or was announced; null until an editor has set the moment."
    )
    void_reason: str | None = strawberry.field(
        description="Why an editor ended it without a result; null otherwise, also when it ended because nobody "
        "confirmed it for 90 days."
    )
    weights: RoundWeights = strawberry.field(description="How the parts of the score count.")
    seed_hash: str | None = strawberry.field(
        description="SHA-256 of the seed of the lot, hexadecimal, from the opening on: the seed itself comes with the "
        "result, and nobody can have chosen it afterwards. Null before the opening."
    )
    seed: str | None = strawberry.field(
        description="The seed of the lot, hexadecimal; null until the result is announced."
    )

    @resolver("The question or sentence that invites to speak.")
    def prompt(self, info: Info, locale: LocaleArgument = None) -> str:
        return localized(self.row.prompt, info.context, locale=locale)

    @resolver("Questions to talk about in class, in order; may be empty.")
    def questions(self, info: Info, locale: LocaleArgument = None) -> list[str]:
        return [localized(one, info.context, locale=locale) for one in self.row.questions]

    @resolver("Words of the topic in plain language; may be empty.")
    def vocabulary(self, info: Info, locale: LocaleArgument = None) -> list[LessonWord]:
        return [
            LessonWord(
                word=localized(one.word, info.context, locale=locale),
                meaning=localized(one.meaning, info.context, locale=locale),
            )
            for one in self.row.vocabulary
        ]

    @resolver("The campaign's topic that it is about; null when it is about none.")
    async def topic(self, info: Info) -> Topic | None:
        found = await campaign_loaders.topics(info.context).load(self.row.campaign_id)
        return next((topic(one.id, one.name) for one in found if one.id == self.row.topic_id), None)

    @resolver("The campaign to which it belongs; null when the viewer may not see it any more.")
    async def campaign(self, info: Info) -> Campaign | None:
        found = await campaign_loaders.campaigns(info.context).load(self.row.campaign_id)
        return campaign(found) if found else None


def class_round(row: store.Round, now: datetime) -> Round:
    """A round as the API shows it at this moment."""
    return Round(
        id=global_id("Round", row.id),
        row=row,
        state=row.state(now),
        origin=row.origin,
        opens_at=row.opens_at,
        freezes_at=row.freezes_at,
        closes_at=row.closes_at,
        judging_starts_at=row.judging_starts_at,
        judging_ends_at=row.judging_ends_at,
        paused_at=row.paused_at,
        announces_at=row.announces_at,
        void_reason=row.void_reason,
        weights=round_weights(row.weights),
        seed_hash=seed_hash(row.seed) if now >= row.opens_at else None,
        seed=row.seed.hex() if row.state(now) in RESULT_STATES else None,
    )


@strawberry.type(description="Days without school, both included.")
class Holiday:
    first_day: date = strawberry.field(description="The first day.")
    last_day: date = strawberry.field(description="The last day; the same for a single one.")


@strawberry.type(description="When a campaign's weekly rounds open and close, by the clocks of the campaign's zone.")
class WeeklyPlan:
    opens_on: Weekday = strawberry.field(description="The day on which a round opens.")
    opens_at_time: str = strawberry.field(description="At what time, such as 08:00.")
    closes_on: Weekday = strawberry.field(description="The day on which it closes.")
    closes_at_time: str = strawberry.field(description="At what time, such as 15:00.")
    first_day: date = strawberry.field(description="No round before this day.")
    last_day: date = strawberry.field(description="No round after this day.")
    holidays: list[Holiday] = strawberry.field(description="Days without school: rounds open after and close before.")
    changed_at: datetime = strawberry.field(description="When it was set.")


def weekly_plan(row: store.PlanRow) -> WeeklyPlan:
    """A plan as the API shows it."""
    days: Mapping[int, Weekday] = dict(enumerate(Weekday))
    return WeeklyPlan(
        opens_on=days[row.opens_day],
        opens_at_time=row.opens_time,
        closes_on=days[row.closes_day],
        closes_at_time=row.closes_time,
        first_day=row.first_day,
        last_day=row.last_day,
        holidays=[Holiday(first_day=first, last_day=last) for first, last in row.holidays],
        changed_at=row.changed_at,
    )
