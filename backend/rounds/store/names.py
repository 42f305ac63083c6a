"""SQL of the names of classes with their school and city, as standings show them."""

from collections.abc import Sequence

from backend.core.database import Connection
from backend.core.ids import Id
from backend.rounds.publication import PublishedClass


async def class_names(conn: Connection, class_ids: Sequence[Id]) -> dict[Id, PublishedClass]:
    """Names by class."""
    rows = await conn.fetch(
        "select c.id, c.name, s.name as school, y.name as city from school_class c"
        " join school s on s.id = c.school_id join city y on y.id = s.city_id where c.id = any($1)",
        list(class_ids),
    )
    return {row["id"]: PublishedClass(row["id"], row["name"], row["school"], row["city"]) for row in rows}
