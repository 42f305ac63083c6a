"""Handing in, showing and hiding in somebody else's transaction, and describing: who may, when, and what stays."""

import pytest

from backend.core.database import Database
from backend.core.errors import Conflict, DomainError, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import new_id
from backend.core.viewer import ANONYMOUS, Viewer
from media.attaching import give_back, release, require_clean, revoke
from media.config import Media
from media.rules import AssetStatus, People
from media.service import Words, assets_for, describe_asset, own_assets
from media.uploads.finalising import finalise_upload
from tests.media.conftest import MakeAsset, read, sent


async def test_require_clean_passes_and_fixes_the_words(db: Database, viewer: Viewer, make_asset: MakeAsset) -> None:
    asset = await make_asset()
    async with db.transaction() as tx:
        found = await require_clean(tx, viewer.require_account(), [asset.id])
    assert found[asset.id].alt_text == "A gradient"
    with pytest.raises(Conflict) as caught:
        await describe_asset(db, viewer, asset.id, Words("Something else"))
    assert caught.value.code == "asset_fixed"
    async with db.transaction() as tx:
        await give_back(tx, [asset.id])
    assert (await describe_asset(db, viewer, asset.id, Words("Something else"))).alt_text == "Something else"


async def test_words_of_a_shown_picture_never_change(db: Database, viewer: Viewer, make_asset: MakeAsset) -> None:
    for shown in (True, False):
        asset = await make_asset(shown=shown)
        async with db.transaction() as tx:
            await give_back(tx, [asset.id])
        with pytest.raises(Conflict):
            await describe_asset(db, viewer, asset.id, Words("Something else"))


@pytest.mark.parametrize(("words", "code"), [(Words(), "alt_text_missing"), (Words("A cat"), "people_missing")])
async def test_require_clean_without_words_is_refused(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset, words: Words, code: str
) -> None:
    asset = await make_asset()
    async with db.transaction() as tx:
        await tx.execute("update asset set alt_text = $2, people = null where id = $1", asset.id, words.alt_text)
    with pytest.raises(ValidationFailed) as caught:
        async with db.transaction() as tx:
            await require_clean(tx, viewer.require_account(), [asset.id])
    assert (caught.value.code, caught.value.path) == (code, ("assets",))
    assert not (await read(db, asset.id)).is_fixed


async def test_require_clean_of_a_picture_on_its_way_is_refused(db: Database, media: Media, viewer: Viewer) -> None:
    ticket = await sent(db, media, viewer)
    for _ in range(2):
        with pytest.raises(Conflict) as caught:
            async with db.transaction() as tx:
                await require_clean(tx, viewer.require_account(), [ticket.asset_id])
        assert caught.value.code == "asset_not_ready"
        await finalise_upload(db, media, viewer, ticket.upload_id)


async def test_pictures_of_others_are_not_found_and_stay(db: Database, other: Viewer, make_asset: MakeAsset) -> None:
    asset = await make_asset()
    other_id = other.require_account()
    for ids in ([asset.id], [new_id()]):
        with pytest.raises(NotFound):
            async with db.transaction() as tx:
                await require_clean(tx, other_id, ids)
    with pytest.raises(NotFound):
        await describe_asset(db, other, asset.id, Words("Mine now"))
    with pytest.raises(Unauthenticated):
        await describe_asset(db, ANONYMOUS, asset.id, Words("Mine now"))
    assert await own_assets(db, other, [asset.id]) == {}
    assert await read(db, asset.id) == asset


@pytest.mark.parametrize(
    ("text", "code"), [("", "text_missing"), (" \u200b ", "text_missing"), ("x" * 501, "text_too_long"),
                       ("a\x00b", "text_forbidden_character"), ("a\u202eb", "text_forbidden_character")],
)  # fmt: skip
async def test_describe_with_bad_text_is_refused(
    db: Database, viewer: Viewer, make_asset: MakeAsset, text: str, code: str
) -> None:
    asset = await make_asset()
    with pytest.raises(ValidationFailed) as caught:
        await describe_asset(db, viewer, asset.id, Words(text))
    assert (caught.value.code, caught.value.path) == (code, ("alt_text",))


async def test_describe_one_thing_leaves_the_other(db: Database, viewer: Viewer, make_asset: MakeAsset) -> None:
    asset = await make_asset()
    assert (await describe_asset(db, viewer, asset.id, Words(people=People.ONLY_ME))).alt_text == "A gradient"
    changed = await describe_asset(db, viewer, asset.id, Words("قطة"))
    assert (changed.alt_text, changed.people) == ("قطة", People.ONLY_ME)


async def test_release_and_revoke_go_back_and_forth(db: Database, make_asset: MakeAsset) -> None:
    asset = await make_asset()
    for status, is_public in (
        (AssetStatus.RELEASED, True),
        (AssetStatus.REVOKED, False),
        (AssetStatus.RELEASED, False),
    ):
        async with db.transaction() as tx:
            if status is AssetStatus.RELEASED:
                await release(tx, [asset.id], is_public=is_public)
            else:
                await revoke(tx, [asset.id])
        now = await read(db, asset.id)
        assert (now.status, now.is_public) == (status, is_public)


async def test_release_rolled_back_shows_nothing(db: Database, make_asset: MakeAsset) -> None:
    asset = await make_asset()

    async def released_in_vain() -> None:
        async with db.transaction() as tx:
            await release(tx, [asset.id], is_public=True)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await released_in_vain()
    assert (await read(db, asset.id)).status is AssetStatus.CLEAN


async def test_release_of_what_is_not_checked_is_a_conflict_for_all(
    db: Database, media: Media, viewer: Viewer, make_asset: MakeAsset
) -> None:
    ready, waiting = await make_asset(), (await sent(db, media, viewer)).asset_id
    for bad in (waiting, new_id()):
        with pytest.raises(DomainError):
            async with db.transaction() as tx:
                await release(tx, [ready.id, bad], is_public=True)
    assert (await read(db, ready.id)).status is AssetStatus.CLEAN


async def test_release_and_revoke_of_nothing_is_fine(db: Database) -> None:
    async with db.transaction() as tx:
        await release(tx, [], is_public=True)
        await revoke(tx, [])
        assert await require_clean(tx, new_id(), []) == {}
        assert await assets_for(tx, []) == {}
