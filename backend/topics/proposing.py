"""Propose a topic: every guard of handing in a statement, then it lies before a moderator, and nobody else sees it."""

from dataclasses import dataclass

from backend.accounts import store as account_store
from backend.accounts.pseudonyms import has_blocked_word
from backend.campaigns import rules as campaign_rules
from backend.campaigns.rules import CampaignStatus
from backend.campaigns.running import check_city
from backend.campaigns.store import campaigns as campaign_store
from backend.campaigns.store import progress
from backend.campaigns.store.campaigns import Campaign
from backend.core import audit, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, NotAllowed, not_found
from backend.core.ids import Id, new_id
from backend.core.text import clean_text, language_tag
from backend.core.viewer import Viewer, ViewerSeat
from backend.places import store as places_store
from backend.topics.config import MAX_NAME_CHARS, MAX_WHY_CHARS
from backend.topics.covering import require_covered
from backend.topics.rules import MAX_WAITING, ProposalState
from backend.topics.store import proposals as store
from backend.topics.store.proposals import Proposal
from backend.topics.store.subjects import VERSION
from moderation.opening import open_case
from moderation.screening import PHASES, listed_words, screen
from moderation.subjects import Requirement, Subject

KIND = "topic_proposal"
_PHASES = (*PHASES, listed_words(has_blocked_word))


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic in the proposer's words: one line, and why. `language` is a BCP 47 tag."""

    name: str
    why: str
    language: str


async def propose_topic(
    db: Database, viewer: Viewer, campaign_id: Id, new: NewTopic, *, client_key: str | None = None
) -> Id:
    """Propose a topic for a campaign; its id. A repeat with the same client key gives the first one's.

    Raises ValidationFailed (texts, age), NotFound, Closed, NotAllowed (seat_needed, seat_not_confirmed,
    campaign_of_another_city), Conflict (course_not_passed, too_many_proposals, a city without leads), ConsentRequired.
    """
    new = _cleaned(new)
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        proposal_id = new_id()
        first = await repeats.first_result(tx, viewer, "topicPropose", client_key, proposal_id)
        if first is not None:
            return first
        campaign = await campaign_store.share_campaign(tx, campaign_id)
        if campaign is None or campaign.status is CampaignStatus.DRAFT:
            raise not_found("campaign", campaign_id)
        campaign_rules.check_open(campaign.times, await tx.now())
        seat = seat_in(viewer, campaign)
        await _check_proposer(tx, account_id, seat, campaign)
        await store.lock_proposing(tx, account_id)
        if await store.count_waiting(tx, account_id, campaign_id) >= MAX_WAITING:
            raise Conflict("too_many_proposals", state=ProposalState.WAITING, max=MAX_WAITING)
        row = Proposal(
            id=proposal_id, campaign_id=campaign_id, proposer_id=account_id, class_id=seat.class_id,
            school_id=seat.school_id, city_id=seat.city_id, name=new.name, why=new.why, language=new.language,
            stored=ProposalState.WAITING, proposed_at=await tx.now(),
        )  # fmt: skip
        await store.add_proposal(tx, row)
        await _hand_over(tx, row, account_id, campaign)
        await audit.record(tx, account_id, "author:topic:proposed", (KIND, proposal_id))
        return proposal_id


def seat_in(viewer: Viewer, campaign: Campaign) -> ViewerSeat:
    """A confirmed seat of the viewer in a class that the campaign reaches.

    Raises NotAllowed seat_needed, seat_not_confirmed or campaign_of_another_city.
    """
    if not viewer.seats:
        raise NotAllowed("seat_needed")
    confirmed = [seat for seat in viewer.seats if seat.confirmed]
    if not confirmed:
        raise NotAllowed("seat_not_confirmed")
    reached = [seat for seat in confirmed if campaign.city_id in {None, seat.city_id}]
    if not reached:
        raise NotAllowed("campaign_of_another_city")
    return reached[0]


def _cleaned(new: NewTopic) -> NewTopic:
    return NewTopic(
        clean_text(new.name, path=("name",), max_chars=MAX_NAME_CHARS),
        clean_text(new.why, path=("why",), max_chars=MAX_WHY_CHARS, multiline=True),
        language_tag(new.language, path=("language",)),
    )


async def _check_proposer(tx: Transaction, account_id: Id, seat: ViewerSeat, campaign: Campaign) -> None:
    if campaign.city_id is None:  # a city may have come in after the opening
        for city in (await places_store.get_cities(tx, [seat.city_id])).values():
            await check_city(tx, city)
    if (campaign.course, campaign.course_version) not in await progress.passed_courses(tx, account_id):
        raise Conflict("course_not_passed", state="COURSE_NOT_PASSED")
    account = await account_store.get_account(tx, account_id)
    campaign_rules.check_age(
        account.birth_year if account else None,
        await tx.now(),
        least=campaign.least_age,
        greatest=campaign.greatest_age,
    )
    await require_covered(tx, account_id)


async def _hand_over(tx: Transaction, row: Proposal, account_id: Id, campaign: Campaign) -> None:
    """Screened and before the moderators in one transaction: it is never lost between two of them.

    No teacher's turn comes first, so a cry for help waits for nobody's two school days; and whoever teaches the
    proposer does not decide on what may be about them.
    """
    screening = screen(f"{row.name}\n{row.why}", _PHASES)
    await open_case(
        tx,
        subject=Subject(KIND, row.id, row.id, VERSION),
        place=row.place,
        author_id=account_id,
        requirement=Requirement(
            keys=1, language=row.language, zone=campaign.zone, teacher_until=None, skip_teacher=True
        ),
        severity=screening.severity,
        is_held=screening.is_held,
        tags=screening.tags,
    )
