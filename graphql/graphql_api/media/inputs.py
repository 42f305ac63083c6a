"""What the mutations of media take."""

import strawberry

from graphql_api.client_key import ClientKey, client_key
from graphql_api.media import enums as enums
from media.movies.orders import Sound
from media.rules import People


@strawberry.input(description="A picture that is about to be sent.")
class UploadRequestInput:
    content_type: str = strawberry.field(
        description="Its media type: image/jpeg, image/png, image/webp, image/heic (or image/heif) or image/avif;"
        " of a movie video/mp4, video/quicktime or video/webm."
    )
    bytes: int = strawberry.field(description="Its size in bytes.")
    sha256: str = strawberry.field(description="The SHA-256 of its bytes, 64 hexadecimal digits.")
    sound: Sound | None = strawberry.field(
        default=None, description="Of a movie: whether its sound stays. `assetDescribe` can change it."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="One part of a large file that is about to be sent.")
class UploadPartInput:
    upload_id: strawberry.ID = strawberry.field(description="The upload that `uploadRequest` gave.")
    number: int = strawberry.field(description="Which part: from 1 to the upload's `partCount`, in any order.")
    bytes: int = strawberry.field(
        description="The size of the part: the upload's `partBytes`, or what is left for the last one."
    )
    sha256: str = strawberry.field(description="The SHA-256 of the part's bytes, 64 hexadecimal digits.")


@strawberry.input(description="An upload that is not wanted any more.")
class UploadAbortInput:
    upload_id: strawberry.ID = strawberry.field(description="The upload that `uploadRequest` gave.")


@strawberry.input(description="A picture or movie that is not wanted any more.")
class AssetDeleteInput:
    asset_id: strawberry.ID = strawberry.field(
        description="The viewer's own picture or movie, neither handed in nor shown anywhere."
    )


@strawberry.input(description="An upload whose bytes have been sent.")
class UploadFinalizeInput:
    upload_id: strawberry.ID = strawberry.field(description="The upload that `uploadRequest` gave.")


@strawberry.input(description="Words that belong to a picture. What is left out stays as it is.")
class AssetDescribeInput:
    asset_id: strawberry.ID = strawberry.field(description="The viewer's own picture, not yet handed in.")
    alt_text: str | None = strawberry.field(
        default=None, description="What is to be seen in it, for those who do not see it; at most 500 characters."
    )
    people: People | None = strawberry.field(
        default=None, description="Whether people can be recognised in it, and whether they agreed."
    )
    sound: Sound | None = strawberry.field(
        default=None,
        description="Of a movie: whether its sound stays. Another choice makes it again; nobody plays it meanwhile.",
    )


@strawberry.input(
    description="A rectangle of a picture as it is shown, upright, in fractions of its width and height: 0 is the left "
    "or upper edge, 1 the right or lower one.",
)
class RegionInput:
    x: float = strawberry.field(description="Its left edge, 0 to 1.")
    y: float = strawberry.field(description="Its upper edge, 0 to 1.")
    width: float = strawberry.field(description="Its width, more than 0; it ends inside the picture.")
    height: float = strawberry.field(description="Its height, more than 0; it ends inside the picture.")


@strawberry.input(description="Parts of a picture that nobody shall recognise.")
class AssetBlurInput:
    asset_id: strawberry.ID = strawberry.field(description="The viewer's own picture, not yet handed in.")
    regions: list[RegionInput] = strawberry.field(
        description="The parts to blur, on top of those blurred before; at most 20 in all."
    )
    client_mutation_key: ClientKey = client_key()
