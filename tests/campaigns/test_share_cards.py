"""Share cards: who may ask for which, how they are drawn, and when they go."""

import io
from typing import Any

import pytest
from PIL import Image

from backend.campaigns import running
from backend.campaigns.rules import Audience, ShownAs
from backend.campaigns.sharing import cards, drawing, exporting, fetching, work
from backend.campaigns.sharing.rules import ShareStatus
from backend.campaigns.sharing.students import a_student
from backend.campaigns.store.shared_files import kept_blobs
from backend.core.clock import process_now
from backend.core.errors import Conflict, ConsentRequired, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import new_id
from backend.core.paging import PageRequest
from media.blobs.protocol import shared_name
from media.cards.colours import default_colours
from media.cards.drawer import draw_cards
from media.cards.orders import CardShape
from media.processing.alone import DecoderDied
from tests.campaigns.sharing import (
    TEXT,
    ask,
    card,
    content_of,
    drawn,
    editor_of,
    media_of,
)
from tests.campaigns.stage import DESK, Stage, new_campaign, together


async def test_card_of_ones_own_says_who_in_words_and_is_drawn_once(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    first = await drawn(stage, author, statement_id)
    assert (first.status, first.reason, first.language) == (ShareStatus.READY, None, "nb")
    assert first.alt_text == f"«{TEXT}» — {(await stage.shown(author))[0].pseudonym}, {stage.town.city.name}"
    assert [(file.shape, file.width, file.height) for file in first.files] == [(CardShape.POST, 1080, 1350)]
    assert (await content_of(media_of(stage), first)).startswith(b"\x89PNG")
    [file] = first.files
    async with stage.db.reading() as conn:
        name = shared_name(file.id, file.sha256, "png")
        assert await kept_blobs(conn, [name, name.replace("png", "zip"), "shared/x"]) == {name}
    assert await ask(stage, author, statement_id) == first.id
    assert await ask(stage, author, statement_id, "Også om det") != first.id
    await drawing.draw_card(stage.db, media_of(stage), first.id)  # done twice
    assert len((await card(stage, first.id)).files) == 1


@pytest.mark.parametrize("who", ["teacher", "moderator", "other", "editor elsewhere"])
async def test_card_for_others_is_not_allowed_and_not_listed(stage: Stage, who: str) -> None:
    statement_id = await stage.publish(await stage.student(), TEXT, audience=Audience.SOCIAL)
    other_campaign = await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(stage.town.city.id))
    viewer = {
        "teacher": stage.teacher, "moderator": stage.moderator, "other": await stage.student(),
        "editor elsewhere": await editor_of(stage, other_campaign),
    }[who]  # fmt: skip
    with pytest.raises(NotAllowed):
        await ask(stage, viewer, statement_id)
    with pytest.raises(NotAllowed):
        await exporting.create_export(stage.db, viewer, statement_id)
    assert list((await cards.list_cards(stage.db, viewer, statement_id, PageRequest(5))).rows) == []
    for table in ("share_card", "social_export", "pgqueuer where entrypoint like 'campaigns.%'"):
        assert await stage.value(f"select count(*) from {table}") == 0


