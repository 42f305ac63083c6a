"""A PostgreSQL of its own in a folder that is thrown away, migrated and filled with many statements."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import asyncpg
from argon2 import PasswordHasher

from backend.accounts.passphrases import spoken
from backend.dev.embedded import create_database, embedded_server
from backend.migrate import migrate
from backend.settings import Settings

STATEMENTS = 200_000
PASSPHRASE = "tre elv sol lampe fjord"  # of every account: bench0, bench1, ...
TOKENS = tuple(f"bench-session-{number}" for number in range(3_000))

_HERE = Path(__file__).parent
_WORDS = _HERE.parent / "backend" / "accounts" / "words" / "en.txt"
_PIECES = ("skolegård på fjellet", "حرية التعبير", "свобода слова", "ääni kuuluviin")
_INDEXES = """
select indexname, indexdef from pg_indexes
 where tablename = 'statement' and indexname not in (select conname from pg_constraint)
"""


@contextmanager
def filled_database() -> Iterator[Settings]:
    """Settings of a web process on a filled database; everything is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="stemme-bench-"))
    try:
        # Durable as in production: log-ins are commits.
        with embedded_server(folder) as server:
            url = create_database(server.url, "bench")
            migrate(url)
            settings = Settings.load({"DATABASE_URL": url, "STEMME_DEV_FOLDER": str(folder / "dev")})
            asyncio.run(fill(settings))
            yield settings
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def empty_database(settings: Settings, name: str) -> str:
    """The address of a further database on the same server, migrated."""
    url = create_database(settings.database_url, name)
    migrate(url)
    return url


def _sentences() -> Iterator[str]:
    """5,000 sentences of frequent and rare words, some with a piece in another script."""
    words, random = _WORDS.read_text("utf-8").split(), Random(42)  # noqa: S311 (the same rows each time)
    for number in range(5_000):
        picked = [words[int(random.random() ** 3 * len(words))] for _ in range(10)]
        if number % 7 == 0:
            picked.append(_PIECES[number % len(_PIECES)])
        yield " ".join(picked).capitalize() + "."


async def fill(settings: Settings, *, statements: int = STATEMENTS) -> None:
    """Rows for a migrated, empty database."""
    hasher = PasswordHasher(settings.argon2_time_cost, settings.argon2_memory_kib, settings.argon2_parallelism)
    rows = (_HERE / "rows.sql").read_text("utf-8")
    rows = rows.replace("@passphrase_hash@", hasher.hash(spoken(PASSPHRASE))).replace("@statements@", str(statements))
    conn = await asyncpg.connect(settings.database_url)
    try:
        async with conn.transaction():
            await conn.execute("create temporary table sentence (n int primary key, words text) on commit drop")
            await conn.copy_records_to_table("sentence", records=enumerate(_sentences()))
            # Indexes of a table that is filled at once are made faster afterwards.
            indexes = await conn.fetch(_INDEXES)
            for index in indexes:
                await conn.execute(f'drop index "{index["indexname"]}"')
            await conn.execute(rows)
            for index in indexes:
                await conn.execute(index["indexdef"])
        await conn.execute("vacuum analyze")
    finally:
        await conn.close()
