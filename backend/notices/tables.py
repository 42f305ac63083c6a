"""Inbox and outgoing mail."""

from piccolo.columns import JSONB, UUID, Integer, Text, Timestamptz
from piccolo.table import Table


class Notice(Table, tablename="notice"):
    """One line in somebody's inbox. Personal: the recipient; kept until the account is erased."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = UUID(default=None, null=False, index=True)
    kind = Text(default=None, null=False)
    params = JSONB(default=None, null=False)
    subject_kind = Text(default=None, null=True)
    subject_id = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)
    read_at = Timestamptz(default=None, null=True)


class OutgoingMail(Table, tablename="outgoing_mail"):
    """A mail to send. Personal: the address and parameters, nulled once sent or given up."""

    id = UUID(primary_key=True, default=None, null=False)
    recipient = Text(default=None, null=True)
    kind = Text(default=None, null=False)
    locale = Text(default=None, null=False)
    params = JSONB(default=None, null=True)
    at = Timestamptz(default=None, null=False, index=True)
    attempts = Integer(default=None, null=False)
    sent_at = Timestamptz(default=None, null=True)
