"""Cards, bundles and takedowns as the API shows them."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from backend.campaigns.sharing.fetching import address_of
from backend.campaigns.sharing.rules import ShareStatus, TakedownReason, TakedownState, is_overdue, takedown_state
from backend.campaigns.store import sharing as rows
from backend.campaigns.store import takedowns as takedown_rows
from backend.core.clock import process_now
from graphql_api.context import Context
from graphql_api.messages import message
from graphql_api.node import Node
from graphql_api.node_ids import global_id
from graphql_api.problems import Problems
from graphql_api.scalars import LanguageTag
from graphql_api.sharing import enums as enums
from graphql_api.text_direction import TextDirection
from media.cards.orders import CardShape


@strawberry.type(description="A card as a picture: PNG without metadata.")
class ShareCardFile:
    shape: CardShape = strawberry.field(description="Which of the sizes it is.")
    url: str = strawberry.field(description="Where to read it. Works for some minutes: ask again then.")
    content_type: str = strawberry.field(description="Its media type: image/png.")
    width: int = strawberry.field(description="Width in pixels.")
    height: int = strawberry.field(description="Height in pixels.")
    bytes: int = strawberry.field(description="Size of the file in bytes.")


@strawberry.type(description="Why a card or a bundle could not be made.")
class ShareProblem:
    code: str = strawberry.field(description="A stable name of the reason, such as `script_unsupported`.")
    message: str = strawberry.field(description="The reason in plain words.")


@strawberry.type(description="A statement as pictures for social media. For its author and the campaign's editors.")
class ShareCard(Node):
    statement_id: strawberry.ID = strawberry.field(description="The id of the `Statement`.")
    status: ShareStatus = strawberry.field(description="Where it stands.")
    files: list[ShareCardFile] = strawberry.field(description="The pictures, while it is READY.")
    alt_text: str | None = strawberry.field(
        description="What to post as the alt text, in the statement's language: the quotation and who says it."
    )
    excerpt: str | None = strawberry.field(
        description="The passage that was chosen; null when none was, or it is gone."
    )
    language: LanguageTag = strawberry.field(description="The language of the quotation and of the alt text.")
    direction: TextDirection = strawberry.field(description="How to set both.")
    created_at: datetime = strawberry.field(description="When it was asked for. Lists are in this order.")
    problem: ShareProblem | None = strawberry.field(description="Why it failed, if it did.")


def share_card(row: rows.Card, context: Context) -> ShareCard:
    """A card for somebody who may see it. What anybody but its author fetches counts as gone out."""
    is_ready, now, media = row.status is ShareStatus.READY, process_now(), context.services.media
    for_editor = row.author_id != context.viewer.account_id
    files = [
        ShareCardFile(
            shape=file.shape,
            url=address_of(media, file, now=now, for_editor=for_editor),
            content_type="image/png",
            width=file.width or 0,
            height=file.height or 0,
            bytes=file.size,
        )
        for file in row.files
        if is_ready and file.shape is not None
    ]
    return ShareCard(
        id=global_id("ShareCard", row.id),
        statement_id=global_id("Statement", row.statement_id),
        status=row.status,
        files=files,
        alt_text=row.alt_text if is_ready else None,
        excerpt=row.excerpt,
        language=LanguageTag(row.language),
        direction=TextDirection(row.direction),
        created_at=row.created_at,
        problem=_problem(row.reason, context, characters=row.detail or ""),
    )


@strawberry.type(
    description="A bundle that an editor took away to post: a ZIP with cards, pictures, movie, captions, a suggested "
    "text and alt texts."
)
class SocialExport(Node):
    statement_id: strawberry.ID = strawberry.field(description="The id of the `Statement`.")
    status: ShareStatus = strawberry.field(description="Where it stands. The bundle itself is kept for a day.")
    url: str | None = strawberry.field(
        description="Where to read the bundle while it is READY. Works for some minutes: ask again then."
    )
    bytes: int | None = strawberry.field(description="Size of the bundle in bytes.")
    created_at: datetime = strawberry.field(description="When it was made. Lists are in this order.")
    exported_by: str | None = strawberry.field(description="The handle of who made it; null when they have left.")
    links: list[str] = strawberry.field(description="Where it was posted, as noted; empty once that was taken down.")
    problem: ShareProblem | None = strawberry.field(description="Why it failed, if it did.")


def social_export(row: rows.Export, context: Context) -> SocialExport:
    """A bundle for an editor."""
    file = row.files[0] if row.files and row.status is ShareStatus.READY else None
    media = context.services.media
    return SocialExport(
        id=global_id("SocialExport", row.id),
        statement_id=global_id("Statement", row.statement_id),
        status=row.status,
        url=address_of(media, file, now=process_now(), for_editor=True) if file else None,
        bytes=file.size if file else None,
        created_at=row.created_at,
        exported_by=row.made_by_handle,
        links=row.links,
        problem=_problem(row.reason, context),
    )


@strawberry.type(
    description="The duty to take a statement down from social media within 24 hours, because it was taken back, "
    "hidden or removed, or a consent ended. For the campaign's editors."
)
class Takedown(Node):
    statement_id: strawberry.ID = strawberry.field(
        description="The id of the `Statement`. It can usually not be read any more."
    )
    state: TakedownState = strawberry.field(description="Where it stands.")
    reason: TakedownReason = strawberry.field(description="Why.")
    opened_at: datetime = strawberry.field(description="Since when. Lists are in this order.")
    due_at: datetime = strawberry.field(description="Until when everything has to be down.")
    overdue: bool = strawberry.field(description="Whether it is open and the time is over.")
    links: list[str] = strawberry.field(
        description="Where it was posted, as noted with the exports; look for other posts too. Empty once confirmed."
    )
    confirmed_at: datetime | None = strawberry.field(description="When an editor said that everything is down.")
    confirmed_by: str | None = strawberry.field(description="The handle of that editor; null when they have left.")
    note: str | None = strawberry.field(description="What they noted.")


def takedown(row: takedown_rows.Takedown) -> Takedown:
    """A takedown for an editor."""
    state = takedown_state(row.confirmed_at, row.lapsed_at)
    return Takedown(
        id=global_id("Takedown", row.id),
        statement_id=global_id("Statement", row.statement_id),
        state=state,
        reason=row.reason,
        opened_at=row.opened_at,
        due_at=row.due_at,
        overdue=is_overdue(state, row.due_at, process_now()),
        links=row.links,
        confirmed_at=row.confirmed_at,
        confirmed_by=row.confirmed_by_handle,
        note=row.note,
    )


def _problem(code: str | None, context: Context, **params: str) -> ShareProblem | None:
    return None if code is None else ShareProblem(code=code, message=message(context.locale, code, params))


ShareCardResult: TypeAlias = Annotated[
    ShareCard | Problems,
    strawberry.union("ShareCardResult", description="The card, now being drawn, or why there is none."),
]
SocialExportResult: TypeAlias = Annotated[
    SocialExport | Problems,
    strawberry.union("SocialExportResult", description="The bundle as it is now, or why nothing was done."),
]
TakedownResult: TypeAlias = Annotated[
    Takedown | Problems,
    strawberry.union("TakedownResult", description="The takedown as it is now, or why nothing was done."),
]
