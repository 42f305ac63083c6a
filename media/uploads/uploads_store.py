"""The SQL of tickets and their parts."""

import secrets
from collections.abc import Collection
from datetime import datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from media.kinds import Kind, Medium
from media.movies.orders import Sound
from media.rules import OPEN, WAITING, AssetStatus
from media.uploads.views import LeftParts, PartRow, UploadRow

_UPLOAD = """
select u.id, u.asset_id, a.owner_id, a.status, a.reason, u.content_type, u.size, u.sha256, u.expires_at,
       u.part_bytes, u.multipart, a.original_gone_at is not null as is_original_gone
  from upload u join asset a on a.id = u.asset_id
 where u.id = $1
"""


async def find_upload(conn: Connection, upload_id: Id) -> UploadRow | None:
    """A ticket."""
    return await conn.fetch_one_as(UploadRow, _UPLOAD, upload_id)


async def lock_upload(tx: Transaction, upload_id: Id) -> UploadRow | None:
    """A ticket, locked with its picture."""
    return await tx.fetch_one_as(UploadRow, f"{_UPLOAD} for update", upload_id)


async def lock_sender(tx: Transaction, owner_id: Id) -> None:
    """One request for a ticket at a time for each account, so that its limits hold."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('upload:' || $1::text, 0))", str(owner_id))


async def count_sent(tx: Transaction, owner_id: Id, *, since: datetime) -> tuple[int, int]:
    """Open tickets, and the bytes of all tickets since then."""
    row = await tx.fetch_one(
        "select count(*) filter (where a.status = any($3) and u.expires_at > $4) as open,"
        "       coalesce(sum(u.size) filter (where u.created_at > $2), 0)::bigint as bytes"
        "  from asset a join upload u on u.asset_id = a.id where a.owner_id = $1",
        owner_id, since, sorted(OPEN), await tx.now(),
    )  # fmt: skip
    return (row["open"], row["bytes"]) if row else (0, 0)


async def count_waiting(tx: Transaction, owner_id: Id, medium: Medium) -> int:
    """How many of an account's pictures, or movies, wait to be made."""
    counted: int = await tx.fetch_value(
        "select count(*) from asset where owner_id = $1 and medium = $2 and status = any($3)",
        owner_id, medium, sorted(WAITING),
    )  # fmt: skip
    return counted


async def insert_upload(tx: Transaction, upload: UploadRow, *, medium: Medium, sound: Sound | None) -> None:
    """A ticket and its picture or movie, which waits for its bytes."""
    now = await tx.now()
    await tx.execute(
        "insert into asset (id, owner_id, medium, sound, status, attempts, key, is_public, is_fixed, created_at,"
        " changed_at) values ($1, $2, $3, $4, $5, 0, $6, false, false, $7, $7)",
        upload.asset_id, upload.owner_id, medium, sound, upload.status, secrets.token_urlsafe(16), now,
    )  # fmt: skip
    await tx.execute(
        "insert into upload (id, asset_id, content_type, size, sha256, part_bytes, created_at, expires_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        upload.id, upload.asset_id, upload.content_type, upload.size, upload.sha256, upload.part_bytes, now,
        upload.expires_at,
    )  # fmt: skip


async def mark_received(tx: Transaction, upload: UploadRow) -> None:
    """The whole file is stored; it counts if the ticket is still open."""
    now = await tx.now()
    await tx.execute(
        "update asset set status = 'UPLOADED', changed_at = $2 where id = $1 and status = any($3)",
        upload.asset_id, now, sorted(OPEN),
    )  # fmt: skip
    await tx.execute("update upload set received_at = $2 where id = $1", upload.id, now)


async def mark_finalised(
    tx: Transaction, upload: UploadRow, *, kind: Kind | None = None, reason: str | None = None
) -> None:
    """The sender is done: to be processed as `kind`, or refused for `reason`. The caller holds the lock."""
    now = await tx.now()
    status = AssetStatus.SCANNING if reason is None else AssetStatus.REJECTED
    await tx.execute(
        "update asset set status = $2, kind = $3, reason = $4, changed_at = $5, original_size = $6,"
        " original_sha256 = $7 where id = $1",
        upload.asset_id, status, kind, reason, now, upload.size, upload.sha256,
    )  # fmt: skip
    await tx.execute(
        "update upload set finalised_at = $2, received_at = coalesce(received_at, $2) where id = $1", upload.id, now
    )


async def list_parts(conn: Connection, upload_id: Id) -> list[PartRow]:
    """What is promised of the parts, and which of them have come to us, in their order."""
    return await conn.fetch_as(
        PartRow,
        "select number, size, sha256, received_at from upload_part where upload_id = $1 order by number",
        upload_id,
    )


async def find_part(conn: Connection, upload_id: Id, number: int) -> PartRow | None:
    """What is promised of one part."""
    return await conn.fetch_one_as(
        PartRow,
        "select number, size, sha256, received_at from upload_part where upload_id = $1 and number = $2",
        upload_id, number,
    )  # fmt: skip


async def put_part(tx: Transaction, upload_id: Id, part: PartRow) -> None:
    """Keep what is promised of a part. A part that came and is promised otherwise now has to come again."""
    await tx.execute(
        "insert into upload_part (id, upload_id, number, size, sha256) values ($1, $2, $3, $4, $5)"
        " on conflict (upload_id, number) do update set size = excluded.size, sha256 = excluded.sha256,"
        " received_at = case when upload_part.sha256 = excluded.sha256 then upload_part.received_at end",
        new_id(), upload_id, part.number, part.size, part.sha256,
    )  # fmt: skip


async def mark_part_received(tx: Transaction, upload_id: Id, part: PartRow) -> None:
    """The bytes of a part are stored, as promised."""
    await tx.execute(
        "update upload_part set received_at = $4 where upload_id = $1 and number = $2 and sha256 = $3",
        upload_id, part.number, part.sha256, await tx.now(),
    )  # fmt: skip


async def set_multipart(tx: Transaction, upload_id: Id, multipart: str) -> None:
    """What the bucket calls the parts of this upload. The caller holds the lock."""
    await tx.execute("update upload set multipart = $2 where id = $1", upload_id, multipart)


async def list_left_parts(
    conn: Connection, asset_ids: Collection[Id] | None = None, *, after: Id | None, limit: int
) -> list[LeftParts]:
    """Uploads of these pictures, or all that were finalised, of which parts may still be stored, by id."""
    return await conn.fetch_as(
        LeftParts,
        "select u.id as upload_id, u.asset_id, u.multipart,"
        "       array(select p.number from upload_part p where p.upload_id = u.id) as numbers"
        "  from upload u where (u.asset_id = any($1) or $1 is null and u.finalised_at is not null)"
        "   and (u.multipart is not null or exists (select from upload_part p where p.upload_id = u.id))"
        "   and ($2::uuid is null or u.id > $2) order by u.id limit $3",
        None if asset_ids is None else list(asset_ids), after, limit,
    )  # fmt: skip


async def forget_parts(tx: Transaction, upload_ids: Collection[Id]) -> None:
    """No part of these uploads is stored any more."""
    await tx.execute("delete from upload_part where upload_id = any($1)", list(upload_ids))
    await tx.execute(
        "update upload set multipart = null where id = any($1) and multipart is not null", list(upload_ids)
    )
