"""Put rounds into the calendar: every week by the campaign's plan, or a single one with times of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from backend.campaigns.rules import CampaignStatus
from backend.campaigns.running import may_see, scope_of
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store.campaigns import Campaign
from backend.core import audit, policy, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.rounds import lot, page
from backend.rounds.config import LONGEST_ROUND
from backend.rounds.page import TopicPage
from backend.rounds.rules import Origin, Weights
from backend.rounds.schedule import JUDGING_AFTER, JUDGING_LASTS, Plan, Window, check_plan, freeze_of, windows
from backend.rounds.store import rounds as store
from backend.rounds.store.rounds import PlanRow, Round

DEFAULT_WEIGHTS = Weights()
FARTHEST = timedelta(days=3 * 366)
LATEST_START = timedelta(minutes=10)  # a phone's clock may be slow; what was said before counts for no round


@dataclass(frozen=True, slots=True)
class Single:
    """The times of a single round; those that are None follow from the others as in a weekly round."""

    opens_at: datetime
    closes_at: datetime
    freezes_at: datetime | None = None
    judging_starts_at: datetime | None = None
    judging_ends_at: datetime | None = None


async def schedule(
    db: Database, viewer: Viewer, campaign_id: Id, wanted: Plan | Single, *, content: TopicPage | None = None,
    weights: Weights = DEFAULT_WEIGHTS, client_key: str | None = None,
) -> tuple[list[Round], datetime]:  # fmt: skip
    """Schedule a plan's rounds or a single one: those that are in the calendar now, and the moment of reading them."""
    if isinstance(wanted, Plan):
        await schedule_weekly(db, viewer, campaign_id, wanted, content=content, weights=weights, client_key=client_key)
    else:
        made = await schedule_single(
            db, viewer, campaign_id, wanted, content=content, weights=weights, client_key=client_key
        )
    async with db.reading() as conn:
        now = await conn.now()
        if isinstance(wanted, Plan):
            return await store.scheduled(conn, campaign_id, now), now
        return await store.find_rounds(conn, [made]), now


async def schedule_weekly(
    db: Database, viewer: Viewer, campaign_id: Id, plan: Plan, *, content: TopicPage | None = None,
    weights: Weights = DEFAULT_WEIGHTS, client_key: str | None = None,
) -> int:  # fmt: skip
    """Schedule the rounds of a plan in place of those of an older one that have not opened yet; how many were made.

    Rounds that have opened stay, and so do void and single ones. Weeks that are over, or in which another round is
    open, get none. Without `content` a week keeps the page that was written for it, or has the campaign's prompt.
    Raises NotFound, NotAllowed, Conflict (campaign closed), ValidationFailed.
    """
    check_plan(plan)
    check_weights(weights)
    async with db.transaction() as tx:
        campaign = await lock_campaign(tx, viewer, campaign_id)
        first = await repeats.first_result(tx, viewer, "roundSchedule", client_key, campaign_id)
        wanted = windows(plan, campaign.zone)
        if first is not None:
            return len(wanted)
        if content is not None:
            await page.check_topic(tx, campaign_id, content.topic_id)
        now = await tx.now()
        kept = {_week(one.opens_at, campaign): _page_of(one) for one in await store.scheduled(tx, campaign_id, now)}
        await store.remove_scheduled(tx, campaign_id, now)
        taken = await store.list_windows(tx, campaign_id)
        free = [one for one in wanted if one.opens_at > now and not _overlaps(one, taken)]
        pages = [content or kept.get(_week(one.opens_at, campaign)) or TopicPage(campaign.prompt) for one in free]
        rounds = [
            _round(campaign_id, Origin.WEEKLY, Single(one.opens_at, one.closes_at), filled, weights, now)
            for one, filled in zip(free, pages, strict=True)
        ]
        if not rounds:
            raise ValidationFailed("no_round_left", path=("weekly",))
        await store.add_rounds(tx, rounds)
        await store.set_plan(tx, _plan_row(campaign_id, plan, now))
        await audit.record(
            tx, viewer.account_id, "editor:rounds:scheduled", ("campaign", campaign_id), rounds=len(rounds)
        )
        return len(rounds)


