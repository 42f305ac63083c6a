"""What the composition root sets up once and every operation uses: the domains' settings and what they share."""

from dataclasses import dataclass

from backend.accounts.config import AccountSettings
from backend.campaigns.config import CampaignSettings
from backend.places.config import PlaceSettings
from backend.rounds.dealing import Dealing
from backend.rounds.standings import LiveStandings
from backend.rounds.watching import RoundWatch
from backend.topics.config import TopicSettings
from media.config import Media
from media.following import UploadWatch
from moderation.subjects import Desk


@dataclass(frozen=True, slots=True)
class Services:
    """`desk` is moderation with a handler for each kind of subject.

    `live` reads a running round once for all who ask, `watch` tells those who follow it what changed, `uploads` tells
    those who follow an upload, `dealing` deals to many voters at once.
    """

    accounts: AccountSettings
    places: PlaceSettings
    campaigns: CampaignSettings
    topics: TopicSettings
    media: Media
    desk: Desk
    live: LiveStandings
    watch: RoundWatch
    uploads: UploadWatch
    dealing: Dealing
