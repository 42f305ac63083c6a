"""A helper's translation: who may, on what, recorded, and a key in the new language counts."""

from dataclasses import replace

import pytest

from backend.campaigns import teaching, translating
from backend.campaigns.drafting import TranslationDraft
from backend.campaigns.rules import Audience
from backend.core.errors import Conflict, NotAllowed, NotFound, ValidationFailed
from backend.core.viewer import ANONYMOUS, Viewer
from moderation.claims import claim_case
from moderation.keys import KeyOutcome
from moderation.subjects import Subject
from tests.campaigns.stage import DESK, Stage
from tests.places.town import EVIL_TEXTS


async def translate(
    stage: Stage, who: Viewer, subject: Subject, text: str = "Мы хотим говорить.", tag: str = "ru"
) -> None:
    await translating.translate_statement(
        stage.db, who, statement_id=subject.id, revision_id=subject.revision_id, version=subject.version,
        draft=TranslationDraft(text, tag),
    )  # fmt: skip


async def test_translation_lets_somebody_who_reads_only_it_turn_a_key(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, audience=Audience.CLASS)
    reads_russian = replace(stage.teacher, languages=frozenset({"ru"}))
    assert isinstance((await stage.teacher_key(subject, who=reads_russian)).problem, NotAllowed)
    await translate(stage, stage.moderator, subject)
    await translate(stage, stage.moderator, subject)
    assert (await stage.teacher_key(subject, who=reads_russian)).outcome is KeyOutcome.APPROVED
    assert (
        await stage.value("select maker || made_by from revision_translation") == f"HELPER{stage.moderator.account_id}"
    )
    assert [row.id for row in await stage.shown(author, words="говорить")] == [subject.id]


async def test_translation_by_others_is_not_found(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    subject = await stage.hand_in(author)
    about_school = await stage.hand_in(author, skips_teacher=True)
    for who, what in (
        (author, subject), (other, subject), (stage.town.other_teacher, subject), (stage.teacher, about_school),
        (stage.moderator, Subject("statement", await stage.draft(author), subject.revision_id, 1)),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await translate(stage, who, what)
    assert await stage.value("select count(*) from revision_translation") == 0


async def test_translation_refused_where_it_makes_no_sense(stage: Stage) -> None:
    author = await stage.student()
    subject = await stage.hand_in(author, translations=[TranslationDraft("We want to speak.", "en")])
    with pytest.raises(NotAllowed, match="language_not_declared"):
        await translate(stage, replace(stage.teacher, languages=frozenset({"fi"})), subject)
    for tag in ("nb", "en"):
        with pytest.raises(Conflict, match="translation_exists"):
            await translate(stage, stage.teacher, subject, "Something else.", tag)
    with pytest.raises(Conflict, match="newer_version"):
        await translate(stage, stage.teacher, replace(subject, version=7))
    for text in EVIL_TEXTS:
        with pytest.raises(ValidationFailed):
            await translate(stage, stage.teacher, subject, text)
    with pytest.raises(ValidationFailed, match="language_unknown"):
        await translate(stage, stage.teacher, subject, tag="elvish")
    await stage.approve(subject)
    with pytest.raises(Conflict):
        await translate(stage, stage.teacher, subject)


async def test_class_progress_is_counts_for_the_classs_staff_only(stage: Stage) -> None:
    await stage.student()
    await stage.student(passed=False)
    await stage.student(confirmed=False)
    where = {"class_id": stage.town.school_class.id, "campaign_id": stage.campaign_id}
    for who in (stage.teacher, stage.town.admin):
        found = await teaching.class_progress(stage.db, who, **where)
        assert (found.students, found.began, found.passed) == (2, 1, 1)
    for who in (stage.town.other_teacher, stage.moderator, await stage.student()):
        with pytest.raises(NotFound):
            await teaching.class_progress(stage.db, who, **where)
    assert ANONYMOUS.account_id is None


async def test_translation_is_not_put_behind_the_back_of_who_decides(stage: Stage) -> None:
    subject = await stage.hand_in(await stage.student(), audience=Audience.CITY)
    assert (await stage.teacher_key(subject)).outcome is KeyOutcome.WAITS_FOR_SECOND_KEY
    await claim_case(stage.db, DESK, stage.moderator, await stage.case_of(subject.id))
    with pytest.raises(Conflict, match="case_claimed"):
        await translate(stage, stage.teacher, subject)
    await translate(stage, stage.moderator, subject)
    assert await stage.value("select count(*) from revision_translation") == 1
