"""A file in a bucket that can be read here and there without being fetched whole."""

import io
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

_AHEAD_BYTES = 64 * 1024


def opened_by_ranges(client: "S3Client", bucket: str, key: str) -> tuple[IO[bytes], int]:
    """The file and its size. Blocks, as do its reads; for threads only. It stays the version that was opened."""
    head = client.head_object(Bucket=bucket, Key=key)
    raw = _Ranges(client, {"Bucket": bucket, "Key": key, "IfMatch": head["ETag"]}, head["ContentLength"])
    return cast("IO[bytes]", io.BufferedReader(raw, _AHEAD_BYTES)), head["ContentLength"]


class _Ranges(io.RawIOBase):
    def __init__(self, client: "S3Client", what: dict[str, Any], size: int) -> None:
        self._client, self._what, self._size, self._at = client, what, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._size)
        if end <= self._at:
            return 0
        piece = self._client.get_object(**self._what, Range=f"bytes={self._at}-{end - 1}")["Body"].read()
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
