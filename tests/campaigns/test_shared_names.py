"""Cards, bundles and posts follow the name under which their author is shown, and a new wording."""

import pytest

from backend.accounts import personal_data, profile
from backend.campaigns import personal
from backend.campaigns.rules import Audience, ShownAs
from backend.campaigns.sharing import bundling, cards, drawing, exporting, fetching
from backend.campaigns.sharing.rules import ShareStatus
from backend.campaigns.store.sharing import Card
from backend.core.clock import process_now
from backend.core.database import Transaction
from backend.core.ids import Id
from backend.core.paging import PageRequest
from backend.core.viewer import Viewer
from tests.campaigns.sharing import TEXT, ask, card, drawn, editor_of, export, media_of, open_ones, told
from tests.campaigns.stage import Stage, together
from tests.places.town import SETTINGS


@pytest.fixture(autouse=True)
def registered() -> None:
    """As the composition root does it."""
    personal_data.register(personal.PERSONAL)


async def rename(stage: Stage, author: Viewer, name: str) -> None:
    async def anything(_tx: Transaction, _name: str) -> None:
        """No classmate looks the same."""

    await profile.change_pseudonym(stage.db, SETTINGS.accounts, author, name, guard=anything)


async def living(stage: Stage, author: Viewer, statement_id: Id) -> list[Card]:
    return list((await cards.list_cards(stage.db, author, statement_id, PageRequest(9))).rows)


async def fetched(stage: Stage, address: str) -> bool:
    *_, stamp, name = address.split("/")
    return await fetching.fetch_file(stage.db, media_of(stage), stamp=stamp, name=name) is not None


async def test_nothing_with_the_old_pseudonym_is_handed_out_and_posts_with_it_come_down(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    unnamed_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL, shown_as=ShownAs.A_STUDENT)
    old, unnamed = await drawn(stage, author, statement_id), await drawn(stage, author, unnamed_id)
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    await bundling.make_bundle(stage.db, media_of(stage), export_id)
    rows = (old, await export(stage, export_id), unnamed)
    addresses = [
        fetching.address_of(media_of(stage), row.files[0], now=process_now(), for_editor=False) for row in rows
    ]
    await rename(stage, author, "Fjellvind")
    assert [await fetched(stage, one) for one in addresses] == [False, False, True], "of a student nothing changed"
    [waiting] = await living(stage, author, statement_id)
    await drawing.draw_card(stage.db, media_of(stage), waiting.id)
    [new] = await living(stage, author, statement_id)
    assert (new.status, new.alt_text) == (ShareStatus.READY, f"«{TEXT}» — Fjellvind, {stage.town.city.name}")
    [due] = await open_ones(stage, editor)
    assert (due.statement_id, due.reason) == (statement_id, "NAME_TAKEN_OFF")
    await exporting.create_export(stage.db, editor, statement_id)  # under the new name it goes out again


async def test_what_a_worker_made_while_the_name_changed_shows_the_new_one_or_is_not_kept(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    card_id = await ask(stage, author, statement_id)
    await together(drawing.draw_card(stage.db, media_of(stage), card_id), rename(stage, author, "Fjellvind"))
    assert (await card(stage, card_id)).status is ShareStatus.GONE
    [new] = await living(stage, author, statement_id)
    assert new.id != card_id
    await drawing.draw_card(stage.db, media_of(stage), new.id)
    assert "Fjellvind" in ((await card(stage, new.id)).alt_text or "")


async def test_card_says_a_student_once_the_name_is_taken_off_and_the_name_when_that_is_public(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    named = await drawn(stage, author, statement_id)
    said = []
    for name in (ShownAs.A_STUDENT, ShownAs.PSEUDONYM):
        await stage.revise(author, statement_id, TEXT, audience=Audience.SOCIAL, shown_as=name)
        if name is ShownAs.PSEUDONYM:  # which a reviewer sees first
            await stage.approve(await stage.submit(author, statement_id))
        [waiting] = await living(stage, author, statement_id)
        await drawing.draw_card(stage.db, media_of(stage), waiting.id)
        said.append((await card(stage, waiting.id)).alt_text)
    assert said == [f"«{TEXT}» — En elev, {stage.town.city.name}", named.alt_text]


async def test_editors_are_told_once_that_posts_show_an_older_wording(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    posted = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    quiet = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    await drawn(stage, author, quiet)
    await exporting.create_export(stage.db, editor, posted)
    for statement_id in (posted, quiet):
        await stage.revise(author, statement_id, "Vi må få snakke. Hver dag!", audience=Audience.SOCIAL)
        subject = await stage.submit(author, statement_id)
        assert await told(stage, editor, "posts_outdated") == int(statement_id == quiet), "not before it is public"
        await stage.approve(subject)
    assert await told(stage, editor, "posts_outdated") == 1
    assert await stage.value("select subject_id from notice where kind = 'posts_outdated'") == posted
    await stage.withdraw(author, posted)
    assert len(await open_ones(stage, editor)) == 1, "of either wording"
