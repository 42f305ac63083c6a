"""SQL of what moderation reads of proposals."""

from collections.abc import Sequence
from typing import Any

from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.text import plain_excerpt
from backend.core.viewer import Scope
from backend.topics.rules import ProposalState
from moderation.subjects import SubjectView

EXCERPT_CHARS = 400
VERSION = 1  # a proposal has one wording for ever

_DESCRIBED = """
select p.id, p.proposer_id, p.city_id, p.school_id, p.class_id, p.campaign_id, k.zone, k.title, p.name, p.why,
       p.language, p.state
  from topic_proposal p join campaign k on k.id = p.campaign_id where p.id = any($1::uuid[])
"""


async def describe(conn: Connection, proposal_ids: Sequence[Id]) -> list[SubjectView]:
    """The proposals as moderation needs them. The only wording goes by the proposal's own id."""
    return [_view(row) for row in await conn.fetch(_DESCRIBED, list(proposal_ids))]


def _view(row: Any) -> SubjectView:
    text = f"{row['name']}\n\n{row['why']}".strip()
    return SubjectView(
        id=row["id"],
        revision_id=row["id"],
        version=VERSION,
        author_id=row["proposer_id"],
        place=Scope(row["city_id"], row["school_id"], row["class_id"], row["campaign_id"]),
        zone=row["zone"],
        title=row["title"],
        excerpt=plain_excerpt(text, EXCERPT_CHARS),
        text=text,
        language=row["language"],
        translations=(),
        state=row["state"],
        is_visible=row["state"] == ProposalState.SHOWN,
        is_withdrawn=row["state"] == ProposalState.WITHDRAWN,
        has_pictures=False,
    )
