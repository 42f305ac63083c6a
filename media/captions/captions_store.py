"""The SQL of captions: one text a language, each with a file among the movie's renditions."""

from collections.abc import Collection
from dataclasses import dataclass

from backend.core.database import Connection, Transaction
from backend.core.ids import Id, new_id

FORMAT = "vtt"


@dataclass(frozen=True, slots=True)
class CaptionText:
    """The captions of a movie in one language, as a WebVTT file."""

    id: Id
    asset_id: Id
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class NewCaption:
    """What is to be kept: the words, and the file that was made of them (SHA-256 in hex, size in bytes)."""

    language: str
    direction: str
    text: str
    sha256: str
    size: int


async def list_texts(conn: Connection, asset_ids: Collection[Id]) -> list[CaptionText]:
    """The texts of these movies, by language; none of a movie that has ended."""
    return await conn.fetch_as(
        CaptionText,
        "select c.id, c.asset_id, c.language, c.text from caption c join asset a on a.id = c.asset_id"
        " where c.asset_id = any($1) and a.status <> 'PURGED' order by c.asset_id, c.language",
        list(asset_ids),
    )


async def save(tx: Transaction, asset_id: Id, new: NewCaption) -> str | None:
    """Keep these captions in place of those in the same language; the digest of the file that they replace."""
    replaced = await remove(tx, asset_id, new.language)
    await tx.execute(
        "insert into caption (id, asset_id, language, direction, text, sha256, changed_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        new_id(), asset_id, new.language, new.direction, new.text, new.sha256, await tx.now(),
    )  # fmt: skip
    await tx.execute(
        "insert into rendition (id, asset_id, format, width, height, size, sha256) values ($1, $2, $3, 0, 0, $4, $5)",
        new_id(), asset_id, FORMAT, new.size, new.sha256,
    )  # fmt: skip
    return replaced


async def remove(tx: Transaction, asset_id: Id, language: str) -> str | None:
    """Forget the captions in this language; the digest of their file, None when there were none."""
    sha256: str | None = await tx.fetch_value(
        "delete from caption where asset_id = $1 and language = $2 returning sha256", asset_id, language
    )
    await tx.execute("delete from rendition where asset_id = $1 and sha256 = $2", asset_id, sha256)
    return sha256


async def remove_all(tx: Transaction, asset_ids: Collection[Id]) -> None:
    """Forget the captions of movies whose files have been removed."""
    await tx.execute("delete from caption where asset_id = any($1)", list(asset_ids))
    await tx.execute("delete from rendition where asset_id = any($1) and format = $2", list(asset_ids), FORMAT)
