"""Editors take statements away to post them: bundles, and where they were posted."""

import io
import zipfile
from datetime import timedelta

import pytest

from backend.campaigns.rules import Audience
from backend.campaigns.sharing import bundling, drawing, exporting, takedowns, work
from backend.campaigns.sharing.content import hashtag
from backend.campaigns.sharing.rules import ShareStatus, check_links
from backend.campaigns.store import takedowns as takedown_store
from backend.core.clock import time_shifted
from backend.core.errors import DomainError, NotAllowed, NotFound, ValidationFailed
from media.blobs.protocol import StoreUnavailable
from tests.campaigns.sharing import (
    TEXT,
    ask,
    card,
    content_of,
    drawn,
    editor_of,
    export,
    media_of,
    open_ones,
    student_editor_of,
)
from tests.campaigns.stage import Stage, together


async def test_student_editor_makes_cards_but_takes_nothing_away(stage: Stage) -> None:
    author, young, editor = await stage.student(), await student_editor_of(stage), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    assert (await drawn(stage, young, statement_id)).status is ShareStatus.READY
    with pytest.raises(NotAllowed):
        await exporting.create_export(stage.db, young, statement_id)
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    await stage.withdraw(author, statement_id)
    [due] = await open_ones(stage, editor)
    assert await open_ones(stage, young) == []
    for viewer in (young, author, stage.teacher):
        with pytest.raises(NotFound):
            await takedowns.confirm_takedown(stage.db, viewer, due.id)
        with pytest.raises(NotFound):
            await exporting.note_posts(stage.db, viewer, export_id, ["https://instagram.com/p/1"])
    assert len(await open_ones(stage, editor)) == 1


async def test_bundle_holds_card_picture_words_and_alt_texts(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    picture = await stage.picture(author, alt_text="En rev")
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL, asset_ids=[picture])
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    await bundling.make_bundle(stage.db, media_of(stage), export_id)
    made = await export(stage, export_id)
    assert made.status is ShareStatus.READY
    with zipfile.ZipFile(io.BytesIO(await content_of(media_of(stage), made))) as bundle:
        assert bundle.testzip() is None
        assert set(bundle.namelist()) == {
            "card-1-post.png", "card-1-story.png", "picture-1.jpg", "suggested.txt", "alt-texts.txt",
        }  # fmt: skip
        assert bundle.read("picture-1.jpg")[:3] == b"\xff\xd8\xff"
        name = (await stage.shown(author))[0].pseudonym
        said = f"«{TEXT}»\n— {name}, {stage.town.city.name}\n\n#MinStemmeUt #{hashtag(stage.town.city.name)}\n"
        assert bundle.read("suggested.txt").decode() == said
        assert "picture-1.jpg\nEn rev\n" in bundle.read("alt-texts.txt").decode()
    with time_shifted(timedelta(hours=25)):
        async with stage.db.transaction() as tx:
            assert await takedown_store.expire_exports(tx) == 1
    assert await work.remove_gone(stage.db, media_of(stage)) == 1
    assert (await export(stage, export_id)).files == ()
    await stage.withdraw(author, statement_id)
    assert len(await open_ones(stage, editor)) == 1, "that the bundle expired does not unpost it"


async def test_export_in_the_moment_of_withdrawal_is_refused_or_taken_down(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    for _ in range(4):
        statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
        made, refused = await together(
            exporting.create_export(stage.db, editor, statement_id), stage.withdraw(author, statement_id)
        )
        assert all(isinstance(error, DomainError) for error in refused)
        exported = len([one for one in made if one is not None])
        assert [one.statement_id for one in await open_ones(stage, editor)].count(statement_id) == exported


async def test_bundle_asked_for_again_is_the_same_while_it_can_be_fetched(stage: Stage) -> None:
    author, editor, colleague = await stage.student(), await editor_of(stage), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    first = await exporting.create_export(stage.db, editor, statement_id)
    again = [
        await exporting.create_export(stage.db, editor, statement_id, client_key=f"once-more-{n}") for n in (1, 2, 2)
    ]
    assert {*again} == {first}
    assert await exporting.create_export(stage.db, colleague, statement_id) != first
    with time_shifted(timedelta(hours=25)):
        assert await exporting.create_export(stage.db, editor, statement_id) != first


async def test_store_that_is_away_costs_a_card_no_attempt(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    statement_id = await stage.publish(await stage.student(), TEXT, audience=Audience.SOCIAL)
    editor, media = await editor_of(stage), media_of(stage)
    card_id, export_id = (
        await ask(stage, editor, statement_id),
        await exporting.create_export(stage.db, editor, statement_id),
    )

    async def away(*_: object) -> None:
        raise StoreUnavailable("timeout")

    with monkeypatch.context() as patch:
        patch.setattr(type(media.blobs), "put_file", away)
        for _ in range(4):
            await drawing.draw_card(stage.db, media, card_id)
            await bundling.make_bundle(stage.db, media, export_id)
    await drawing.draw_card(stage.db, media, card_id)
    await bundling.make_bundle(stage.db, media, export_id)
    assert (await card(stage, card_id)).status is (await export(stage, export_id)).status is ShareStatus.READY


@pytest.mark.parametrize(
    "link",
    ["http://a.example/x", "https://", "javascript:alert(1)", "https://u@a.example", "https://a.b/ x", "x" * 400],
)
def test_links_are_addresses_of_posts(link: str) -> None:
    with pytest.raises(ValidationFailed):
        check_links([link])
    assert check_links([" https://a.example/p ", "https://a.example/p"]) == ["https://a.example/p"]
