"""What belongs to the wordings of a list: pictures, movies and translations, read at once and only if asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from strawberry.dataloader import DataLoader

from backend.campaigns.store.attached import attached_to
from backend.campaigns.store.statements import Translation
from backend.core.ids import Id
from graphql_api.context import Context, Info
from graphql_api.media.types import Asset, asset
from graphql_api.selection import selects
from media.rules import Reach
from media.service import assets_for

IMAGES_GO = "2026-11-28: movies are there too, so the field is called `media`."


@dataclass(frozen=True, slots=True)
class Extras:
    """What belongs to wordings and is read for a whole list at once, by revision."""

    media: Mapping[Id, Sequence[Asset]] = field(default_factory=dict)
    translations: Mapping[Id, Sequence[Translation]] = field(default_factory=dict)


async def load_extras(
    context: Context,
    revision_ids: Sequence[Id],
    *,
    with_media: bool = True,
    with_translations: bool = True,
    reach: Reach = Reach.MEMBER,
) -> Extras:
    """Pictures, movies and translations of these wordings; `reach` says what addresses this viewer gets."""
    if not revision_ids or not (with_media or with_translations):
        return Extras()
    async with context.db.reading() as conn:
        attached = await attached_to(conn, revision_ids)
        wanted = {one for row in attached for one in row.asset_ids} if with_media else set()
        found = await assets_for(conn, wanted) if wanted else {}
    shown = {key: asset(view, context, reach=reach) for key, view in found.items()}
    return Extras(
        media={row.revision_id: [shown[one] for one in row.asset_ids if one in shown] for row in attached},
        translations={row.revision_id: row.translations for row in attached},
    )


async def selected_extras(info: Info, revision_ids: Sequence[Id], *path: str, reach: Reach = Reach.MEMBER) -> Extras:
    """As `load_extras`, for what the document asks for below `path`."""
    return await load_extras(
        info.context,
        revision_ids,
        with_media=selects(info, *path, "media") or selects(info, *path, "images"),
        with_translations=selects(info, *path, "translations"),
        reach=reach,
    )


def by_revision(context: Context) -> DataLoader[Id, Extras]:
    """Pictures, movies and translations of single wordings, batched."""

    async def load(revision_ids: Sequence[Id]) -> Sequence[Extras]:
        found = await load_extras(context, revision_ids)
        return [found] * len(revision_ids)

    return context.loader(by_revision, lambda: DataLoader(load))
