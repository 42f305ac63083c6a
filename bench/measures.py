"""The measures of `make bench`, one function each; those of pictures and movies are in `media_measures`."""

import asyncio
import statistics
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path

import msgspec

from backend.campaigns.store.feed import FeedFilter, Reader
from backend.core.database import Database
from bench.database import PASSPHRASE, STATEMENTS, TOKENS
from bench.load import Job, Measured, body, fetch, measure
from bench.plans import Timed, time_list
from bench.round_measures import CLASSES, ENTRIES, MARKS, VOTERS, measure_rounds
from bench.servers import Server
from bench.table import Table

ROOT = Path(__file__).resolve().parent.parent
FEED = (Path(__file__).parent / "feed.graphql").read_text("utf-8")
SIGN_IN = (ROOT / "graphql" / "operations" / "SessionStart.graphql").read_text("utf-8")
ROUNDS = 4
REQUESTS = {"ours": 100, "stock": 40, "echo": 600}
READERS: tuple[tuple[str, tuple[str, ...]], ...] = (("nobody signed in", ("",)), ("300 students", TOKENS[:300]))
# Words as people type them: what is searched, and how.
SEARCHES = (("a rare word", "sak777"), ("a phrase", "skolegard fjellet"), ("a typing mistake", "fjellett"),
            ("a word of nearly all", "able"), ("another script", "التعبير"), ("nothing", "qqzzqq"))  # fmt: skip


def same_answers(servers: Mapping[str, Server]) -> bytes:
    """The feed's bytes; fails when two servers do not say the same to the same reader."""
    content = b""
    for token in ("", TOKENS[0]):
        answers = {kind: fetch(server.port, body(FEED, first=50), token) for kind, server in servers.items()}
        content = answers["ours"]
        said = [msgspec.json.decode(answer) for answer in answers.values()]
        assert all(one == said[0] for one in said), "the compared servers answer differently"
        assert len(said[0]["data"]["statements"]["edges"]) == 50, said[0]
    return content


def feed(table: Table, pool: Executor, servers: Mapping[str, Server]) -> None:
    """Requests a second of each server and what it computes for one, rounds interleaved, medians."""
    for who, tokens in READERS:
        table.head(f"Feed of 50 with author, class, topic, pictures and translations, uncached; {who}; requests/s")
        rounds = [{kind: _read(pool, server, kind, tokens) for kind, server in servers.items()} for _ in range(ROUNDS)]
        seen = {kind: [one[kind] for one in rounds[1:]] for kind in servers}  # the first warms up
        rates = {kind: statistics.median(one.per_second for one, _ in many) for kind, many in seen.items()}
        computed = {kind: statistics.median(cpu for _, cpu in many) for kind, many in seen.items()}
        for kind, rate in rates.items():
            p50 = statistics.median(one.percentile(0.5) for one, _ in seen[kind])
            table.line(kind, f"{rate:,.1f}", f"p50 {p50:.1f} ms with 4 clients; {computed[kind]:.1f} ms of CPU each")
        ratio = rates["ours"] / rates["stock"]
        table.goal("ours : stock controller", f"{ratio:.1f} x", "at least 3 x", reached=ratio >= 3)
        table.line("stock : ours, CPU of the web process", f"{computed['stock'] / computed['ours']:.1f} x")
        table.line("ours : bare echo", f"{rates['ours'] / rates['echo']:.3f} x")


def _read(pool: Executor, server: Server, kind: str, tokens: tuple[str, ...]) -> tuple[Measured, float]:
    """One round of one server, and the milliseconds that its process computed for a request."""
    job = Job(server.port, [body(FEED, first=50)], tokens, requests=REQUESTS[kind])
    before = server.cpu_milliseconds()
    [measured] = pool.submit(measure, job).result()
    assert measured.failures == 0, kind
    return measured, (server.cpu_milliseconds() - before) / job.requests


