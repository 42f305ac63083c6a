"""What goes out of the demo to social media: an author's card, and the editor's bundle of each such statement."""

from collections.abc import Mapping

from backend.campaigns.rules import Audience
from backend.campaigns.sharing.cards import request_card
from backend.campaigns.sharing.exporting import create_export, note_posts
from backend.demo.campaigns import Running
from backend.demo.speaking import Said
from backend.demo.stage import Stage, ago

# By whom the author has a card already, and where the editor posted it.
CARD_OF = "voting-age"
POSTED = {"voting-age": ["https://www.instagram.com/p/demo-min-stemme"]}


async def share(stage: Stage, running: Mapping[str, Running], said: Mapping[str, Said]) -> int:
    """Ask for cards and bundles of what may be shared; a worker makes them. How many statements."""
    secret = stage.services.accounts.secret
    shared = [one for one in said.values() if (one.demo.audience, one.demo.outcome) == (Audience.SOCIAL, "PUBLISHED")]
    for one in shared:
        if one.demo.key == CARD_OF:
            with ago(hours=5):
                await request_card(stage.db, one.author, one.id, secret=secret)
        with ago(hours=3):
            editor = running[one.demo.campaign].editor
            export_id = await create_export(stage.db, editor, one.id)
            await note_posts(stage.db, editor, export_id, POSTED.get(one.demo.key, []))
    return len(shared)
