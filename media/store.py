"""The SQL of uploads, pictures and renditions."""

from collections.abc import Collection
from datetime import timedelta

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id
from media.kinds import kind_of
from media.movies.orders import Sound
from media.processing.failures import FAILED, MOVIE_FAILED
from media.processing.orders import RECIPE, Decoded
from media.recognising.recognising_store import keep_fingerprint
from media.rules import USABLE, WAITING, AssetStatus, People
from media.views import AssetView, Attempt, ServedFile, Stuck

ASSET = """
select a.id, a.owner_id, a.medium, a.status, a.reason, a.key, a.is_public, a.is_fixed, a.alt_text, a.people,
       a.width, a.height, a.placeholder, a.sound, a.percent,
       coalesce((select json_agg(json_build_object('format', r.format, 'width', r.width, 'height', r.height,
                                                   'size', r.size, 'sha256', r.sha256,
                                                   'seconds', r.seconds, 'has_sound', r.has_sound,
                                                   'is_copied', c.copied_at is not null)
                                 order by r.width desc, r.height desc, r.format desc)
                   from rendition r
                   left join public_copy c on c.asset_id = r.asset_id and c.sha256 = r.sha256
                  where r.asset_id = a.id and r.format <> 'vtt'), '[]') as renditions,
       coalesce((select json_agg(json_build_object('language', t.language, 'direction', t.direction,
                                                   'sha256', t.sha256, 'is_copied', k.copied_at is not null)
                                 order by t.language)
                   from caption t
                   left join public_copy k on k.asset_id = t.asset_id and k.sha256 = t.sha256
                  where t.asset_id = a.id), '[]') as captions,
       coalesce((select json_agg(json_build_object('x', b.x, 'y', b.y, 'width', b.width, 'height', b.height)
                                 order by b.id)
                   from asset_blur b where b.asset_id = a.id), '[]') as blurred
  from asset a
"""

# Whether everybody may read the picture `a`: the same in words as `rules.may_show_public`.
PUBLIC = "(a.status = 'RELEASED' and a.is_public)"


async def list_assets(conn: Connection, ids: Collection[Id]) -> list[AssetView]:
    """The pictures with these ids, with their renditions, largest first; one statement."""
    return await conn.fetch_as(AssetView, f"{ASSET} where a.id = any($1)", list(ids)) if ids else []


async def lock_assets(tx: Transaction, ids: Collection[Id]) -> dict[Id, AssetView]:
    """The same, locked until the end of the transaction, always in the same order.

    Read only when they are locked: one statement would wait for another's lock and then tell the files of before.
    """
    await tx.execute("select from asset where id = any($1) order by id for update", list(ids))
    return {row.id: row for row in await list_assets(tx, ids)}


async def find_file(
    conn: Connection, *, sha256: str, format_: str, asset_id: Id | None = None, key: str | None = None
) -> ServedFile | None:
    """A file of the picture with this id, or with this public key; whether it may be shown, the caller decides."""
    return await conn.fetch_one_as(
        ServedFile,
        "select a.id as asset_id, r.sha256, r.format, r.size, a.status, a.is_public"
        " from asset a join (select asset_id, sha256, format, size from rendition union all"
        "                    select asset_id, sha256, format, size from old_rendition where is_readable) r"
        "   on r.asset_id = a.id"
        f" where r.sha256 = $2 and r.format = $3 and {'a.id = $1' if key is None else 'a.key = $1'}",
        asset_id if key is None else key, sha256, format_,
    )  # fmt: skip


async def content_type_of(conn: Connection, asset_id: Id) -> str | None:
    """The exact media type of what was uploaded, once it has been looked at."""
    kind: str | None = await conn.fetch_value("select kind from asset where id = $1", asset_id)
    return kind


async def begin_attempt(tx: Transaction, asset_id: Id, *, most: int) -> Attempt | None:
    """Count an attempt at a waiting picture and tell what it is; None when it does not wait or has had its attempts."""
    found = await tx.fetch_one(
        "update asset set status = 'PROCESSING', attempts = attempts + 1, changed_at = $2,"
        " percent = case when medium = 'MOVIE' then 0 end"
        " where id = $1 and status = any($3) and attempts < $4 returning kind, sound",
        asset_id, await tx.now(), sorted(WAITING), most,
    )  # fmt: skip
    kind = None if found is None else kind_of(found["kind"])
    if found is None or kind is None:
        return None
    return Attempt(kind, None if found["sound"] is None else Sound(found["sound"]))


async def find_promise(conn: Connection, asset_id: Id) -> tuple[int, bytes] | None:
    """Size and SHA-256 that the original was promised to have; None for those from before this was kept."""
    row = await conn.fetch_one("select original_size, original_sha256 from asset where id = $1", asset_id)
    return None if row is None or row["original_sha256"] is None else (row["original_size"], row["original_sha256"])


