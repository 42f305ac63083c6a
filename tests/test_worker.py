"""The worker with a real queue: jobs are done, mail arrives over SMTP, what fails is tried again and then held."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP

from backend.core import audit, jobs
from backend.core.database import Database
from backend.notices import mail
from backend.settings import Settings
from backend.worker import run_worker


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    """A worker in this process, stopped at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(settings, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    """Wait for something that a worker does."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - the worker tells the database, not us
            await asyncio.sleep(0.05)


@dataclass
class Inbox(MessageHandler):
    """What an SMTP server received."""

    received: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_message(self, message: Message) -> None:
        """Keep it."""
        self.received.append(message)


async def _sent(db: Database) -> bool:
    async with db.reading() as conn:
        return bool(await conn.fetch_value("select count(*) from outgoing_mail where sent_at is not null"))


async def test_mail_written_in_a_transaction_is_sent_once_over_smtp_and_then_forgotten(
    db: Database, settings: Settings
) -> None:
    inbox = Inbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(inbox), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with db.transaction() as tx:
        await mail.send(tx, "mina@example.org", "email_verify", locale="nb", params={"code": "123456"})
    async with server, working(settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"})):
        await until(lambda: _sent(db))
    assert len(inbox.received) == 1
    message = inbox.received[0]
    assert message["To"] == "mina@example.org"
    assert message["Subject"]
    assert "123456" in message.get_payload(decode=True).decode()
    async with db.reading() as conn:
        row = await conn.fetch_one("select recipient, params from outgoing_mail")
    assert row is not None
    assert (row["recipient"], row["params"]) == (None, None)


async def test_mail_that_was_rolled_back_is_never_sent(db: Database, settings: Settings) -> None:
    try:
        async with db.transaction() as tx:
            await mail.send(tx, "nobody@example.org", "email_verify", locale="en", params={"code": "1"})
            raise LookupError
    except LookupError:
        pass
    async with db.transaction() as tx:
        await mail.send(tx, "mina@example.org", "email_verify", locale="en", params={"code": "2"})
    async with working(settings):
        await until(lambda: _sent(db))
    mails = list(settings.mail_folder.glob("*.eml"))
    assert len(mails) == 1
    assert b"mina@example.org" in mails[0].read_bytes()


async def test_job_that_fails_waits_and_is_tried_again(db: Database, settings: Settings) -> None:
    closed = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})  # nobody listens there
    async with db.transaction() as tx:
        await mail.send(tx, "mina@example.org", "email_verify", locale="en", params={"code": "3"})

    async def tried() -> bool:
        async with db.reading() as conn:
            return any(row.attempts > 0 and row.status == "queued" for row in await jobs.list_jobs(conn))

    async with working(closed):
        await until(tried)
    async with working(settings):
        await until(lambda: _sent(db))


class Refusing(MessageHandler):
    """A server that knows nobody and quotes whom it was asked for."""

    async def handle_RCPT(self, _server: Any, _session: Any, _envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        """Refuse, in the usual words."""
        return f"550 5.1.1 <{address}>: Recipient address rejected"

    def handle_message(self, message: Message) -> None:
        """Never called."""
        raise AssertionError(message)


async def test_mail_that_the_server_refuses_leaves_no_address_in_log_or_queue(
    db: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Refusing()), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with db.transaction() as tx:
        await mail.send(tx, "mina@example.org", "email_verify", locale="nb", params={"code": "123456"})
    kept = "select string_agg(t::text, ' ') from pgqueuer_log t where traceback is not null"

    async def failed() -> bool:
        async with db.reading() as conn:
            return await conn.fetch_value(kept) is not None

    async with server, working(settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"})):
        await until(failed)
    async with db.reading() as conn:
        told = await conn.fetch_value(kept)
    ours = [line for line in capsys.readouterr().err.splitlines() if "[mail.log]" not in line]  # the server's own
    told += "\n".join(ours)
    assert "SMTPRecipientsRefused 550" in told
    assert "mina" not in told


async def test_job_that_breaks_a_rule_of_the_database_leaves_no_row_in_log_or_queue(
    db: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with db.transaction() as tx:
        await tx.execute("alter table outgoing_mail add constraint never check (attempts = 0) not valid")
        await mail.send(tx, "mina@example.org", "email_verify", locale="nb", params={"code": "123456"})
    kept = "select string_agg(t::text, ' ') from pgqueuer_log t where traceback is not null"

    async def failed() -> bool:
        async with db.reading() as conn:
            return await conn.fetch_value(kept) is not None

    async with working(settings):
        await until(failed)
    async with db.reading() as conn:
        told = await conn.fetch_value(kept) + capsys.readouterr().err
    assert "CheckViolationError" in told
    assert "mina" not in told


async def test_worker_seals_the_audit(db: Database, settings: Settings) -> None:
    async with db.transaction() as tx:
        await audit.record(tx, None, "test:thing:made", ("thing", None))

    async def sealed() -> bool:
        async with db.reading() as conn:
            return (await audit.head(conn))[0] >= 1

    async with working(settings):
        await until(sealed)
    assert await audit.verify(db) is None


async def test_worker_removes_what_one_before_it_left_on_this_machine(
    db: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "stemme-media-left"
    left.mkdir()
    os.utime(left, (0, 0))

    async def is_gone() -> bool:
        return not left.exists()

    async with working(settings):
        await until(is_gone)
