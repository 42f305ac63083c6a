"""Statements as readers see them, and as their author does."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from backend.campaigns.mine import Standing
from backend.campaigns.rules import Audience, NextStep, Review, ShownAs, Visibility
from backend.campaigns.store import feed
from backend.core.ids import Id
from graphql_api.campaigns import enums as enums
from graphql_api.campaigns import loaders
from graphql_api.campaigns.campaign_types import Campaign, Topic, campaign, topic
from graphql_api.campaigns.enums import TextDirection
from graphql_api.campaigns.extras import IMAGES_GO, Extras, by_revision
from graphql_api.campaigns.translations import StatementTranslation, statement_translation
from graphql_api.context import Info
from graphql_api.fields import resolver
from graphql_api.media.types import Asset
from graphql_api.messages import message
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.scalars import LanguageTag

if TYPE_CHECKING:
    from graphql_api.moderation.decision_types import Decision


@strawberry.type(description="Who speaks: a pseudonym, or nothing but the class they belong to.")
class Author:
    pseudonym: str | None = strawberry.field(
        description="The pseudonym; null when the author wants to be shown as a student, or has erased the account."
    )
    class_name: str | None = strawberry.field(description="The class's name; null when they speak outside a class.")
    school_name: str | None = strawberry.field(description="The school's name; null outside a class.")
    city_name: str | None = strawberry.field(description="The city's name; null when unknown.")


@strawberry.type(description="A published statement.")
class Statement(Node):
    campaign_id: strawberry.Private[Id]
    reply_to_id: strawberry.Private[Id | None]
    text: str = strawberry.field(description="The words, as written. Line breaks count.")
    language: LanguageTag = strawberry.field(description="The language it is written in.")
    direction: TextDirection = strawberry.field(description="How to set the text.")
    audience: Audience = strawberry.field(description="Who may see it.")
    author: Author = strawberry.field(description="Who speaks.")
    topic: Topic | None = strawberry.field(description="What it is about; null if no topic was chosen.")
    media: list[Asset] = strawberry.field(description="At most four pictures and movies, in order.")
    images: list[Asset] = strawberry.field(description="The same as `media`.", deprecation_reason=IMAGES_GO)
    translations: list[StatementTranslation] = strawberry.field(description="The same in other languages.")
    revision_number: int = strawberry.field(description="1 for the first wording; more when it was changed later.")
    published_at: datetime = strawberry.field(description="When it was first published. Lists are in this order.")
    viewer_has_supported: bool = strawberry.field(description="Whether the viewer stands behind it.")
    viewer_is_author: bool = strawberry.field(description="Whether it is the viewer's own; see `ownStatements`.")

    @resolver("The campaign.")
    async def campaign(self, info: Info) -> Campaign | None:
        found = await loaders.campaigns(info.context).load(self.campaign_id)
        return campaign(found) if found else None

    @resolver("What it answers; null if nothing, or if the viewer cannot see that any more.")
    async def in_reply_to(self, info: Info) -> "Statement | None":
        if self.reply_to_id is None:
            return None
        found = await loaders.shown(info.context).load(self.reply_to_id)
        if found is None:
            return None
        return statement(found, await by_revision(info.context).load(found.revision_id))


def statement(row: feed.Shown, extras: Extras) -> Statement:
    """A published statement as the API shows it."""
    media = list(extras.media.get(row.revision_id, ()))
    return Statement(
        id=global_id("Statement", row.id),
        campaign_id=row.campaign_id,
        reply_to_id=row.in_reply_to,
        text=row.text,
        language=LanguageTag(row.language),
        direction=TextDirection(row.direction),
        audience=row.audience,
        author=Author(
            pseudonym=row.pseudonym, class_name=row.class_name, school_name=row.school_name, city_name=row.city_name
        ),
        topic=_topic(row.topic_id, row.topic_name),
        media=media,
        images=media,
        translations=_translations(extras, row.revision_id),
        revision_number=row.revision_number,
        published_at=row.published_at,
        viewer_has_supported=row.viewer_has_supported,
        viewer_is_author=row.viewer_is_author,
    )


def _topic(topic_id: Id | None, names: dict[str, str] | None) -> Topic | None:
    return topic(topic_id, names) if topic_id is not None and names is not None else None


def _translations(extras: Extras, revision_id: Id) -> list[StatementTranslation]:
    return [statement_translation(one) for one in extras.translations.get(revision_id, ())]


@strawberry.type(description="One of the viewer's own statements: its latest wording, and what happens to it.")
class OwnStatement(Node):
    row_id: strawberry.Private[Id]
    campaign_id: strawberry.Private[Id]
    text: str = strawberry.field(description="The latest words, published or not.")
    language: LanguageTag = strawberry.field(description="The language they are written in.")
    direction: TextDirection = strawberry.field(description="How to set the text.")
    audience: Audience = strawberry.field(description="Who may see it once it is published.")
    shown_as: ShownAs = strawberry.field(description="Under which name it stands.")
    skips_teacher: bool = strawberry.field(description="Whether the teacher is passed by: it is about the school.")
    visibility: Visibility = strawberry.field(description="Whether others can see it now.")
    review: Review = strawberry.field(description="Where the latest wording stands.")
    revision_id: strawberry.ID = strawberry.field(description="The latest wording's id, for `statementSubmit`.")
    version: int = strawberry.field(description="The latest wording's version, for `statementSubmit` and revising.")
    revision_number: int = strawberry.field(description="1 for the first wording.")
    has_newer_wording: bool = strawberry.field(
        description="Whether an older wording is published while the latest is not yet approved."
    )
    topic: Topic | None = strawberry.field(description="What it is about.")
    media: list[Asset] = strawberry.field(description="The latest wording's pictures and movies, in order.")
    images: list[Asset] = strawberry.field(description="The same as `media`.", deprecation_reason=IMAGES_GO)
    translations: list[StatementTranslation] = strawberry.field(description="The latest wording in other languages.")
    support_count: int = strawberry.field(description="How many stand behind it. Only the author learns this.")
    next_step: NextStep = strawberry.field(description="What the author can do or expect next.")
    created_at: datetime = strawberry.field(description="When the first draft was saved.")
    submitted_at: datetime | None = strawberry.field(description="When the latest wording was handed in.")
    published_at: datetime | None = strawberry.field(description="When it was first published.")
    takedown_due_at: datetime | None = strawberry.field(
        description="Until when it must be gone from social media; null when it never went there, or is down."
    )

    @resolver("The next step in plain words, in the viewer's language.", quick=True)
    def next_step_text(self, info: Info) -> str:
        return message(info.context.locale, f"next.{self.next_step.lower()}", {})

    @resolver("Who will see this statement, in plain words: show it before it is handed in.", quick=True)
    def who_will_see(self, info: Info) -> str:
        return message(info.context.locale, f"next.who_{self.audience.lower()}", {})

    @resolver("The campaign.")
    async def campaign(self, info: Info) -> Campaign | None:
        found = await loaders.campaigns(info.context).load(self.campaign_id)
        return campaign(found) if found else None

    @resolver("What was decided about it, with reasons and redress, newest first; the last twenty.")
    async def decisions(
        self, info: Info
    ) -> list[Annotated["Decision", strawberry.lazy("graphql_api.moderation.decision_types")]]:
        from graphql_api.moderation.loaders import own_decisions  # moderation shows wordings: it imports this folder

        return await own_decisions(info.context).load(self.row_id)


def own_statement(row: feed.Own, standing: Standing, extras: Extras) -> OwnStatement:
    """An own statement as its author sees it."""
    media = list(extras.media.get(row.revision_id, ()))
    return OwnStatement(
        id=global_id("OwnStatement", row.id),
        row_id=row.id,
        campaign_id=row.campaign_id,
        text=row.text,
        language=LanguageTag(row.language),
        direction=TextDirection(row.direction),
        audience=row.audience,
        shown_as=row.shown_as,
        skips_teacher=row.skips_teacher,
        visibility=row.visibility,
        review=row.review,
        revision_id=global_id("Revision", row.revision_id),
        version=row.revision_version,
        revision_number=row.revision_number,
        has_newer_wording=row.published_revision_id is not None and row.published_revision_id != row.revision_id,
        topic=_topic(row.topic_id, row.topic_name),
        media=media,
        images=media,
        translations=_translations(extras, row.revision_id),
        support_count=row.support_count,
        next_step=standing.next_step(row),
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        published_at=row.published_at,
        takedown_due_at=row.takedown_due_at,
    )
