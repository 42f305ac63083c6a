"""What is known of a ticket and of its parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.core.ids import Id
from media.rules import OPEN, AssetStatus


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A ticket with the state of its picture. `part_bytes`: it may come in parts of this size."""

    id: Id
    asset_id: Id
    owner_id: Id | None
    status: AssetStatus
    reason: str | None
    content_type: str
    size: int
    sha256: bytes
    expires_at: datetime
    part_bytes: int | None = None
    multipart: str | None = None
    is_original_gone: bool = False

    @property
    def is_open(self) -> bool:
        """Whether bytes are still awaited, as far as the state says."""
        return self.status in OPEN

    def is_over(self, now: datetime) -> bool:
        """Whether no bytes may come any more."""
        return not self.is_open or self.expires_at <= now

    @property
    def part_count(self) -> int | None:
        """In how many parts it may come."""
        return None if self.part_bytes is None else -(-self.size // self.part_bytes)

    def part_size(self, number: int) -> int | None:
        """The size that this part must have; None when there is no such part."""
        if self.part_bytes is None or self.part_count is None or not 1 <= number <= self.part_count:
            return None
        return min(self.part_bytes, self.size - (number - 1) * self.part_bytes)


@dataclass(frozen=True, slots=True)
class PartRow:
    """What is promised of a part; `received_at` when it came to us."""

    number: int
    size: int
    sha256: bytes
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeftParts:
    """Parts that may still be stored: `multipart` is what the bucket calls them."""

    upload_id: Id
    asset_id: Id
    multipart: str | None
    numbers: list[int]


@dataclass(frozen=True, slots=True)
class ArrivedPart:
    """A part that is stored."""

    number: int
    size: int


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to PUT bytes and with which headers. The address is secret to the sender."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where and until when to PUT which bytes: whole, or, if `part_bytes` says so, in parts."""

    upload_id: Id
    asset_id: Id
    destination: Destination
    content_type: str
    size: int
    expires_at: datetime
    part_bytes: int | None = None
    part_count: int | None = None
    parts: tuple[ArrivedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class PartTicket:
    """Where to PUT one part."""

    upload_id: Id
    number: int
    size: int
    destination: Destination
