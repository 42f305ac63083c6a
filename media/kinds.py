"""The media types that are taken, and which medium each is. A new type is added here, with a reader of its headers.

Told from headers alone: nothing is decoded, so the web process may call it.
"""

from enum import StrEnum
from typing import BinaryIO, TypeAlias

from media.images.sniff import Bounds, ImageKind, sniff_image
from media.movies.sniff import MovieBounds, MovieKind, is_movie, sniff_movie
from media.refusals import check_file_size


class Medium(StrEnum):
    """What somebody sends: something to look at, or something that runs."""

    IMAGE = "IMAGE"
    MOVIE = "MOVIE"


Kind: TypeAlias = ImageKind | MovieKind
_MEDIUM: dict[type[Kind], Medium] = {ImageKind: Medium.IMAGE, MovieKind: Medium.MOVIE}
_KINDS: dict[str, Kind] = {kind.value: kind for kinds in (ImageKind, MovieKind) for kind in kinds}
_KINDS["image/heif"] = ImageKind.HEIC  # another name for the same thing, which some phones give


def kind_of(content_type: str) -> Kind | None:
    """The kind that a sender means by this media type; None when we do not take it."""
    return _KINDS.get(content_type)


def is_as_promised(kind: Kind, promised: Kind | None) -> bool:
    """Whether a file of this kind is what its sender meant.

    MP4 and QuickTime are one family, and phones name them by what an app once called the file: each passes for the
    other, and what we keep is what the file says itself.
    """
    return kind is promised or {kind, promised} == {MovieKind.MP4, MovieKind.QUICKTIME}


def medium_of(kind: Kind) -> Medium:
    """Whether it is a picture or a movie."""
    return _MEDIUM[type(kind)]


def check_size(
    kind: Kind, size: int, *, images: Bounds, movies: MovieBounds, path: tuple[str, ...] = ("file",)
) -> None:
    """Raises ValidationFailed file_too_large; `megabytes` names the limit of this medium."""
    bounds = movies if isinstance(kind, MovieKind) else images
    check_file_size(size, bounds.file_bytes, path=path)


def sniff(file: BinaryIO, *, size: int, images: Bounds, movies: MovieBounds) -> Kind:
    """What a seekable file of `size` bytes really is.

    Raises ValidationFailed: file_too_large, media_type_unknown, and those of `sniff_image` and `sniff_movie`.
    """
    file.seek(0)
    if is_movie(file.read(16)):
        return sniff_movie(file, size=size, bounds=movies)
    return sniff_image(file, size=size, bounds=images).kind
