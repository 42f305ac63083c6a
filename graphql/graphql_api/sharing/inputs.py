"""What the mutations of sharing take."""

import strawberry

from graphql_api.client_key import ClientKey, client_key
from graphql_api.sharing import enums as enums
from media.cards.orders import CardShape


@strawberry.input(description="A published statement to draw as a card for social media.")
class ShareCardRequestInput:
    statement_id: strawberry.ID = strawberry.field(
        description="The id of a published `Statement` whose audience is SOCIAL."
    )
    excerpt: str | None = strawberry.field(
        default=None,
        description="The passage to show, at most 400 characters, exactly as it stands in the text. Null: the whole "
        "text, or of a longer one its first sentences.",
    )
    shape: CardShape | None = strawberry.field(default=None, description="The size; null: both.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="A published statement to take away and post.")
class SocialExportCreateInput:
    statement_id: strawberry.ID = strawberry.field(
        description="The id of a published `Statement` whose audience is SOCIAL."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="Where a bundle was posted.")
class SocialExportPostedInput:
    social_export_id: strawberry.ID = strawberry.field(description="The id of the `SocialExport`.")
    links: list[str] = strawberry.field(
        description="All addresses of the posts, at most 20; they replace what was there. https only."
    )


@strawberry.input(description="What was taken down.")
class TakedownConfirmInput:
    takedown_id: strawberry.ID = strawberry.field(description="The id of the `Takedown`.")
    note: str | None = strawberry.field(
        default=None, description="From where, in a few words for the other editors; at most 500 characters."
    )
