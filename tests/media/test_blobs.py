"""The folder store: whole or absent, never outside itself, never blocking for long names of others' making."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.core.ids import new_id
from media.blobs.folder import FolderStore
from media.blobs.protocol import BlobMissing, BlobName, original_name, rendition_name


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "media")


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


async def test_put_is_read_back_and_replaced_and_deleted(store: FolderStore, tmp_path: Path) -> None:
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


async def test_put_that_fails_leaves_what_was_there(store: FolderStore, tmp_path: Path) -> None:
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
    assert [path.name for path in (tmp_path / "media" / "unfinished").iterdir()] == []


async def test_put_cancelled_leaves_nothing(store: FolderStore, tmp_path: Path) -> None:
    name = original_name(new_id())

    async def slow() -> AsyncIterator[bytes]:
        yield b"n" * 2_000_000
        await asyncio.sleep(30)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await store.put(name, slow())
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


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
        "unfinished/x",
        "",
    ],
)
async def test_any_other_name_is_missing_and_touches_nothing(store: FolderStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    crooked = BlobName(name)
    for attempt in (store.read(crooked), store.delete(crooked), store.put(crooked, pieces(b"x"))):
        with pytest.raises(BlobMissing):
            await attempt
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert not (tmp_path / "media").exists()


async def test_names_of_our_making_are_accepted(store: FolderStore) -> None:
    for name in (original_name(new_id()), rendition_name(new_id(), "0" * 64, "webp")):
        await store.put(name, pieces(b"x"))
        assert await store.read(name) == b"x"


async def test_stored_files_are_for_the_owner_alone(store: FolderStore, tmp_path: Path) -> None:
    await store.put(original_name(new_id()), pieces(b"x"))
    for path in (tmp_path / "media").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


async def test_forget_unfinished_removes_only_what_is_old(store: FolderStore, tmp_path: Path) -> None:
    assert await store.forget_unfinished(older_than_seconds=0) == 0
    name = original_name(new_id())
    await store.put(name, pieces(b"kept"))
    (tmp_path / "media" / "unfinished" / "left").write_bytes(b"half")
    assert await store.forget_unfinished(older_than_seconds=60) == 0
    assert await store.forget_unfinished(older_than_seconds=-1) == 1
    assert await store.read(name) == b"kept"
