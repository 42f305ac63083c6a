"""What this package tells about its rows."""

from dataclasses import dataclass

from backend.core.ids import Id
from media.images.regions import Region
from media.kinds import Kind, Medium
from media.movies.orders import Sound
from media.rules import AssetStatus, People


@dataclass(frozen=True, slots=True)
class RenditionView:
    """A served file: format (webp, jpeg, mp4), sides in pixels, size in bytes, SHA-256 in hex.

    `seconds` and `has_sound` are those of a movie. `is_copied`: its copy stands where everybody
    can read it at the store.
    """

    format: str
    width: int
    height: int
    size: int
    sha256: str
    is_copied: bool = False
    seconds: float | None = None
    has_sound: bool | None = None


@dataclass(frozen=True, slots=True)
class CaptionView:
    """What is said in a movie, in one language: its direction (ltr, rtl), the SHA-256 (hex) of its file."""

    language: str
    direction: str
    sha256: str
    is_copied: bool = False


@dataclass(frozen=True, slots=True)
class AssetView:
    """A picture. Sides (upright, of the largest file), placeholder (ThumbHash, base64) and renditions once it is clean.

    Of a movie `sound` is its author's choice, and `percent` how far it is while it is made. `captions`, by language,
    are its author's: what is made anew of the movie leaves them alone.
    `reason` is the code of why it was refused or failed; `is_fixed`: its words were handed in and stay;
    `blurred`: the parts of a picture that were made unrecognisable.
    """

    id: Id
    owner_id: Id | None
    medium: Medium
    status: AssetStatus
    reason: str | None
    key: str
    is_public: bool
    is_fixed: bool
    alt_text: str | None
    people: People | None
    width: int | None
    height: int | None
    placeholder: str | None
    sound: Sound | None
    percent: int | None
    renditions: tuple[RenditionView, ...]
    captions: tuple[CaptionView, ...]
    blurred: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is tried: the kind of the uploaded file, and of a movie whether its sound stays."""

    kind: Kind
    sound: Sound | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """A picture or movie that waits for a job."""

    id: Id
    medium: Medium


def is_own(asset: AssetView, owner_id: Id) -> bool:
    """Whether the account may use the picture: it sent it, and it has not ended."""
    return asset.owner_id == owner_id and asset.status is not AssetStatus.PURGED


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file that may be sent now: SHA-256 in hex (also its ETag), format (webp, jpeg, mp4, vtt), size in bytes."""

    asset_id: Id
    sha256: str
    format: str
    size: int
    status: AssetStatus
    is_public: bool
