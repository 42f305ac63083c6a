"""A statement with a movie: captions for the city and social media, its author's voice, and words that are screened."""

from typing import Any

import pytest

from backend.accounts import erasure, personal_data
from backend.accounts.consent_rules import ConsentAudience, ConsentPurpose
from backend.campaigns.personal import PERSONAL
from backend.campaigns.rules import Audience, NextStep, Review, Visibility
from backend.core.errors import Conflict, ConsentRequired, ValidationFailed
from backend.core.ids import Id
from backend.core.viewer import Viewer
from media.captions.captioning import remove_caption, set_caption
from media.movies.orders import Sound
from media.rules import People
from media.service import Words, describe_asset
from moderation.rules import Reason, Verdict
from tests.campaigns.stage import Stage
from tests.media.movie import as_movie
from tests.places.town import SETTINGS, viewer_of

VOICES = list(ConsentAudience)
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\nVi må få snakke.\n"
PUBLIC = [Audience.CITY, Audience.SOCIAL]


async def speaker(stage: Stage) -> Viewer:
    """Somebody who may be heard."""
    author = await stage.student()
    await stage.consent(author.require_account(), VOICES, purpose=ConsentPurpose.IDENTIFIABLE_MEDIA)
    return author


async def movie(stage: Stage, owner: Viewer, *languages: str, text: str = CAPTIONS) -> Id:
    """A clean movie with captions in these languages."""
    assert stage.media is not None
    asset_id = await as_movie(stage.db, await stage.picture(owner))
    for language in languages:
        await set_caption(stage.db, stage.media, owner, asset_id, language=language, text=text)
    return asset_id


async def next_of(stage: Stage, author: Viewer, statement_id: Id) -> str:
    return (await stage.own(await viewer_of(stage.db, author.require_account()), statement_id))[1]


@pytest.mark.parametrize("audience", PUBLIC)
@pytest.mark.parametrize("languages", [(), ("en",), ("en", "ar")])
async def test_movie_for_everybody_without_captions_in_its_language_is_refused(
    stage: Stage, audience: Audience, languages: tuple[str, ...]
) -> None:
    author = await speaker(stage)
    asset_id = await movie(stage, author, *languages)
    statement_id = await stage.draft(author, audience=audience, asset_ids=[asset_id])
    assert await next_of(stage, author, statement_id) is NextStep.ADD_CAPTIONS
    with pytest.raises(ValidationFailed) as refused:
        await stage.submit(author, statement_id)
    assert (refused.value.code, refused.value.path) == ("captions_missing", ("assets",))
    assert stage.media is not None
    await set_caption(stage.db, stage.media, author, asset_id, language="nb-NO", text=CAPTIONS)
    assert await next_of(stage, author, statement_id) is NextStep.SUBMIT
    await stage.submit(author, statement_id)


@pytest.mark.parametrize("audience", [Audience.CLASS, Audience.SCHOOL])
async def test_movie_that_stays_at_school_needs_none(stage: Stage, audience: Audience) -> None:
    author = await speaker(stage)
    statement_id = await stage.draft(author, audience=audience, asset_ids=[await movie(stage, author)])
    assert await next_of(stage, author, statement_id) is NextStep.SUBMIT
    await stage.submit(author, statement_id)


async def test_picture_for_the_city_needs_none(stage: Stage) -> None:
    author = await stage.student()
    asset_ids = [await stage.picture(author)]
    await stage.publish(author, audience=Audience.CITY, asset_ids=asset_ids)


async def test_every_movie_of_a_statement_needs_its_own(stage: Stage) -> None:
    author = await speaker(stage)
    asset_ids = [await movie(stage, author, "nb"), await movie(stage, author)]
    statement_id = await stage.draft(author, audience=Audience.CITY, asset_ids=asset_ids)
    with pytest.raises(ValidationFailed, match="captions_missing"):
        await stage.submit(author, statement_id)


async def test_captions_are_asked_for_when_the_audience_or_the_language_changes(stage: Stage) -> None:
    author = await speaker(stage)
    bare, told = await movie(stage, author), await movie(stage, author, "nb")
    at_school = await stage.hand_in(author, audience=Audience.SCHOOL, asset_ids=[bare])
    await stage.decide(at_school, Verdict.REQUEST_CHANGES, reason=Reason.SPAM, words="Til byen?")
    await stage.revise(author, at_school.id, audience=Audience.CITY, asset_ids=[bare])
    assert await next_of(stage, author, at_school.id) is NextStep.ADD_CAPTIONS
    with pytest.raises(ValidationFailed, match="captions_missing"):
        await stage.submit(author, at_school.id)
    in_norwegian = await stage.draft(author, audience=Audience.CITY, asset_ids=[told])
    await stage.revise(author, in_norwegian, "New words.", audience=Audience.CITY, language="en", asset_ids=[told])
    with pytest.raises(ValidationFailed, match="captions_missing"):
        await stage.submit(author, in_norwegian)


