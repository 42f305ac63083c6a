"""SQL of campaigns and their topics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.campaigns.rules import CampaignStatus, CampaignTimes
from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.core.paging import PageRequest, keyset_sql


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign's row. `city_id` is None for a campaign of the whole network."""

    id: Id
    city_id: Id | None
    title: dict[str, str]
    description: dict[str, str]
    prompt: dict[str, str]
    status: CampaignStatus
    zone: str
    course: str
    course_version: int
    least_age: int | None
    greatest_age: int | None
    created_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    background: str | None
    accent: str | None

    @property
    def times(self) -> CampaignTimes:
        """What decides whether it takes statements."""
        return CampaignTimes(self.status, self.opens_at, self.closes_at)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of a campaign."""

    id: Id
    campaign_id: Id
    name: dict[str, str]
    position: int


_CAMPAIGN = ", ".join(Campaign.__slots__)
_TOPIC = ", ".join(Topic.__slots__)


async def get_campaign(conn: Connection, campaign_id: Id) -> Campaign | None:
    """The row, whatever its state."""
    return await conn.fetch_one_as(Campaign, f"select {_CAMPAIGN} from campaign where id = $1", campaign_id)


async def share_campaign(tx: Transaction, campaign_id: Id) -> Campaign | None:
    """The row, kept from changing until the end of the transaction, without making other readers wait."""
    return await tx.fetch_one_as(Campaign, f"select {_CAMPAIGN} from campaign where id = $1 for share", campaign_id)


async def lock_campaign(tx: Transaction, campaign_id: Id) -> Campaign | None:
    """The row, locked until the end of the transaction."""
    return await tx.fetch_one_as(Campaign, f"select {_CAMPAIGN} from campaign where id = $1 for update", campaign_id)


async def find_campaigns(conn: Connection, ids: Sequence[Id]) -> list[Campaign]:
    """Those of the campaigns that exist."""
    return await conn.fetch_as(Campaign, f"select {_CAMPAIGN} from campaign where id = any($1)", list(ids))


async def list_campaigns(
    conn: Connection, request: PageRequest, *, city_id: Id | None, with_drafts: bool
) -> list[Campaign]:
    """Campaigns newest first: of all, or of one city and the network; drafts only where asked for."""
    keyset, order, bounds = keyset_sql(request, at="created_at", row_id="id", first_param=3)
    return await conn.fetch_as(
        Campaign,
        f"select {_CAMPAIGN} from campaign where ($1::uuid is null or city_id = $1 or city_id is null)"
        f" and ($2 or status <> 'DRAFT') and {keyset} {order}",
        city_id, with_drafts, *bounds,
    )  # fmt: skip


async def add_campaign(tx: Transaction, campaign: Campaign) -> None:
    """Insert a campaign."""
    await tx.insert("campaign", campaign)


async def update_texts(
    tx: Transaction,
    campaign_id: Id,
    *,
    title: Mapping[str, str],
    description: Mapping[str, str],
    prompt: Mapping[str, str],
) -> None:
    """Write the texts anew."""
    await tx.execute(
        "update campaign set title = $2, description = $3, prompt = $4 where id = $1",
        campaign_id, title, description, prompt,
    )  # fmt: skip


async def set_colours(tx: Transaction, campaign_id: Id, *, background: str, accent: str) -> None:
    """Write the two colours of its share cards."""
    await tx.execute("update campaign set background = $2, accent = $3 where id = $1", campaign_id, background, accent)


async def set_status(
    tx: Transaction, campaign_id: Id, status: CampaignStatus, *, opens_at: datetime | None, closes_at: datetime | None
) -> None:
    """Write the state and its times."""
    await tx.execute(
        "update campaign set status = $2, opens_at = $3, closes_at = $4 where id = $1",
        campaign_id, status, opens_at, closes_at,
    )  # fmt: skip


async def add_topics(tx: Transaction, topics: Sequence[Topic]) -> None:
    """Insert topics."""
    await tx.execute_many(
        "insert into topic (id, campaign_id, name, position) values ($1, $2, $3, $4)",
        [(topic.id, topic.campaign_id, topic.name, topic.position) for topic in topics],
    )


async def topics_of(conn: Connection, campaign_ids: Sequence[Id]) -> dict[Id, list[Topic]]:
    """The topics of several campaigns, in order."""
    rows = await conn.fetch_as(
        Topic,
        f"select {_TOPIC} from topic where campaign_id = any($1) order by campaign_id, position",
        list(campaign_ids),
    )
    found: dict[Id, list[Topic]] = {}
    for topic in rows:
        found.setdefault(topic.campaign_id, []).append(topic)
    return found


async def topic_belongs(conn: Connection, topic_id: Id, campaign_id: Id) -> bool:
    """Whether the campaign has the topic; in a transaction it is then there until the end of it."""
    found: bool | None = await conn.fetch_value(
        "select true from topic where id = $1 and campaign_id = $2 for key share", topic_id, campaign_id
    )
    return bool(found)


async def lock_topic(tx: Transaction, topic_id: Id) -> None:
    """Whoever is about to use the topic waits until the end of the transaction."""
    await tx.execute("select from topic where id = $1 for update", topic_id)


async def topic_name(conn: Connection, topic_id: Id) -> dict[str, str] | None:
    """The topic's name by locale; None when there is none."""
    name: dict[str, str] | None = await conn.fetch_value("select name from topic where id = $1", topic_id)
    return name


async def topic_is_used(conn: Connection, topic_id: Id) -> bool:
    """Whether any statement is about the topic, in whatever state."""
    used: bool = await conn.fetch_value(
        "select exists (select from statement where topic_id = $1)"
        " or exists (select from revision where topic_id = $1)",
        topic_id,
    )
    return used


async def rename_topic(tx: Transaction, topic_id: Id, name: Mapping[str, str]) -> None:
    """Write the topic's name anew."""
    await tx.execute("update topic set name = $2 where id = $1", topic_id, name)


async def remove_topic(tx: Transaction, topic_id: Id) -> None:
    """Remove a topic that nothing uses."""
    await tx.execute("delete from topic where id = $1", topic_id)
