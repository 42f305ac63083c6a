"""The SQL of the consent ledger and of guardian keys."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.accounts.consent_rules import (
    ConsentAnswer,
    ConsentGiver,
    ConsentPurpose,
    ConsentRow,
    KeyChannel,
    Question,
)
from backend.core.database import Connection, Transaction
from backend.core.ids import Id

_ROW = (
    "id, account_id, purpose, audience, answer, wording, granted_by, legal_basis, reason_code, at, effective_at,"
    " expires_at, withdrawn_at, exists (select from guardian_key k where k.id = consent.guardian_key_id"
    " and k.channel = 'MAIL') as by_mail"
)
MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class NewConsent:
    """An answer that is added to the ledger."""

    id: Id
    account_id: Id
    question: Question
    answer: ConsentAnswer
    wording: str
    granted_by: ConsentGiver
    effective_at: datetime
    expires_at: datetime | None = None
    guardian_key_id: Id | None = None
    representative_id: Id | None = None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class AgeRow:
    """From which age people of a country decide a purpose for themselves, as of a moment."""

    country: str
    purpose: ConsentPurpose
    valid_from: datetime
    age: int


@dataclass(frozen=True, slots=True)
class GuardianKeyRow:
    """A key for one child's guardian. `asked` are question keys."""

    id: Id
    account_id: Id
    channel: KeyChannel
    asked: list[str]
    made_at: datetime
    expires_at: datetime
    answered_at: datetime | None


