"""The core's own tables. Jobs live in pgqueuer's tables, made by a migration of their own."""

from piccolo.columns import JSONB, UUID, BigInt, Bytea, DoublePrecision, Text, Timestamptz
from piccolo.constraints import Unique
from piccolo.table import Table


class AuditEntry(Table, tablename="audit_entry"):
    """What somebody did, as ids and codes only. Never updated, never deleted (triggers); sealed by `audit_link`."""

    id = UUID(primary_key=True, default=None, null=False)
    xid = BigInt(default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)
    actor_key = UUID(default=None, null=True)
    action = Text(default=None, null=False)
    subject_kind = Text(default=None, null=False)
    subject_id = UUID(default=None, null=True, index=True)
    details = JSONB(default=None, null=False)


class AuditLink(Table, tablename="audit_link"):
    """One link of the hash chain over the audit entries, in sealing order."""

    number = BigInt(primary_key=True, default=None, null=False)
    entry_id = UUID(default=None, null=False, unique=True)
    hash = Bytea(default=None, null=False)
    sealed_at = Timestamptz(default=None, null=False)


class AuditKey(Table, tablename="audit_key"):
    """The random key under which an account stands in the audit. Erasure deletes the row; the chain stays valid."""

    account_id = UUID(primary_key=True, default=None, null=False)
    key = UUID(default=None, null=False, unique=True)


class JobReceipt(Table, tablename="job_receipt"):
    """A job that has done its work: a second run of the same job finds its key here and does nothing."""

    key = Text(primary_key=True, default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)


class Repeat(Table, tablename="repeat"):
    """A `clientMutationKey` that was used and what it led to, kept for a day."""

    viewer_key = Text(default=None, null=False)
    client_key = Text(default=None, null=False)
    operation = Text(default=None, null=False)
    result_id = UUID(default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)
    id = UUID(primary_key=True, default=None, null=False)
    repeat_once = Unique([viewer_key, client_key])


class RateBucket(Table, tablename="rate_bucket"):
    """A token bucket shared by all processes; keys are hashed, rows go when the bucket is full again."""

    key = Text(primary_key=True, default=None, null=False)
    tokens = DoublePrecision(default=None, null=False)
    at = Timestamptz(default=None, null=False, index=True)
