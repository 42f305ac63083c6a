"""What can be read of awards, and done with them."""

from collections.abc import Mapping, Sequence

import strawberry

from backend.core.errors import not_found
from backend.core.ids import Id
from backend.rounds import awarding
from graphql_api.campaigns.inputs import LocalizedTextInput, optional_id, texts
from graphql_api.client_key import ClientKey, client_key
from graphql_api.context import Context, Info
from graphql_api.fields import mutation, resolver
from graphql_api.node import Node
from graphql_api.node_ids import parse_id
from graphql_api.rounds.award_types import Award, AwardResult, award
from graphql_api.rounds.queries import RoundId


@strawberry.input(description="An award: give either `classId` or `statementId`.")
class AwardGiveInput:
    round_id: strawberry.ID = strawberry.field(description="The round, once its result is confirmed.")
    title: list[LocalizedTextInput] = strawberry.field(
        description="What it is called, in one or more languages; at most 120 characters."
    )
    class_id: strawberry.ID | None = strawberry.field(default=None, description="A class that competed.")
    statement_id: strawberry.ID | None = strawberry.field(
        default=None, description="A statement that competed; its author is asked, and nobody else sees it before."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="The author's answer to an award.")
class AwardConsentInput:
    award_id: strawberry.ID = strawberry.field(description="The award, from `viewerAwards`.")
    agrees: bool = strawberry.field(description="Whether it may be shown. The answer can be changed at any time.")


@strawberry.input(description="The award to take back, and why.")
class AwardRescindInput:
    award_id: strawberry.ID = strawberry.field(description="The award.")
    reason: str = strawberry.field(description="Why, for everybody who saw it; at most 500 characters.")


async def load_awards(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Awards that the viewer may see."""
    async with context.db.reading() as conn:
        return {one.award.id: award(one) for one in await awarding.find_awards(conn, context.viewer, ids)}


async def _award(context: Context, award_id: Id) -> Award:
    async with context.db.reading() as conn:
        found = await awarding.find_awards(conn, context.viewer, [award_id])
    if not found:
        raise not_found("award", award_id)
    return award(found[0])


@strawberry.type
class AwardQueries:
    @resolver(
        "The awards of a round, in the order of giving: once announced for everybody, before that for the campaign's "
        "editors. Null when there is no such round."
    )
    async def round_awards(self, info: Info, round_id: RoundId) -> list[Award] | None:
        wanted = parse_id(round_id, "Round", path=("round_id",))
        return [award(one) for one in await awarding.list_awards(info.context.db, info.context.viewer, wanted)]

    @resolver(
        "Awards for the viewer's own statements, the latest first, with those that wait for an answer; at most 100."
    )
    async def viewer_awards(self, info: Info) -> list[Award]:
        return [award(one) for one in await awarding.own_awards(info.context.db, info.context.viewer)]


@strawberry.type
class AwardMutations:
    @mutation(
        "Give an award to a class, or offer one to the author of a statement. For the campaign's editors who have no "
        "part in the class."
    )
    async def award_give(self, info: Info, input: AwardGiveInput) -> AwardResult:
        given = await awarding.give_award(
            info.context.db,
            info.context.viewer,
            parse_id(input.round_id, "Round", path=("round_id",)),
            texts(input.title, "title"),
            class_id=optional_id(input.class_id, "SchoolClass", "class_id"),
            statement_id=optional_id(input.statement_id, "Statement", "statement_id"),
            client_key=input.client_mutation_key,
        )
        return await _award(info.context, given)

    @mutation("Say whether an award for an own statement may be shown. For its author.")
    async def award_consent(self, info: Info, input: AwardConsentInput) -> AwardResult:
        award_id = parse_id(input.award_id, "Award", path=("award_id",))
        await awarding.answer_award(info.context.db, info.context.viewer, award_id, agrees=input.agrees)
        return await _award(info.context, award_id)

    @mutation("Take an award back, visibly, for a reason that everybody reads. For the campaign's editors.")
    async def award_rescind(self, info: Info, input: AwardRescindInput) -> AwardResult:
        award_id = parse_id(input.award_id, "Award", path=("award_id",))
        await awarding.rescind_award(info.context.db, info.context.viewer, award_id, input.reason)
        return await _award(info.context, award_id)
