"""A movie with captions on its way to social media, with everything in a bucket."""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator

import av
import pytest

from backend.campaigns.rules import Audience
from backend.campaigns.sharing import bundling, exporting, work
from backend.campaigns.sharing.rules import ShareStatus
from backend.core.database import Database
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.blobs.s3 import S3Store
from media.blobs.s3_client import S3Place
from media.captions.captioning import set_caption
from media.config import Media
from media.movies.orders import Sound
from media.processing.jobs import process_asset
from media.rules import People
from media.service import Words, describe_asset
from media.uploads.addresses import upload_token
from media.uploads.finalising import finalise_upload
from media.uploads.receiving import receive_bytes
from media.uploads.tickets import NewUpload, request_upload
from tests.campaigns.sharing import TEXT, content_of, drawn, editor_of, export
from tests.campaigns.stage import Stage, make_stage
from tests.media.movies import movie

SAID = "WEBVTT\n\n00:00.000 --> 00:01.000\n{}\n"


@pytest.fixture
def stage(db: Database, runner: asyncio.Runner, s3_place: S3Place) -> Stage:
    media = Media(blobs=S3Store(s3_place), secret=b"only-the-tests-know-this-secret-0123456789")
    return runner.run(make_stage(db, media))


async def captioned_movie(stage: Stage, media: Media, author: Viewer) -> Id:
    """A clean movie whose sound its author took out, described, with captions in two languages."""
    data = movie(audio=None)

    async def pieces() -> AsyncIterator[bytes]:
        yield data

    promise = NewUpload("video/mp4", len(data), hashlib.sha256(data).hexdigest(), Sound.REMOVED)
    ticket = await request_upload(stage.db, media, author, promise)
    await receive_bytes(stage.db, media, upload_token(media, ticket.upload_id), pieces())
    await finalise_upload(stage.db, media, author, ticket.upload_id)
    await describe_asset(stage.db, author, ticket.asset_id, Words("En rev som løper", People.NONE))
    for language, words in (("nb", "Hei."), ("ar", "مرحبا")):
        await set_caption(stage.db, media, author, ticket.asset_id, language=language, text=SAID.format(words))
    await process_asset(stage.db, media, ticket.asset_id)
    return ticket.asset_id


async def test_bundle_holds_the_movie_with_its_captions_and_leaves_the_bucket_when_taken_back(stage: Stage) -> None:
    assert stage.media is not None
    author, editor, media = await stage.student(), await editor_of(stage), stage.media
    asset_id = await captioned_movie(stage, media, author)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL, asset_ids=[asset_id])
    card = await drawn(stage, author, statement_id)
    png = await content_of(media, card)
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    await bundling.make_bundle(stage.db, media, export_id)
    made = await export(stage, export_id)
    assert made.status is ShareStatus.READY
    with zipfile.ZipFile(io.BytesIO(await content_of(media, made))) as bundle:
        assert bundle.testzip() is None
        assert set(bundle.namelist()) == {
            "card-1-post.png", "movie-1.mp4", "poster-1.jpg", "captions-1.nb.vtt", "captions-1.ar.vtt",
            "suggested.txt", "alt-texts.txt",
        }  # fmt: skip
        assert bundle.read("card-1-post.png") == png
        assert bundle.read("captions-1.nb.vtt").startswith(b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHei.\n")
        assert "مرحبا" in bundle.read("captions-1.ar.vtt").decode()
        with av.open(io.BytesIO(bundle.read("movie-1.mp4"))) as played:
            assert played.streams.video[0].codec_context.name == "h264"
        words = bundle.read("alt-texts.txt").decode()
        assert "movie-1.mp4\nEn rev som løper\n" in words
        assert "vtt" not in words
    await stage.withdraw(author, statement_id)
    assert await work.remove_gone(stage.db, media) == 2
    assert [page async for page in media.blobs.pages("shared/") if page] == []
