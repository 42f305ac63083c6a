"""Sending and describing pictures."""

from typing import Annotated

import strawberry

from backend.core.errors import Conflict
from graphql_api.context import Info
from graphql_api.fields import mutation
from graphql_api.media.inputs import (
    AssetBlurInput,
    AssetDeleteInput,
    AssetDescribeInput,
    UploadAbortInput,
    UploadFinalizeInput,
    UploadPartInput,
    UploadRequestInput,
)
from graphql_api.media.types import Asset, AssetDeleted, Upload, UploadAborted, UploadPart, asset, upload, upload_part
from graphql_api.node_ids import parse_id
from graphql_api.problems import Problems
from media.blurring import blur_asset
from media.images.regions import Region
from media.rules import AssetStatus, Reach
from media.service import Words, describe_asset, own_assets
from media.uploads.aborting import abort_upload, delete_asset
from media.uploads.finalising import finalise_upload
from media.uploads.parts import request_part
from media.uploads.tickets import NewUpload, request_upload

UploadRequestResult = Annotated[
    Upload | Problems,
    strawberry.union("UploadRequestResult", description="A ticket to send the bytes, or why there is none."),
]
UploadPartResult = Annotated[
    UploadPart | Problems,
    strawberry.union("UploadPartResult", description="Where to send the part, or why it cannot be sent."),
]
UploadAbortResult = Annotated[
    UploadAborted | Problems,
    strawberry.union("UploadAbortResult", description="The upload has ended, or why it has not."),
]
AssetDeleteResult = Annotated[
    AssetDeleted | Problems,
    strawberry.union("AssetDeleteResult", description="The picture or movie is gone, or why it is not."),
]
UploadFinalizeResult = Annotated[
    Asset | Problems,
    strawberry.union("UploadFinalizeResult", description="The picture, now being checked, or why it is not."),
]
AssetDescribeResult = Annotated[
    Asset | Problems,
    strawberry.union("AssetDescribeResult", description="The picture with its words, or why they were not set."),
]


AssetBlurResult = Annotated[
    Asset | Problems,
    strawberry.union("AssetBlurResult", description="The picture, being made anew, or why it is not."),
]


@strawberry.type
class MediaMutations:
    @mutation(
        "Ask to send a picture or movie. Then PUT its bytes as the answer says, a large file perhaps in parts by "
        "`uploadPart`, and call `uploadFinalize`."
    )
    async def upload_request(self, info: Info, input: UploadRequestInput) -> UploadRequestResult:
        context = info.context
        new = NewUpload(content_type=input.content_type, size=input.bytes, sha256=input.sha256, sound=input.sound)
        ticket = await request_upload(
            context.db, context.services.media, context.viewer, new, client_key=input.client_mutation_key
        )
        found = (await own_assets(context.db, context.viewer, [ticket.asset_id])).get(ticket.asset_id)
        if found is None:  # aborted by another request at this very moment
            raise Conflict("upload_finished", state=AssetStatus.PURGED)
        return upload(ticket, found, context)

    @mutation(
        "Ask where to send one part of a large file. Parts may come in any order, several at once, and again; "
        "`uploadFinalize` joins them."
    )
    async def upload_part(self, info: Info, input: UploadPartInput) -> UploadPartResult:
        context = info.context
        upload_id = parse_id(input.upload_id, "Upload", path=("upload_id",))
        ticket = await request_part(
            context.db,
            context.services.media,
            context.viewer,
            upload_id,
            input.number,
            size=input.bytes,
            sha256=input.sha256,
        )
        return upload_part(ticket)

    @mutation(
        "End an upload that is under way: its bytes go, and nothing can be sent to it any more. Twice is harmless."
    )
    async def upload_abort(self, info: Info, input: UploadAbortInput) -> UploadAbortResult:
        upload_id = parse_id(input.upload_id, "Upload", path=("upload_id",))
        await abort_upload(info.context.db, info.context.services.media, info.context.viewer, upload_id)
        return UploadAborted(upload_id=input.upload_id)

    @mutation(
        "Delete a picture or movie of one's own that was not handed in and is shown nowhere. A draft that has it "
        "cannot be handed in until it is taken out. Twice is harmless."
    )
    async def asset_delete(self, info: Info, input: AssetDeleteInput) -> AssetDeleteResult:
        asset_id = parse_id(input.asset_id, "Asset", path=("asset_id",))
        await delete_asset(info.context.db, info.context.services.media, info.context.viewer, asset_id)
        return AssetDeleted(asset_id=input.asset_id)

    @mutation("Say that all bytes are sent. The file is looked at now, and checked within seconds by a worker.")
    async def upload_finalize(self, info: Info, input: UploadFinalizeInput) -> UploadFinalizeResult:
        context = info.context
        upload_id = parse_id(input.upload_id, "Upload", path=("upload_id",))
        view = await finalise_upload(context.db, context.services.media, context.viewer, upload_id)
        return asset(view, context, reach=Reach.INSIDER)

    @mutation("Say what is in a picture, and who. Needed before a statement with it can be submitted.")
    async def asset_describe(self, info: Info, input: AssetDescribeInput) -> AssetDescribeResult:
        asset_id = parse_id(input.asset_id, "Asset", path=("asset_id",))
        words = Words(alt_text=input.alt_text, people=input.people, sound=input.sound)
        view = await describe_asset(info.context.db, info.context.viewer, asset_id, words)
        return asset(view, info.context, reach=Reach.INSIDER)

    @mutation(
        "Make parts of a picture unrecognisable, such as faces, before it is handed in. From the answer on nobody can "
        "read it as it was; its files are made anew within seconds, and what was uploaded is deleted. This cannot be "
        "undone: to have the picture as it was, delete it and upload it again. For pictures only, not for movies."
    )
    async def asset_blur(self, info: Info, input: AssetBlurInput) -> AssetBlurResult:
        asset_id = parse_id(input.asset_id, "Asset", path=("asset_id",))
        regions = [Region(one.x, one.y, one.width, one.height) for one in input.regions]
        context = info.context
        view = await blur_asset(context.db, context.viewer, asset_id, regions, client_key=input.client_mutation_key)
        return asset(view, context, reach=Reach.INSIDER)