async def test_captions_are_fixed_while_reviewers_look_and_open_when_changes_are_asked_for(stage: Stage) -> None:
    author = await speaker(stage)
    asset_id = await movie(stage, author, "nb")
    subject = await stage.hand_in(author, audience=Audience.CITY, asset_ids=[asset_id])
    assert stage.media is not None
    for one in (
        set_caption(stage.db, stage.media, author, asset_id, language="nb", text=CAPTIONS),
        remove_caption(stage.db, stage.media, author, asset_id, language="nb"),
    ):
        with pytest.raises(Conflict, match="asset_fixed"):
            await one
    await stage.decide(subject, Verdict.REQUEST_CHANGES, reason=Reason.SPAM, words="Kortere.")
    await remove_caption(stage.db, stage.media, author, asset_id, language="nb")
    assert await next_of(stage, author, subject.id) is NextStep.ADD_CAPTIONS
    await set_caption(stage.db, stage.media, author, asset_id, language="nb", text=CAPTIONS)
    assert await next_of(stage, author, subject.id) is NextStep.CHANGE_AND_SUBMIT


async def captioning_is_refused(stage: Stage, author: Viewer, asset_id: Id, language: str) -> bool:
    assert stage.media is not None
    try:
        await set_caption(stage.db, stage.media, author, asset_id, language=language, text=CAPTIONS)
    except Conflict as refused:
        return refused.code == "asset_fixed"
    return False


async def test_movie_of_a_refused_wording_is_to_be_replaced_where_it_would_need_captions(stage: Stage) -> None:
    author = await speaker(stage)
    bare = await movie(stage, author)
    subject = await stage.hand_in(author, audience=Audience.SCHOOL, asset_ids=[bare])
    await stage.decide(subject, Verdict.REJECT, reason=Reason.SPAM)
    await stage.revise(author, subject.id, audience=Audience.CITY, asset_ids=[bare])
    assert await next_of(stage, author, subject.id) is NextStep.REPLACE_MOVIE
    assert await captioning_is_refused(stage, author, bare, "nb")
    with pytest.raises(ValidationFailed, match="captions_missing"):
        await stage.submit(author, subject.id)
    anew = await movie(stage, author)
    await stage.revise(author, subject.id, audience=Audience.CITY, asset_ids=[bare, anew])
    assert await next_of(stage, author, subject.id) is NextStep.REPLACE_MOVIE
    await stage.revise(author, subject.id, audience=Audience.CITY, asset_ids=[anew])
    assert await next_of(stage, author, subject.id) is NextStep.ADD_CAPTIONS
    assert not await captioning_is_refused(stage, author, anew, "nb")
    assert await next_of(stage, author, subject.id) is NextStep.SUBMIT
    await stage.submit(author, subject.id)


async def test_published_movie_is_to_be_replaced_when_the_statement_is_put_into_another_language(stage: Stage) -> None:
    author = await speaker(stage)
    asset_id = await movie(stage, author, "nb")
    statement_id = await stage.publish(author, audience=Audience.CITY, asset_ids=[asset_id])
    in_english: dict[str, Any] = {"audience": Audience.CITY, "language": "en"}
    await stage.revise(author, statement_id, "New words.", asset_ids=[asset_id], **in_english)
    assert await next_of(stage, author, statement_id) is NextStep.REPLACE_MOVIE
    assert await captioning_is_refused(stage, author, asset_id, "en")
    await stage.revise(author, statement_id, "New words.", asset_ids=[await movie(stage, author)], **in_english)
    assert await next_of(stage, author, statement_id) is NextStep.ADD_CAPTIONS
    await stage.revise(author, statement_id, "Nye ord.", audience=Audience.CITY, asset_ids=[asset_id])
    assert await next_of(stage, author, statement_id) is NextStep.SUBMIT  # it has the captions that it needs
    await stage.submit(author, statement_id)


