"""Make a campaign, open it, close it, keep its texts and topics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.campaigns.course_content import load_course
from backend.campaigns.rules import CampaignStatus, effective_status
from backend.campaigns.store import campaigns as store
from backend.campaigns.store.campaigns import Campaign, Topic
from backend.core import audit, policy, repeats
from backend.core.database import Connection, Database, Transaction
from backend.core.errors import Conflict, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.locale import LOCALES
from backend.core.paging import Key, Page, PageRequest, page_of
from backend.core.policy import Action
from backend.core.text import clean_text
from backend.core.viewer import Role, Scope, Viewer
from backend.places import leads
from backend.places import store as places_store
from backend.places.records import City
from media.cards.colours import check_colours

MAX_TITLE_CHARS, MAX_DESCRIPTION_CHARS, MAX_PROMPT_CHARS, MAX_TOPIC_CHARS = 120, 4000, 500, 80
MAX_TOPICS = 30
OLDEST = 120

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What a campaign is made of. `city_id` None: the whole network. Texts by locale; `zone` an IANA time zone."""

    city_id: Id | None
    title: Texts
    description: Texts
    prompt: Texts
    topics: Sequence[Texts]
    zone: str
    course: str
    course_version: int
    least_age: int | None = None
    greatest_age: int | None = None


async def create_campaign(db: Database, viewer: Viewer, new: NewCampaign, *, client_key: str | None = None) -> Id:
    """Save a new campaign as a draft; its id. Raises NotAllowed, NotFound (city, course), ValidationFailed."""
    viewer.require_account()
    policy.require(viewer, Action.CAMPAIGN_RUN, Scope(city_id=new.city_id))
    _check(new)
    async with db.transaction() as tx:
        campaign_id = new_id()
        first = await repeats.first_result(tx, viewer, "campaignCreate", client_key, campaign_id)
        if first is not None:
            return first
        if new.city_id is not None and await places_store.get_city(tx, new.city_id) is None:
            raise not_found("city", new.city_id)
        await store.add_campaign(
            tx,
            Campaign(
                id=campaign_id,
                city_id=new.city_id,
                title=check_texts(new.title, "title", MAX_TITLE_CHARS),
                description=check_texts(new.description, "description", MAX_DESCRIPTION_CHARS, multiline=True),
                prompt=check_texts(new.prompt, "prompt", MAX_PROMPT_CHARS),
                status=CampaignStatus.DRAFT,
                zone=new.zone,
                course=new.course,
                course_version=new.course_version,
                least_age=new.least_age,
                greatest_age=new.greatest_age,
                created_at=await tx.now(),
                opens_at=None,
                closes_at=None,
                background=None,
                accent=None,
            ),
        )
        await add_topics(tx, campaign_id, new.topics, field="topics")
        await audit.record(tx, viewer.account_id, "editor:campaign:created", ("campaign", campaign_id))
        return campaign_id


async def update_campaign(
    db: Database,
    viewer: Viewer,
    campaign_id: Id,
    *,
    title: Texts,
    description: Texts,
    prompt: Texts,
    topics: Sequence[Texts],
    colours: tuple[str, str] | None = None,
    client_key: str | None = None,
) -> Id:
    """Write the texts anew and add topics at the end; editors, and student editors too. Raises NotFound, NotAllowed.

    `colours`: background and accent of its share cards, as #rrggbb that can be read together; None leaves them.
    """
    async with db.transaction() as tx:
        campaign = await _lock(tx, viewer, campaign_id, Action.PROMPT_EDIT)
        first = await repeats.first_result(tx, viewer, "campaignUpdate", client_key, campaign_id)
        if first is not None:
            return first
        if campaign.status is CampaignStatus.CLOSED:
            raise Conflict(state=campaign.status)
        await store.update_texts(
            tx,
            campaign_id,
            title=check_texts(title, "title", MAX_TITLE_CHARS),
            description=check_texts(description, "description", MAX_DESCRIPTION_CHARS, multiline=True),
            prompt=check_texts(prompt, "prompt", MAX_PROMPT_CHARS),
        )
        if colours is not None:
            background, accent = check_colours(*colours)
            await store.set_colours(tx, campaign_id, background=background, accent=accent)
        await add_topics(tx, campaign_id, topics, field="new_topics")
        await audit.record(tx, viewer.account_id, "editor:campaign:updated", ("campaign", campaign_id))
        return campaign_id


