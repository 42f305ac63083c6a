"""What a teacher learns of the class's work in a campaign: counts of the course, never who, and nothing of drafts."""

from backend.campaigns import running
from backend.campaigns.store import campaigns as store
from backend.campaigns.store import progress
from backend.campaigns.store.progress import ClassCount
from backend.core import policy
from backend.core.database import Database
from backend.core.errors import not_found
from backend.core.ids import Id
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.places.scopes import scope_of_class


async def class_progress(db: Database, viewer: Viewer, *, class_id: Id, campaign_id: Id) -> ClassCount:
    """How many students there are, began and passed. Raises NotFound for everybody but the class's staff."""
    async with db.reading() as conn:
        scope = await scope_of_class(conn, class_id)
        if scope is None:
            raise not_found("class", class_id)
        policy.require(viewer, Action.CLASS_VIEW, scope, visible=False)
        campaign = await store.get_campaign(conn, campaign_id)
        if campaign is None or not running.may_see(viewer, campaign):
            raise not_found("campaign", campaign_id)
        return await progress.count_class(conn, class_id, campaign.course, campaign.course_version)
