"""SQL of what moderation reads of statements."""

from collections.abc import Sequence
from typing import Any

from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.text import plain_excerpt
from backend.core.viewer import Scope
from moderation.subjects import SubjectView

EXCERPT_CHARS = 400

_SELECT = """
select s.id, r.id as revision_id, r.version, s.author_id, s.city_id, s.school_id, s.class_id, s.campaign_id,
       k.zone, k.title, r.text, r.language, r.review, s.visibility,
       array(select t.language from revision_translation t where t.revision_id = r.id order by 1) as translations,
       exists (select from revision_asset a where a.revision_id = r.id) as has_pictures
  from statement s
  join campaign k on k.id = s.campaign_id
  join revision r on r.statement_id = s.id
"""
# Visible: the published wording. Otherwise: the latest one, which is what lies in review.
_CURRENT = """
 where s.id = any($1::uuid[]) and r.id = case
       when s.visibility in ('PUBLISHED', 'HIDDEN', 'REMOVED') then s.published_revision_id
       else s.latest_revision_id end
"""


async def describe(conn: Connection, statement_ids: Sequence[Id]) -> list[SubjectView]:
    """The statements as moderation needs them."""
    return [_view(row) for row in await conn.fetch(_SELECT + _CURRENT, list(statement_ids))]


async def describe_revisions(conn: Connection, revision_ids: Sequence[Id]) -> list[SubjectView]:
    """Exactly these wordings, published or not."""
    return [_view(row) for row in await conn.fetch(_SELECT + " where r.id = any($1::uuid[])", list(revision_ids))]


def _view(row: Any) -> SubjectView:
    return SubjectView(
        id=row["id"],
        revision_id=row["revision_id"],
        version=row["version"],
        author_id=row["author_id"],
        place=Scope(row["city_id"], row["school_id"], row["class_id"], row["campaign_id"]),
        zone=row["zone"],
        title=row["title"],
        excerpt=plain_excerpt(row["text"], EXCERPT_CHARS),
        text=row["text"],
        language=row["language"],
        translations=tuple(row["translations"]),
        state=row["visibility"] if row["visibility"] != "UNPUBLISHED" else row["review"],
        is_visible=row["visibility"] == "PUBLISHED",
        is_withdrawn=row["visibility"] == "WITHDRAWN",
        has_pictures=row["has_pictures"],
    )
