"""SQL of what one person sees of the rounds that run now: a statement a read, however many rounds and classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.rules import Audience, Review, Visibility
from backend.core.database import Connection
from backend.core.ids import Id
from backend.rounds.store.candidates import SAT, Candidate, Choice
from backend.rounds.store.rounds import Round

_ROUND = ", ".join(f"q.{name}" for name in Round.__slots__)


@dataclass(frozen=True, slots=True)
class SeatTime:
    """From when to when somebody sat with a confirmed seat in a class."""

    class_id: Id
    confirmed_at: datetime
    ended_at: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        """Whether they sat there at that moment."""
        return self.confirmed_at <= moment and (self.ended_at is None or self.ended_at > moment)


@dataclass(frozen=True, slots=True)
class OwnCandidate:
    """A statement of one's own that was handed in for a round; see `Candidate`."""

    round_id: Id
    id: Id
    author_id: Id
    class_id: Id
    audience: Audience
    visibility: Visibility
    review: Review
    published_at: datetime | None
    handed_in_at: datetime
    is_leaving: bool

    @property
    def candidate(self) -> Candidate:
        """Without the round."""
        return Candidate(**{name: getattr(self, name) for name in Candidate.__slots__})


@dataclass(frozen=True, slots=True)
class OwnChoice:
    """A choice in a round; see `Choice`."""

    round_id: Id
    account_id: Id
    class_id: Id
    statement_id: Id | None

    @property
    def choice(self) -> Choice:
        """Without the round."""
        return Choice(self.account_id, self.class_id, self.statement_id)


async def seat_times(conn: Connection, account_id: Id) -> list[SeatTime]:
    """Somebody's confirmed seats, past ones too."""
    return await conn.fetch_as(
        SeatTime,
        "select class_id, confirmed_at, ended_at from seat where account_id = $1 and confirmed_at is not null",
        account_id,
    )


async def rounds_around(
    conn: Connection, city_ids: Sequence[Id], now: datetime, *, most: int, only: Id | None = None
) -> list[Round]:
    """Rounds that are open, paused, closed or judged, of the campaigns of these cities and of the network.

    At most so many, the latest opening first; `only`: this one alone.
    """
    return await conn.fetch_as(
        Round,
        f"select {_ROUND} from round q join campaign m on m.id = q.campaign_id and m.status <> 'DRAFT'"
        " where (m.city_id is null or m.city_id = any($1)) and q.voided_at is null and q.confirmed_at is null"
        " and q.opens_at <= $2 and (q.judging_ends_at > $2 or q.paused_at is not null)"
        " and ($4::uuid is null or q.id = $4) order by q.opens_at desc, q.id desc limit $3",
        list(city_ids), now, most, only,
    )  # fmt: skip


async def own_candidates(conn: Connection, round_ids: Sequence[Id], account_id: Id) -> list[OwnCandidate]:
    """What one author handed in for these rounds, in the order of handing in. As `candidates.candidates_of`."""
    sat = SAT.replace("$2", "q.opens_at")
    return await conn.fetch_as(
        OwnCandidate,
        "select q.id as round_id, s.id, s.author_id, s.class_id, s.audience, s.visibility, l.review, s.published_at,"
        " h.at as handed_in_at, s.author_left_at is not null as is_leaving"
        " from round q join statement s on s.campaign_id = q.campaign_id and s.author_id = $2"
        " join revision l on l.id = s.latest_revision_id"
        " join lateral (select min(r.submitted_at) as at from revision r where r.statement_id = s.id) h"
        " on h.at >= q.opens_at and h.at < q.closes_at"
        " where q.id = any($1) and exists"
        f" (select from seat t where t.class_id = s.class_id and t.account_id = s.author_id and {sat})"
        " order by h.at, s.id",
        list(round_ids), account_id,
    )  # fmt: skip


async def own_choices(conn: Connection, round_ids: Sequence[Id], account_id: Id) -> list[OwnChoice]:
    """What somebody chose in these rounds, in the order of choosing."""
    return await conn.fetch_as(
        OwnChoice,
        "select round_id, account_id, class_id, statement_id from entry_choice"
        " where round_id = any($1) and account_id = $2 order by at, id",
        list(round_ids), account_id,
    )  # fmt: skip


async def own_reflections(conn: Connection, round_ids: Sequence[Id], account_id: Id) -> set[tuple[Id, Id]]:
    """In which round and class somebody reflected."""
    rows = await conn.fetch(
        "select round_id, class_id from reflection where round_id = any($1) and account_id = $2",
        list(round_ids),
        account_id,
    )
    return {(row["round_id"], row["class_id"]) for row in rows}


async def marks_left(conn: Connection, round_ids: Sequence[Id], account_id: Id, class_ids: Sequence[Id]) -> set[Id]:
    """Of these rounds those with cards of classes other than these, from which somebody has not handed a hand in."""
    rows = await conn.fetch(
        "select d.round_id from voice_deck d where d.round_id = any($1)"
        " and not exists (select from hand h"
        "   where h.round_id = d.round_id and h.voter_id = $2 and h.marked_at is not null)"
        " and exists (select from contender c where c.id = any(d.contender_ids) and not c.class_ids && $3::uuid[])",
        list(round_ids), account_id, list(class_ids),
    )  # fmt: skip
    return {row["round_id"] for row in rows}