async def open_campaign(
    db: Database,
    viewer: Viewer,
    campaign_id: Id,
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> None:
    """Take statements from `opens_at` (None: now) until `closes_at` (None: until closed). Opens a closed one again.

    Refused while its city, or for the network any city with a class, has not two safeguarding leads and published
    hours: no speech without somebody who picks up a child at risk. Raises NotFound, NotAllowed, Conflict
    `too_few_leads` or `no_safeguarding_hours`.
    """
    async with db.transaction() as tx:
        campaign = await _lock(tx, viewer, campaign_id, Action.CAMPAIGN_RUN)
        now = await tx.now()
        if effective_status(campaign.times, now) is CampaignStatus.OPEN:
            raise Conflict(state=CampaignStatus.OPEN)
        begins = opens_at or now
        if closes_at is not None and closes_at <= max(begins, now):
            raise ValidationFailed("closes_before_it_opens", path=("closes_at",))
        await _check_safeguarding(tx, campaign)
        await store.set_status(tx, campaign_id, CampaignStatus.OPEN, opens_at=begins, closes_at=closes_at)
        await audit.record(tx, viewer.account_id, "editor:campaign:opened", ("campaign", campaign_id))


async def close_campaign(db: Database, viewer: Viewer, campaign_id: Id) -> None:
    """Take no more statements. What is published stays. Raises NotFound, NotAllowed, Conflict when it is not open."""
    async with db.transaction() as tx:
        campaign = await _lock(tx, viewer, campaign_id, Action.CAMPAIGN_RUN)
        now = await tx.now()
        if campaign.status is not CampaignStatus.OPEN:
            raise Conflict(state=campaign.status)
        await store.set_status(tx, campaign_id, CampaignStatus.CLOSED, opens_at=campaign.opens_at, closes_at=now)
        await audit.record(tx, viewer.account_id, "editor:campaign:closed", ("campaign", campaign_id))


async def find_campaigns(conn: Connection, viewer: Viewer, ids: Sequence[Id]) -> list[Campaign]:
    """Those of the campaigns that the viewer may see: drafts only for those who run them."""
    return [one for one in await store.find_campaigns(conn, ids) if may_see(viewer, one)]


async def list_campaigns(
    conn: Connection, viewer: Viewer, request: PageRequest, *, city_id: Id | None = None
) -> Page[Campaign]:
    """A page of campaigns, newest first. Drafts are shown to the secretariat; editors find theirs by id."""
    with_drafts = viewer.has(Role.SECRETARIAT, Scope())
    rows = await store.list_campaigns(conn, request, city_id=city_id, with_drafts=with_drafts)
    return page_of(request, rows, lambda row: Key(row.created_at, row.id))


def may_see(viewer: Viewer, campaign: Campaign) -> bool:
    """Whether the viewer may see it."""
    is_draft = campaign.status is CampaignStatus.DRAFT
    return not is_draft or policy.can(viewer, Action.PROMPT_EDIT, scope_of(campaign))


def scope_of(campaign: Campaign) -> Scope:
    """Where it is run."""
    return Scope(city_id=campaign.city_id, campaign_id=campaign.id)


async def find_scope(conn: Connection, campaign_id: Id) -> Scope | None:
    """The scope of a campaign, for roles held in it; None when there is none."""
    campaign = await store.get_campaign(conn, campaign_id)
    return scope_of(campaign) if campaign else None


def check_texts(texts: Texts, field: str, max_chars: int, *, multiline: bool = False) -> dict[str, str]:
    """Staff texts by locale, cleaned. Raises ValidationFailed when there is none, or for an unknown locale."""
    if not texts:
        raise ValidationFailed("text_missing", path=(field,))
    unknown = texts.keys() - set(LOCALES)
    if unknown:
        raise ValidationFailed("locale_unknown", path=(field,), locale=min(unknown)[:35])
    return {
        locale: clean_text(text, path=(field,), max_chars=max_chars, multiline=multiline)
        for locale, text in texts.items()
    }


async def _lock(tx: Transaction, viewer: Viewer, campaign_id: Id, action: Action) -> Campaign:
    viewer.require_account()
    campaign = await store.lock_campaign(tx, campaign_id)
    if campaign is None or not may_see(viewer, campaign):
        raise not_found("campaign", campaign_id)
    policy.require(viewer, action, scope_of(campaign))
    return (
        replace(campaign, status=effective_status(campaign.times, await tx.now()))
        if (campaign.status is CampaignStatus.OPEN)
        else campaign
    )


async def add_topics(tx: Transaction, campaign_id: Id, topics: Sequence[Texts], *, field: str) -> list[Id]:
    """Add topics after those of a campaign that is new or locked; their ids. Raises ValidationFailed."""
    existing = (await store.topics_of(tx, [campaign_id])).get(campaign_id, [])
    if len(existing) + len(topics) > MAX_TOPICS:
        raise ValidationFailed("too_many_topics", path=(field,), max=MAX_TOPICS)
    start = existing[-1].position + 1 if existing else 0  # one in between may have been removed
    rows = [
        Topic(new_id(), campaign_id, check_texts(texts, field, MAX_TOPIC_CHARS), start + offset)
        for offset, texts in enumerate(topics)
    ]
    await store.add_topics(tx, rows)
    return [row.id for row in rows]


async def _check_safeguarding(tx: Transaction, campaign: Campaign) -> None:
    """The campaign's city, or for the whole network every city with a class, has adults who pick up a child at risk."""
    if campaign.city_id is None:
        cities = await places_store.list_cities_with_classes(tx)
    else:
        cities = list((await places_store.get_cities(tx, [campaign.city_id])).values())
    for city in cities:
        await check_city(tx, city)


async def check_city(conn: Connection, city: City) -> None:
    """Raises Conflict `too_few_leads` or `no_safeguarding_hours`."""
    if (code := await leads.why_not_ready(conn, city)) is not None:
        raise Conflict(code, state=CampaignStatus.DRAFT, needed=leads.LEADS_NEEDED, city=city.name)


def _check(new: NewCampaign) -> None:
    try:
        ZoneInfo(new.zone)
    except (ValueError, OSError, LookupError):
        raise ValidationFailed("zone_unknown", path=("zone",)) from None
    try:
        load_course(new.course, new.course_version, "en")
    except LookupError:
        raise not_found("course") from None
    least, greatest = new.least_age or 0, new.greatest_age or OLDEST
    if not 0 <= least <= greatest <= OLDEST:
        raise ValidationFailed("age_range", path=("least_age",))
