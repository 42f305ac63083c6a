"""Write a statement and change it: drafts are the author's alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import media.service
from backend.campaigns import rules
from backend.campaigns.reading import reader_of
from backend.campaigns.rules import Audience, CampaignStatus, Review, ShownAs, Visibility
from backend.campaigns.sharing.cards import end_name
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store import feed, pictures
from backend.campaigns.store import statements as store
from backend.campaigns.store.campaigns import Campaign
from backend.campaigns.store.statements import Statement, Translation, Wording
from backend.core import audit, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Closed, Conflict, NotAllowed, NotFound, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.text import clean_text, direction_of, language_tag
from backend.core.viewer import Viewer, ViewerSeat


@dataclass(frozen=True, slots=True)
class TranslationDraft:
    """The author's own words in another language."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author writes, as it came in."""

    text: str
    language: str
    audience: Audience
    shown_as: ShownAs = ShownAs.PSEUDONYM
    skips_teacher: bool = False
    topic_id: Id | None = None
    asset_ids: Sequence[Id] = ()
    translations: Sequence[TranslationDraft] = ()


async def draft_statement(
    db: Database,
    viewer: Viewer,
    *,
    campaign_id: Id,
    draft: Draft,
    class_id: Id | None = None,
    in_reply_to: Id | None = None,
    client_key: str | None = None,
) -> Id:
    """Save a new draft; its id. A repeat with the same client key gives the first draft's.

    Raises NotFound (campaign, class, statement replied to), Closed, ValidationFailed, NotAllowed.
    """
    wording = check_wording(draft)
    async with db.transaction() as tx:
        author_id = viewer.require_active()
        statement_id = new_id()
        first = await repeats.first_result(tx, viewer, "statementDraft", client_key, statement_id)
        if first is not None:
            return first
        campaign = await _require_campaign(tx, campaign_id)
        await _check_topic(tx, draft.topic_id, campaign_id)
        seat = _seat_for(viewer, class_id, draft.audience, campaign)
        if in_reply_to is not None:
            await _check_reply(tx, viewer, in_reply_to, campaign_id)
        await _check_assets(tx, author_id, wording.asset_ids, statement_id)
        statement = _new_statement(
            statement_id, draft, author_id=author_id, campaign=campaign, seat=seat, in_reply_to=in_reply_to,
            now=await tx.now(),
        )  # fmt: skip
        await store.add_statement(tx, statement)
        await store.add_revision(tx, statement_id, statement.latest_revision_id, 1, wording)
        await audit.record(tx, author_id, "author:statement:drafted", ("statement", statement_id))
        return statement_id


def _new_statement(
    statement_id: Id,
    draft: Draft,
    *,
    author_id: Id,
    campaign: Campaign,
    seat: ViewerSeat | None,
    in_reply_to: Id | None,
    now: datetime,
) -> Statement:
    return Statement(
        id=statement_id,
        campaign_id=campaign.id,
        topic_id=draft.topic_id,
        author_id=author_id,
        shown_as=draft.shown_as,
        class_id=seat.class_id if seat else None,
        school_id=seat.school_id if seat else None,
        city_id=seat.city_id if seat else campaign.city_id,
        audience=draft.audience,
        skips_teacher=draft.skips_teacher,
        in_reply_to=in_reply_to,
        visibility=Visibility.UNPUBLISHED,
        latest_revision_id=new_id(),
        published_revision_id=None,
        created_at=now,
        changed_at=now,
        published_at=None,
        author_left_at=None,
    )


async def revise_statement(
    db: Database,
    viewer: Viewer,
    statement_id: Id,
    draft: Draft,
    *,
    seen_version: int | None = None,
    client_key: str | None = None,
) -> Id:
    """Change the draft, or begin a new wording of what was decided; what is published stays until that is approved.

    `seen_version` is the version of the latest wording that the author looked at: another device's newer one is not
    overwritten. Raises NotFound, Conflict (waiting for review, withdrawn, stale version), ValidationFailed.
    """
    wording = check_wording(draft)
    async with db.transaction() as tx:
        author_id = viewer.require_active()
        statement = await lock_own(tx, statement_id, author_id)
        first = await repeats.first_result(tx, viewer, "statementRevise", client_key, statement_id)
        if first is not None:
            return first
        latest = await store.get_revision(tx, statement.latest_revision_id)
        check_changeable(statement, latest.review)
        if seen_version is not None and seen_version != latest.version:
            raise Conflict("newer_version", state=latest.review, path=("seen_version",))
        if statement.published_at is not None and draft.audience is not statement.audience:
            raise Conflict("audience_fixed", state=statement.visibility, path=("audience",))
        if draft.audience not in rules.PUBLIC_AUDIENCES and statement.class_id is None:
            raise ValidationFailed("audience_needs_class", path=("audience",))
        await _check_topic(tx, draft.topic_id, statement.campaign_id)
        await _check_assets(tx, author_id, wording.asset_ids, statement_id)
        revision_id = latest.id
        if latest.review is Review.DRAFT:
            await store.change_draft(tx, latest.id, wording)
        else:
            revision_id = new_id()
            await store.add_revision(tx, statement_id, revision_id, await store.next_number(tx, statement_id), wording)
        await store.update_statement(
            tx,
            statement_id,
            topic_id=draft.topic_id,
            shown_as=draft.shown_as,
            audience=draft.audience,
            skips_teacher=draft.skips_teacher,
            latest_revision_id=revision_id,
        )
        if statement.shown_as is ShownAs.PSEUDONYM and draft.shown_as is ShownAs.A_STUDENT:
            await end_name(tx, statement)
        await audit.record(tx, author_id, "author:statement:revised", ("statement", statement_id), revision=revision_id)
        return statement_id


