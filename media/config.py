"""What this package takes from the settings, and the store; built by the composition root, handed on explicitly."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol, Self

from media.blobs.folder import FolderStore
from media.blobs.protocol import BlobStore
from media.images.sniff import Bounds
from media.processing.orders import Limits


class SettingsSource(Protocol):
    """The settings that are read here, under the names of the process's settings."""

    secret: bytes
    public_url: str
    media_folder: Path
    upload_hours: int
    signed_url_minutes: int
    max_image_bytes: int
    max_image_pixels: int
    appeal_months: int


@dataclass(frozen=True, slots=True)
class Media:
    """The store, the secret, and the numbers of the rules."""

    blobs: BlobStore
    secret: bytes
    public_url: str = "http://localhost:8000"
    copies_url: str = ""
    bounds: Bounds = field(default_factory=Bounds)
    limits: Limits = field(default_factory=Limits)
    ticket_life: timedelta = timedelta(hours=24)
    address_life: timedelta = timedelta(minutes=5)
    transfer_time: timedelta = timedelta(minutes=10)
    original_life: timedelta = timedelta(days=30)
    appeal_window: timedelta = timedelta(days=183)
    open_tickets: int = 20
    bytes_a_day: int = 500_000_000

    @property
    def has_copies(self) -> bool:
        """Whether public files are copied to where everybody reads them: the store can, and it has an address."""
        return bool(self.copies_url) and self.blobs.has_public_copies

    @classmethod
    def of(cls, source: SettingsSource) -> Self:
        """This package's part of the process's settings, with a folder as the store."""
        return cls(
            blobs=FolderStore(source.media_folder),
            secret=source.secret,
            public_url=source.public_url,
            bounds=Bounds(source.max_image_bytes, source.max_image_pixels),
            ticket_life=timedelta(hours=source.upload_hours),
            address_life=timedelta(minutes=source.signed_url_minutes),
            appeal_window=timedelta(days=30.5 * source.appeal_months),
        )
