"""SQL of what a child's guardian sees: what their yes carries, never what is hidden, removed, withdrawn or waiting."""

from collections.abc import Mapping

from backend.accounts.consent_rules import ConsentAudience
from backend.accounts.guardian_sight import Carried
from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql

MAX_WORDINGS = 200

# $1 author, $2 audiences, $3 whether also what was said as somebody of a class
_CARRIED = "s.author_id = $1 and {said}.audience = any($2) and ($3 or s.class_id is null) and s.author_left_at is null"


async def list_published_ids(conn: Connection, carried: Carried, request: PageRequest) -> list[Id]:
    """A page of what is published under a guardian's yes, newest first."""
    keyset, order, bounds = keyset_sql(request, at="s.published_at", row_id="s.id", first_param=4)
    rows = await conn.fetch(
        f"select s.id from statement s where {_CARRIED.format(said='s')} and s.visibility = 'PUBLISHED'"
        f" and {keyset} {order}",
        *_params(carried),
        *bounds,
    )
    return [row["id"] for row in rows]


async def judged_wordings(
    conn: Connection, carried: Carried, *, only: Id | None = None
) -> Mapping[Id, ConsentAudience]:
    """The newest `MAX_WORDINGS` wordings that were handed in for an audience that a guardian's yes carries, or `only`
    this one: the audience of each."""
    rows = await conn.fetch(
        "select r.id, r.audience from revision r join statement s on s.id = r.statement_id"
        f" where {_CARRIED.format(said='r')} and s.visibility in ('UNPUBLISHED', 'PUBLISHED')"
        " and r.submitted_at is not null and ($4::uuid is null or r.id = $4)"
        f" order by r.submitted_at desc, r.id desc limit {MAX_WORDINGS}",
        *_params(carried),
        only,
    )
    return {row["id"]: ConsentAudience(row["audience"]) for row in rows}


def _params(carried: Carried) -> tuple[Id, list[ConsentAudience], bool]:
    return carried.account_id, sorted(carried.audiences), carried.said_at_school
