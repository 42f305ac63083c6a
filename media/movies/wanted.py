"""A movie in the worker: made for as long as somebody wants it, with its progress for its author to see."""

import asyncio
import logging
from pathlib import Path

from backend.core.database import Database
from backend.core.ids import Id
from media.config import Media
from media.images.sniff import ImageKind
from media.movies import progress_store as store
from media.movies.converting import convert_movie
from media.movies.orders import FORMAT, MOVIE_FILE, POSTER_FILE, MadeMovie, Sound
from media.movies.sniff import MovieKind
from media.processing.decoder import decode_image
from media.processing.orders import Decoded, RenditionFile

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0


class Unwanted(Exception):
    """The movie was taken back, erased, or is to be made in another way: what was begun has ended."""


class _Lease:
    """How far the work is, and whether anybody still wants it: one statement a second, whatever the work does."""

    def __init__(self, db: Database, asset_id: Id, sound: Sound) -> None:
        self._db = db
        self._asset_id = asset_id
        self._sound = sound
        self._told = self._percent = 0

    def tell(self, percent: int) -> None:
        """The work is so far."""
        self._percent = percent

    async def lost(self) -> None:
        """Return when the work is not wanted any more."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                if not await self._renew():
                    return
            except Exception as error:  # a database that is away for a moment says nothing about the movie
                log.warning("lease_not_renewed", extra={"error": type(error).__name__})

    async def _renew(self) -> bool:
        percent = self._percent
        if percent == self._told:
            async with self._db.reading() as conn:
                return await store.is_wanted(conn, self._asset_id, sound=self._sound)
        async with self._db.transaction() as tx:
            is_wanted = await store.set_percent(tx, self._asset_id, percent, sound=self._sound)
        self._told = percent
        return is_wanted


async def make_movie_files(
    db: Database, media: Media, asset_id: Id, source: Path, folder: Path, *, kind: MovieKind, sound: Sound
) -> Decoded:
    """The movie and the pictures of its poster, in `folder`.

    Raises Unwanted a second or two after nobody wants it any more, and what `convert_movie` and `decode_image` raise.
    """
    lease = _Lease(db, asset_id, sound)
    making = asyncio.ensure_future(
        convert_movie(
            source, folder, kind=kind, sound=sound, limits=media.movie_limits, bounds=media.movie_bounds,
            told=lease.tell,
        )
    )  # fmt: skip
    losing = asyncio.ensure_future(lease.lost())
    try:
        await asyncio.wait({making, losing}, return_when=asyncio.FIRST_COMPLETED)
        if not making.done():
            raise Unwanted
        made = making.result()
    finally:
        making.cancel()
        losing.cancel()
        await asyncio.gather(making, losing, return_exceptions=True)
    poster = await decode_image(folder / POSTER_FILE, folder, kind=ImageKind.PNG, limits=media.limits)
    return _together(made, poster)


def _together(made: MadeMovie, poster: Decoded) -> Decoded:
    movie = RenditionFile(
        format=FORMAT,
        width=made.width,
        height=made.height,
        size=made.size,
        sha256=made.sha256,
        file=MOVIE_FILE,
        seconds=made.seconds,
        has_sound=made.has_sound,
    )
    return Decoded(
        kind=poster.kind,
        width=made.width,
        height=made.height,
        frames=1,
        placeholder=poster.placeholder,
        renditions=(movie, *poster.renditions),
        fingerprint=poster.fingerprint,
    )
