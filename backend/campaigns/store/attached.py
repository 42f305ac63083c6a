"""SQL of what belongs to wordings, for a whole list at once: pictures and translations in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.campaigns.store.statements import Translation
from backend.core.database import Connection
from backend.core.ids import Id


@dataclass(frozen=True, slots=True)
class Attached:
    """The pictures of a wording, in order, and its translations, by language."""

    revision_id: Id
    asset_ids: list[Id]
    translations: list[Translation]


_ATTACHED = """
select r as revision_id,
       array(select a.asset_id from revision_asset a where a.revision_id = r order by a.position) as asset_ids,
       (select coalesce(jsonb_agg(jsonb_build_object('language', t.language, 'direction', t.direction, 'text', t.text,
                                                     'maker', t.maker) order by t.language), '[]')
          from revision_translation t where t.revision_id = r) as translations
  from unnest($1::uuid[]) r
"""


async def attached_to(conn: Connection, revision_ids: Sequence[Id]) -> list[Attached]:
    """What belongs to each of the wordings."""
    return await conn.fetch_as(Attached, _ATTACHED, list(revision_ids))
