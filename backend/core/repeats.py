"""Safe repeats: a mutation sent twice with the same key does its work once and gives the first result again."""

import hashlib

from backend.core.database import Connection, Transaction
from backend.core.errors import ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.viewer import Viewer

_MIN_CHARS, _MAX_CHARS = 8, 200
_MIN_ANONYMOUS_CHARS = 22  # 128 bits in base64: nobody guesses another's key


async def first_result(
    tx: Transaction, viewer: Viewer, operation: str, client_key: str | None, result_id: Id
) -> Id | None:
    """Claim the key for `result_id`; None when it is new, else the id of the first run's result.

    Called in the use case's own transaction: a second run waits here until the first has committed or failed. Raises
    ValidationFailed `client_key_length`, or `client_key_reused` when the key was used for another operation.
    """
    if client_key is None:
        return None
    owner, key = _names(viewer, client_key)
    inserted = await tx.fetch_value(
        "insert into repeat (id, viewer_key, client_key, operation, result_id, at)"
        " values ($1, $2, $3, $4, $5, clock_timestamp()) on conflict (viewer_key, client_key) do nothing returning id",
        new_id(), owner, key, operation, result_id,
    )  # fmt: skip
    if inserted is not None:
        return None
    return await known_result(tx, viewer, operation, client_key)


async def known_result(conn: Connection, viewer: Viewer, operation: str, client_key: str | None) -> Id | None:
    """The id of a finished first run's result, without claiming the key: a repeat that costs none of a limit.

    Raises ValidationFailed as `first_result`.
    """
    if client_key is None:
        return None
    owner, key = _names(viewer, client_key)
    row = await conn.fetch_one(
        "select operation, result_id from repeat where viewer_key = $1 and client_key = $2", owner, key
    )
    if row is None:
        return None
    if row["operation"] != operation:
        raise ValidationFailed("client_key_reused", path=("clientMutationKey",))
    first: Id = row["result_id"]
    return first


def _names(viewer: Viewer, client_key: str) -> tuple[str, str]:
    least = _MIN_CHARS if viewer.account_id else _MIN_ANONYMOUS_CHARS
    if not least <= len(client_key) <= _MAX_CHARS:
        raise ValidationFailed("client_key_length", path=("clientMutationKey",), min=least, max=_MAX_CHARS)
    return str(viewer.account_id or "anonymous"), hashlib.sha256(client_key.encode()).hexdigest()


async def forget_old(tx: Transaction) -> int:
    """Keys are good for a day; the number removed."""
    return await tx.execute("delete from repeat where at < now() - interval '24 hours'")
