"""The contract of both stores: whole or absent, never outside themselves, whatever the name and the trouble."""

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest
from botocore.stub import Stubber

from backend.core.ids import new_id
from media.blobs.folder import FolderStore
from media.blobs.protocol import (
    BlobMissing,
    BlobName,
    BlobStore,
    StoreUnavailable,
    original_name,
    part_name,
    rendition_name,
)
from media.blobs.s3 import S3Store
from media.blobs.s3_client import S3Place


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "media")


@pytest.fixture
def bucket(s3_place: S3Place) -> S3Store:
    return S3Store(s3_place)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> BlobStore:
    found: BlobStore = request.getfixturevalue(request.param)
    return found


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def names_in(store: BlobStore, prefix: str = "") -> list[str]:
    return sorted([blob.name async for page in store.pages(prefix) for blob in page])


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


async def test_put_is_read_back_and_replaced_and_deleted(store: BlobStore, tmp_path: Path) -> None:
    name = original_name(new_id())
    await store.put(name, pieces(b"a" * 1_500_000, b"", b"b"))
    assert await store.read(name) == b"a" * 1_500_000 + b"b"
    (tmp_path / "file").write_bytes(b"new")
    await store.put_file(name, tmp_path / "file")
    async with store.local(name) as path:
        assert path.read_bytes() == b"new"
    for _ in range(2):
        await store.delete(name)
        with pytest.raises(BlobMissing):
            await store.read(name)
    with pytest.raises(BlobMissing):
        async with store.local(name):
            pass


async def test_put_that_fails_leaves_what_was_there(store: BlobStore, tmp_path: Path) -> None:
    name = original_name(new_id())
    await store.put(name, pieces(b"old"))

    async def broken() -> AsyncIterator[bytes]:
        yield b"n" * 2_000_000
        raise ConnectionResetError

    for source in (broken(), broken()):
        with pytest.raises(ConnectionResetError):
            await store.put(name, source)
    with pytest.raises(FileNotFoundError):
        await store.put_file(name, tmp_path / "absent")
    assert await store.read(name) == b"old"
    assert await names_in(store) == [name]
    assert files_in(tmp_path / "media" / "unfinished") == []


async def test_put_cancelled_leaves_nothing(store: BlobStore, tmp_path: Path) -> None:
    name = original_name(new_id())

    async def slow() -> AsyncIterator[bytes]:
        yield b"n" * 2_000_000
        await asyncio.sleep(30)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await store.put(name, slow())
    assert await names_in(store) == []
    assert files_in(tmp_path) == []


async def test_stream_gives_any_range_in_pieces_and_size_tells_the_end(store: BlobStore) -> None:
    name, data = original_name(new_id()), bytes(range(251)) * 4_000
    await store.put(name, pieces(data))
    assert await store.size(name) == len(data)
    read = [piece async for piece in store.stream(name)]
    assert len(read) > 2
    assert b"".join(read) == data
    for start, end in ((0, 1), (5, 700_000), (999_999, 10**9), (1_000_000, None), (7, 7), (9, 3)):
        assert b"".join([piece async for piece in store.stream(name, start, end)]) == data[start:end]


async def test_stream_left_early_lets_the_next_one_read(store: BlobStore) -> None:
    name = original_name(new_id())
    await store.put(name, pieces(b"a" * 2_000_000))
    for _ in range(20):
        stream = store.stream(name)
        assert (await anext(stream))[:1] == b"a"
        await stream.aclose()
    assert await store.size(name) == 2_000_000


