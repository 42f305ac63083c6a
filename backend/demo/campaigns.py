"""The campaigns of the demo: made by the secretariat, opened by their editor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend.campaigns.running import NewCampaign, create_campaign, open_campaign
from backend.campaigns.store.campaigns import topics_of
from backend.core.clock import process_now
from backend.core.ids import Id
from backend.core.viewer import Role, ScopeKind, Viewer
from backend.demo.reading import DemoCampaign
from backend.demo.staff import Adult, hire
from backend.demo.stage import Stage, ago
from backend.demo.towns import Town
from backend.places import roles
from backend.places.roles import NewRole

NETWORK, NETWORK_ZONE = "my-voice-out", "Europe/Oslo"


@dataclass(frozen=True, slots=True)
class Running:
    """An open campaign, its topics by key, and its editor."""

    id: Id
    topics: dict[str, Id]
    editor: Viewer


async def open_campaigns(
    stage: Stage, secretariat: Viewer, towns: Sequence[Town], *, student_editor: str
) -> dict[str, Running]:
    """All campaigns by key. The first one, the network's, also has a student editor (a handle)."""
    running: dict[str, Running] = {}
    for demo in stage.material.campaigns:
        town = next((one for one in towns if one.demo.key == demo.city), None)
        with ago(days=1 - demo.opens):
            campaign_id, topics = await _create(stage, secretariat, demo, town)
            suffix = f"-{town.demo.key}" if town else ""
            country, locale = (town.demo.country, town.demo.locale) if town else ("NO", "nb")
            adult = Adult(f"editor{suffix}", "Sigrid", country, locale)
            editor = await hire(stage, secretariat, adult, Role.EDITOR, ScopeKind.CAMPAIGN, campaign_id)
            running[demo.key] = Running(campaign_id, topics, editor)
            if town is None:
                new = NewRole(student_editor, Role.STUDENT_EDITOR, ScopeKind.CAMPAIGN, campaign_id)
                await roles.grant_role(stage.db, editor, stage.services.places, new)
        closes_at = process_now() + timedelta(days=demo.closes)
        with ago(days=-demo.opens):
            await open_campaign(stage.db, editor, campaign_id, closes_at=closes_at)
    return running


async def _create(stage: Stage, secretariat: Viewer, demo: DemoCampaign, town: Town | None) -> tuple[Id, dict[str, Id]]:
    names = {topic.key: topic.name for topic in stage.material.topics}
    new = NewCampaign(
        city_id=town.city.id if town else None,
        title=demo.title,
        description=demo.description,
        prompt=demo.prompt,
        topics=[names[key] for key in demo.topics],
        zone=town.demo.zone if town else NETWORK_ZONE,
        course=demo.course,
        course_version=1,
    )
    campaign_id = await create_campaign(stage.db, secretariat, new)
    async with stage.db.reading() as conn:
        made = (await topics_of(conn, [campaign_id]))[campaign_id]
    return campaign_id, {key: topic.id for key, topic in zip(demo.topics, made, strict=True)}