def check_wording(draft: Draft) -> Wording:
    """The cleaned content. Raises ValidationFailed."""
    rules.check_assets(draft.asset_ids)
    language = language_tag(draft.language, path=("language",))
    least = 0 if draft.asset_ids else 1  # a picture says it without words; its alt text is read by those who do not see
    text = clean_text(draft.text, path=("text",), min_chars=least, max_chars=rules.MAX_TEXT_CHARS, multiline=True)
    if len(draft.translations) > rules.MAX_TRANSLATIONS:
        raise ValidationFailed("too_many_translations", path=("translations",), max=rules.MAX_TRANSLATIONS)
    translations = [check_translation(one, maker="AUTHOR") for one in draft.translations]
    languages = [language, *(one.language for one in translations)]
    if len(set(languages)) != len(languages):
        raise ValidationFailed("language_twice", path=("translations",))
    return Wording(text, language, direction_of(text), draft.audience, draft.asset_ids, translations)


def check_translation(draft: TranslationDraft, *, maker: str) -> Translation:
    """A cleaned translation. Raises ValidationFailed."""
    language = language_tag(draft.language, path=("translations", "language"))
    text = clean_text(draft.text, path=("translations", "text"), max_chars=rules.MAX_TEXT_CHARS, multiline=True)
    return Translation(language, direction_of(text), text, maker)


async def lock_own(tx: Transaction, statement_id: Id, author_id: Id) -> Statement:
    """The author's own statement, locked. Raises NotFound, also when it is somebody else's."""
    statement = await store.lock_statement(tx, statement_id)
    if statement is None or statement.author_id != author_id:
        raise not_found("statement", statement_id)
    return statement


def check_changeable(statement: Statement, review: Review) -> None:
    """Raises Conflict when the statement is withdrawn or removed, or its latest wording waits for review."""
    if statement.visibility in {Visibility.WITHDRAWN, Visibility.REMOVED, Visibility.HIDDEN}:
        raise Conflict(state=statement.visibility)
    if review in rules.WAITING_REVIEWS:
        raise Conflict("in_review", state=review)


async def _require_campaign(tx: Transaction, campaign_id: Id) -> Campaign:
    campaign = await campaign_store.share_campaign(tx, campaign_id)
    if campaign is None or campaign.status is CampaignStatus.DRAFT:
        raise not_found("campaign", campaign_id)
    if rules.effective_status(campaign.times, await tx.now()) is CampaignStatus.CLOSED:
        raise Closed("campaign_closed")
    return campaign


async def _check_assets(tx: Transaction, author_id: Id, asset_ids: Sequence[Id], statement_id: Id) -> None:
    """The author's own pictures, none of them in another statement: hiding one must not hide the other's."""
    if not asset_ids:
        return
    await pictures.lock_pictures_of(tx, author_id)
    found = await media.service.assets_for(tx, asset_ids)
    for asset_id in asset_ids:
        asset = found.get(asset_id)
        if asset is None or asset.owner_id != author_id:
            raise NotFound(path=("asset_ids",), kind="asset")
    if await pictures.are_used_elsewhere(tx, asset_ids, statement_id):
        raise ValidationFailed("asset_in_use", path=("asset_ids",))


async def _check_topic(tx: Transaction, topic_id: Id | None, campaign_id: Id) -> None:
    if topic_id is not None and not await campaign_store.topic_belongs(tx, topic_id, campaign_id):
        raise not_found("topic", topic_id)


def _seat_for(viewer: Viewer, class_id: Id | None, audience: Audience, campaign: Campaign) -> ViewerSeat | None:
    """The seat in which the viewer speaks: the class named, or the only one there is."""
    seats = [seat for seat in viewer.seats if class_id is None or seat.class_id == class_id]
    if class_id is not None and not seats:
        raise not_found("class", class_id)
    if len(seats) > 1:
        raise ValidationFailed("class_needed", path=("class_id",))
    seat = seats[0] if seats else None
    if seat is None and audience not in rules.PUBLIC_AUDIENCES:
        raise ValidationFailed("audience_needs_class", path=("audience",))
    if seat is not None and campaign.city_id not in {None, seat.city_id}:
        raise NotAllowed("campaign_of_another_city")
    return seat


async def _check_reply(tx: Transaction, viewer: Viewer, statement_id: Id, campaign_id: Id) -> None:
    if not await feed.may_see(tx, await reader_of(tx, viewer), statement_id):
        raise not_found("statement", statement_id)
    parent = await store.get_statement(tx, statement_id)
    if parent is None or parent.campaign_id != campaign_id:
        raise ValidationFailed("reply_to_another_campaign", path=("in_reply_to",))
