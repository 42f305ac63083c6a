"""On the way to social media and back: cards, bundles, and the day in which everything has to come down."""

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from PIL import Image

from backend.accounts import consent
from backend.accounts.consent_rules import ConsentAnswer, ConsentAudience, ConsentGiver, ConsentPurpose, Question
from backend.campaigns import personal, running
from backend.campaigns.rules import Audience, ShownAs
from backend.campaigns.sharing import bundling, cards, drawing, exporting, fetching, takedowns, work
from backend.campaigns.sharing.content import hashtag
from backend.campaigns.sharing.ending import end_sharing
from backend.campaigns.sharing.rules import ShareStatus, TakedownReason, check_links
from backend.campaigns.sharing.students import a_student
from backend.campaigns.store import sharing as store
from backend.campaigns.store import takedowns as takedown_store
from backend.campaigns.store.shared_files import kept_blobs
from backend.campaigns.store.sharing import Card, Export
from backend.campaigns.store.takedowns import Takedown
from backend.core.clock import process_now, time_shifted
from backend.core.errors import Conflict, ConsentRequired, DomainError, NotAllowed, NotFound, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import Role, Viewer
from media.blobs.protocol import StoreUnavailable, shared_name
from media.cards.colours import default_colours
from media.cards.orders import CardShape
from media.config import Media
from media.processing.decoder import DecoderDied
from tests.campaigns.stage import DESK, Stage, new_campaign, together
from tests.places.town import SETTINGS, make_account, viewer_of

TEXT = "Vi må få snakke. Også om det som er vanskelig!"


async def editor_of(stage: Stage, campaign_id: Id | None = None) -> Viewer:
    return await given(stage, await make_account(stage.db, staff=True), Role.EDITOR, campaign_id)


async def student_editor_of(stage: Stage) -> Viewer:
    return await given(stage, (await stage.student()).require_account(), Role.STUDENT_EDITOR)


async def given(stage: Stage, account_id: Id, role: Role, campaign_id: Id | None = None) -> Viewer:
    async with stage.db.transaction() as tx:
        await tx.execute(
            "insert into role_grant (id, account_id, role, scope_kind, scope_id, granted_at)"
            " values ($1, $2, $3, 'CAMPAIGN', $4, now())",
            new_id(), account_id, role, campaign_id or stage.campaign_id,
        )  # fmt: skip
    return await viewer_of(stage.db, account_id)


def media_of(stage: Stage) -> Media:
    assert stage.media is not None
    return stage.media


async def ask(
    stage: Stage, who: Viewer, statement_id: Id, excerpt: str | None = None, shape: CardShape | None = CardShape.POST
) -> Id:
    return await cards.request_card(stage.db, who, statement_id, secret=b"s" * 32, excerpt=excerpt, shape=shape)


async def card(stage: Stage, card_id: Id) -> Card:
    async with stage.db.reading() as conn:
        [found] = await store.find_cards(conn, [card_id])
    return found


async def drawn(stage: Stage, who: Viewer, statement_id: Id) -> Card:
    card_id = await ask(stage, who, statement_id)
    await drawing.draw_card(stage.db, media_of(stage), card_id)
    return await card(stage, card_id)


async def export(stage: Stage, export_id: Id) -> Export:
    async with stage.db.reading() as conn:
        [found] = await store.find_exports(conn, [export_id])
    return found


async def open_ones(stage: Stage, editor: Viewer) -> list[Takedown]:
    page = await takedowns.list_takedowns(stage.db, editor, stage.campaign_id, PageRequest(50), only_open=True)
    return list(page.rows)


async def told(stage: Stage, who: Viewer, kind: str) -> int:
    count: int = await stage.value(
        "select count(*) from notice where account_id = $1 and kind = $2", who.account_id, kind
    )
    return count


async def content_of(media: Media, row: Card | Export) -> bytes:
    [file] = row.files
    pieces: AsyncIterator[bytes] = fetching.read_file(media, file)
    return b"".join([piece async for piece in pieces])


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
    with pytest.raises(Conflict):
        await exporting.note_posts(stage.db, editor, export_id, ["https://www.instagram.com/p/abc"])


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
    await takedowns.confirm_takedown(stage.db, editor, due.id)
    async with stage.db.transaction() as tx:
        await personal.erase(tx, editor.require_account())
    rows = await stage.value(
        "select coalesce(string_agg(t::text, ' '), '') from (select row_to_json(k)::text as t from share_card k"
        " union all select row_to_json(e)::text from social_export e"
        " union all select row_to_json(d)::text from takedown d) as all_rows"
    )
    for secret in (str(author.account_id), str(editor.account_id), "snakke"):
        assert secret not in rows


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


async def test_card_that_an_app_loads_many_times_at_once_is_given_each_time(stage: Stage) -> None:
    author, media = await stage.student(), media_of(stage)
    statement_id = await stage.publish(author, TEXT, audience=Audience.SOCIAL)
    [file] = (await drawn(stage, author, statement_id)).files
    *_, stamp, name = fetching.address_of(media, file, now=process_now(), for_editor=True).split("/")
    fetched = await together(*[fetching.fetch_file(stage.db, media, stamp=stamp, name=name) for _ in range(6)])
    assert fetched == ([file] * 6, [])
    assert await stage.value("select count(*) from audit_entry where action = 'editor:share_card:fetched'") == 1


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


@pytest.mark.parametrize(
    "link",
    ["http://a.example/x", "https://", "javascript:alert(1)", "https://u@a.example", "https://a.b/ x", "x" * 400],
)
def test_links_are_addresses_of_posts(link: str) -> None:
    with pytest.raises(ValidationFailed):
        check_links([link])
    assert check_links([" https://a.example/p ", "https://a.example/p"]) == ["https://a.example/p"]