def lists(table: Table, pool: Executor, server: Server, database_url: str) -> None:
    """The feed's first page and searches: milliseconds in PostgreSQL and over HTTP."""
    table.head(f"First pages of 50 among {STATEMENTS:,} statements; median ms: planning + running / over HTTP")
    in_database = asyncio.run(_in_database(database_url))
    for name, variables in (
        ("feed", {}),
        *((f"search: {name}", {"filter": {"search": words}}) for name, words in SEARCHES),
    ):
        timed = in_database[name]
        [measured] = pool.submit(
            measure, Job(server.port, [body(FEED, first=50, **variables)], TOKENS[:1], requests=12, clients=1)
        ).result()
        assert measured.failures == 0, name
        remark = f"{timed.rows - 1 if timed.rows > 50 else timed.rows} rows"
        remark += ", whole table read" if timed.scans_all else ", index scans"
        table.line(name, f"{timed.planning:.1f} + {timed.running:.1f} / {measured.percentile(0.5):.1f}", remark)
        if timed.scans_all or timed.running > 10:
            table.missed.append(f"{name}: {timed.running:.1f} ms in PostgreSQL, goal 10 ms by index scans")


async def _in_database(database_url: str) -> dict[str, Timed]:
    db = await Database.open(database_url, size=2)
    try:
        async with db.reading() as conn:
            seat = await conn.fetch_one(
                "select s.account_id, c.id, c.school_id from seat s join school_class c on c.id = s.class_id limit 1"
            )
        assert seat is not None
        reader = Reader(seat["account_id"], (seat["id"],), (seat["school_id"],))
        wanted = {"feed": FeedFilter()} | {f"search: {name}": FeedFilter(words=words) for name, words in SEARCHES}
        return {name: await time_list(db, reader, one) for name, one in wanted.items()}
    finally:
        await db.close()


def log_ins(table: Table, pool: Executor, server: Server) -> None:
    """Log-ins as fast as they go beside a feed that is read at a steady pace."""
    table.head("Log-ins (argon2id, 19 MiB, 2 passes) while the feed of 10 is read 20 times a second")
    reading = Job(server.port, [body(FEED, first=10)], TOKENS[:300], requests=160, clients=8, per_second=20)
    signing = Job(
        server.port,
        [body(SIGN_IN, input={"handle": f"bench{number}", "passphrase": PASSPHRASE}) for number in range(3_000)],
        requests=200,
        clients=8,
    )
    [alone] = pool.submit(measure, reading).result()
    beside, signed = pool.submit(measure, reading, signing).result()
    assert alone.failures == beside.failures == signed.failures == 0
    rate = signed.per_second
    table.goal("log-ins a second", f"{rate:.0f}", "60", reached=rate >= 60)
    before, after = alone.percentile(0.99), beside.percentile(0.99)
    table.line("feed p99 without log-ins", f"{before:.1f} ms")
    table.goal("feed p99 beside them", f"{after:.1f} ms", "under 20 ms", reached=after < 20)
    table.line("p99 beside : without", f"{after / before:.1f} x")


def rounds(table: Table, pool: Executor, database_url: str) -> None:
    """A round of the class competition from the lot to the result."""
    table.head(f"A round with {CLASSES:,} classes, {ENTRIES:,} entries, {MARKS:,} marks; seconds")
    seen = pool.submit(measure_rounds, database_url).result()
    table.line("the lot: contenders, entries, jury, deck", f"{seen.lot:.1f}", "once a round")
    least, most = seen.dealt
    table.line(f"hands for {VOTERS:,} voters at once", f"{seen.dealing:.1f}", f"{least} to {most} cards of each class")
    table.line("a transaction each : together", f"{seen.dealing_one_by_one / seen.dealing:.1f} x")
    table.line("live counts of all classes", f"{seen.live:.2f}", "shared by all who ask within five seconds")
    table.line("a query a class : all at once", f"{seen.live_one_by_one / seen.live:.1f} x")
    table.line("result, from scores and marks", f"{seen.result:.2f}", f"{seen.ranked:,} classes ranked")
    table.line("memory that all of it took", f"{seen.megabytes:.0f} MB")


def memory(table: Table, server: Server, at_start: float) -> None:
    """Resident memory of the web process, and what it should not have loaded."""
    table.head("Memory of the web process, MB resident")
    table.line("after its start", f"{at_start:.0f}")
    after = server.megabytes()
    table.goal("after all of this", f"{after:.0f}", "under 250", reached=after < 250)
    loaded = server.stop()
    table.goal("modules it must not load", " ".join(loaded) or "none", "none", reached=not loaded)