async def schedule_single(
    db: Database, viewer: Viewer, campaign_id: Id, times: Single, *, content: TopicPage | None = None,
    weights: Weights = DEFAULT_WEIGHTS, client_key: str | None = None,
) -> Id:  # fmt: skip
    """Schedule one round; its id. It opens now or later. Raises as `schedule_weekly`, Conflict `rounds_overlap`."""
    check_weights(weights)
    async with db.transaction() as tx:
        campaign = await lock_campaign(tx, viewer, campaign_id)
        round_id = new_id()
        first = await repeats.first_result(tx, viewer, "roundSchedule", client_key, round_id)
        if first is not None:
            return first
        now = await tx.now()
        _check_near(times, now)
        filled = content or TopicPage(prompt=campaign.prompt)
        await page.check_topic(tx, campaign_id, filled.topic_id)
        made = replace(_round(campaign_id, Origin.SINGLE, times, filled, weights, now), id=round_id)
        _check_times(made, now)
        if await store.overlapping(tx, campaign_id, made.opens_at, made.closes_at) is not None:
            raise Conflict("rounds_overlap", state=campaign.status)
        await store.add_rounds(tx, [made])
        await audit.record(tx, viewer.account_id, "editor:round:scheduled", ("round", round_id))
        return round_id


def check_weights(weights: Weights) -> None:
    """Raises ValidationFailed `weights_not_hundred`."""
    parts = (weights.quality, weights.participation, weights.voices)
    if min(parts) < 0 or sum(parts) != 100:
        raise ValidationFailed("weights_not_hundred", path=("weights",))


async def lock_campaign(tx: Transaction, viewer: Viewer, campaign_id: Id) -> Campaign:
    """The campaign, locked for whoever runs it. Raises NotFound, NotAllowed, Conflict when it is closed."""
    viewer.require_account()
    campaign = await campaign_store.lock_campaign(tx, campaign_id)
    if campaign is None or not may_see(viewer, campaign):
        raise not_found("campaign", campaign_id)
    policy.require(viewer, Action.CAMPAIGN_RUN, scope_of(campaign))
    if campaign.status is CampaignStatus.CLOSED:
        raise Conflict(state=campaign.status)
    return campaign


def _week(moment: datetime, campaign: Campaign) -> tuple[int, int]:
    return moment.astimezone(ZoneInfo(campaign.zone)).isocalendar()[:2]


def _page_of(row: Round) -> TopicPage:
    return TopicPage(row.prompt, row.questions, row.vocabulary, row.topic_id)


def _round(
    campaign_id: Id, origin: Origin, times: Single, content: TopicPage, weights: Weights, now: datetime
) -> Round:
    clean = page.cleaned(content)
    judging_starts_at = times.judging_starts_at or times.closes_at + JUDGING_AFTER
    return Round(
        id=new_id(),
        campaign_id=campaign_id,
        origin=origin,
        prompt=dict(clean.prompt),
        questions=[dict(one) for one in clean.questions],
        vocabulary=list(clean.vocabulary),
        topic_id=clean.topic_id,
        quality_weight=weights.quality,
        participation_weight=weights.participation,
        voices_weight=weights.voices,
        seed=lot.new_seed(),
        opens_at=times.opens_at,
        freezes_at=times.freezes_at or freeze_of(Window(times.opens_at, times.closes_at)),
        closes_at=times.closes_at,
        judging_starts_at=judging_starts_at,
        judging_ends_at=times.judging_ends_at or judging_starts_at + JUDGING_LASTS,
        created_at=now,
    )


def _check_near(times: Single, now: datetime) -> None:
    for name in Single.__slots__:
        moment = getattr(times, name)
        if moment is not None and not abs(moment - now) < FARTHEST:
            raise ValidationFailed("day_too_far", path=(name,))


def _check_times(made: Round, now: datetime) -> None:
    if made.closes_at <= max(made.opens_at, now):
        raise ValidationFailed("closes_before_it_opens", path=("closes_at",))
    if made.closes_at - made.opens_at > LONGEST_ROUND:
        raise ValidationFailed("round_too_long", path=("closes_at",), days=LONGEST_ROUND.days)
    if made.opens_at < now - LATEST_START:
        raise ValidationFailed("round_opens_in_past", path=("opens_at",))
    if not made.opens_at <= made.freezes_at <= made.closes_at:
        raise ValidationFailed("freeze_outside_round", path=("freezes_at",))
    if made.judging_starts_at < made.closes_at:
        raise ValidationFailed("judging_before_close", path=("judging_starts_at",))
    if made.judging_ends_at <= made.judging_starts_at:
        raise ValidationFailed("judging_ends_before_it_starts", path=("judging_ends_at",))


def _overlaps(window: Window, taken: Sequence[Window]) -> bool:
    return any(window.opens_at < one.closes_at and one.opens_at < window.closes_at for one in taken)


def _plan_row(campaign_id: Id, plan: Plan, now: datetime) -> PlanRow:
    return PlanRow(
        campaign_id,
        plan.opens_day,
        plan.opens_time.strftime("%H:%M"),
        plan.closes_day,
        plan.closes_time.strftime("%H:%M"),
        plan.first_day,
        plan.last_day,
        [(one.first, one.last) for one in plan.holidays],
        now,
    )
