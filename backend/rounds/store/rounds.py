"""SQL of rounds and of the weekly plans that they follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql
from backend.rounds.rules import Origin, RoundState, RoundTimes, Weights, effective_state
from backend.rounds.schedule import Window

Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the topic page with its meaning in plain language, by locale."""

    word: Texts
    meaning: Texts


@dataclass(frozen=True, slots=True)
class Round:
    """A round's row."""

    id: Id
    campaign_id: Id
    origin: Origin
    prompt: Texts
    questions: list[Texts]
    vocabulary: list[Word]
    topic_id: Id | None
    quality_weight: int
    participation_weight: int
    voices_weight: int
    seed: bytes
    opens_at: datetime
    freezes_at: datetime
    closes_at: datetime
    judging_starts_at: datetime
    judging_ends_at: datetime
    created_at: datetime
    paused_at: datetime | None = None
    frozen_at: datetime | None = None
    drawn_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: Id | None = None
    announces_at: datetime | None = None
    voided_at: datetime | None = None
    void_reason: str | None = None
    trimmed_at: datetime | None = None

    @property
    def times(self) -> RoundTimes:
        """What decides its state."""
        return RoundTimes(**{one.name: getattr(self, one.name) for one in fields(RoundTimes)})

    @property
    def weights(self) -> Weights:
        """How the parts of the score count."""
        return Weights(self.quality_weight, self.participation_weight, self.voices_weight)

    def state(self, now: datetime) -> RoundState:
        """Where it stands at this moment."""
        return effective_state(self.times, now)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A campaign's weekly plan; `holidays` are pairs of days, both included. Times read HH:MM."""

    campaign_id: Id
    opens_day: int
    opens_time: str
    closes_day: int
    closes_time: str
    first_day: date
    last_day: date
    holidays: list[tuple[date, date]]
    changed_at: datetime


_ROUND = ", ".join(Round.__slots__)
_PLAN = ", ".join(PlanRow.__slots__)


async def get_round(conn: Connection, round_id: Id) -> Round | None:
    """The row."""
    return await conn.fetch_one_as(Round, f"select {_ROUND} from round where id = $1", round_id)


async def share_round(tx: Transaction, round_id: Id) -> Round | None:
    """The row, kept from changing until the end of the transaction, without making others who take part wait."""
    return await tx.fetch_one_as(Round, f"select {_ROUND} from round where id = $1 for share", round_id)


async def lock_round(tx: Transaction, round_id: Id) -> Round | None:
    """The row, locked until the end of the transaction."""
    return await tx.fetch_one_as(Round, f"select {_ROUND} from round where id = $1 for update", round_id)


async def find_rounds(conn: Connection, ids: Sequence[Id]) -> list[Round]:
    """Those of the rounds that exist, in no order."""
    return await conn.fetch_as(Round, f"select {_ROUND} from round where id = any($1)", list(ids))


async def list_rounds(
    conn: Connection, campaign_id: Id, request: PageRequest, *, only_announced: bool, now: datetime
) -> list[Round]:
    """A campaign's rounds, the latest opening first; `only_announced`: those whose result is announced."""
    keyset, order, bounds = keyset_sql(request, at="opens_at", row_id="id", first_param=4)
    return await conn.fetch_as(
        Round,
        f"select {_ROUND} from round where campaign_id = $1"
        f" and (not $2 or (announces_at <= $3 and voided_at is null)) and {keyset} {order}",
        campaign_id, only_announced, now, *bounds,
    )  # fmt: skip


async def current_rounds(conn: Connection, campaign_ids: Sequence[Id], now: datetime) -> list[Round]:
    """Rounds of these campaigns that are open or being judged, the latest opening first."""
    return await conn.fetch_as(
        Round,
        f"select {_ROUND} from round where campaign_id = any($1) and voided_at is null and opens_at <= $2"
        " and (judging_ends_at > $2 or (paused_at is not null and confirmed_at is null))"
        " order by opens_at desc, id desc",
        list(campaign_ids), now,
    )  # fmt: skip


async def add_rounds(tx: Transaction, rounds: Sequence[Round]) -> None:
    """Insert rounds."""
    places = ", ".join(f"${number}" for number in range(1, len(Round.__slots__) + 1))
    await tx.execute_many(
        f"insert into round ({_ROUND}) values ({places})",
        [[getattr(one, name) for name in Round.__slots__] for one in rounds],
    )


async def overlapping(conn: Connection, campaign_id: Id, opens_at: datetime, closes_at: datetime) -> Id | None:
    """A round of the campaign that is open at some moment between the two, void ones aside."""
    found: Id | None = await conn.fetch_value(
        "select id from round"
        " where campaign_id = $1 and voided_at is null and opens_at < $3 and closes_at > $2 limit 1",
        campaign_id, opens_at, closes_at,
    )  # fmt: skip
    return found


