"""What went out comes down within a day: when a takedown opens, stays, lapses and is confirmed."""

from datetime import timedelta

import pytest

from backend.accounts import consent
from backend.accounts.consent_rules import ConsentAnswer, ConsentAudience, ConsentGiver, ConsentPurpose, Question
from backend.campaigns import personal
from backend.campaigns.rules import Audience, ShownAs
from backend.campaigns.sharing import bundling, drawing, exporting, fetching, takedowns
from backend.campaigns.sharing.ending import end_sharing
from backend.campaigns.sharing.rules import Shared, ShareStatus, TakedownReason
from backend.campaigns.store import sharing as store
from backend.core.clock import process_now, time_shifted
from backend.core.errors import Conflict
from backend.core.ids import new_id
from backend.core.viewer import Viewer
from tests.campaigns.sharing import TEXT, ask, card, drawn, editor_of, export, media_of, open_ones, told
from tests.campaigns.stage import DESK, Stage, together
from tests.places.town import SETTINGS


async def no(stage: Stage, author: Viewer) -> None:
    question = Question(ConsentPurpose.PUBLISH, ConsentAudience.SOCIAL)
    async with stage.db.transaction() as tx:
        account_id = author.require_account()
        giver = consent.Giver(ConsentGiver.SELF, account_id)
        answers = [consent.Answered(question, ConsentAnswer.NO)]
        await consent.write_answers(tx, SETTINGS.accounts, account_id, answers, giver)
        await personal.PERSONAL.consent_ended(tx, account_id)  # type: ignore[misc]


@pytest.mark.parametrize("reason", ["WITHDRAWN", "HIDDEN", "REMOVED", "CONSENT_ENDED", "AUTHOR_LEFT", "NAME_TAKEN_OFF"])
async def test_whatever_ends_the_sharing_ends_cards_and_opens_one_takedown(stage: Stage, reason: str) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    quiet = await stage.publish(author, "Aldri delt.", audience=Audience.SOCIAL)
    card_id = await ask(stage, author, statement_id, "Vi må få snakke.")
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    await exporting.note_posts(stage.db, editor, export_id, ["https://www.instagram.com/p/abc"])
    for one in (statement_id, quiet):
        if reason == "WITHDRAWN":
            await stage.withdraw(author, one)
        elif reason == "NAME_TAKEN_OFF":
            await stage.revise(author, one, TEXT, audience=Audience.SOCIAL, shown_as=ShownAs.A_STUDENT)
        elif reason in {"HIDDEN", "REMOVED"}:
            async with stage.db.transaction() as tx:
                handler = DESK.handler("statement")
                await (handler.hide if reason == "HIDDEN" else handler.remove)(tx, one, new_id())
    if reason == "CONSENT_ENDED":
        await no(stage, author)
    if reason == "AUTHOR_LEFT":
        async with stage.db.transaction() as tx:
            await personal.leave(tx, author.require_account())
    gone = await card(stage, card_id)
    assert (gone.status, gone.excerpt, gone.alt_text) == (ShareStatus.GONE, None, None)
    assert (await export(stage, export_id)).status is ShareStatus.GONE
    [due] = await open_ones(stage, editor)
    assert (due.statement_id, due.reason) == (statement_id, reason)
    assert due.due_at - due.opened_at == timedelta(hours=24)
    assert due.links == ["https://www.instagram.com/p/abc"]
    assert await told(stage, editor, "takedown_opened") == 1
    if reason != "WITHDRAWN" and reason != "CONSENT_ENDED":
        await stage.withdraw(author, statement_id)
        assert [one.id for one in await open_ones(stage, editor)] == [due.id], "the same posts are not due twice"
    # What a worker made meanwhile is not kept.
    await drawing.draw_card(stage.db, media_of(stage), card_id)
    await bundling.make_bundle(stage.db, media_of(stage), export_id)
    assert await stage.value("select count(*) from shared_file") == 0


async def test_takedown_confirmed_by_two_at_once_counts_once_and_tells_the_author(stage: Stage) -> None:
    author, editor, second = await stage.student(), await editor_of(stage), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    export_id = await exporting.create_export(stage.db, editor, statement_id)
    await exporting.note_posts(stage.db, editor, export_id, ["https://www.instagram.com/p/abc"])
    await stage.withdraw(author, statement_id)
    [due] = await open_ones(stage, editor)
    assert (await stage.own(author, statement_id))[0].takedown_due_at == due.due_at
    _, refused = await together(
        takedowns.confirm_takedown(stage.db, editor, due.id, note="Slettet på Instagram."),
        takedowns.confirm_takedown(stage.db, second, due.id),
    )
    assert refused == []
    [done] = await takedowns.find_takedowns(stage.db, editor, [due.id])
    assert done.confirmed_by in {editor.account_id, second.account_id}
    assert (done.links, await open_ones(stage, editor)) == ([], [])
    assert (await stage.own(author, statement_id))[0].takedown_due_at is None
    assert await told(stage, author, "takedown_confirmed") == 1
    assert await stage.value("select count(*) from audit_entry where action = 'editor:takedown:confirmed'") == 1
    with pytest.raises(Conflict) as late:
        await exporting.note_posts(stage.db, editor, export_id, ["https://www.instagram.com/p/abc"])
    assert (late.value.code, late.value.state) == ("taken_down", "CONFIRMED")


