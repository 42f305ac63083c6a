"""The states of a picture and what is possible in each. Pure."""

from enum import StrEnum


class AssetStatus(StrEnum):
    """Where a picture stands, from the ticket to the end."""

    REQUESTED = "REQUESTED"
    UPLOADED = "UPLOADED"
    SCANNING = "SCANNING"
    PROCESSING = "PROCESSING"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    CLEAN = "CLEAN"
    RELEASED = "RELEASED"
    REVOKED = "REVOKED"
    PURGED = "PURGED"


class People(StrEnum):
    """What the sender declares about people in the picture."""

    NONE = "NONE"
    ONLY_ME = "ONLY_ME"
    OTHERS_WITH_PERMISSION = "OTHERS_WITH_PERMISSION"


class Reach(StrEnum):
    """Whom a signed address was made for. The value is part of the address."""

    MEMBER = "m"  # somebody who may see what was released to them
    INSIDER = "i"  # its author, or whoever reviews it: also before the release and while it is hidden


MAX_ATTEMPTS = 3
OPEN = frozenset({AssetStatus.REQUESTED, AssetStatus.UPLOADED})
WAITING = frozenset({AssetStatus.SCANNING, AssetStatus.PROCESSING})
USABLE = frozenset({AssetStatus.CLEAN, AssetStatus.RELEASED, AssetStatus.REVOKED})
_SEEN_BY = {Reach.MEMBER: frozenset({AssetStatus.RELEASED}), Reach.INSIDER: USABLE}


def may_show(status: AssetStatus, reach: Reach) -> bool:
    """Whether the picture's bytes may leave the house at this moment for somebody with this kind of address."""
    return status in _SEEN_BY[reach]


def may_show_public(status: AssetStatus, *, is_public: bool) -> bool:
    """Whether the picture has an address for everybody at this moment."""
    return is_public and status is AssetStatus.RELEASED


def may_describe(status: AssetStatus, *, is_fixed: bool) -> bool:
    """Alt text and declaration can change until the picture is handed in: reviewers decide on what they have read."""
    return not is_fixed and status in OPEN | WAITING | {AssetStatus.CLEAN}


def may_delete(status: AssetStatus, *, is_fixed: bool) -> bool:
    """The sender may end it as long as nobody decides on it or has been shown it."""
    return not is_fixed and status not in {AssetStatus.RELEASED, AssetStatus.REVOKED, AssetStatus.PURGED}


def may_blur(status: AssetStatus) -> bool:
    """Parts can be blurred once the bytes are complete, also while the files are being made."""
    return status in WAITING | {AssetStatus.CLEAN}
