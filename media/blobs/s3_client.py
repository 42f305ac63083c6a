"""The one client of an S3-compatible service. boto3 is met here alone: on first use, and never on the event loop."""

import asyncio
import base64
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from media.blobs.protocol import BlobMissing, StoreUnavailable

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

T = TypeVar("T")
log = logging.getLogger(__name__)

# Threads only wait for the network; more would not make the store faster, and each may hold a piece of a file.
_THREADS = 8
# Signing needs no network, so it must not wait behind calls that do.
_SIGNING_THREADS = 2
_CONNECTIONS = 64
_ATTEMPTS = 2
_making = threading.Lock()
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchUpload"})


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the store is and how it is reached. Without keys, boto3 looks for credentials in its own places."""

    bucket: str
    public_bucket: str
    region: str = "us-east-1"
    endpoint: str | None = None
    private_prefix: str = "private/"
    public_prefix: str = "public/"
    path_style: bool = False
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    connect_seconds: float = 3
    read_seconds: float = 8


class S3Calls:
    """Runs calls of the client in threads of their own and tells their failures in our words."""

    def __init__(self, place: S3Place) -> None:
        self._place = place
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")
        self._signing = ThreadPoolExecutor(_SIGNING_THREADS, thread_name_prefix="s3-signing")
        self._client: S3Client | None = None

    async def run(self, do: Callable[["S3Client"], T]) -> T:
        """What `do` returns. Raises BlobMissing when the service says there is no such thing, else StoreUnavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._do, do)

    async def sign(self, call: str, what: Mapping[str, Any], *, life: timedelta) -> str:
        """The address at which whoever has it may make this call for a while. The service is not asked."""
        seconds = max(1, int(life.total_seconds()))

        def sign(client: "S3Client") -> str:
            return client.generate_presigned_url(call, Params=what, ExpiresIn=seconds)

        return await asyncio.get_running_loop().run_in_executor(self._signing, self._do, sign)

    def _do(self, do: Callable[["S3Client"], T]) -> T:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return do(self._made())
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            if code in _ABSENT:
                raise BlobMissing(code) from error
            raise _unavailable(code) from error
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from error

    def _made(self) -> "S3Client":
        with _making:
            if self._client is None:
                self._client = _make_client(self._place)
            return self._client


def _unavailable(reason: str) -> StoreUnavailable:
    log.warning("store_unavailable", extra={"reason": reason})
    return StoreUnavailable(reason)


@cache
def _session() -> Any:
    """One for the process: it reads the description of the service, which takes time and memory, once."""
    import boto3

    return boto3.session.Session()


def _make_client(place: S3Place) -> "S3Client":
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        connect_timeout=place.connect_seconds,
        read_timeout=place.read_seconds,
        retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        max_pool_connections=_CONNECTIONS,
        # Checksums are ours and explicit: many services do not know the trailing ones that boto3 adds by itself.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if place.path_style else "virtual"},
    )
    keys: dict[str, Any] = {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
    client: S3Client = _session().client(
        "s3",
        region_name=place.region,
        endpoint_url=place.endpoint,
        config=config,
        **(keys if place.access_key else {}),
    )
    return client


def in_base64(digest: bytes) -> str:
    """A digest as S3's headers have it."""
    return base64.b64encode(digest).decode()
