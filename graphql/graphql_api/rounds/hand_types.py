"""A voter's hand of statements of other classes, as the API shows it to them alone."""

from typing import Annotated, TypeAlias

import strawberry

from backend.rounds.dealing import DealtHand
from backend.rounds.store.hands import Card
from graphql_api.node_ids import global_id
from graphql_api.problems import Problems
from graphql_api.rounds.round_types import Round, class_round
from graphql_api.rounds.wording_types import AnonymousStatement
from graphql_api.scalars import LanguageTag
from graphql_api.text_direction import TextDirection


@strawberry.type(description="A statement of another class in the viewer's hand.")
class HandCard(AnonymousStatement):
    id: strawberry.ID = strawberry.field(description="For `entryMark`.")
    is_marked: bool = strawberry.field(description="Whether the viewer marked it.")


@strawberry.type(description="Statements of other classes that were dealt to the viewer. Nobody else sees the hand.")
class Hand:
    round: Round = strawberry.field(description="The round.")
    cards: list[HandCard] = strawberry.field(
        description="At most six; fewer when there are no more, or when one cannot be read any more."
    )
    most_marks: int = strawberry.field(description="How many of them may be marked: three, or half of a smaller hand.")
    is_handed_in: bool = strawberry.field(description="Whether it was handed in, with or without marks.")


HandResult: TypeAlias = Annotated[
    Hand | Problems, strawberry.union("HandResult", description="The hand as it is now, or why nothing was done.")
]


def hand(dealt: DealtHand) -> Hand:
    """A hand as the API shows it to its voter."""
    marked = dealt.marked or frozenset()
    return Hand(
        round=class_round(dealt.round, dealt.at),
        cards=[_card(one, is_marked=one.id in marked) for one in dealt.cards],
        most_marks=dealt.most_marks,
        is_handed_in=dealt.marked is not None,
    )


def _card(row: Card, *, is_marked: bool) -> HandCard:
    return HandCard(
        id=global_id("HandCard", row.id),
        revision_row_id=row.revision_id,
        text=row.text,
        language=LanguageTag(row.language),
        direction=TextDirection(row.direction),
        is_marked=is_marked,
    )
