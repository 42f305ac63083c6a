"""The load: a few keep-alive HTTP clients in a process of their own, apart from any server's interpreter."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Job:
    """Requests to one port: `bodies` in turn, with `tokens` in turn, by `clients` at once.

    `per_second` paces them however slow the answers are; None sends the next when the last was answered.
    """

    port: int
    bodies: Sequence[bytes]
    tokens: Sequence[str] = ("",)
    requests: int = 100
    clients: int = 4
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of it: seconds of the whole, milliseconds of each answer, how many were not 200 or had errors."""

    seconds: float
    milliseconds: list[float]
    failures: int

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        """The time within which this share of the answers came."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def body(document: str, **variables: object) -> bytes:
    """A GraphQL request."""
    return msgspec.json.encode({"query": document, "variables": variables})


def measure(*jobs: Job) -> list[Measured]:
    """Do the jobs at the same time. Runs in the process of the load."""
    return asyncio.run(_all(jobs))


def fetch(port: int, request_body: bytes, token: str = "") -> bytes:
    """One answer's body."""
    return asyncio.run(_one(port, _request(request_body, token)))


async def _all(jobs: Sequence[Job]) -> list[Measured]:
    return list(await asyncio.gather(*(_job(job) for job in jobs)))


async def _job(job: Job) -> Measured:
    tokens, bodies = itertools.cycle(job.tokens), itertools.cycle(job.bodies)
    requests = [_request(next(bodies), next(tokens)) for _ in range(job.requests)]
    milliseconds: list[float] = []
    failures = 0
    todo = iter(enumerate(requests))
    started = time.perf_counter()

    async def client() -> None:
        nonlocal failures
        reader, writer = await asyncio.open_connection("127.0.0.1", job.port)
        for number, request in todo:
            due = time.perf_counter()
            if job.per_second is not None:
                due = started + number / job.per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(request)
            status, content = await _answer(reader)
            milliseconds.append((time.perf_counter() - due) * 1000)
            failures += status != 200 or content.startswith(b'{"errors"') or b"sign_in" in content[:200]
        writer.close()

    await asyncio.gather(*(client() for _ in range(job.clients)))
    return Measured(time.perf_counter() - started, milliseconds, failures)


async def _one(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    status, content = await _answer(reader)
    writer.close()
    assert status == 200, content[:500]
    return content


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, _, rest = head.partition(b"content-length:")
    return int(head[9:12]), await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))


def _request(request_body: bytes, token: str) -> bytes:
    authorization = f"authorization: Bearer {token}\r\n" if token else ""
    head = (
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json\r\n"
        f"{authorization}content-length: {len(request_body)}\r\n\r\n"
    )
    return head.encode() + request_body