async def running_rows(conn: Connection, account_ids: Sequence[Id]) -> Mapping[Id, list[ConsentRow]]:
    """The answers of each account that nobody has withdrawn."""
    rows = await conn.fetch_as(
        ConsentRow, f"select {_ROW} from consent where account_id = any($1) and withdrawn_at is null", account_ids
    )
    found: dict[Id, list[ConsentRow]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    return found


async def accounts_with_expired(conn: Connection, since: datetime, until: datetime, limit: int) -> list[Id]:
    """Accounts with a yes that ran out between the two moments, the latest first."""
    rows = await conn.fetch(
        "select account_id from consent where withdrawn_at is null and answer = 'YES' and expires_at > $1"
        " and expires_at <= $2 group by account_id order by max(expires_at) desc limit $3",
        since, until, limit,
    )  # fmt: skip
    return [row["account_id"] for row in rows]


async def ledger(conn: Connection, account_id: Id) -> list[ConsentRow]:
    """The whole ledger of an account, newest first; at most MAX_ROWS."""
    return await conn.fetch_as(
        ConsentRow, f"select {_ROW} from consent where account_id = $1 order by at desc, id desc limit {MAX_ROWS}",
        account_id,
    )  # fmt: skip


async def births(conn: Connection, account_ids: Sequence[Id]) -> Mapping[Id, tuple[int | None, str | None]]:
    """Birth year and country of each account."""
    rows = await conn.fetch("select id, birth_year, country from account where id = any($1)", account_ids)
    return {row["id"]: (row["birth_year"], row["country"]) for row in rows}


async def ages(conn: Connection, now: datetime) -> Mapping[str, Mapping[ConsentPurpose, int]]:
    """The ages in force, by country and purpose."""
    rows = await conn.fetch(
        "select distinct on (country, purpose) country, purpose, age from age_rule where valid_from <= $1"
        " order by country, purpose, valid_from desc",
        now,
    )
    found: dict[str, dict[ConsentPurpose, int]] = defaultdict(dict)
    for row in rows:
        found[row["country"]][ConsentPurpose(row["purpose"])] = row["age"]
    return found


async def list_ages(conn: Connection) -> list[AgeRow]:
    """Every age that holds, held or will hold, by country, purpose and time; at most a thousand."""
    return await conn.fetch_as(
        AgeRow, "select country, purpose, valid_from, age from age_rule order by 1, 2, 3 limit 1000"
    )


async def add_age(tx: Transaction, age_id: Id, row: AgeRow) -> bool:
    """Add an age; False when there is one for that very moment."""
    made = await tx.fetch_value(
        "insert into age_rule (id, country, purpose, valid_from, age) values ($1, $2, $3, $4, $5)"
        " on conflict do nothing returning id",
        age_id, row.country, row.purpose, row.valid_from, row.age,
    )  # fmt: skip
    return made is not None


async def insert_consent(tx: Transaction, new: NewConsent) -> None:
    """Add an answer; the former one of the same giver has been ended before."""
    await tx.execute(
        "insert into consent (id, account_id, purpose, audience, answer, wording, granted_by, legal_basis,"
        " guardian_key_id, representative_id, reason_code, at, effective_at, expires_at)"
        " values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)",
        new.id, new.account_id, new.question.purpose, new.question.audience, new.answer, new.wording, new.granted_by,
        new.question.legal_basis, new.guardian_key_id, new.representative_id, new.reason_code, await tx.now(),
        new.effective_at, new.expires_at,
    )  # fmt: skip


async def end_consent(
    tx: Transaction, account_id: Id, question: Question, granted_by: ConsentGiver, *, ended_by: ConsentGiver
) -> ConsentRow | None:
    """End the running answer of one giver; the row as it was, None when there is none."""
    return await tx.fetch_one_as(
        ConsentRow,
        "update consent set withdrawn_at = $5, withdrawn_by = $6 where account_id = $1 and purpose = $2"
        f" and audience is not distinct from $3 and granted_by = $4 and withdrawn_at is null returning {_ROW}",
        account_id,
        question.purpose,
        question.audience,
        granted_by,
        await tx.now(),
        ended_by,
    )


_KEY = "id, account_id, channel, asked, made_at, expires_at, answered_at"


async def find_key(conn: Connection, key_hash: bytes, now: datetime) -> GuardianKeyRow | None:
    """The running key behind a code."""
    return await conn.fetch_one_as(
        GuardianKeyRow,
        f"select {_KEY} from guardian_key where key_hash = $1 and revoked_at is null and expires_at > $2",
        key_hash,
        now,
    )


async def running_keys(
    conn: Connection, account_ids: Sequence[Id], now: datetime, *, channels: Sequence[KeyChannel] = tuple(KeyChannel)
) -> list[GuardianKeyRow]:
    """The running keys of accounts, those that travelled by these channels."""
    return await conn.fetch_as(
        GuardianKeyRow,
        f"select {_KEY} from guardian_key where account_id = any($1) and revoked_at is null and expires_at > $2"
        " and channel = any($3) order by made_at, id",
        account_ids,
        now,
        channels,
    )


async def has_school_answer(conn: Connection, account_id: Id) -> bool:
    """Whether a guardian has ever answered by a key that the school handed out."""
    found: bool = await conn.fetch_value(
        "select exists (select from guardian_key where account_id = $1 and channel = 'SCHOOL'"
        " and answered_at is not null)",
        account_id,
    )
    return found


async def insert_key(tx: Transaction, row: GuardianKeyRow, key_hash: bytes, *, asked_by: Id) -> None:
    """Add a key."""
    await tx.execute(
        "insert into guardian_key (id, account_id, key_hash, channel, asked, asked_by, made_at, expires_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.id,
        row.account_id,
        key_hash,
        row.channel,
        row.asked,
        asked_by,
        row.made_at,
        row.expires_at,
    )


async def ask_more(tx: Transaction, key_id: Id, asked: list[str], expires_at: datetime) -> None:
    """Let a running key ask for more."""
    await tx.execute("update guardian_key set asked = $2, expires_at = $3 where id = $1", key_id, asked, expires_at)


async def note_answer(tx: Transaction, key_id: Id, expires_at: datetime) -> None:
    """The guardian has answered: the key stays, to withdraw with."""
    await tx.execute(
        "update guardian_key set answered_at = coalesce(answered_at, $2), expires_at = $3 where id = $1",
        key_id,
        await tx.now(),
        expires_at,
    )


async def revoke_keys(tx: Transaction, account_id: Id, *, channels: Sequence[KeyChannel] = tuple(KeyChannel)) -> int:
    """End the running keys of an account, those that travelled by these channels; how many."""
    return await tx.execute(
        "update guardian_key set revoked_at = $2 where account_id = $1 and revoked_at is null and channel = any($3)",
        account_id,
        await tx.now(),
        channels,
    )
