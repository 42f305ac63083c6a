"""The store in a bucket of an S3-compatible service: what is private under one prefix, copies for everybody apart."""

import asyncio
import errno
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from media.blobs.protocol import (
    BlobName,
    PublicName,
    StoredBlob,
    StoreUnavailable,
    require_name,
    require_public_name,
)
from media.blobs.s3_client import S3Calls, S3Place, in_base64
from media.blobs.s3_ranges import opened_by_ranges
from media.folders import work_folder

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import ObjectTypeDef

T = TypeVar("T")
_PIECE_BYTES = 256 * 1024
_SPOOL_BYTES = 1_000_000
_PAGE = 1000
# A minute at most between hiding a picture and the last cache that has it: a job has to take the copy away first.
_PUBLIC_CACHE = "public, max-age=45"


class S3Store:
    """A bucket, or two: one for what is private, one for what everybody may read."""

    def __init__(self, place: S3Place) -> None:
        self.place = place
        self.calls = S3Calls(place)

    def key(self, name: BlobName) -> str:
        """The key of a blob in the private bucket."""
        return self.place.private_prefix + require_name(name)

    def _public_key(self, name: PublicName) -> str:
        return self.place.public_prefix + require_public_name(name)

    async def put(self, name: BlobName, pieces: AsyncIterator[bytes]) -> None:
        """See BlobStore. Kept on the local disk until all is there, so that nothing half comes into the store."""
        key = self.key(name)
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as file:
            async for piece in pieces:
                await _on_disk(file.write, piece)
            await self._send(key, file)

    async def put_file(self, name: BlobName, path: Path) -> None:
        """See BlobStore."""
        key = self.key(name)
        with await asyncio.to_thread(path.open, "rb") as file:
            await self._send(key, file)

    async def _send(self, key: str, file: IO[bytes]) -> None:
        def send(client: "S3Client") -> None:
            file.seek(0)
            digest = hashlib.sha256()
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
            file.seek(0)
            client.put_object(Bucket=self.place.bucket, Key=key, Body=file, ChecksumSHA256=in_base64(digest.digest()))

        await self.calls.run(send)

    async def read(self, name: BlobName) -> bytes:
        """See BlobStore."""
        key = self.key(name)
        return await self.calls.run(lambda client: client.get_object(Bucket=self.place.bucket, Key=key)["Body"].read())

    async def size(self, name: BlobName) -> int:
        """See BlobStore."""
        key = self.key(name)
        return await self.calls.run(
            lambda client: client.head_object(Bucket=self.place.bucket, Key=key)["ContentLength"]
        )

    async def stream(self, name: BlobName, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """See BlobStore."""
        key = self.key(name)
        if end is not None and end <= start:
            return
        wanted = f"bytes={start}-{'' if end is None else end - 1}"
        body = await self.calls.run(
            lambda client: client.get_object(Bucket=self.place.bucket, Key=key, Range=wanted)["Body"]
        )
        try:
            while piece := await self.calls.run(lambda _client: body.read(_PIECE_BYTES)):
                yield piece
        finally:
            body.close()

    @asynccontextmanager
    async def local(self, name: BlobName) -> AsyncIterator[Path]:
        """See BlobStore. A copy in a temporary folder, which goes with the context."""
        async with work_folder() as folder:
            path = folder / "blob"
            with path.open("wb") as file:
                async for piece in self.stream(name):
                    await _on_disk(file.write, piece)
            yield path

    async def look(self, name: BlobName, use: Callable[[IO[bytes], int], T]) -> T:
        """See BlobStore."""
        key = self.key(name)

        def look(client: "S3Client") -> T:
            file, size = opened_by_ranges(client, self.place.bucket, key)
            return use(file, size)

        return await self.calls.run(look)

    async def delete(self, name: BlobName) -> None:
        """See BlobStore."""
        await self._delete(self.place.bucket, self.key(name))

    async def _delete(self, bucket: str, key: str) -> None:
        await self.calls.run(lambda client: client.delete_object(Bucket=bucket, Key=key))

    def pages(self, prefix: str = "") -> AsyncIterator[Sequence[StoredBlob]]:
        """See BlobStore."""
        return self._list(self.place.bucket, self.place.private_prefix, prefix)

    def public_pages(self) -> AsyncIterator[Sequence[StoredBlob]]:
        """See BlobStore."""
        return self._list(self.place.public_bucket, self.place.public_prefix, "")

    async def _list(self, bucket: str, root: str, prefix: str) -> AsyncIterator[Sequence[StoredBlob]]:
        after = ""
        while True:
            found = await self.calls.run(partial(_page, bucket=bucket, prefix=root + prefix, after=after))
            if not found:
                return
            yield [StoredBlob(one["Key"].removeprefix(root), one["Size"], one["LastModified"]) for one in found]
            after = found[-1]["Key"]

    async def forget_unfinished(self, *, older_than_seconds: float, remove: bool = True) -> int:
        """See BlobStore: multipart uploads that nobody finished or ended."""
        return await self.calls.run(lambda client: self._abort_old(client, older_than_seconds, remove))

    def _abort_old(self, client: "S3Client", older_than_seconds: float, remove: bool) -> int:
        bucket, found = self.place.bucket, 0
        pages = client.get_paginator("list_multipart_uploads")
        for page in pages.paginate(Bucket=bucket, Prefix=self.place.private_prefix):
            now = _store_time(page)
            for begun in page.get("Uploads", []):
                if (now - begun["Initiated"]).total_seconds() > older_than_seconds:
                    found += 1
                    if remove:
                        client.abort_multipart_upload(Bucket=bucket, Key=begun["Key"], UploadId=begun["UploadId"])
        return found

    @property
    def has_public_copies(self) -> bool:
        """Always: readers get what is public from the bucket, or from the CDN before it."""
        return True

    async def signed_get(self, name: BlobName, *, life: timedelta, content_type: str) -> str | None:
        """See BlobStore."""
        what = {
            "Bucket": self.place.bucket,
            "Key": self.key(name),
            "ResponseContentType": content_type,
            "ResponseCacheControl": "private, max-age=60",
            "ResponseContentDisposition": "inline",
        }
        return await self.calls.sign("get_object", what, life=life)

    async def publish(self, name: BlobName, copy: PublicName, *, content_type: str) -> None:
        """See BlobStore. The bytes do not pass through here."""
        source, target = self.key(name), self._public_key(copy)
        await self.calls.run(
            lambda client: client.copy_object(
                Bucket=self.place.public_bucket,
                Key=target,
                CopySource={"Bucket": self.place.bucket, "Key": source},
                MetadataDirective="REPLACE",
                ContentType=content_type,
                CacheControl=_PUBLIC_CACHE,
            )
        )

    async def unpublish(self, copy: PublicName) -> None:
        """See BlobStore."""
        await self._delete(self.place.public_bucket, self._public_key(copy))


def _page(client: "S3Client", *, bucket: str, prefix: str, after: str) -> Sequence["ObjectTypeDef"]:
    page = client.list_objects_v2(Bucket=bucket, Prefix=prefix, StartAfter=after, MaxKeys=_PAGE)
    return page.get("Contents", [])


def _store_time(answer: Any) -> datetime:
    """The store's own clock, which told when an upload was begun."""
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


async def _on_disk(write: Callable[[bytes], int], piece: bytes) -> None:
    try:
        await asyncio.to_thread(write, piece)
    except OSError as error:
        raise StoreUnavailable(errno.errorcode.get(error.errno or 0, "unknown")) from error
