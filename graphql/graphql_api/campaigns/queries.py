"""What can be read of campaigns, courses and statements."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from backend.campaigns import learning, mine, reading, running, teaching
from backend.campaigns.store.feed import FeedFilter
from backend.core.ids import Id
from backend.core.paging import page_request
from graphql_api.campaigns import extras as extra
from graphql_api.campaigns import loaders
from graphql_api.campaigns.campaign_types import Campaign, ClassProgress, Course, CourseName, campaign, course
from graphql_api.campaigns.inputs import optional_id
from graphql_api.campaigns.statement_types import OwnStatement, Statement, own_statement, statement
from graphql_api.context import Context, Info
from graphql_api.fields import resolver
from graphql_api.localized import LocaleArgument
from graphql_api.node import Node
from graphql_api.node_ids import parse_id
from graphql_api.paging import After, Before, Connection, First, Last, connection
from graphql_api.scalars import LanguageTag
from media.rules import Reach

IdArgument = Annotated[strawberry.ID, strawberry.argument(description="The global id.")]


@strawberry.input(description="What the feed is narrowed to; conditions add up.")
class StatementFilter:
    campaign_id: strawberry.ID | None = strawberry.field(default=None, description="Of this campaign.")
    city_id: strawberry.ID | None = strawberry.field(default=None, description="From this city.")
    class_id: strawberry.ID | None = strawberry.field(default=None, description="From this class.")
    topic_id: strawberry.ID | None = strawberry.field(default=None, description="About this topic.")
    language: LanguageTag | None = strawberry.field(default=None, description="Written in this language.")
    in_reply_to: strawberry.ID | None = strawberry.field(default=None, description="Answers to this statement.")
    search: str | None = strawberry.field(
        default=None,
        description="Words in the text or its translations, in any language; accents, endings and small mistakes are "
        "forgiven. At most 100 characters.",
    )


def _wanted(given: StatementFilter | None) -> FeedFilter:
    if given is None:
        return FeedFilter()
    return FeedFilter(
        campaign_id=optional_id(given.campaign_id, "Campaign", "campaign_id"),
        city_id=optional_id(given.city_id, "City", "city_id"),
        class_id=optional_id(given.class_id, "SchoolClass", "class_id"),
        topic_id=optional_id(given.topic_id, "Topic", "topic_id"),
        language=given.language,
        in_reply_to=optional_id(given.in_reply_to, "Statement", "in_reply_to"),
        words=given.search,
    )


@strawberry.type
class CampaignQueries:
    @resolver("The campaign with this id; null if there is none that the viewer may see.")
    async def campaign(self, info: Info, id: IdArgument) -> Campaign | None:
        found = await loaders.campaigns(info.context).load(parse_id(id, "Campaign", path=("id",)))
        return campaign(found) if found else None

    @resolver("Campaigns, newest first: all, or those that a city's young people can take part in.")
    async def campaigns(
        self,
        info: Info,
        city_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this city and of the whole network.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Campaign]:
        request = page_request(first=first, after=after, last=last, before=before)
        async with info.context.db.reading() as conn:
            wanted = optional_id(city_id, "City", "city_id")
            page = await running.list_campaigns(conn, info.context.viewer, request, city_id=wanted)
        return connection(page, campaign)

    @resolver("A course with its lessons and quiz; null if there is none of this name and version.")
    def course(
        self,
        info: Info,
        name: CourseName,
        version: Annotated[int, strawberry.argument(description="The course's version.")] = 1,
        locale: LocaleArgument = None,
    ) -> Course | None:
        return course(learning.find_course(name, version, locale or info.context.locale))

    @resolver("How far a class has come with a campaign's course, as counts, for its staff; null for others.")
    async def class_progress(
        self,
        info: Info,
        class_id: Annotated[strawberry.ID, strawberry.argument(description="The class.")],
        campaign_id: Annotated[strawberry.ID, strawberry.argument(description="The campaign whose course it is.")],
    ) -> ClassProgress | None:
        found = await teaching.class_progress(
            info.context.db,
            info.context.viewer,
            class_id=parse_id(class_id, "SchoolClass", path=("class_id",)),
            campaign_id=parse_id(campaign_id, "Campaign", path=("campaign_id",)),
        )
        return ClassProgress(students=found.students, began=found.began, passed=found.passed)

    @resolver("The published statement with this id; null if there is none that the viewer may see.")
    async def statement(self, info: Info, id: IdArgument) -> Statement | None:
        found = await loaders.shown(info.context).load(parse_id(id, "Statement", path=("id",)))
        if found is None:
            return None
        return statement(found, await extra.by_revision(info.context).load(found.revision_id))

    @resolver("The feed: published statements that the viewer may see, newest first.")
    async def statements(
        self,
        info: Info,
        wanted: Annotated[
            StatementFilter | None, strawberry.argument(name="filter", description="What the feed is narrowed to.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Statement]:
        context, request = info.context, page_request(first=first, after=after, last=last, before=before)
        page = await reading.list_statements(context.db, context.viewer, _wanted(wanted), request)
        extras = await extra.selected_extras(info, [row.revision_id for row in page.rows], "edges", "node")
        return connection(page, lambda row: statement(row, extras))

    @resolver("The viewer's own statement with this id, in any state; null if it is not the viewer's.")
    async def own_statement(self, info: Info, id: IdArgument) -> OwnStatement | None:
        return await load_own_statement(info.context, parse_id(id, "OwnStatement", path=("id",)))

    @resolver("My statements and what happened to them: the viewer's own in every state, newest first.")
    async def own_statements(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[OwnStatement]:
        context, request = info.context, page_request(first=first, after=after, last=last, before=before)
        page, standing = await mine.list_own(context.db, context.viewer, request)
        revision_ids = [row.revision_id for row in page.rows]
        extras = await extra.selected_extras(info, revision_ids, "edges", "node", reach=Reach.INSIDER)
        return connection(page, lambda row: own_statement(row, standing, extras))


async def load_own_statement(context: Context, statement_id: Id) -> OwnStatement | None:
    """One own statement, complete."""
    found = await load_own_statements(context, [statement_id])
    return found.get(statement_id)


async def load_own_statements(context: Context, ids: Sequence[Id]) -> Mapping[Id, OwnStatement]:
    """Those of the statements that are the viewer's own."""
    rows, standing = await mine.find_own(context.db, context.viewer, ids)
    if standing is None:
        return {}
    extras = await extra.load_extras(context, [row.revision_id for row in rows], reach=Reach.INSIDER)
    return {row.id: own_statement(row, standing, extras) for row in rows}


async def load_statements(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Published statements that the viewer may see."""
    rows = await reading.find_statements(context.db, context.viewer, ids)
    extras = await extra.load_extras(context, [row.revision_id for row in rows])
    return {row.id: statement(row, extras) for row in rows}


async def load_campaigns(context: Context, ids: Sequence[Id]) -> Mapping[Id, Node]:
    """Campaigns that the viewer may see."""
    async with context.db.reading() as conn:
        return {row.id: campaign(row) for row in await running.find_campaigns(conn, context.viewer, ids)}
