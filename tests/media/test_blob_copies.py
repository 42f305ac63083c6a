"""Copies for everybody and signed addresses: a bucket has them, a folder leaves both to the web process."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from types_boto3_s3.client import S3Client

from backend.core.ids import new_id
from media.blobs.direct import Promise
from media.blobs.folder import FolderStore
from media.blobs.protocol import (
    BlobMissing,
    BlobStore,
    PublicName,
    original_name,
    public_name,
    rendition_name,
)
from media.blobs.s3 import S3Store
from media.blobs.s3_client import S3Place
from media.blobs.s3_direct import S3Direct


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "media")


@pytest.fixture
def bucket(s3_place: S3Place) -> S3Store:
    return S3Store(s3_place)


async def names_in(store: BlobStore, prefix: str = "") -> list[str]:
    return sorted([blob.name async for page in store.pages(prefix) for blob in page])


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


async def test_folder_has_no_public_copies(folder: FolderStore) -> None:
    name, copy = original_name(new_id()), public_name("k" * 22, "0" * 64, "webp")
    await folder.put(name, pieces(b"x"))
    await folder.publish(name, copy, content_type="image/webp")
    await folder.unpublish(copy)
    assert not folder.has_public_copies
    assert [page async for page in folder.public_pages()] == []
    assert await folder.signed_get(name, life=timedelta(minutes=5), content_type="image/webp") is None
    assert await names_in(folder) == [name]


async def test_publish_copies_for_everybody_and_unpublish_ends_it(
    bucket: S3Store, s3_client: S3Client, s3_place: S3Place
) -> None:
    name, copy = rendition_name(new_id(), "0" * 64, "webp"), public_name("k" * 22, "0" * 64, "webp")
    await bucket.put(name, pieces(b"picture"))
    for _ in range(2):
        await bucket.publish(name, copy, content_type="image/webp")
    found = s3_client.get_object(Bucket=s3_place.public_bucket, Key=f"public/{copy}")
    assert (found["Body"].read(), found["ContentType"]) == (b"picture", "image/webp")
    assert found["CacheControl"] == "public, max-age=45"
    assert [blob.name async for page in bucket.public_pages() for blob in page] == [copy]
    assert await names_in(bucket) == [name]
    for _ in range(2):
        await bucket.unpublish(copy)
    assert [page async for page in bucket.public_pages()] == []
    assert await bucket.read(name) == b"picture"
    with pytest.raises(BlobMissing):
        await bucket.publish(rendition_name(new_id(), "0" * 64, "webp"), copy, content_type="image/webp")


@pytest.mark.parametrize("copy", ["../private/original/" + "a" * 32, "k" * 22 + "/x.html", "", "k" * 22 + "/../x"])
async def test_any_other_name_of_a_copy_is_missing(bucket: S3Store, copy: str) -> None:
    name = original_name(new_id())
    await bucket.put(name, pieces(b"x"))
    for attempt in (
        bucket.publish(name, PublicName(copy), content_type="image/webp"),
        bucket.unpublish(PublicName(copy)),
    ):
        with pytest.raises(BlobMissing):
            await attempt
    assert await names_in(bucket) == [name]


async def test_signed_get_reads_for_a_while(bucket: S3Store) -> None:
    name = rendition_name(new_id(), "0" * 64, "mp4")
    await bucket.put(name, pieces(b"movie"))
    address = await bucket.signed_get(name, life=timedelta(minutes=5), content_type="video/mp4")
    assert address is not None
    assert "X-Amz-Expires=300" in address
    async with httpx.AsyncClient() as http:
        answer = await http.get(address, headers={"range": "bytes=1-2"})
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (206, b"ov", "video/mp4")


async def test_signing_does_not_wait_for_a_store_that_hangs(bucket: S3Store) -> None:
    released, hung = threading.Event(), threading.Barrier(9)

    def hang(_client: object) -> None:
        hung.wait(5)
        released.wait(5)

    calls = [asyncio.create_task(bucket.calls.run(hang)) for _ in range(8)]
    try:
        await asyncio.to_thread(hung.wait, 5)
        name = rendition_name(new_id(), "0" * 64, "webp")
        async with asyncio.timeout(3):
            reads = await bucket.signed_get(name, life=timedelta(seconds=45), content_type="image/webp")
            put = await S3Direct(bucket).address(name, Promise(1, bytes(32)), life=timedelta(hours=1))
        assert "X-Amz-Expires=45" in (reads or "")
        assert "X-Amz-Expires=3600" in put.address
    finally:
        released.set()
        await asyncio.gather(*calls)
