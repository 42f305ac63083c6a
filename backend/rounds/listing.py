"""The standings as a list that is read page by page: the classes' counts meanwhile, the whole result once announced."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backend.core.database import Database
from backend.core.ids import Id
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.viewer import Viewer
from backend.rounds.confirming import published_lines
from backend.rounds.publication import PublishedClass, PublishedLine, withheld
from backend.rounds.rules import RESULT_STATES, RoundState
from backend.rounds.running import get_round
from backend.rounds.standings import LiveStanding, LiveStandings, may_see_early
from backend.rounds.store import standings as store

# A line's key is its place in the list, told as so many seconds after this moment.
_START = datetime(2000, 1, 1, tzinfo=UTC)
LAST_PLACE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ListedStanding:
    """A line of the standings: `result` None until it is announced, then the count is None."""

    place: int
    classes: tuple[PublishedClass, ...]
    participation_percent: int | None
    result: PublishedLine | None

    @property
    def id(self) -> Id:
        """Its first class's, or the contender's."""
        return self.result.id if self.result else self.classes[0].id


async def list_standings(
    db: Database, viewer: Viewer, live: LiveStandings, round_id: Id, request: PageRequest, *, class_id: Id | None = None
) -> Page[ListedStanding]:
    """A page of a round's standings: the counts until the announcement, for whoever is signed in; then the result.

    Editors who have no class in it see the result from the moment it is fixed. `class_id`: only the line in which this
    class is. Raises NotFound, Unauthenticated.
    """
    after, before = place_of(request.after, 0), place_of(request.before, LAST_PLACE)
    async with db.snapshot() as conn:
        row = await get_round(conn, viewer, round_id)
        state = row.state(await conn.now())
        if state in RESULT_STATES or (state is RoundState.CONFIRMED and await may_see_early(conn, viewer, row)):
            kept = await store.list_standings(
                conn, row.id, after=after, before=before, size=request.size, backward=request.backward,
                class_id=class_id,
            )  # fmt: skip
            lines = await published_lines(conn, kept)
            rows = [listed(line, one.place) for one, line in zip(kept, lines, strict=True)]
            return page_of(request, rows, _key)
    viewer.require_account()
    numbered = [_counted(one, place) for place, one in enumerate(await live.of(db, row), 1)]
    if class_id is not None:
        numbered = [one for one in numbered if any(known.id == class_id for known in one.classes)]
    between = [one for one in numbered if after < one.place < before]
    if request.backward:
        between.reverse()
    return page_of(request, between[: request.size + 1], _key)


def page_of_lines(lines: tuple[PublishedLine, ...], request: PageRequest) -> Page[ListedStanding]:
    """A page of a result that is at hand as a whole."""
    after, before = place_of(request.after, 0), place_of(request.before, LAST_PLACE)
    between = [listed(withheld(one), place) for place, one in enumerate(lines, 1) if after < place < before]
    if request.backward:
        between.reverse()
    return page_of(request, between[: request.size + 1], _key)


def listed(line: PublishedLine, place: int) -> ListedStanding:
    """A line of a result in the list."""
    return ListedStanding(place, line.classes, None, line)


def _counted(one: LiveStanding, place: int) -> ListedStanding:
    return ListedStanding(place, one.classes, one.participation_percent, None)


def place_of(key: Key | None, otherwise: int) -> int:
    """The place that a key names; `otherwise` without one."""
    if key is None:
        return otherwise
    return max(0, min(LAST_PLACE, int((key.at - _START).total_seconds())))


def key_at(place: int, row_id: Id) -> Key:
    """The key of what stands at a place, counted from 1."""
    return Key(_START + timedelta(seconds=place), row_id)


def _key(row: ListedStanding) -> Key:
    return key_at(row.place, row.id)
