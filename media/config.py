"""What this package takes from the settings, and the store; built by the composition root, handed on explicitly."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol, Self

from media.blobs.direct import DirectStore
from media.blobs.folder import FolderStore
from media.blobs.protocol import BlobStore
from media.blobs.s3 import S3Store
from media.blobs.s3_client import S3Place
from media.blobs.s3_direct import S3Direct
from media.images.sniff import Bounds
from media.movies.orders import MOVIE_LIMITS
from media.movies.sniff import MovieBounds
from media.processing.limits import Limits
from media.processing.orders import PICTURE_LIMITS


class SettingsSource(Protocol):
    """The settings that are read here, under the names of the process's settings."""

    secret: bytes
    public_url: str
    media_folder: Path
    s3_bucket: str
    s3_public_bucket: str
    s3_endpoint: str
    s3_region: str
    s3_path_style: bool
    s3_private_prefix: str
    s3_public_prefix: str
    s3_access_key: str
    s3_secret_key: str
    media_public_url: str
    upload_hours: int
    upload_part_bytes: int
    upload_bytes_a_day: int
    signed_url_minutes: int
    max_image_bytes: int
    max_image_pixels: int
    max_movie_bytes: int
    max_movie_seconds: int
    appeal_months: int


@dataclass(frozen=True, slots=True)
class Media:
    """The store, the secret, and the numbers of the rules."""

    blobs: BlobStore
    secret: bytes
    direct: DirectStore | None = None  # the same store, when it takes bytes from the senders themselves
    public_url: str = "http://localhost:8000"
    copies_url: str = ""  # where public copies are read; empty: they are read from us
    bounds: Bounds = field(default_factory=Bounds)
    movie_bounds: MovieBounds = field(default_factory=MovieBounds)
    limits: Limits = PICTURE_LIMITS
    movie_limits: Limits = MOVIE_LIMITS
    ticket_life: timedelta = timedelta(hours=24)
    address_life: timedelta = timedelta(minutes=5)
    transfer_time: timedelta = timedelta(minutes=10)
    original_life: timedelta = timedelta(days=30)
    appeal_window: timedelta = timedelta(days=186)
    open_tickets: int = 20
    waiting_pictures: int = 20  # of one person, until they are made: nobody fills the queue for everybody
    waiting_movies: int = 2
    bytes_a_day: int = 1_000_000_000
    part_bytes: int = 8 * 1024**2
    store_patience: float = 8  # seconds of a request, which has ten

    @property
    def has_copies(self) -> bool:
        """Whether public files are copied to where everybody reads them: the store can, and it has an address."""
        return bool(self.copies_url) and self.blobs.has_public_copies

    @classmethod
    def of(cls, source: SettingsSource) -> Self:
        """This package's part of the process's settings. The store is the bucket if one is named, else the folder."""
        bucket = S3Store(_place(source)) if source.s3_bucket else None
        return cls(
            blobs=bucket or FolderStore(source.media_folder),
            direct=S3Direct(bucket) if bucket else None,
            secret=source.secret,
            public_url=source.public_url,
            copies_url=source.media_public_url,
            bounds=Bounds(source.max_image_bytes, source.max_image_pixels),
            movie_bounds=MovieBounds(source.max_movie_bytes, source.max_movie_seconds),
            ticket_life=timedelta(hours=source.upload_hours),
            address_life=timedelta(minutes=source.signed_url_minutes),
            appeal_window=timedelta(days=31 * source.appeal_months),
            bytes_a_day=source.upload_bytes_a_day,
            part_bytes=source.upload_part_bytes,
        )


def _place(source: SettingsSource) -> S3Place:
    return S3Place(
        bucket=source.s3_bucket,
        public_bucket=source.s3_public_bucket or source.s3_bucket,
        region=source.s3_region,
        endpoint=source.s3_endpoint or None,
        private_prefix=source.s3_private_prefix,
        public_prefix=source.s3_public_prefix,
        path_style=source.s3_path_style,
        access_key=source.s3_access_key or None,
        secret_key=source.s3_secret_key or None,
    )
