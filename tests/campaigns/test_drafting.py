"""Drafts: what is taken, what is refused, and that they are the author's alone."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.campaigns import discarding, drafting, mine, running
from backend.campaigns.drafting import Draft, TranslationDraft
from backend.campaigns.rules import Audience, Review, ShownAs, Visibility
from backend.campaigns.store import campaigns as campaign_store
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import new_id
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS
from tests.campaigns.stage import Stage, new_campaign, together
from tests.places.town import EVIL_TEXTS, viewer_of

KEY = "a-random-key-of-at-least-22-characters"


async def test_draft_keeps_text_language_direction_and_translations(stage: Stage) -> None:
    author = await stage.student(confirmed=False, passed=False, consents=())
    statement_id = await stage.draft(
        author, "مرحبا  بالعالم\r\n\r\n\r\n\r\nنعم", language="AR", audience=Audience.CLASS, shown_as=ShownAs.A_STUDENT,
        translations=[TranslationDraft("Hei verden", "no"), TranslationDraft("ሰላም", "ti")],
    )  # fmt: skip
    row, step = await stage.own(author, statement_id)
    assert (row.text, row.language, row.direction) == ("مرحبا بالعالم\n\nنعم", "ar", "rtl")
    assert (row.pseudonym, row.review, step) == (None, Review.DRAFT, "FINISH_COURSE")
    assert await stage.value("select array_agg(language order by language) from revision_translation") == ["nb", "ti"]


async def test_draft_is_seen_by_nobody_else(stage: Stage) -> None:
    author, classmate = await stage.student(), await stage.student()
    statement_id = await stage.draft(author, audience=Audience.CITY)
    for viewer in (author, classmate, stage.teacher, stage.moderator, stage.town.secretariat, ANONYMOUS):
        assert not await stage.sees(viewer, statement_id)
    for viewer in (classmate, stage.teacher, ANONYMOUS):
        assert (await mine.find_own(stage.db, viewer, [statement_id]))[0] == []


@pytest.mark.parametrize("text", EVIL_TEXTS)
async def test_draft_harmful_text_is_refused(stage: Stage, text: str) -> None:
    author = await stage.student()
    for draft in (
        Draft(text, "nb", Audience.CLASS),
        Draft("Hei", "nb", Audience.CLASS, translations=[TranslationDraft(text, "en")]),
    ):
        with pytest.raises(ValidationFailed):
            await drafting.draft_statement(stage.db, author, campaign_id=stage.campaign_id, draft=draft)
    assert await stage.value("select count(*) from statement") == 0


async def test_draft_of_two_thousand_signs_fits_and_one_more_does_not(stage: Stage) -> None:
    author = await stage.student()
    await stage.draft(author, "å" * 2000)
    with pytest.raises(ValidationFailed, match="text_too_long"):
        await stage.draft(author, "å" * 2001)


@pytest.mark.parametrize("language", ["", "norsk", "xx-", "und", "x" * 5000, "nb\x00", "q"])
async def test_draft_wrong_language_tag_is_refused(stage: Stage, language: str) -> None:
    author = await stage.student()
    with pytest.raises(ValidationFailed, match="language_unknown"):
        await stage.draft(author, language=language)


async def test_draft_too_many_or_doubled_parts_are_refused(stage: Stage) -> None:
    author = await stage.student()
    one = new_id()
    for code, wording in (
        ("too_many_assets", {"asset_ids": [new_id() for _ in range(5)]}),
        ("asset_twice", {"asset_ids": [one, one]}),
        ("language_twice", {"translations": [TranslationDraft("Hei", "no")]}),
        ("too_many_translations", {"translations": [TranslationDraft("Hei", "en")] * 9}),
    ):
        with pytest.raises(ValidationFailed) as refused:
            await stage.draft(author, **wording)
        assert refused.value.code == code


async def test_draft_with_the_same_key_is_one_draft_also_at_the_same_time(stage: Stage) -> None:
    author = await stage.student()
    draft = Draft("Hei", "nb", Audience.CLASS)
    made = await asyncio.gather(
        *(
            drafting.draft_statement(stage.db, author, campaign_id=stage.campaign_id, draft=draft, client_key=KEY)
            for _ in range(5)
        )
    )
    assert len(set(made)) == 1
    assert await stage.value("select count(*) from statement") == 1


async def test_draft_needs_somebody_active(stage: Stage) -> None:
    author = await stage.student()
    with pytest.raises(Unauthenticated):
        await stage.draft(ANONYMOUS)
    with pytest.raises(NotAllowed, match="account_restricted"):
        await stage.draft(replace(author, is_restricted=True))


async def test_draft_campaign_that_is_a_draft_or_unknown_is_not_found(stage: Stage) -> None:
    author = await stage.student()
    hidden = await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(stage.town.city.id))
    for campaign_id in (hidden, new_id()):
        with pytest.raises(NotFound):
            await stage.draft(author, campaign_id=campaign_id)


async def test_draft_foreign_topic_class_or_picture_is_not_found(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    foreign_campaign = await running.create_campaign(stage.db, stage.town.secretariat, new_campaign(None))
    topic_id = await stage.value("select id from topic where campaign_id = $1 limit 1", foreign_campaign)
    picture = await stage.picture(other)
    for wrong in (
        {"topic_id": topic_id},
        {"topic_id": new_id()},
        {"class_id": stage.town.other_class.id},
        {"asset_ids": [picture]},
        {"asset_ids": [new_id()]},
    ):
        with pytest.raises(NotFound):
            await stage.draft(author, **wrong)
    assert await stage.value("select count(*) from statement") == 0


async def test_draft_without_a_class_cannot_be_for_members_only(stage: Stage) -> None:
    outsider = await stage.outsider()
    for audience in (Audience.CLASS, Audience.SCHOOL):
        with pytest.raises(ValidationFailed, match="audience_needs_class"):
            await stage.draft(outsider, audience=audience)
    statement_id = await stage.draft(outsider, audience=Audience.CITY)
    with pytest.raises(ValidationFailed, match="audience_needs_class"):
        await stage.revise(outsider, statement_id, audience=Audience.CLASS)


async def test_one_picture_in_two_statements_is_refused_also_at_the_same_time(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await stage.picture(author)
    done, errors = await together(*(stage.draft(author, asset_ids=[asset_id]) for _ in range(5)))
    assert len(done) == 1
    assert {error.code for error in errors if isinstance(error, DomainError)} == {"asset_in_use"}
    await stage.revise(author, done[0], asset_ids=[asset_id])  # the same statement keeps it


async def test_revise_draft_changes_it_in_place_and_its_version_rises(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author, translations=[TranslationDraft("Hello", "en")])
    before = await stage.latest(statement_id)
    await stage.revise(author, statement_id, "Nytt.", translations=[TranslationDraft("Nuevo", "es")])
    after = await stage.latest(statement_id)
    assert (after.id, after.version, after.text) == (before.id, before.version + 1, "Nytt.")
    assert await stage.value("select array_agg(language) from revision_translation") == ["es"]


async def test_revise_from_two_devices_keeps_what_was_not_seen(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    done, errors = await together(
        *(stage.revise(author, statement_id, f"Telefon {n}.", seen_version=1) for n in range(4))
    )
    assert len(done) == 1
    assert {error.code for error in errors if isinstance(error, DomainError)} == {"newer_version"}


async def test_revise_refused_while_waiting_withdrawn_or_not_ones_own(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    waiting = (await stage.hand_in(author)).id
    with pytest.raises(Conflict) as refused:
        await stage.revise(author, waiting)
    assert (refused.value.code, refused.value.state) == ("in_review", "IN_REVIEW")
    with pytest.raises(NotFound):
        await stage.revise(other, waiting)
    await stage.withdraw(author, waiting)
    with pytest.raises(Conflict) as refused:
        await stage.revise(author, waiting)
    assert refused.value.state == "WITHDRAWN"


async def test_revise_published_statement_cannot_change_its_audience(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, audience=Audience.SCHOOL)
    with pytest.raises(Conflict, match="audience_fixed"):
        await stage.revise(author, statement_id, audience=Audience.SOCIAL)


async def test_sealed_session_reads_and_writes_no_drafts(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    published = await stage.publish(author, shown_as=ShownAs.A_STUDENT)
    sealed = replace(author, sealed_until=datetime.now(UTC) + timedelta(hours=1))
    assert (await mine.find_own(stage.db, sealed, [statement_id]))[0] == []
    _, errors = await together(
        mine.list_own(stage.db, sealed, PageRequest(5)),
        stage.draft(sealed),
        stage.revise(sealed, statement_id),
        stage.withdraw(sealed, statement_id),
        discarding.discard_draft(stage.db, sealed, statement_id),
    )
    assert [getattr(error, "code", error) for error in errors] == ["sealed_after_reset"] * 5
    [row] = [one for one in await stage.shown(sealed) if one.id == published]
    assert not row.viewer_is_author
    assert (await mine.find_own(stage.db, author, [statement_id]))[0]


async def test_teachers_reset_seals_the_session_that_follows(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.draft(author)
    async with stage.db.transaction() as tx:
        await tx.execute("update account set reset_at = now(), reset_used_at = null where id = $1", author.account_id)
    after = await viewer_of(stage.db, author.require_account())
    assert after.sealed_until is not None
    with pytest.raises(Conflict, match="sealed_after_reset"):
        await stage.revise(after, statement_id)


async def test_discard_removes_a_draft_that_was_never_handed_in(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    asset_id = await stage.picture(author)
    statement_id = await stage.draft(author, asset_ids=[asset_id], translations=[TranslationDraft("Hi", "en")])
    with pytest.raises(NotFound):
        await discarding.discard_draft(stage.db, other, statement_id)
    await discarding.discard_draft(stage.db, author, statement_id)
    assert (await mine.find_own(stage.db, author, [statement_id]))[0] == []
    with pytest.raises(NotFound):
        await discarding.discard_draft(stage.db, author, statement_id)
    await stage.draft(author, asset_ids=[asset_id])


async def test_discard_handed_in_statement_is_refused(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author)
    with pytest.raises(Conflict, match="already_handed_in"):
        await discarding.discard_draft(stage.db, author, subject.id)
    assert (await stage.state(subject.id))[0] is Visibility.UNPUBLISHED


async def test_revise_published_statement_changes_name_and_topic_only_with_the_new_wording(stage: Stage) -> None:
    author = await stage.student()
    async with stage.db.reading() as conn:
        topics = [one.id for one in (await campaign_store.topics_of(conn, [stage.campaign_id]))[stage.campaign_id]]
    look: dict[str, Any] = {"audience": Audience.CITY, "shown_as": ShownAs.A_STUDENT, "topic_id": topics[0]}
    statement_id = await stage.publish(author, "Først.", **look)
    changed = {**look, "shown_as": ShownAs.PSEUDONYM, "topic_id": topics[1]}
    await stage.revise(author, statement_id, "Så.", **changed)
    row, _ = await stage.own(author, statement_id)
    assert (row.text, row.shown_as, row.topic_id) == ("Så.", ShownAs.PSEUDONYM, topics[1])
    for _ in range(2):  # as a draft, and handed in
        [shown] = await stage.shown(ANONYMOUS)
        assert (shown.text, shown.shown_as, shown.pseudonym, shown.topic_id) == (
            "Først.", ShownAs.A_STUDENT, None, topics[0],
        )  # fmt: skip
        assert await stage.shown(ANONYMOUS, topic_id=topics[1]) == []
        if row.review is Review.DRAFT:
            subject = await stage.submit(author, statement_id)
            row, _ = await stage.own(author, statement_id)
    await stage.approve(subject)
    [shown] = await stage.shown(ANONYMOUS, topic_id=topics[1])
    assert (shown.text, shown.shown_as, shown.pseudonym is None) == ("Så.", ShownAs.PSEUDONYM, False)


async def test_revise_takes_the_name_off_what_is_published_at_once(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(author, "Først.", audience=Audience.CITY)
    assert (await stage.shown(ANONYMOUS))[0].pseudonym is not None
    await stage.revise(author, statement_id, "Så.", audience=Audience.CITY, shown_as=ShownAs.A_STUDENT)
    [shown] = await stage.shown(ANONYMOUS)
    assert (shown.text, shown.pseudonym) == ("Først.", None)


async def test_picture_needs_no_words_and_no_picture_does(stage: Stage) -> None:
    author = await stage.student()
    with pytest.raises(ValidationFailed, match="text_missing"):
        await stage.draft(author, " ", audience=Audience.CITY)
    statement_id = await stage.publish(author, "", audience=Audience.CITY, asset_ids=[await stage.picture(author)])
    [row] = [one for one in await stage.shown(ANONYMOUS) if one.id == statement_id]
    assert (row.text, row.direction) == ("", "ltr")
    assert (await stage.own(author, statement_id))[1] == "SEE_IT_PUBLISHED"
    with pytest.raises(ValidationFailed, match="text_missing"):
        await stage.revise(author, statement_id, "", audience=Audience.CITY)
