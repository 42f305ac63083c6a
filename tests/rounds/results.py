"""A result as tests look at it: worked out, fixed, listed."""

from backend.core.paging import PageRequest
from backend.core.viewer import Viewer
from backend.rounds import confirming, listing, standings
from backend.rounds.listing import ListedStanding
from backend.rounds.publication import PublishedLine
from backend.rounds.standings import LiveStandings
from tests.rounds.arena import Arena


async def provisional(arena: Arena, editor: Viewer) -> dict[str, PublishedLine]:
    """The provisional lines by class."""
    with arena.over():
        found = await standings.provisional_result(arena.db, editor, arena.round_id)
    return {" + ".join(one.name for one in line.classes): line for line in found.lines}


async def confirm(arena: Arena, editor: Viewer) -> None:
    with arena.over():
        found = await standings.provisional_result(arena.db, editor, arena.round_id)
        await confirming.confirm_round(arena.db, editor, arena.round_id, found.digest)


async def listed(arena: Arena, viewer: Viewer) -> list[ListedStanding]:
    page = await listing.list_standings(arena.db, viewer, LiveStandings(), arena.round_id, PageRequest(100))
    return list(page.rows)
