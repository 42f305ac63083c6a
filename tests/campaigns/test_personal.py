"""Leaving: out of every view at once, back within the day, and forgotten by the job; and the copy of one's data."""

from datetime import timedelta

import pytest

from backend.accounts import erasure, personal_data
from backend.campaigns import supporting
from backend.campaigns.personal import PERSONAL
from backend.campaigns.rules import Audience, Visibility
from backend.core.clock import time_shifted
from backend.core.viewer import ANONYMOUS, Viewer
from tests.campaigns.stage import Stage
from tests.places.town import SETTINGS


@pytest.fixture(autouse=True)
def domain() -> None:
    personal_data.register(PERSONAL)


async def ask(stage: Stage, author: Viewer, *, keep: bool) -> None:
    await erasure.request_erasure(stage.db, SETTINGS.accounts, author, keep_statements=keep)


async def erase(stage: Stage, author: Viewer) -> None:
    with time_shifted(timedelta(hours=25)):
        assert await erasure.handle_erase(stage.db, SETTINGS.accounts, {"account": str(author.account_id)})


async def test_leaving_hides_everything_at_once_and_coming_back_shows_it(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await stage.picture(author)
    statement_id = await stage.publish(author, audience=Audience.CITY, asset_ids=[asset_id])
    waiting = await stage.hand_in(author, audience=Audience.CITY)
    await ask(stage, author, keep=False)
    assert not await stage.sees(ANONYMOUS, statement_id)
    assert await stage.asset_state(asset_id) == ("REVOKED", False)
    await stage.approve(waiting)
    assert not await stage.sees(ANONYMOUS, waiting.id)
    await erasure.cancel_erasure(stage.db, author)
    assert await stage.sees(ANONYMOUS, statement_id)
    assert await stage.sees(ANONYMOUS, waiting.id)
    assert await stage.asset_state(asset_id) == ("RELEASED", True)


async def test_leaving_and_keeping_shows_statements_without_a_name(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, audience=Audience.CITY)
    await ask(stage, author, keep=True)
    [row] = await stage.shown(ANONYMOUS)
    assert (row.id, row.pseudonym) == (statement_id, None)


async def test_erasure_forgets_words_pictures_progress_and_supports(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    asset_id = await stage.picture(author)
    statement_id = await stage.publish(author, "Bare mine ord.", audience=Audience.SOCIAL, asset_ids=[asset_id])
    draft = await stage.draft(author, "Et utkast.")
    await supporting.support_statement(stage.db, author, await stage.publish(other))
    await ask(stage, author, keep=False)
    await erase(stage, author)
    for one in (statement_id, draft):
        statement = await stage.statement(one)
        assert (statement.author_id, statement.visibility) == (None, Visibility.WITHDRAWN)
    texts = "select count(*) from revision where statement_id = any($1) and text <> ''"
    assert await stage.value(texts, [statement_id, draft]) == 0
    assert await stage.value("select search_text from statement where id = $1", statement_id) is None
    assert await stage.asset_state(asset_id) == ("PURGED", False)
    for table in ("support", "quiz_attempt", "lesson_completion"):
        assert await stage.value(f"select count(*) from {table} where account_id = $1", author.account_id) == 0
    assert len(await stage.shown(other)) == 1


async def test_erasure_with_statements_kept_leaves_them_without_author(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await stage.picture(author)
    statement_id = await stage.publish(author, "Dette står.", audience=Audience.CITY, asset_ids=[asset_id])
    await stage.revise(author, statement_id, "Dette var bare et utkast.", audience=Audience.CITY)
    await ask(stage, author, keep=True)
    await erase(stage, author)
    [row] = await stage.shown(ANONYMOUS)
    assert (row.text, row.pseudonym, row.shown_as) == ("Dette står.", None, "A_STUDENT")
    assert (await stage.statement(statement_id)).author_id is None
    assert await stage.value("select count(*) from revision where text like '%utkast%'") == 0
    assert await stage.asset_state(asset_id) == ("RELEASED", True)


async def test_export_holds_all_that_is_the_persons_own_and_nothing_of_others(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    others = await stage.publish(other, "Andres ord.")
    await stage.draft(author, "Mine ord.")
    await supporting.support_statement(stage.db, author, others)
    async with stage.db.snapshot() as conn:
        copy = await PERSONAL.export(conn, author.require_account())
    text = str(copy)
    assert "Mine ord." in text
    assert "Andres ord." not in text
    assert str(others) in text
    assert str(other.account_id) not in text