async def test_takedown_survives_the_authors_erasure_without_personal_data(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    await ask(stage, author, statement_id, "Vi må få snakke.")
    await exporting.create_export(stage.db, editor, statement_id)
    async with stage.db.reading() as conn:
        copy = await personal.export(conn, author.require_account())
    assert [(one.kind, one.words, one.by_me) for one in copy.shares] == [
        ("card", "Vi må få snakke.", True), ("export", None, False),
    ]  # fmt: skip
    async with stage.db.transaction() as tx:
        await personal.leave(tx, author.require_account())
        await personal.erase(tx, author.require_account())
    [due] = await open_ones(stage, editor)
    assert (due.statement_id, due.reason) == (statement_id, "AUTHOR_LEFT")
    await takedowns.confirm_takedown(stage.db, editor, due.id, note="Det om å snakke lå på Instagram.")
    async with stage.db.transaction() as tx:
        await personal.erase(tx, editor.require_account())
    rows = await stage.value(
        "select coalesce(string_agg(t::text, ' '), '') from (select row_to_json(k)::text as t from share_card k"
        " union all select row_to_json(e)::text from social_export e"
        " union all select row_to_json(d)::text from takedown d) as all_rows"
    )
    for secret in (str(author.account_id), str(editor.account_id), "snakke"):
        assert secret not in rows


async def test_bundle_that_failed_counts_once_posts_are_noted_with_it(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    noted, untouched = [await stage.publish(author, f"{TEXT} {n}", audience=Audience.SOCIAL) for n in (1, 2)]
    for statement_id in (noted, untouched):
        export_id = await exporting.create_export(stage.db, editor, statement_id)
        async with stage.db.transaction() as tx:
            await store.fail(tx, Shared.BUNDLE, export_id, "share_failed")
        if statement_id == noted:
            await exporting.note_posts(stage.db, editor, export_id, ["https://www.instagram.com/p/abc"])
        await stage.withdraw(author, statement_id)
    assert [due.statement_id for due in await open_ones(stage, editor)] == [noted]


async def test_takedown_lapses_when_the_statement_is_shown_again_and_counts_anew(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    await exporting.create_export(stage.db, editor, statement_id)
    handler = DESK.handler("statement")
    async with stage.db.transaction() as tx:
        await handler.hide(tx, statement_id, new_id())
    [due] = await open_ones(stage, editor)
    async with stage.db.transaction() as tx:
        await handler.restore(tx, statement_id, new_id())
    assert await open_ones(stage, editor) == []
    assert await told(stage, editor, "takedown_lapsed") == 1
    with pytest.raises(Conflict):
        await takedowns.confirm_takedown(stage.db, editor, due.id)
    async with stage.db.transaction() as tx:
        await personal.leave(tx, author.require_account())
        await personal.come_back(tx, author.require_account())
    assert await open_ones(stage, editor) == []
    await stage.withdraw(author, statement_id)
    assert len(await open_ones(stage, editor)) == 1


@pytest.mark.parametrize("name_first", [True, False])
async def test_takedown_for_a_name_stays_when_the_statement_is_shown_again(stage: Stage, name_first: bool) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    await exporting.create_export(stage.db, editor, statement_id)
    handler = DESK.handler("statement")

    async def hide() -> None:
        async with stage.db.transaction() as tx:
            await handler.hide(tx, statement_id, new_id())

    async def end_name() -> None:
        async with stage.db.transaction() as tx:
            await end_sharing(tx, statement_id, stage.campaign_id, TakedownReason.NAME_TAKEN_OFF)

    for step in (end_name, hide) if name_first else (hide, end_name):
        await step()
    [due] = await open_ones(stage, editor)
    async with stage.db.transaction() as tx:
        await handler.restore(tx, statement_id, new_id())
    assert [(one.id, one.reason) for one in await open_ones(stage, editor)] == [(due.id, "NAME_TAKEN_OFF")]


async def test_editor_is_reminded_once_and_overdue_goes_to_the_secretariat_too(stage: Stage) -> None:
    author, editor = await stage.student(), await editor_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    await exporting.create_export(stage.db, editor, statement_id)
    await stage.withdraw(author, statement_id)
    assert (await takedowns.remind(stage.db), await takedowns.tell_overdue(stage.db)) == (0, 0)
    with time_shifted(timedelta(hours=19)):
        assert [await takedowns.remind(stage.db) for _ in range(2)] == [1, 0]
        assert await takedowns.tell_overdue(stage.db) == 0
    with time_shifted(timedelta(hours=24)):
        assert [await takedowns.tell_overdue(stage.db) for _ in range(2)] == [1, 0]
    assert await told(stage, editor, "takedown_reminder") == await told(stage, editor, "takedown_overdue") == 1
    assert await told(stage, stage.town.secretariat, "takedown_overdue") == 1


async def test_card_that_an_editor_fetched_has_gone_out_and_one_that_its_author_fetched_has_not(stage: Stage) -> None:
    author, editor, media = await stage.student(), await editor_of(stage), media_of(stage)
    for for_editor in (False, True):
        statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
        [file] = (await drawn(stage, author, statement_id)).files
        address = fetching.address_of(media, file, now=process_now(), for_editor=for_editor)
        *_, stamp, name = address.split("/")
        assert await fetching.fetch_file(stage.db, media, stamp=stamp, name=name) == file
        changed = f"{'A' if stamp[0] != 'A' else 'B'}{stamp[1:]}"
        for wrong in ((changed, name), (stamp, f"{'0' * 64}.png"), (stamp, name.replace("png", "zip")), ("x", name)):
            assert await fetching.fetch_file(stage.db, media, stamp=wrong[0], name=wrong[1]) is None
        with time_shifted(timedelta(minutes=6)):
            assert await fetching.fetch_file(stage.db, media, stamp=stamp, name=name) is None
        await stage.withdraw(author, statement_id)
        assert await fetching.fetch_file(stage.db, media, stamp=stamp, name=name) is None
        assert len(await open_ones(stage, editor)) == int(for_editor)
