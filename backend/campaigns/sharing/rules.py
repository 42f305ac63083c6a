"""The states of cards, bundles and takedowns, and what may be shared. No I/O; the moment is passed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from backend.campaigns.rules import Audience, Visibility
from backend.campaigns.store.statements import Statement
from backend.core.errors import Conflict, ValidationFailed

MAX_ATTEMPTS = 3
TAKEDOWN_TIME = timedelta(hours=24)
REMINDED_BEFORE = timedelta(hours=6)
BUNDLE_LIFE = timedelta(hours=24)
MAX_LINKS, MAX_LINK_CHARS, MAX_NOTE_CHARS = 20, 300, 500


class Shared(StrEnum):
    """What is made of a statement to be shared, by the name of its table."""

    CARD = "share_card"
    BUNDLE = "social_export"


class ShareStatus(StrEnum):
    """Where a card or a bundle stands."""

    WAITING = "WAITING"
    READY = "READY"
    FAILED = "FAILED"
    GONE = "GONE"


class TakedownReason(StrEnum):
    """Why something has to go from social media."""

    WITHDRAWN = "WITHDRAWN"
    CONSENT_ENDED = "CONSENT_ENDED"
    HIDDEN = "HIDDEN"
    REMOVED = "REMOVED"
    AUTHOR_LEFT = "AUTHOR_LEFT"
    NAME_TAKEN_OFF = "NAME_TAKEN_OFF"


class TakedownState(StrEnum):
    """Where a takedown stands: LAPSED when the statement was shown again before anybody confirmed."""

    OPEN = "OPEN"
    CONFIRMED = "CONFIRMED"
    LAPSED = "LAPSED"


class Telling(StrEnum):
    """What is told of an open takedown, each once, by the column that says when it was."""

    SOON = "reminded_at"
    OVERDUE = "overdue_told_at"


def check_shareable(statement: Statement) -> None:
    """Raises Conflict with the state that forbids cards and bundles; what consents say comes after this."""
    if statement.visibility is not Visibility.PUBLISHED or statement.published_revision_id is None:
        raise Conflict("not_published", state=statement.visibility)
    if statement.audience is not Audience.SOCIAL:
        raise Conflict("not_for_social", state=statement.audience)
    if statement.author_id is None or statement.author_left_at is not None:
        # Nobody could take it back any more.
        raise Conflict("author_gone", state=statement.visibility)


def takedown_state(confirmed_at: datetime | None, lapsed_at: datetime | None) -> TakedownState:
    """The state that the times mean."""
    if confirmed_at is not None:
        return TakedownState.CONFIRMED
    return TakedownState.OPEN if lapsed_at is None else TakedownState.LAPSED


def confirmation_counts(state: TakedownState) -> bool:
    """Whether a confirmation says something new. Raises Conflict once nobody has to take anything down any more."""
    if state is TakedownState.LAPSED:
        raise Conflict(state=state)
    return state is TakedownState.OPEN


def check_takes_links(state: TakedownState | None) -> None:
    """Posts are noted until their takedown is confirmed. Raises Conflict `taken_down`."""
    if state is TakedownState.CONFIRMED:
        raise Conflict("taken_down", state=state)


def is_overdue(state: TakedownState, due_at: datetime, now: datetime) -> bool:
    """Whether it should have been taken down by now and nobody said that it was."""
    return state is TakedownState.OPEN and now >= due_at


def check_links(links: Sequence[str]) -> list[str]:
    """Addresses of posts, each once. Raises ValidationFailed `too_many_links` or `link_invalid`."""
    if len(links) > MAX_LINKS:
        raise ValidationFailed("too_many_links", path=("links",), max=MAX_LINKS)
    return list(dict.fromkeys(_checked(link.strip()) for link in links))


def _checked(link: str) -> str:
    try:
        parts = urlsplit(link)
        is_fine = parts.scheme == "https" and "." in (parts.hostname or "") and parts.username is None
    except ValueError:
        is_fine = False
    if not is_fine or len(link) > MAX_LINK_CHARS or not link.isprintable() or " " in link:
        raise ValidationFailed("link_invalid", path=("links",), max=MAX_LINK_CHARS)
    return link
