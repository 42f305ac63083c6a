"""What whoever runs a campaign can read of its rounds."""

import strawberry

from backend.core.paging import page_request
from backend.rounds import overview
from backend.rounds.overview import JuryProgress as Progress
from graphql_api.campaigns import extras as extra
from graphql_api.campaigns.statement_types import Statement, statement
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.rounds.queries import RoundId


@strawberry.type(description="How much a juror was asked to score in a round, and what became of it. Never a score.")
class JurorProgress:
    pseudonym: str | None = strawberry.field(description="The juror's name; null after an erasure.")
    asked: int = strawberry.field(description="Entries they were asked to score; 0 when they may be asked yet.")
    scored: int = strawberry.field(description="Those of them that they have scored.")
    abstained: int = strawberry.field(description="Those of them that they left to others.")


@strawberry.type(description="How far the jury of a round has come: counts, by which a jury that is late is seen.")
class JuryProgress:
    drawn_entries: int = strawberry.field(description="Entries that the lot drew and that everybody can read now.")
    lacking_scores: int = strawberry.field(description="Those of them with fewer than three scores.")
    jurors: list[JurorProgress] = strawberry.field(
        description="The campaign's jurors and all who were asked, by name; at most 200."
    )


@strawberry.type
class EditorQueries:
    @resolver(
        "The statements that competed in a round and that everybody can read, in the order that chance gave them: to "
        "choose one for an award. For the campaign's editors who have no class in it; null for others. Empty before "
        "the judging has ended, and from 30 days after the announcement on."
    )
    async def round_entries(
        self,
        info: Info,
        round_id: RoundId,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Statement] | None:
        context, request = info.context, page_request(first=first, after=after, last=last, before=before)
        wanted = parse_id(round_id, "Round", path=("round_id",))
        page = await overview.list_round_entries(context.db, context.viewer, wanted, request)
        extras = await extra.selected_extras(info, [row.revision_id for row in page.rows], "edges", "node")
        return connection(page, lambda row: statement(row, extras))

    @resolver(
        "How far the jury of a round has come, for the campaign's editors, from the beginning of the judging until the "
        "result is confirmed; null for others and at other times."
    )
    async def jury_progress(self, info: Info, round_id: RoundId) -> JuryProgress | None:
        wanted = parse_id(round_id, "Round", path=("round_id",))
        found = await overview.jury_progress(info.context.db, info.context.viewer, wanted)
        return None if found is None else _progress(found)


def _progress(found: Progress) -> JuryProgress:
    return JuryProgress(
        drawn_entries=found.drawn,
        lacking_scores=found.lacking,
        jurors=[
            JurorProgress(pseudonym=one.pseudonym, asked=one.asked, scored=one.scored, abstained=one.abstained)
            for one in found.jurors
        ],
    )
