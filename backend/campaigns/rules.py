"""The rules of campaigns and statements: states, guards and reasons. No I/O; the moment is passed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.core.errors import Closed, Conflict, ValidationFailed

MAX_TEXT_CHARS = 2000
MAX_ASSETS = 4
MAX_TRANSLATIONS = 8
MAX_AGE = 200  # of a campaign without an upper limit


class CampaignStatus(StrEnum):
    """A campaign's life; an OPEN one whose time is over counts as closed."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Audience(StrEnum):
    """Who may see a statement. CLASS and SCHOOL: members only; CITY: everybody; SOCIAL: everybody, and the network's
    channels."""

    CLASS = "CLASS"
    SCHOOL = "SCHOOL"
    CITY = "CITY"
    SOCIAL = "SOCIAL"


PUBLIC_AUDIENCES = frozenset({Audience.CITY, Audience.SOCIAL})


class ShownAs(StrEnum):
    """Under which name a statement stands."""

    PSEUDONYM = "PSEUDONYM"
    A_STUDENT = "A_STUDENT"


class Visibility(StrEnum):
    """Whether a statement can be seen."""

    UNPUBLISHED = "UNPUBLISHED"
    PUBLISHED = "PUBLISHED"
    HIDDEN = "HIDDEN"
    WITHDRAWN = "WITHDRAWN"
    REMOVED = "REMOVED"


class Review(StrEnum):
    """Where a revision stands."""

    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    HELD = "HELD"
    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    REJECTED = "REJECTED"


class NextStep(StrEnum):
    """What the author can do or expect next; its words are the message `next.<value>` in lower case."""

    FINISH_COURSE = "FINISH_COURSE"
    GET_CONSENT = "GET_CONSENT"
    WAIT_FOR_CONSENT = "WAIT_FOR_CONSENT"
    WAIT_FOR_SEAT = "WAIT_FOR_SEAT"
    FINISH_PICTURES = "FINISH_PICTURES"
    ADD_CAPTIONS = "ADD_CAPTIONS"
    REPLACE_MOVIE = "REPLACE_MOVIE"
    WAIT_FOR_CAMPAIGN = "WAIT_FOR_CAMPAIGN"
    CAMPAIGN_OVER = "CAMPAIGN_OVER"
    OUTSIDE_AGES = "OUTSIDE_AGES"
    SUBMIT = "SUBMIT"
    WAIT_FOR_TEACHER = "WAIT_FOR_TEACHER"
    WAIT_FOR_MODERATOR = "WAIT_FOR_MODERATOR"
    CHANGE_AND_SUBMIT = "CHANGE_AND_SUBMIT"
    READ_REASON = "READ_REASON"
    WAIT_FOR_APPEAL = "WAIT_FOR_APPEAL"
    SEE_IT_PUBLISHED = "SEE_IT_PUBLISHED"
    NOTHING = "NOTHING"


_JUDGED = frozenset({Review.IN_REVIEW, Review.APPROVED, Review.CHANGES_REQUESTED})

REVIEW_MOVES: dict[Review, frozenset[Review]] = {
    Review.DRAFT: frozenset({Review.IN_REVIEW, Review.HELD}),
    # In review again: with a first key, waiting for the second.
    Review.HELD: _JUDGED | {Review.REJECTED},
    Review.IN_REVIEW: _JUDGED | {Review.REJECTED},
    Review.APPROVED: frozenset(),
    # Overturned by an appeal:
    Review.CHANGES_REQUESTED: _JUDGED,
    Review.REJECTED: _JUDGED,
}

VISIBILITY_MOVES: dict[Visibility, frozenset[Visibility]] = {
    Visibility.UNPUBLISHED: frozenset({Visibility.PUBLISHED, Visibility.WITHDRAWN}),
    Visibility.PUBLISHED: frozenset(
        {Visibility.PUBLISHED, Visibility.HIDDEN, Visibility.WITHDRAWN, Visibility.REMOVED}
    ),
    Visibility.HIDDEN: frozenset({Visibility.PUBLISHED, Visibility.WITHDRAWN, Visibility.REMOVED}),
    Visibility.REMOVED: frozenset({Visibility.PUBLISHED, Visibility.WITHDRAWN}),
    Visibility.WITHDRAWN: frozenset(),
}

WAITING_REVIEWS = frozenset({Review.IN_REVIEW, Review.HELD})


@dataclass(frozen=True, slots=True)
class CampaignTimes:
    """What decides whether a campaign takes statements."""

    status: CampaignStatus
    opens_at: datetime | None
    closes_at: datetime | None


def effective_status(times: CampaignTimes, now: datetime) -> CampaignStatus:
    """What holds at this moment: nothing is open a second too long because a job slept."""
    if times.status is not CampaignStatus.OPEN:
        return times.status
    if times.closes_at is not None and now >= times.closes_at:
        return CampaignStatus.CLOSED
    if times.opens_at is not None and now < times.opens_at:
        return CampaignStatus.DRAFT
    return CampaignStatus.OPEN


