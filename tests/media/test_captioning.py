"""Captions of a movie: set, replaced and removed by its owner until it is handed in; their files follow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer
from media.attaching import give_back, release, require_clean, revoke
from media.blobs.folder import FolderStore
from media.blobs.protocol import BlobName
from media.captions.captioning import MAX_LANGUAGES, captions_of, remove_caption, set_caption, spoken
from media.captions.cues import MAX_BYTES
from media.config import Media
from media.retention.ending import erase, expire_uploads, export, remove_files
from media.retention.retention_store import delete_renditions
from media.rules import Reach
from media.serving.addresses import caption_addresses
from media.serving.files import find_public, find_signed
from media.uploads.tickets import request_upload
from media.views import AssetView
from tests.media.conftest import MakeAsset, promise, read
from tests.media.movie import as_movie

HELLO = "WEBVTT - Ola's phone\n\nNOTE Ola\n\n00:00.000 --> 00:02.000\n<v Ola>Hei.\n"
CLEAN = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nHei.\n"
ARABIC = "WEBVTT\n\n00:00.000 --> 00:02.000\nمرحبا بكم\n"


@pytest.fixture
def movie(db: Database, make_asset: MakeAsset, runner: asyncio.Runner) -> Id:
    """A clean movie of `viewer`."""

    async def make() -> Id:
        return await as_movie(db, (await make_asset()).id)

    return runner.run(make())


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "media").rglob("*.vtt"))


async def texts(db: Database, movie: Id) -> dict[str, str]:
    async with db.reading() as conn:
        return {one.language: one.text for one in await captions_of(conn, [movie])}


async def hand_in(db: Database, viewer: Viewer, movie: Id, captions_in: str | None = None) -> None:
    async with db.transaction() as tx:
        await require_clean(tx, viewer.require_account(), [movie], captions_in=captions_in)


async def test_set_keeps_a_file_without_a_trace_of_the_authors_own(
    db: Database, media: Media, viewer: Viewer, movie: Id, tmp_path: Path
) -> None:
    set_ = await set_caption(db, media, viewer, movie, language="NB_no", text=HELLO)
    [caption] = set_.captions
    assert (caption.language, caption.direction) == ("nb-NO", "ltr")
    assert set_ == await read(db, movie)
    assert await texts(db, movie) == {"nb-NO": CLEAN}
    [name] = files(tmp_path)
    assert name == f"{caption.sha256}.vtt"
    [path] = (tmp_path / "media").rglob(name)
    stored = path.read_text("utf-8")
    assert stored.startswith(CLEAN)
    assert "Ola" not in stored
    async with db.reading() as conn:
        [row] = await captions_of(conn, [movie])
    assert spoken(row) == "Hei."


async def test_words_that_grow_when_written_can_be_read_back_and_sent_again(
    db: Database, media: Media, viewer: Viewer, movie: Id
) -> None:
    line = "&" * 199 + "<"
    await set_caption(db, media, viewer, movie, language="nb", text=f"WEBVTT\n\n00:00.000 --> 00:02.000\n{line}\nHei\n")
    async with db.reading() as conn:
        [row] = await captions_of(conn, [movie])
    assert spoken(row) == f"{line}\nHei"
    await set_caption(db, media, viewer, movie, language="nb", text=row.text)
    assert await texts(db, movie) == {"nb": row.text}


async def test_file_whose_times_grow_beyond_the_limit_is_refused_when_it_is_set(
    db: Database, media: Media, viewer: Viewer, movie: Id
) -> None:
    words = "x" * 75
    text = "WEBVTT\n" + "".join(f"\n00:00.000 --> 00:01.000\n{words}\n" for _ in range(1000))
    assert 96 * 1024 < len(text) <= MAX_BYTES
    with pytest.raises(ValidationFailed) as caught:
        await set_caption(db, media, viewer, movie, language="nb", text=text)
    assert caught.value.code == "captions_too_large"
    assert await texts(db, movie) == {}


async def test_set_replaces_its_language_only_and_removes_the_file_that_it_replaces(
    db: Database, media: Media, viewer: Viewer, movie: Id, tmp_path: Path
) -> None:
    await set_caption(db, media, viewer, movie, language="nb", text=HELLO)
    await set_caption(db, media, viewer, movie, language="en", text=HELLO)
    both = await set_caption(db, media, viewer, movie, language="ar", text=ARABIC)
    assert [(one.language, one.direction) for one in both.captions] == [("ar", "rtl"), ("en", "ltr"), ("nb", "ltr")]
    assert len(files(tmp_path)) == 3
    replaced = await set_caption(db, media, viewer, movie, language="en", text=ARABIC)
    assert {one.language: one.direction for one in replaced.captions}["en"] == "rtl"
    assert files(tmp_path) == sorted(f"{one.sha256}.vtt" for one in replaced.captions)
    same = await set_caption(db, media, viewer, movie, language="en", text=ARABIC)
    assert files(tmp_path) == sorted(f"{one.sha256}.vtt" for one in same.captions)
    left = await remove_caption(db, media, viewer, movie, language="ar")
    again = await remove_caption(db, media, viewer, movie, language="ar")
    assert left == again
    assert files(tmp_path) == sorted(f"{one.sha256}.vtt" for one in left.captions)
    assert set(await texts(db, movie)) == {"en", "nb"}


async def test_set_works_while_the_movie_is_still_awaited(
    db: Database, media: Media, viewer: Viewer, tmp_path: Path
) -> None:
    ticket = await request_upload(db, media, viewer, promise(b"x" * 100))
    movie = await as_movie(db, ticket.asset_id)
    waiting = await set_caption(db, media, viewer, movie, language="nb", text=HELLO)
    assert [one.language for one in waiting.captions] == ["nb"]
    assert caption_addresses(media, waiting, now=process_now(), reach=Reach.INSIDER) == {}


async def test_set_holds_words_to_the_length_of_the_movie_itself_once_it_is_known(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    movie = await as_movie(db, (await make_asset()).id, seconds=2.4)
    await set_caption(db, media, viewer, movie, language="nb", text=HELLO)
    late = HELLO.replace("00:02.000", "00:03.500")
    with pytest.raises(ValidationFailed) as refused:
        await set_caption(db, media, viewer, movie, language="nb", text=late)
    assert (refused.value.code, refused.value.params["seconds"]) == ("captions_after_movie", 3)
    await set_caption(db, media, viewer, await as_movie(db, movie), language="nb", text=late)
    assert await texts(db, movie) == {"nb": CLEAN.replace("02.000", "03.500")}


async def test_set_of_a_ninth_language_is_refused_and_leaves_no_file(
    db: Database, media: Media, viewer: Viewer, movie: Id, tmp_path: Path
) -> None:
    for language in ("ar", "en", "fi", "is", "nb", "nn", "sv", "uk"):
        await set_caption(db, media, viewer, movie, language=language, text=HELLO)
    with pytest.raises(ValidationFailed, match="captions_languages"):
        await set_caption(db, media, viewer, movie, language="da", text=HELLO)
    assert len(files(tmp_path)) == MAX_LANGUAGES
    await set_caption(db, media, viewer, movie, language="uk", text=ARABIC)
    await remove_caption(db, media, viewer, movie, language="uk")
    assert len((await set_caption(db, media, viewer, movie, language="da", text=HELLO)).captions) == MAX_LANGUAGES


async def test_only_the_owner_sets_and_removes_and_only_on_a_movie(
    db: Database, media: Media, viewer: Viewer, other: Viewer, movie: Id, make_asset: MakeAsset, tmp_path: Path
) -> None:
    picture = (await make_asset()).id
    sealed = replace(viewer, sealed_until=datetime.now(UTC))
    for who, asset_id, kind, code in (
        (other, movie, NotFound, "not_found"),
        (viewer, new_id(), NotFound, "not_found"),
        (viewer, picture, ValidationFailed, "captions_not_a_movie"),
        (replace(viewer, is_restricted=True), movie, NotAllowed, "account_restricted"),
        (sealed, movie, Conflict, "sealed_after_reset"),
    ):
        tries = (
            set_caption(db, media, who, asset_id, language="nb", text=HELLO),
            remove_caption(db, media, who, asset_id, language="nb"),
        )
        for one in tries:
            with pytest.raises(DomainError) as refused:
                await one
            assert (type(refused.value), refused.value.code) == (kind, code)
    assert files(tmp_path) == []
    with pytest.raises(ValidationFailed, match="language_unknown"):
        await set_caption(db, media, viewer, movie, language="norsk", text=HELLO)
    with pytest.raises(ValidationFailed, match="captions_header"):
        await set_caption(db, media, viewer, movie, language="nb", text="Hei")


async def test_words_stay_once_they_are_handed_in_and_change_again_when_given_back(
    db: Database, media: Media, viewer: Viewer, movie: Id
) -> None:
    await set_caption(db, media, viewer, movie, language="nb", text=HELLO)
    await hand_in(db, viewer, movie, "nb")
    for one in (
        set_caption(db, media, viewer, movie, language="en", text=HELLO),
        set_caption(db, media, viewer, movie, language="nb", text=ARABIC),
        remove_caption(db, media, viewer, movie, language="nb"),
    ):
        with pytest.raises(Conflict, match="asset_fixed"):
            await one
    assert await texts(db, movie) == {"nb": CLEAN}
    async with db.transaction() as tx:
        await give_back(tx, [movie])
    await set_caption(db, media, viewer, movie, language="en", text=HELLO)
    assert set(await texts(db, movie)) == {"en", "nb"}


async def test_hand_in_asks_for_captions_in_the_language_and_only_of_movies(
    db: Database, media: Media, viewer: Viewer, movie: Id, make_asset: MakeAsset
) -> None:
    await hand_in(db, viewer, (await make_asset()).id, "nb")
    await hand_in(db, viewer, await as_movie(db, (await make_asset()).id), None)
    with pytest.raises(ValidationFailed, match="captions_missing"):
        await hand_in(db, viewer, movie, "nb")
    await set_caption(db, media, viewer, movie, language="en", text=HELLO)
    with pytest.raises(ValidationFailed, match="captions_missing"):
        await hand_in(db, viewer, movie, "nb")
    await set_caption(db, media, viewer, movie, language="nb-NO", text=HELLO)
    await hand_in(db, viewer, movie, "nb")


async def test_file_is_reachable_as_long_as_the_movie_is(db: Database, media: Media, viewer: Viewer, movie: Id) -> None:
    await set_caption(db, media, viewer, movie, language="nb", text=HELLO)

    async def signed(view: AssetView, reach: Reach) -> bool:
        urls = caption_addresses(media, view, now=process_now(), reach=reach)
        stamps = [url.split("/")[-2:] for url in urls.values()]
        return any([await find_signed(db, media, stamp=stamp, name=name, now=process_now()) for stamp, name in stamps])

    view = await read(db, movie)
    assert await signed(view, Reach.INSIDER)
    assert not await signed(view, Reach.MEMBER)
    async with db.transaction() as tx:
        await release(tx, [movie], is_public=False)
    member = await read(db, movie)
    assert await signed(member, Reach.MEMBER)
    async with db.transaction() as tx:
        await release(tx, [movie], is_public=True)
    public, name = await read(db, movie), f"{view.captions[0].sha256}.vtt"
    assert await find_public(db, key=public.key, name=name)
    async with db.transaction() as tx:
        await revoke(tx, [movie])
    assert not await find_public(db, key=public.key, name=name)
    assert not await signed(replace(member, status=public.status), Reach.MEMBER)


async def test_erasure_takes_words_and_files_and_the_export_has_them_before(
    db: Database, media: Media, viewer: Viewer, movie: Id, tmp_path: Path
) -> None:
    await set_caption(db, media, viewer, movie, language="nb", text=HELLO)
    async with db.reading() as conn:
        [row] = await export(conn, viewer.require_account())
    assert row["captions"] == {"nb": CLEAN}
    async with db.transaction() as tx:
        await erase(tx, viewer.require_account())
    assert await texts(db, movie) == {}
    await remove_files(db, media)
    assert files(tmp_path) == []
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from caption") == 0


async def test_what_is_made_anew_of_a_movie_leaves_its_captions_alone(
    db: Database, media: Media, viewer: Viewer, movie: Id, tmp_path: Path
) -> None:
    told = await set_caption(db, media, viewer, movie, language="nb", text=HELLO)
    assert "vtt" not in {file.format for file in told.renditions}
    async with db.transaction() as tx:
        await delete_renditions(tx, [movie])
    left = await read(db, movie)
    assert (left.renditions, left.captions) == ((), told.captions)
    [url] = caption_addresses(media, left, now=process_now(), reach=Reach.INSIDER).values()
    stamp, name = url.split("/")[-2:]
    assert await find_signed(db, media, stamp=stamp, name=name, now=process_now())
    assert files(tmp_path) == [name]


async def test_captions_of_an_upload_that_never_came_end_with_it(
    db: Database, media: Media, viewer: Viewer, tmp_path: Path
) -> None:
    ticket = await request_upload(db, media, viewer, promise(b"x" * 100))
    await set_caption(db, media, viewer, await as_movie(db, ticket.asset_id), language="nb", text=HELLO)
    async with db.transaction() as tx:
        await tx.execute("update upload set expires_at = now() - interval '1 minute'")
    assert await expire_uploads(db, media) == 1
    assert files(tmp_path) == []
    async with db.reading() as conn:
        assert await conn.fetch_value("select count(*) from caption") == 0


class _Meanwhile(FolderStore):
    """A store during whose writing something else happens."""

    def __init__(self, folder: Path, event: Callable[[], Awaitable[None]]) -> None:
        super().__init__(folder)
        self._event = event

    async def put(self, name: BlobName, pieces: AsyncIterator[bytes]) -> None:
        await super().put(name, pieces)
        await self._event()


async def test_set_while_the_movie_is_handed_in_or_erased_leaves_nothing(
    db: Database, media: Media, viewer: Viewer, movie: Id, tmp_path: Path
) -> None:
    async def handed_in() -> None:
        await hand_in(db, viewer, movie)

    async def erased() -> None:
        async with db.transaction() as tx:
            await erase(tx, viewer.require_account())

    for event, kind in ((handed_in, Conflict), (erased, NotFound)):
        slow = replace(media, blobs=_Meanwhile(tmp_path / "media", event))
        async with db.transaction() as tx:
            await give_back(tx, [movie])
        with pytest.raises(kind):
            await set_caption(db, slow, viewer, movie, language="nb", text=HELLO)
        assert files(tmp_path) == []
        assert await texts(db, movie) == {}


async def test_two_at_the_same_time_leave_one_text_a_language_with_its_file(
    db: Database, media: Media, viewer: Viewer, movie: Id, tmp_path: Path
) -> None:
    tries = [
        set_caption(db, media, viewer, movie, language=language, text=HELLO.replace("Hei", f"Hei {number}"))
        for number in range(4)
        for language in ("nb", "en")
    ]
    await asyncio.gather(*tries, *(remove_caption(db, media, viewer, movie, language="en") for _ in range(2)))
    kept = (await read(db, movie)).captions
    assert "nb" in {one.language for one in kept}
    assert files(tmp_path) == sorted(f"{one.sha256}.vtt" for one in kept)
