"""What is refused when statements are shared: sealed and restricted people, too much of anything, twice at once."""

import io
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.campaigns.rules import Audience
from backend.campaigns.sharing import bundling, cards, exporting, takedowns
from backend.campaigns.sharing.rules import MAX_LINKS, MAX_NOTE_CHARS, ShareStatus
from backend.core.errors import Conflict, NotAllowed, RateLimited, ValidationFailed
from backend.core.viewer import Viewer
from tests.campaigns.sharing import TEXT, ask, content_of, editor_of, export, media_of, open_ones
from tests.campaigns.stage import Stage, together

SECRET = b"s" * 32
POST = "https://www.instagram.com/p/{}"


async def test_bundle_of_letters_that_no_font_has_comes_without_cards(stage: Stage) -> None:
    text = f"{TEXT} ᏣᎳᎩ"
    editor = await editor_of(stage)
    statement_id = await stage.publish(await stage.student(), text, audience=Audience.SOCIAL)
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    await bundling.make_bundle(stage.db, media_of(stage), export_id)
    made = await export(stage, export_id)
    assert made.status is ShareStatus.READY
    with zipfile.ZipFile(io.BytesIO(await content_of(media_of(stage), made))) as bundle:
        assert set(bundle.namelist()) == {"suggested.txt", "alt-texts.txt"}
        assert text in bundle.read("suggested.txt").decode()


async def test_statement_without_words_has_no_card_but_a_bundle(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    picture = await stage.picture(author, alt_text="En rev")
    statement_id = await stage.publish(author, "", audience=Audience.SOCIAL, asset_ids=[picture])
    with pytest.raises(ValidationFailed) as refused:
        await ask(stage, author, statement_id)
    assert refused.value.code == "card_without_words"
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    await bundling.make_bundle(stage.db, media_of(stage), export_id)
    with zipfile.ZipFile(io.BytesIO(await content_of(media_of(stage), await export(stage, export_id)))) as bundle:
        assert set(bundle.namelist()) == {"picture-1.jpg", "suggested.txt", "alt-texts.txt"}


async def test_thirty_cards_a_day_and_a_repeat_costs_none(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)

    async def asked(key: str) -> object:
        return await cards.request_card(stage.db, author, statement_id, secret=SECRET, client_key=key)

    first = await asked("the-first-time")
    for _ in range(31):
        assert await asked("the-first-time") == first
    for number in range(29):
        assert await asked(f"another-time-{number}") == first
    with pytest.raises(RateLimited):
        await asked("one-too-many")
    assert await asked("the-first-time") == first
    assert await stage.value("select count(*) from audit_entry where action = 'author:share_card:requested'") == 1


async def test_the_same_asked_for_twice_at_once_is_made_once(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    drawn, refused = await together(*[ask(stage, author, statement_id) for _ in range(4)])
    assert (len(set(drawn)), refused) == (1, [])
    made, refused = await together(*[exporting.create_export(stage.db, editor, statement_id) for _ in range(4)])
    assert (len(set(made)), refused) == (1, [])
    for table in ("share_card", "social_export"):
        assert await stage.value(f"select count(*) from {table}") == 1
    assert await stage.value("select count(*) from pgqueuer where entrypoint like 'campaigns.%'") == 2


async def test_one_key_for_two_statements_at_once_makes_one_card(stage: Stage) -> None:
    author = await stage.student()
    both = [await stage.publish(author, TEXT, audience=Audience.SOCIAL) for _ in range(2)]
    made, refused = await together(
        *[cards.request_card(stage.db, author, one, secret=SECRET, client_key="the-very-same") for one in both]
    )
    assert (len(set(made)), refused) == (1, [])
    assert await stage.value("select count(*) from share_card") == 1


async def test_too_many_links_and_too_long_a_note_change_nothing(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    links = [POST.format(number) for number in range(MAX_LINKS)]
    await exporting.note_posts(stage.db, editor, export_id, links)
    with pytest.raises(ValidationFailed) as refused:
        await exporting.note_posts(stage.db, editor, export_id, [*links, POST.format("more")])
    assert (refused.value.code, refused.value.params["max"]) == ("too_many_links", MAX_LINKS)
    assert (await export(stage, export_id)).links == links
    await stage.withdraw(author, statement_id)
    [due] = await open_ones(stage, editor)
    with pytest.raises(ValidationFailed) as refused:
        await takedowns.confirm_takedown(stage.db, editor, due.id, note="x" * (MAX_NOTE_CHARS + 1))
    assert refused.value.path == ("note",)
    assert await open_ones(stage, editor) == [due]
    await takedowns.confirm_takedown(stage.db, editor, due.id, note="x" * MAX_NOTE_CHARS)


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"is_restricted": True}, NotAllowed, "account_restricted"),
        ({"sealed_until": datetime(2999, 1, 1, tzinfo=UTC)}, Conflict, "sealed_after_reset"),
    ],
)
async def test_restricted_account_and_sealed_session_share_nothing(
    stage: Stage, change: dict[str, Any], error: type[NotAllowed | Conflict], code: str
) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    taken_back = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    export_id = await exporting.create_export(stage.db, editor, taken_back)
    await stage.withdraw(author, taken_back)
    [due] = await open_ones(stage, editor)
    before = await stage.value("select count(*) from audit_entry")
    tries: list[tuple[Viewer, Callable[[Viewer], Awaitable[object]]]] = [
        (author, lambda who: ask(stage, who, statement_id)),
        (editor, lambda who: ask(stage, who, statement_id)),
        (editor, lambda who: exporting.create_export(stage.db, who, statement_id)),
        (editor, lambda who: exporting.note_posts(stage.db, who, export_id, [POST.format(1)])),
        (editor, lambda who: takedowns.confirm_takedown(stage.db, who, due.id)),
    ]
    for who, attempt in tries:
        with pytest.raises(error) as refused:
            await attempt(replace(who, **change))
        assert refused.value.code == code
    assert await stage.value("select count(*) from audit_entry") == before
    assert await open_ones(stage, editor) == [due]