def check_open(times: CampaignTimes, now: datetime) -> None:
    """Raises Closed `campaign_not_open` or `campaign_closed`."""
    match effective_status(times, now):
        case CampaignStatus.DRAFT:
            raise Closed("campaign_not_open")
        case CampaignStatus.CLOSED:
            raise Closed("campaign_closed")


def check_age(birth_year: int | None, now: datetime, *, least: int | None, greatest: int | None) -> None:
    """Who takes part is decided by the age a person turns this year. Raises ValidationFailed `age_outside_campaign`."""
    if not fits_ages(birth_year, now, least=least, greatest=greatest):
        raise ValidationFailed("age_outside_campaign", least=least or 0, greatest=greatest or MAX_AGE)


def fits_ages(birth_year: int | None, now: datetime, *, least: int | None, greatest: int | None) -> bool:
    """Whether a person of this birth year may take part; without a limit everybody may, also of unknown age."""
    if least is None and greatest is None:
        return True
    return birth_year is not None and (least or 0) <= now.year - birth_year <= (greatest or MAX_AGE)


def reviews_before(to: Review) -> frozenset[Review]:
    """The states from which a decision leads there; handing a draft in is no decision."""
    return frozenset(state for state, moves in REVIEW_MOVES.items() if to in moves) - {Review.DRAFT}


def move_visibility(state: Visibility, to: Visibility) -> Visibility:
    """The new state. Raises Conflict with the current one when the step does not exist."""
    if to not in VISIBILITY_MOVES[state]:
        raise Conflict("wrong_state", state=state)
    return to


def keys_needed(audience: Audience) -> int:
    """How many people must approve: two before anything leaves the school."""
    return 2 if audience in PUBLIC_AUDIENCES else 1


def captions_needed(audience: Audience, language: str) -> str | None:
    """The language in which a movie must have captions: the statement's, which its reviewers read; None: in none."""
    return language if audience in PUBLIC_AUDIENCES else None


def check_assets(asset_ids: Sequence[object]) -> None:
    """Raises ValidationFailed `too_many_assets` or `asset_twice`."""
    if len(asset_ids) > MAX_ASSETS:
        raise ValidationFailed("too_many_assets", path=("asset_ids",), max=MAX_ASSETS)
    if len(set(asset_ids)) != len(asset_ids):
        raise ValidationFailed("asset_twice", path=("asset_ids",))


@dataclass(frozen=True, slots=True)
class Readiness:
    """What an author needs to hand something in, and whether it is there: the guards of handing in, as answers.

    `captions_open`: every movie that lacks captions can still get them.
    """

    campaign: CampaignStatus
    fits_ages: bool
    course_passed: bool
    seat_confirmed: bool
    consent_given: bool
    consent_in_force: bool
    pictures_ready: bool
    captions_open: bool
    captions_ready: bool

    @property
    def obstacle(self) -> NextStep | None:
        """The first thing in the way of handing in, what cannot be helped before what can; None when nothing is."""
        steps = (
            (self.campaign is not CampaignStatus.CLOSED, NextStep.CAMPAIGN_OVER),
            (self.fits_ages, NextStep.OUTSIDE_AGES),
            (self.course_passed, NextStep.FINISH_COURSE),
            (self.seat_confirmed, NextStep.WAIT_FOR_SEAT),
            (self.consent_given, NextStep.GET_CONSENT),
            (self.pictures_ready, NextStep.FINISH_PICTURES),
            (self.captions_open, NextStep.REPLACE_MOVIE),
            (self.captions_ready, NextStep.ADD_CAPTIONS),
            (self.consent_in_force, NextStep.WAIT_FOR_CONSENT),
            (self.campaign is CampaignStatus.OPEN, NextStep.WAIT_FOR_CAMPAIGN),
        )
        return next((step for there, step in steps if not there), None)


def next_step(
    *,
    visibility: Visibility,
    review: Review,
    ready: Readiness,
    with_teacher: bool,
    hidden_for_now: bool = False,
    appealed: bool = False,
) -> NextStep:
    """What the author can do or expect next with the latest revision.

    `hidden_for_now`: hidden until a moderator has looked, so there is nothing to appeal yet; `appealed`: the author's
    appeal waits for its answer.
    """
    if visibility is Visibility.WITHDRAWN:
        return NextStep.NOTHING
    if hidden_for_now and visibility is Visibility.HIDDEN:
        return NextStep.WAIT_FOR_MODERATOR
    if visibility in {Visibility.HIDDEN, Visibility.REMOVED} or review is Review.REJECTED:
        return NextStep.WAIT_FOR_APPEAL if appealed else NextStep.READ_REASON
    if review in WAITING_REVIEWS:
        return NextStep.WAIT_FOR_TEACHER if with_teacher else NextStep.WAIT_FOR_MODERATOR
    if review is Review.APPROVED:
        return NextStep.SEE_IT_PUBLISHED
    if ready.obstacle is not None:
        return ready.obstacle
    return NextStep.CHANGE_AND_SUBMIT if review is Review.CHANGES_REQUESTED else NextStep.SUBMIT
