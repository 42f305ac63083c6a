"""What a juror does with an entry."""

import strawberry

from backend.core.errors import not_found
from backend.core.ids import Id
from backend.rounds import judging
from backend.rounds.rules import AbstainReason
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id
from graphql_api.rounds.judging_types import JuryEntry, JuryEntryResult, jury_entry


@strawberry.input(description="A juror's score.")
class EntryScoreInput:
    entry_id: strawberry.ID = strawberry.field(description="The entry, from `juryEntries`.")
    wording_id: strawberry.ID = strawberry.field(description="Its `wordingId`: the wording that was read.")
    score: int = strawberry.field(description="1 to 5.")


@strawberry.input(description="An entry that a juror leaves to others.")
class EntryAbstainInput:
    entry_id: strawberry.ID = strawberry.field(description="The entry, from `juryEntries`.")
    reason: AbstainReason = strawberry.field(description="Why. Nobody but the juror sees it.")


async def _entry(context: Context, duty_id: Id) -> JuryEntry:
    async with context.db.reading() as conn:
        found = await judging.find_entries(conn, context.viewer, [duty_id])
    if not found:
        raise not_found("entry", duty_id)
    return jury_entry(found[0])


@strawberry.type
class JudgingMutations:
    @mutation(
        "Score an entry from 1 to 5, while the round is judged; again in place of the earlier score. For the juror who "
        "was asked."
    )
    async def entry_score(self, info: Info, input: EntryScoreInput) -> JuryEntryResult:
        duty_id = parse_id(input.entry_id, "JuryEntry", path=("entry_id",))
        wording = parse_id(input.wording_id, "Wording", path=("wording_id",))
        await judging.score_entry(info.context.db, info.context.viewer, duty_id, wording, input.score)
        return await _entry(info.context, duty_id)

    @mutation(
        "Leave an entry to another juror, who is asked at once; a score of one's own goes. It cannot be taken back. "
        "For the juror who was asked."
    )
    async def entry_abstain(self, info: Info, input: EntryAbstainInput) -> JuryEntryResult:
        duty_id = parse_id(input.entry_id, "JuryEntry", path=("entry_id",))
        await judging.abstain(info.context.db, info.context.viewer, duty_id, input.reason)
        return await _entry(info.context, duty_id)
