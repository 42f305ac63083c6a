"""What can be read of moderation."""

from typing import Annotated

import strawberry

from backend.core.errors import Unauthenticated
from backend.core.paging import page_request
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.moderation import decision_types, loaders, types
from graphql_api.moderation.decision_types import Appeal, Decision, Report
from graphql_api.moderation.enums import Lateness
from graphql_api.moderation.texts import ReasonText, reason_text
from graphql_api.moderation.types import Case, ModerationStatistics
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.scalars import LanguageTag
from moderation import appeal_briefs, briefs, queueing, reviewing
from moderation.queue_store import QueueFilter
from moderation.rules import Reason


@strawberry.type
class ModerationQueries:
    @resolver("What waits for moderators in the viewer's places, most urgent first; null for everybody else.")
    async def moderation_queue(
        self,
        info: Info,
        city_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only this city's.")] = None,
        language: Annotated[
            LanguageTag | None, strawberry.argument(description="Only what can be read in this language.")
        ] = None,
        lateness: Annotated[
            Lateness | None, strawberry.argument(description="Only late cases, or only those in time.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Case] | None:
        wanted = QueueFilter(
            city_id=parse_id(city_id, "City", path=("city_id",)) if city_id else None,
            language=language,
            is_late=None if lateness is None else lateness is Lateness.LATE,
        )
        request = page_request(first=first, after=after, last=last, before=before)
        context = info.context
        page = await reviewing.queue_page(context.db, context.services.desk, context.viewer, wanted, request)
        return connection(page, types.case)

    @resolver("What waits for the teacher's approval in the viewer's classes, oldest first.")
    async def approval_queue(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Case]:
        request = page_request(first=first, after=after, last=last, before=before)
        context = info.context
        page = await reviewing.teacher_page(context.db, context.services.desk, context.viewer, request)
        return connection(page, types.case)

    @resolver("A case, for its reviewers.")
    async def case(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The case.")]
    ) -> Case | None:
        return await loaders.one_case(signed_in(info), parse_id(id, "Case"))

    @resolver("Appeals that wait for an answer in the viewer's places and that the viewer has no part in.")
    async def appeal_queue(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Appeal] | None:
        request = page_request(first=first, after=after, last=last, before=before)
        context = info.context
        page = await appeal_briefs.list_appeals(context.db, context.services.desk, context.viewer, request)
        return connection(page, decision_types.appeal)

    @resolver("Decisions on what the viewer wrote or reported, newest first.")
    async def viewer_decisions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Decision]:
        request = page_request(first=first, after=after, last=last, before=before)
        context = info.context
        page = await briefs.list_decisions_for(context.db, context.services.desk, context.viewer, request)
        return connection(page, decision_types.decision)

    @resolver("What the viewer reported, newest first.")
    async def viewer_reports(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Report]:
        request = page_request(first=first, after=after, last=last, before=before)
        page = await briefs.list_own_reports(info.context.db, info.context.viewer, request)
        return connection(page, decision_types.report)

    @resolver("The closed list of reasons for a restriction, in plain words. Public.")
    def reasons(self, info: Info) -> list[ReasonText]:
        return [reason_text(one, info.context.locale) for one in Reason]

    @resolver("How much waits in the viewer's places; null for everybody who moderates nowhere.")
    async def moderation_statistics(
        self,
        info: Info,
        city_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only this city's.")] = None,
    ) -> ModerationStatistics | None:
        row_id = parse_id(city_id, "City", path=("city_id",)) if city_id else None
        return types.statistics(await queueing.count_queue(info.context.db, info.context.viewer, city_id=row_id))


def signed_in(info: Info) -> Context:
    """The context of somebody signed in. Raises Unauthenticated."""
    if info.context.viewer.account_id is None:
        raise Unauthenticated
    return info.context
