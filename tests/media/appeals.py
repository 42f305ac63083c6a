"""Nobody appeals in the tests of pictures alone."""

from collections.abc import Collection

from backend.core.database import Connection
from backend.core.ids import Id


async def uncontested(_conn: Connection, _ids: Collection[Id], _decided_after: object) -> set[Id]:
    """No picture stands in anything that was decided about."""
    return set()