async def test_look_reads_here_and_there(store: BlobStore) -> None:
    name, data = original_name(new_id()), bytes(range(256)) * 2_000
    await store.put(name, pieces(data))

    def ends(file: IO[bytes], size: int) -> tuple[bytes, bytes, bytes, int, int]:
        first = file.read(3)
        file.seek(-2, 2)
        last = file.read()
        file.seek(100_000)
        return first, last, file.read(2), file.tell(), size

    assert await store.look(name, ends) == (data[:3], data[-2:], data[100_000:100_002], 100_002, len(data))
    with pytest.raises(ZeroDivisionError):
        await store.look(name, lambda _file, size: size // 0)


async def test_what_is_not_there_is_missing_however_it_is_read(store: BlobStore) -> None:
    name = original_name(new_id())
    for attempt in (store.read(name), store.size(name), anext(store.stream(name)), store.look(name, lambda *_: None)):
        with pytest.raises(BlobMissing):
            await attempt
    with pytest.raises(BlobMissing):
        async with store.local(name):
            pass
    await store.delete(name)


async def test_local_copy_goes_with_its_context(bucket: S3Store) -> None:
    name = original_name(new_id())
    await bucket.put(name, pieces(b"bytes"))
    async with bucket.local(name) as path:
        assert path.read_bytes() == b"bytes"
    assert not path.parent.exists()


async def test_pages_list_all_with_size_and_time(store: BlobStore) -> None:
    asset_id = new_id()
    names = [original_name(asset_id), rendition_name(asset_id, "1" * 64, "mp4"), part_name(new_id(), 1)]
    for name in names:
        await store.put(name, pieces(b"four"))
    assert await names_in(store) == sorted(names)
    assert await names_in(store, "rendition/") == [names[1]]
    assert await names_in(store, "rendition/" + "f" * 32) == []
    found = [blob async for page in store.pages("original/") for blob in page]
    assert [blob.size for blob in found] == [4]
    assert abs(datetime.now(UTC) - found[0].modified) < timedelta(minutes=1)


async def test_pages_of_a_bucket_go_on_after_a_full_one(bucket: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [original_name(new_id()) for _ in range(5)]
    for name in names:
        await bucket.put(name, pieces(b"x"))
    monkeypatch.setattr("media.blobs.s3._PAGE", 2)
    assert [len(page) async for page in bucket.pages()] == [2, 2, 1]
    assert await names_in(bucket) == sorted(names)


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "original/../../secret",
        "/etc/passwd",
        "original/" + "a" * 32 + "/../../secret",
        "original/" + "a" * 32 + "\0",
        "original/" + "a" * 32 + "\n",
        "original/" + "A" * 32,
        "rendition/" + "a" * 32 + "/" + "b" * 64 + ".html",
        "rendition/" + "a" * 32 + "/" + "b" * 64 + ".png",
        "unfinished/x",
        "",
    ],
)
async def test_any_other_name_is_missing_and_touches_nothing(store: BlobStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    crooked = BlobName(name)
    for attempt in (
        store.read(crooked),
        store.delete(crooked),
        store.put(crooked, pieces(b"x")),
        store.put_file(crooked, tmp_path / "secret"),
        store.size(crooked),
        anext(store.stream(crooked)),
    ):
        with pytest.raises(BlobMissing):
            await attempt
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert not (tmp_path / "media").exists()
    assert await names_in(store) == []


async def test_names_of_our_making_are_accepted(store: BlobStore) -> None:
    files = [rendition_name(new_id(), "0" * 64, kind) for kind in ("webp", "jpeg", "mp4", "vtt")]
    for name in (original_name(new_id()), part_name(new_id(), 25), *files):
        await store.put(name, pieces(b"x"))
        assert await store.read(name) == b"x"


async def test_stored_files_are_for_the_owner_alone(folder: FolderStore, tmp_path: Path) -> None:
    await folder.put(original_name(new_id()), pieces(b"x"))
    for path in (tmp_path / "media").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


async def test_forget_unfinished_looks_at_every_page_of_a_bucket(bucket: S3Store, s3_place: S3Place) -> None:
    """The server of the tests has one page only, so two are played."""
    asked = {"Bucket": s3_place.bucket, "Prefix": "private/"}
    now = {"HTTPHeaders": {"date": "Sat, 28 Nov 2026 12:00:00 GMT"}}
    young = {"Key": "private/a", "UploadId": "1", "Initiated": datetime(2026, 11, 28, 11, 59, tzinfo=UTC)}
    old = {"Key": "private/b", "UploadId": "2", "Initiated": datetime(2026, 11, 26, tzinfo=UTC)}
    more = {"IsTruncated": True, "NextKeyMarker": "private/a", "NextUploadIdMarker": "1"}
    with Stubber(await bucket.calls.run(lambda client: client)) as played:
        played.add_response("list_multipart_uploads", {"Uploads": [young], **more, "ResponseMetadata": now}, asked)
        onwards = {**asked, "KeyMarker": "private/a", "UploadIdMarker": "1"}
        played.add_response("list_multipart_uploads", {"Uploads": [old], "ResponseMetadata": now}, onwards)
        ended = {"Bucket": s3_place.bucket, "Key": "private/b", "UploadId": "2"}
        played.add_response("abort_multipart_upload", {}, ended)
        assert await bucket.forget_unfinished(older_than_seconds=86_400) == 1
        played.assert_no_pending_responses()


async def test_forget_unfinished_removes_only_what_is_old(folder: FolderStore, tmp_path: Path) -> None:
    assert await folder.forget_unfinished(older_than_seconds=0) == 0
    name = original_name(new_id())
    await folder.put(name, pieces(b"kept"))
    (tmp_path / "media" / "unfinished" / "left").write_bytes(b"half")
    assert await folder.forget_unfinished(older_than_seconds=60) == 0
    assert await folder.forget_unfinished(older_than_seconds=-1) == 1
    assert await folder.read(name) == b"kept"


async def test_disk_that_is_full_or_refuses_is_unavailable(
    folder: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = original_name(new_id())
    await folder.put(name, pieces(b"old"))
    for number in (errno.ENOSPC, errno.EACCES, errno.EIO):

        def broken(_file: int, number: int = number) -> None:
            raise OSError(number, "of the test's making")

        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", broken)
            with pytest.raises(StoreUnavailable) as caught:
                await folder.put(name, pieces(b"new"))
        assert caught.value.reason == errno.errorcode[number]
    assert await folder.read(name) == b"old"
    assert await names_in(folder) == [name]


async def test_service_that_is_not_there_or_refuses_is_unavailable(s3_place: S3Place) -> None:
    gone = S3Store(replace(s3_place, endpoint="http://127.0.0.1:9", connect_seconds=0.2, read_seconds=0.2))
    other = S3Store(replace(s3_place, bucket="of-nobody"))
    for store in (gone, other):
        for attempt in (store.read(original_name(new_id())), store.put(original_name(new_id()), pieces(b"x"))):
            with pytest.raises(StoreUnavailable):
                await attempt
