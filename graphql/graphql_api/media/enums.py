"""The states and declarations of pictures, described for the schema. Import it before their first use in a type."""

from graphql_api.enums import describe_enum
from media.kinds import Medium
from media.movies.orders import Sound
from media.rules import AssetStatus, People

describe_enum(
    Medium,
    "What somebody uploaded.",
    {Medium.IMAGE: "A picture.", Medium.MOVIE: "A movie; its `renditions` are its poster."},
)
describe_enum(
    AssetStatus,
    "Where a picture stands.",
    {
        AssetStatus.REQUESTED: "The bytes are awaited.",
        AssetStatus.UPLOADED: "The bytes are here; `uploadFinalize` is awaited. Not every store "
        "tells: call it when your PUTs have succeeded, and do not wait for this.",
        AssetStatus.SCANNING: "It waits to be checked.",
        AssetStatus.PROCESSING: "It is being checked and its files are made.",
        AssetStatus.REJECTED: "It was refused for good; `problem` says why. Upload another file.",
        AssetStatus.FAILED: "It could not be read, three times over. Upload it again, or another file.",
        AssetStatus.CLEAN: "It is ready to be handed in.",
        AssetStatus.RELEASED: "It is shown to those whom its statement is for.",
        AssetStatus.REVOKED: "It is hidden from everybody but its author and reviewers.",
        AssetStatus.PURGED: "It is gone.",
    },
)
describe_enum(
    People,
    "What the sender declares about people in the picture.",
    {
        People.NONE: "Nobody can be recognised in it.",
        People.ONLY_ME: "Only the sender can be recognised in it.",
        People.OTHERS_WITH_PERMISSION: "Others can be recognised in it, and all of them have said yes.",
    },
    name="PeopleInPicture",
)
describe_enum(
    Sound,
    "Whether a movie is heard.",
    {
        Sound.KEPT: "With its sound.",
        Sound.REMOVED: "Without any sound, for those whose voice must not be known: captions tell what is said.",
    },
    name="MovieSound",
)
