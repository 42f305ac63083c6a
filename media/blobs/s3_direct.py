"""Sending straight into a bucket: presigned requests that are good for the promised bytes and for nothing else."""

import contextlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from media.blobs.direct import DirectPut, Promise, StoredPart
from media.blobs.protocol import BlobMissing, BlobName
from media.blobs.s3 import S3Store
from media.blobs.s3_client import in_base64

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef


class S3Direct:
    """Size, type and checksum are signed headers: with others, or without them, the signature does not fit."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def _what(self, name: BlobName, **more: Any) -> dict[str, Any]:
        return {"Bucket": self._store.place.bucket, "Key": self._store.key(name), **more}

    async def address(self, name: BlobName, promise: Promise, *, life: timedelta) -> DirectPut:
        """See DirectStore."""
        return await self._signed("put_object", self._what(name), promise, life)

    async def part_address(
        self, name: BlobName, multipart: str, number: int, promise: Promise, *, life: timedelta
    ) -> DirectPut:
        """See DirectStore."""
        return await self._signed("upload_part", self._what(name, UploadId=multipart, PartNumber=number), promise, life)

    async def _signed(self, call: str, what: dict[str, Any], promise: Promise, life: timedelta) -> DirectPut:
        checksum = in_base64(promise.sha256)
        what |= {"ContentLength": promise.size, "ChecksumSHA256": checksum}
        headers = {"x-amz-checksum-sha256": checksum}
        if promise.content_type is not None:
            what["ContentType"] = headers["content-type"] = promise.content_type
        return DirectPut(await self._store.calls.sign(call, what, life=life), headers)

    async def checksum(self, name: BlobName) -> bytes | None:
        """See DirectStore. A file made of parts has a checksum of their checksums, which proves nothing here."""
        what = self._what(name, ChecksumMode="ENABLED")
        head = await self._store.calls.run(lambda client: client.head_object(**what))
        return None if head.get("ChecksumType") == "COMPOSITE" else _digest(head.get("ChecksumSHA256"))

    async def begin(self, name: BlobName, content_type: str) -> str:
        """See DirectStore."""
        what = self._what(name, ContentType=content_type, ChecksumAlgorithm="SHA256")
        return await self._store.calls.run(lambda client: client.create_multipart_upload(**what)["UploadId"])

    async def parts(self, name: BlobName, multipart: str) -> Sequence[StoredPart]:
        """See DirectStore."""
        what = self._what(name, UploadId=multipart)

        def found(client: "S3Client") -> list[StoredPart]:
            answer = client.list_parts(**what)  # up to 1,000 come at once, and no upload has as many
            return [
                StoredPart(part["PartNumber"], part["Size"], part["ETag"], _digest(part.get("ChecksumSHA256")))
                for part in answer.get("Parts", [])
            ]

        return await self._store.calls.run(found)

    async def join(self, name: BlobName, multipart: str, parts: Sequence[StoredPart]) -> None:
        """See DirectStore."""
        listed: list[CompletedPartTypeDef] = [_listed(part) for part in sorted(parts, key=lambda part: part.number)]
        what = self._what(name, UploadId=multipart, MultipartUpload={"Parts": listed})
        await self._store.calls.run(lambda client: client.complete_multipart_upload(**what))

    async def drop(self, name: BlobName, multipart: str) -> None:
        """See DirectStore."""
        what = self._what(name, UploadId=multipart)
        with contextlib.suppress(BlobMissing):
            await self._store.calls.run(lambda client: client.abort_multipart_upload(**what))


def _listed(part: StoredPart) -> "CompletedPartTypeDef":
    listed: CompletedPartTypeDef = {"PartNumber": part.number, "ETag": part.tag}
    if part.sha256 is not None:
        listed["ChecksumSHA256"] = in_base64(part.sha256)
    return listed


def _digest(text: str | None) -> bytes | None:
    """A whole SHA-256; None for anything else that a service may put there."""
    try:
        digest = b64decode(text or "", validate=True)
    except NotBase64:
        return None
    return digest if len(digest) == 32 else None
