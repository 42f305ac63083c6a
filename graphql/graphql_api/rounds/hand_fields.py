"""What voters of other classes read and do: they are dealt a hand, and hand it in."""

import strawberry

from backend.core.errors import Closed
from backend.core.ids import Id
from backend.rounds import dealing
from graphql_api.context import Context, Info
from graphql_api.fields import mutation, resolver
from graphql_api.node_ids import parse_id
from graphql_api.rounds.hand_types import Hand, HandResult, hand
from graphql_api.rounds.queries import RoundId


@strawberry.input(description="The round in which the viewer wants to be dealt a hand.")
class EntriesDealInput:
    round_id: strawberry.ID = strawberry.field(description="The round, while it is judged.")


@strawberry.input(description="The cards that the viewer finds best.")
class EntryMarkInput:
    round_id: strawberry.ID = strawberry.field(description="The round, while it is judged.")
    card_ids: list[strawberry.ID] = strawberry.field(
        description="Of the viewer's hand, at most `mostMarks`; none is an answer too."
    )


async def _hand_now(context: Context, round_id: Id) -> Hand:
    found = await dealing.my_hand(context.db, context.viewer, round_id)
    if found is None:
        raise Closed("judging_over")
    return hand(found)


@strawberry.type
class HandQueries:
    @resolver(
        "What was dealt to the viewer in a round that is being judged; null before `entriesDeal`, and once it is over."
    )
    async def my_hand(self, info: Info, round_id: RoundId) -> Hand | None:
        wanted = parse_id(round_id, "Round", path=("round_id",))
        found = await dealing.my_hand(info.context.db, info.context.viewer, wanted)
        return hand(found) if found else None


@strawberry.type
class HandMutations:
    @mutation(
        "Deal the viewer up to six statements of other classes, while the round is judged. For who sat in a class at "
        "the opening. Again gives the same hand."
    )
    async def entries_deal(self, info: Info, input: EntriesDealInput) -> HandResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        await info.context.services.dealing.deal(info.context.db, info.context.viewer, round_id)
        return await _hand_now(info.context, round_id)

    @mutation(
        "Hand the dealt cards in, with those marked that the viewer finds best. Once; the same again is harmless."
    )
    async def entry_mark(self, info: Info, input: EntryMarkInput) -> HandResult:
        round_id = parse_id(input.round_id, "Round", path=("round_id",))
        card_ids = [parse_id(one, "HandCard", path=("card_ids",)) for one in input.card_ids]
        await dealing.mark_entries(info.context.db, info.context.viewer, round_id, card_ids)
        return await _hand_now(info.context, round_id)
