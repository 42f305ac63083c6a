"""What can be done on the way to social media and back."""

import strawberry

from backend.campaigns.sharing.cards import request_card
from backend.campaigns.sharing.exporting import create_export, note_posts
from backend.campaigns.sharing.takedowns import confirm_takedown
from backend.core.errors import not_found
from backend.core.ids import Id
from graphql_api.context import Context, Info
from graphql_api.fields import mutation
from graphql_api.node_ids import parse_id
from graphql_api.sharing import inputs
from graphql_api.sharing.queries import cards_by_id, exports_by_id, takedowns_by_id
from graphql_api.sharing.types import (
    ShareCardResult,
    SocialExport,
    SocialExportResult,
    TakedownResult,
)


async def _export(context: Context, export_id: Id) -> SocialExport:
    found = (await exports_by_id(context, [export_id])).get(export_id)
    if found is None:
        raise not_found("SocialExport", export_id)
    return found


@strawberry.type
class SharingMutations:
    @mutation(
        "Have a statement drawn as a card for social media, in its own script and the campaign's colours. For its "
        "author, editors and student editors, while a consent for SOCIAL is in force. A worker draws it within "
        "seconds; what shows the very same is not drawn twice."
    )
    async def share_card_request(self, info: Info, input: inputs.ShareCardRequestInput) -> ShareCardResult:
        context = info.context
        card_id = await request_card(
            context.db,
            context.viewer,
            parse_id(input.statement_id, "Statement", path=("statement_id",)),
            secret=context.settings.secret,
            excerpt=input.excerpt,
            shape=input.shape,
            client_key=input.client_mutation_key,
        )
        found = (await cards_by_id(context, [card_id])).get(card_id)
        if found is None:
            raise not_found("ShareCard", card_id)
        return found

    @mutation(
        "Take a statement away to post it: a ZIP with cards, pictures, movie, captions, a suggested text and alt "
        "texts. For the campaign's editors. From now on, taking the statement back opens a takedown of 24 hours."
    )
    async def social_export_create(self, info: Info, input: inputs.SocialExportCreateInput) -> SocialExportResult:
        context = info.context
        statement_id = parse_id(input.statement_id, "Statement", path=("statement_id",))
        made = await create_export(context.db, context.viewer, statement_id, client_key=input.client_mutation_key)
        return await _export(context, made)

    @mutation("Note where a bundle was posted, so that a takedown names the posts. For the campaign's editors.")
    async def social_export_posted(self, info: Info, input: inputs.SocialExportPostedInput) -> SocialExportResult:
        export_id = parse_id(input.social_export_id, "SocialExport", path=("social_export_id",))
        await note_posts(info.context.db, info.context.viewer, export_id, input.links)
        return await _export(info.context, export_id)

    @mutation(
        "Say that everything of a statement is down from social media; its author is told. For the campaign's "
        "editors. Again is harmless."
    )
    async def takedown_confirm(self, info: Info, input: inputs.TakedownConfirmInput) -> TakedownResult:
        takedown_id = parse_id(input.takedown_id, "Takedown", path=("takedown_id",))
        await confirm_takedown(info.context.db, info.context.viewer, takedown_id, note=input.note)
        found = (await takedowns_by_id(info.context, [takedown_id])).get(takedown_id)
        if found is None:
            raise not_found("Takedown", takedown_id)
        return found