async def return_attempt(tx: Transaction, asset_id: Id) -> bool:
    """An attempt that failed for no fault of the picture does not count; whether it still waits."""
    changed = await tx.execute(
        "update asset set attempts = greatest(attempts - 1, 0), changed_at = $2 where id = $1 and status = any($3)",
        asset_id, await tx.now(), sorted(WAITING),
    )  # fmt: skip
    return changed == 1


async def end_waiting(tx: Transaction, asset_id: Id, status: AssetStatus, reason: str) -> bool:
    """A waiting picture is refused or has failed; whether it still waited."""
    changed = await tx.execute(
        "update asset set status = $2, reason = $3, changed_at = $4, percent = null where id = $1 and status = any($5)",
        asset_id, status, reason, await tx.now(), sorted(WAITING),
    )  # fmt: skip
    return changed == 1


async def fail_exhausted(tx: Transaction, asset_id: Id, *, most: int, reason: str) -> bool:
    """A waiting picture that has had its attempts fails; whether it did."""
    changed = await tx.execute(
        "update asset set status = 'FAILED', changed_at = $3, percent = null,"
        " reason = case when medium = 'MOVIE' and $2 = $6 then $7 else $2 end"
        " where id = $1 and status = any($4) and attempts >= $5",
        asset_id, reason, await tx.now(), sorted(WAITING), most, FAILED, MOVIE_FAILED,
    )  # fmt: skip
    return changed == 1


async def mark_clean(
    tx: Transaction, asset_id: Id, made: Decoded, *, sound: Sound | None = None, blurs: int = 0
) -> bool:
    """The files are stored; whether they were still waited for: the picture with as many blurred parts, the movie with
    this choice of sound."""
    changed = await tx.execute(
        "update asset set status = 'CLEAN', width = $2, height = $3, placeholder = $4, changed_at = $5, recipe = $6,"
        " percent = null"
        " where id = $1 and status = 'PROCESSING' and sound is not distinct from $7"
        "   and (select count(*) from asset_blur where asset_id = $1) = $8",
        asset_id, made.width, made.height, made.placeholder, await tx.now(), RECIPE, sound, blurs,
    )  # fmt: skip
    if changed != 1:
        return False
    await insert_renditions(tx, asset_id, made)
    return True


async def insert_renditions(tx: Transaction, asset_id: Id, made: Decoded) -> None:
    """The files that are served from now on, and how the picture looks."""
    await tx.execute_many(
        "insert into rendition (id, asset_id, format, width, height, size, sha256, seconds, has_sound)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (asset_id, sha256) do nothing",
        [
            (new_id(), asset_id, r.format, r.width, r.height, r.size, r.sha256, r.seconds, r.has_sound)
            for r in made.renditions
        ],
    )
    await keep_fingerprint(tx, asset_id, made.fingerprint)


async def set_words(tx: Transaction, asset_id: Id, alt_text: str | None, people: People | None) -> None:
    """Alt text and declaration; None leaves what is there."""
    await tx.execute(
        "update asset set alt_text = coalesce($2, alt_text), people = coalesce($3, people), changed_at = $4"
        " where id = $1",
        asset_id, alt_text, people, await tx.now(),
    )  # fmt: skip


async def set_fixed(tx: Transaction, ids: Collection[Id], is_fixed: bool) -> None:
    """Words that were handed in stay; those of a picture given back can change again, unless it was released.

    What is handed in waits for a decision, whatever was decided about it before.
    """
    await tx.execute(
        "update asset set is_fixed = $2, decided_at = case when $2 and status = 'CLEAN' then null else decided_at end"
        " where id = any($1) and (status = 'CLEAN' or $2)",
        list(ids), is_fixed,
    )  # fmt: skip


async def mark_refused(tx: Transaction, ids: Collection[Id]) -> None:
    """What these pictures belong to was refused, and the refusal can be appealed."""
    await tx.execute(
        "update asset set decided_at = $2, refused_at = $2 where id = any($1) and status = any($3)",
        list(ids), await tx.now(), sorted(USABLE),
    )  # fmt: skip


async def set_shown(
    tx: Transaction, ids: Collection[Id], status: AssetStatus, *, from_: Collection[AssetStatus], is_public: bool
) -> int:
    """Release or revoke; the number of pictures that were in one of the states."""
    return await tx.execute(
        "update asset set status = $2, is_public = $3, decided_at = $4, changed_at = $4,"
        "       refused_at = case when $2 = 'REVOKED' then $4 else refused_at end"
        " where id = any($1) and status = any($5)",
        list(ids), status, is_public, await tx.now(), sorted(from_),
    )  # fmt: skip


async def list_stuck(conn: Connection, *, untouched_for: timedelta, limit: int) -> list[Stuck]:
    """Pictures and movies that wait longer than any job takes without a word."""
    return await conn.fetch_as(
        Stuck,
        "select id, medium from asset where status = any($1) and changed_at < $2 order by changed_at limit $3",
        sorted(WAITING), await conn.now() - untouched_for, limit,
    )  # fmt: skip
