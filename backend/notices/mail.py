"""Mail: a row and a job in the causing transaction; the worker renders and sends it by SMTP, or writes an .eml file."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib

from backend.core import jobs
from backend.core.database import Database, Transaction
from backend.core.ids import Id, new_id

JOB = "mail.send"
Render = Callable[[str, str, Mapping[str, object]], str]  # (locale, message key, parameters) -> text


class MailNotTaken(Exception):
    """The message was not handed over. It names the kind of failure and the server's codes, never the recipient."""


async def send(
    tx: Transaction, recipient: str, kind: str, *, locale: str, params: Mapping[str, str | int] | None = None
) -> None:
    """Send a mail once the transaction has committed; subject and body are the messages mail.<kind>.subject/body."""
    mail_id = new_id()
    await tx.execute(
        "insert into outgoing_mail (id, recipient, kind, locale, params, at, attempts) values ($1,$2,$3,$4,$5,$6,0)",
        mail_id, recipient, kind, locale, dict(params or {}), await tx.now(),
    )  # fmt: skip
    await jobs.enqueue(tx, JOB, {"mail": str(mail_id)}, key=f"{JOB}:{mail_id}")


@dataclass(frozen=True, slots=True)
class Postbox:
    """Where mail goes: an SMTP server (`smtp://user:pass@host:port?starttls=1`), or else a folder of .eml files."""

    sender: str
    smtp_url: str | None
    folder: Path

    async def deliver(self, message: EmailMessage, name: str) -> None:
        """Hand the message over. Raises MailNotTaken, or OSError when the folder cannot be written."""
        if self.smtp_url is None:
            await asyncio.to_thread(self._write, message, name)
            return
        try:
            await _send(message, urlsplit(self.smtp_url))
        except (OSError, aiosmtplib.SMTPException) as error:
            raise MailNotTaken(_in_short(error)) from None  # servers quote the recipient

    def _write(self, message: EmailMessage, name: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{name}.part"
        part.write_bytes(message.as_bytes())
        part.replace(self.folder / f"{name}.eml")


async def _send(message: EmailMessage, url: SplitResult) -> None:
    await aiosmtplib.send(
        message,
        hostname=url.hostname,
        port=url.port or (465 if url.scheme == "smtps" else 587),
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=url.scheme == "smtps",
        start_tls=parse_qs(url.query).get("starttls") == ["1"] or None,
        tls_context=ssl.create_default_context() if url.scheme == "smtps" or "starttls" in url.query else None,
        timeout=20,
    )


def _in_short(error: Exception) -> str:
    """`SMTPRecipientsRefused 550`: what went wrong, without the words of the server."""
    parts = (error, *getattr(error, "recipients", ()))
    codes = {part.code for part in parts if isinstance(part, aiosmtplib.SMTPResponseException)}
    return " ".join([type(error).__name__, *(str(code) for code in sorted(codes))])


async def handle_send(db: Database, postbox: Postbox, render: Render, payload: dict[str, Any]) -> None:
    """The job: send one mail. The message id is the row's, so that a mail sent twice after a crash is known as one."""
    mail_id = Id(payload["mail"])
    async with db.transaction() as tx:
        row = await tx.fetch_one(
            "update outgoing_mail set attempts = attempts + 1 where id = $1 and sent_at is null returning *", mail_id
        )
    if row is None or row["recipient"] is None:
        return
    message = EmailMessage()
    message["From"] = postbox.sender
    message["To"] = row["recipient"]
    message["Date"] = format_datetime(row["at"])
    message["Message-ID"] = make_msgid(str(mail_id), domain=postbox.sender.rpartition("@")[2].rstrip(">"))
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = render(row["locale"], f"mail.{row['kind']}.subject", row["params"])
    message.set_content(render(row["locale"], f"mail.{row['kind']}.body", row["params"]))
    await postbox.deliver(message, str(mail_id))
    async with db.transaction() as tx:
        await tx.execute(
            "update outgoing_mail set sent_at = $2, recipient = null, params = null where id = $1",
            mail_id,
            await tx.now(),
        )