async def test_statement_that_an_appeal_or_a_return_shows_again_is_not_asked_anew(stage: Stage) -> None:
    """What was published before captions were needed comes back as it was."""
    author = await speaker(stage)
    asset_id = await movie(stage, author, "nb")
    statement_id = await stage.publish(author, audience=Audience.CITY, asset_ids=[asset_id])
    async with stage.db.transaction() as tx:
        await tx.execute("delete from caption")
    personal_data.register(PERSONAL)
    await erasure.request_erasure(stage.db, SETTINGS.accounts, author, keep_statements=False)
    assert await stage.asset_state(asset_id) == ("REVOKED", False)
    await erasure.cancel_erasure(stage.db, author)
    assert await stage.asset_state(asset_id) == ("RELEASED", True)
    assert (await stage.state(statement_id))[0] is Visibility.PUBLISHED


async def test_voice_in_a_movie_needs_the_consent_to_be_recognised(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await movie(stage, author, "nb")
    statement_id = await stage.draft(author, audience=Audience.CITY, asset_ids=[asset_id])
    assert await next_of(stage, author, statement_id) is NextStep.GET_CONSENT
    with pytest.raises(ConsentRequired) as refused:
        await stage.submit(author, statement_id)
    assert refused.value.purpose == "IDENTIFIABLE_MEDIA"
    await stage.consent(author.require_account(), VOICES, purpose=ConsentPurpose.IDENTIFIABLE_MEDIA)
    assert await next_of(stage, author, statement_id) is NextStep.SUBMIT
    await stage.submit(author, statement_id)


async def test_movie_without_its_sound_needs_that_consent_for_a_face_only(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await as_movie(stage.db, await stage.picture(author), sound=Sound.REMOVED)
    statement_id = await stage.draft(author, audience=Audience.CLASS, asset_ids=[asset_id])
    assert await next_of(stage, author, statement_id) is NextStep.SUBMIT
    assert stage.media is not None
    await describe_asset(stage.db, author, asset_id, Words(people=People.ONLY_ME))
    assert await next_of(stage, author, statement_id) is NextStep.GET_CONSENT
    await describe_asset(stage.db, author, asset_id, Words(people=People.NONE))
    await stage.submit(author, statement_id)


@pytest.mark.parametrize(
    ("sound", "has_sound", "step"),
    [
        (Sound.KEPT, True, NextStep.GET_CONSENT),
        (Sound.KEPT, False, NextStep.SUBMIT),  # it was filmed without a sound track
        (Sound.REMOVED, False, NextStep.SUBMIT),
    ],
)
async def test_movie_is_heard_when_the_file_that_is_played_has_sound(
    stage: Stage, sound: Sound, has_sound: bool, step: NextStep
) -> None:
    author = await stage.student()
    asset_id = await as_movie(stage.db, await stage.picture(author), sound=sound, has_sound=has_sound)
    statement_id = await stage.draft(author, audience=Audience.CLASS, asset_ids=[asset_id])
    assert await next_of(stage, author, statement_id) is step
    if step is NextStep.SUBMIT:
        await stage.submit(author, statement_id)
    else:
        with pytest.raises(ConsentRequired):
            await stage.submit(author, statement_id)


async def test_movie_whose_sound_comes_back_is_heard_before_it_is_made_anew(stage: Stage) -> None:
    author = await stage.student()
    asset_id = await as_movie(stage.db, await stage.picture(author), sound=Sound.REMOVED, has_sound=False)
    statement_id = await stage.draft(author, audience=Audience.CLASS, asset_ids=[asset_id])
    assert await next_of(stage, author, statement_id) is NextStep.SUBMIT
    await describe_asset(stage.db, author, asset_id, Words(sound=Sound.KEPT))
    assert await next_of(stage, author, statement_id) is NextStep.GET_CONSENT


@pytest.mark.parametrize(
    ("said", "review", "tags"),
    [
        ("Ring meg: 912 34 567", Review.HELD, {"contact_details"}),
        ("Se www.example.org", Review.IN_REVIEW, {"link"}),
        ("Hei, byen.", Review.IN_REVIEW, set()),
    ],
)
async def test_what_is_said_in_captions_is_screened_in_every_language(
    stage: Stage, said: str, review: Review, tags: set[str]
) -> None:
    author = await speaker(stage)
    text = f"WEBVTT\n\n00:00.000 --> 00:02.000\n<b>{said}</b>\n"
    asset_id = await movie(stage, author, "nb")
    assert stage.media is not None
    await set_caption(stage.db, stage.media, author, asset_id, language="en", text=text)
    subject = await stage.hand_in(author, audience=Audience.CITY, asset_ids=[asset_id])
    assert (await stage.state(subject.id))[1] is review
    assert set(await stage.value("select tags from moderation_case where subject_id = $1", subject.id)) == tags