async def scheduled(conn: Connection, campaign_id: Id, now: datetime) -> list[Round]:
    """The weekly rounds that have not opened."""
    return await conn.fetch_as(
        Round,
        f"select {_ROUND} from round"
        " where campaign_id = $1 and origin = 'WEEKLY' and opens_at > $2 and voided_at is null order by opens_at",
        campaign_id, now,
    )  # fmt: skip


async def list_windows(conn: Connection, campaign_id: Id) -> list[Window]:
    """When the campaign's rounds are open, void ones aside."""
    return await conn.fetch_as(
        Window, "select opens_at, closes_at from round where campaign_id = $1 and voided_at is null", campaign_id
    )


async def next_round(conn: Connection, current: Round) -> Round | None:
    """The campaign's next round after this one."""
    return await conn.fetch_one_as(
        Round,
        f"select {_ROUND} from round where campaign_id = $1 and voided_at is null and opens_at >= $2 and id <> $3"
        " order by opens_at, id limit 1",
        current.campaign_id, current.opens_at, current.id,
    )  # fmt: skip


async def remove_scheduled(tx: Transaction, campaign_id: Id, now: datetime) -> int:
    """Remove the weekly rounds that have not opened, to be scheduled anew; how many. Nothing refers to them yet."""
    return await tx.execute(
        "delete from round where campaign_id = $1 and origin = 'WEEKLY' and opens_at > $2 and voided_at is null",
        campaign_id,
        now,
    )


async def get_plan(conn: Connection, campaign_id: Id) -> PlanRow | None:
    """A campaign's weekly plan."""
    return await conn.fetch_one_as(PlanRow, f"select {_PLAN} from weekly_plan where campaign_id = $1", campaign_id)


async def set_plan(tx: Transaction, plan: PlanRow) -> None:
    """Write a campaign's weekly plan in place of an older one."""
    await tx.execute("delete from weekly_plan where campaign_id = $1", plan.campaign_id)
    await tx.insert("weekly_plan", plan)


async def set_page(
    tx: Transaction,
    round_id: Id,
    *,
    prompt: Mapping[str, str],
    questions: Sequence[Mapping[str, str]],
    vocabulary: Sequence[Word],
    topic_id: Id | None,
) -> None:
    """Write the prompt and the topic page anew."""
    await tx.execute(
        "update round set prompt = $2, questions = $3, vocabulary = $4, topic_id = $5 where id = $1",
        round_id, prompt, questions, vocabulary, topic_id,
    )  # fmt: skip


async def set_paused(tx: Transaction, round_id: Id, at: datetime) -> None:
    """Stop the round's clock."""
    await tx.execute("update round set paused_at = $2 where id = $1", round_id, at)


async def set_resumed(tx: Transaction, round_id: Id, times: Mapping[str, datetime]) -> None:
    """Let the clock go on with the new times."""
    await tx.execute(
        "update round set paused_at = null, freezes_at = $2, closes_at = $3, judging_starts_at = $4,"
        " judging_ends_at = $5 where id = $1",
        round_id,
        *(times[name] for name in ("freezes_at", "closes_at", "judging_starts_at", "judging_ends_at")),
    )


async def set_opening(tx: Transaction, round_id: Id, opens_at: datetime) -> None:
    """Let a scheduled round open later."""
    await tx.execute("update round set opens_at = $2 where id = $1", round_id, opens_at)


async def set_void(tx: Transaction, round_id: Id, at: datetime, reason: str | None) -> None:
    """End the round without a result; without a reason when nobody confirmed it in time."""
    await tx.execute("update round set voided_at = $2, void_reason = $3 where id = $1", round_id, at, reason)


async def set_drawn(tx: Transaction, round_id: Id, at: datetime) -> None:
    """The lot has been drawn."""
    await tx.execute("update round set drawn_at = $2 where id = $1", round_id, at)


async def due_for_the_lot(conn: Connection, now: datetime, campaign_ids: Sequence[Id] | None = None) -> list[Id]:
    """Rounds, of these campaigns or of all, whose judging has begun and whose lot is not drawn; the oldest first."""
    rows = await conn.fetch(
        "select id from round where drawn_at is null and voided_at is null and paused_at is null"
        " and judging_starts_at <= $1 and ($2::uuid[] is null or campaign_id = any($2))"
        " order by judging_starts_at limit 50",
        now,
        None if campaign_ids is None else list(campaign_ids),
    )
    return [row["id"] for row in rows]


async def being_judged(conn: Connection, now: datetime) -> list[Id]:
    """Rounds that jurors score now."""
    rows = await conn.fetch(
        "select id from round where drawn_at is not null and confirmed_at is null and voided_at is null"
        " and paused_at is null and judging_ends_at > $1 order by judging_starts_at limit 200",
        now,
    )
    return [row["id"] for row in rows]


async def is_topic_used(conn: Connection, topic_id: Id) -> bool:
    """Whether the topic stands on the page of any round, also of one that ended."""
    used: bool = await conn.fetch_value("select exists (select from round where topic_id = $1)", topic_id)
    return used
