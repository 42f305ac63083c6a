"""Addresses of files: public ones by a random key, signed ones that work for some minutes. No database is asked."""

from dataclasses import dataclass, replace
from datetime import datetime

from backend.core.ids import Id
from media.config import Media
from media.rules import Reach, may_show, may_show_public
from media.serving.stamps import permit_from, permit_of, sign
from media.views import AssetView, RenditionView

_PURPOSE = "media"


@dataclass(frozen=True, slots=True)
class SignedFor:
    """What a signed address permits: the files of one picture, as a member or an insider."""

    asset_id: Id
    reach: Reach


def addresses_of(media: Media, asset: AssetView, *, now: datetime, reach: Reach = Reach.MEMBER) -> list[str]:
    """The addresses of a picture's files, in their order, for a viewer who may see it; none while nobody may.

    The public ones if there are any, at the CDN as soon as the copy is there; else some that work for the next
    minutes. That the viewer may, the caller decided.
    """
    if may_show_public(asset.status, is_public=asset.is_public):
        return [f"{_public_folder(media, file)}/{asset.key}/{file.sha256}.{file.format}" for file in asset.renditions]
    if not may_show(asset.status, reach):
        return []
    stamp = sign(media, _PURPOSE, permit_from(media, asset.id, reach.value, now=now))
    folder = f"{media.public_url}/media/s/{stamp}"
    return [f"{folder}/{file.sha256}.{file.format}" for file in asset.renditions]


def caption_addresses(media: Media, asset: AssetView, *, now: datetime, reach: Reach = Reach.MEMBER) -> dict[str, str]:
    """As `addresses_of`, for the files of a movie's captions, by language."""
    files = tuple(RenditionView("vtt", 0, 0, 0, one.sha256, is_copied=one.is_copied) for one in asset.captions)
    urls = addresses_of(media, replace(asset, renditions=files), now=now, reach=reach)
    return {one.language: url for one, url in zip(asset.captions, urls, strict=False)}


def _public_folder(media: Media, file: RenditionView) -> str:
    return media.copies_url if media.has_copies and file.is_copied else f"{media.public_url}/media/p"


def signed_for(media: Media, stamp: str, *, now: datetime) -> SignedFor | None:
    """What the stamp permits; None when it is forged or over. Whether the file is the picture's, the caller asks."""
    permit = permit_of(media, _PURPOSE, stamp, now=now)
    return SignedFor(permit.of, Reach(permit.reader)) if permit is not None else None