async def test_card_needs_a_published_statement_for_social_and_a_consent_in_force(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    draft = await stage.draft(author, audience=Audience.SOCIAL)
    for_city = await stage.publish(author, audience=Audience.CITY)
    hidden = await stage.publish(author, audience=Audience.SOCIAL)
    async with stage.db.transaction() as tx:
        await DESK.handler("statement").hide(tx, hidden, new_id())
    for statement_id, code in ((draft, "not_published"), (for_city, "not_for_social"), (hidden, "not_published")):
        with pytest.raises(Conflict) as refused:
            await ask(stage, author, statement_id)
        assert refused.value.code == code
    for statement_id in (draft, hidden):
        with pytest.raises(NotFound):
            await exporting.create_export(stage.db, editor, statement_id)
    social = await stage.publish(author, audience=Audience.SOCIAL)
    async with stage.db.transaction() as tx:  # the yes was given a moment ago: it counts tomorrow
        await tx.execute("update consent set effective_at = now() + interval '1 hour' where audience = 'SOCIAL'")
    for attempt in (ask(stage, author, social), exporting.create_export(stage.db, editor, social)):
        with pytest.raises(ConsentRequired):
            await attempt


async def test_excerpt_stands_in_the_text_and_unknown_letters_are_named(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, f"{TEXT} ᏣᎳᎩ", audience=Audience.SOCIAL)
    with pytest.raises(ValidationFailed) as refused:
        await ask(stage, author, statement_id, "Vi må få tie.")
    assert (refused.value.code, refused.value.path) == ("excerpt_not_in_text", ("excerpt",))
    failed = await drawn(stage, author, statement_id)
    assert (failed.status, failed.reason, failed.detail) == (ShareStatus.FAILED, "script_unsupported", "Ꭹ Ꮃ Ꮳ")
    card_id = await ask(stage, author, statement_id, "Vi må få snakke.")
    await drawing.draw_card(stage.db, media_of(stage), card_id)
    assert (await card(stage, card_id)).status is ShareStatus.READY


async def test_student_without_a_name_is_called_one_in_their_language(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL, shown_as=ShownAs.A_STUDENT)
    said = await drawn(stage, author, statement_id)
    assert said.alt_text == f"«{TEXT}» — En elev, {stage.town.city.name}"
    assert (a_student("ar-SY"), a_student("zh-Hant"), a_student("xx")) == ("طالب أو طالبة", "一名學生", "A student")


async def test_worker_that_drew_while_the_author_withdrew_keeps_nothing(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    card_id = await ask(stage, author, statement_id)
    await together(
        drawing.draw_card(stage.db, media_of(stage), card_id), stage.withdraw(author, statement_id)
    )  # fmt: skip
    await work.remove_gone(stage.db, media_of(stage))
    assert (await card(stage, card_id)).status is ShareStatus.GONE
    assert [page async for page in media_of(stage).blobs.pages("shared/") if page] == []


async def test_card_that_ended_while_it_failed_gets_no_words_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, f"{TEXT} ᏣᎳᎩ", audience=Audience.SOCIAL)
    card_id = await ask(stage, author, statement_id)
    draw = draw_cards

    async def withdrawn_meanwhile(*given: Any, **more: Any) -> Any:
        await stage.withdraw(author, statement_id)
        return await draw(*given, **more)

    monkeypatch.setattr(drawing, "draw_cards", withdrawn_meanwhile)
    await drawing.draw_card(stage.db, media_of(stage), card_id)
    gone = await card(stage, card_id)
    assert (gone.status, gone.reason, gone.detail) == (ShareStatus.GONE, None, None)


async def test_card_that_an_app_loads_many_times_at_once_is_given_each_time(stage: Stage) -> None:
    author, media = await stage.student(), media_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    [file] = (await drawn(stage, author, statement_id)).files
    *_, stamp, name = fetching.address_of(media, file, now=process_now(), for_editor=True).split("/")
    fetched = await together(*[fetching.fetch_file(stage.db, media, stamp=stamp, name=name) for _ in range(6)])
    assert fetched == ([file] * 6, [])
    assert await stage.value("select count(*) from audit_entry where action = 'editor:share_card:fetched'") == 1


async def test_new_wording_draws_its_cards_anew_and_the_old_ones_go(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    old = await drawn(stage, author, statement_id)
    kept = await ask(stage, author, statement_id, "Vi må få snakke.")
    lost = await ask(stage, author, statement_id, "Også om det")
    await stage.revise(author, statement_id, "Vi må få snakke. Hver dag!", audience=Audience.SOCIAL)
    await stage.approve(await stage.submit(author, statement_id))
    assert {(await card(stage, one)).status for one in (old.id, kept, lost)} == {ShareStatus.GONE}
    rows = (await cards.list_cards(stage.db, author, statement_id, PageRequest(9))).rows
    assert {(row.excerpt, row.status) for row in rows} == {
        (None, ShareStatus.WAITING), ("Vi må få snakke.", ShareStatus.WAITING),
    }  # fmt: skip


async def test_third_attempt_that_dies_is_the_last(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    card_id = await ask(stage, author, statement_id)

    async def die(*_: object, **__: object) -> None:
        raise DecoderDied("killed")

    monkeypatch.setattr(drawing, "draw_cards", die)
    for _ in range(3):
        await drawing.draw_card(stage.db, media_of(stage), card_id)
        assert (await card(stage, card_id)).status is ShareStatus.WAITING
    await drawing.draw_card(stage.db, media_of(stage), card_id)
    assert ((await card(stage, card_id)).status, (await card(stage, card_id)).reason) == ("FAILED", "share_failed")


async def test_colours_that_editors_choose_are_those_of_the_cards(stage: Stage) -> None:
    texts = {"title": {"nb": "Min"}, "description": {"nb": "Si."}, "prompt": {"nb": "Hva?"}, "topics": []}
    secretariat = stage.town.secretariat
    with pytest.raises(ValidationFailed):
        await running.update_campaign(stage.db, secretariat, stage.campaign_id, **texts, colours=("#777777", "#888888"))  # type: ignore[arg-type]
    assert await stage.value("select background from campaign where id = $1", stage.campaign_id) is None
    await running.update_campaign(stage.db, secretariat, stage.campaign_id, **texts, colours=("#FFFFFF", "#102030"))  # type: ignore[arg-type]
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    data = await content_of(media_of(stage), await drawn(stage, author, statement_id))
    assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5)) == (255, 255, 255)
    assert default_colours(stage.campaign_id)[0] != "#ffffff"
