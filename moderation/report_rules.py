"""What reports bring about: when they put a case before a moderator, and when they hide at once. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.core.ids import Id
from moderation.rules import SEVERE, Hand, Reason

HIDING_REPORTERS = 3
HIDING_CLASSES = 2
REOPENING_REPORTERS = 2


class Category(StrEnum):
    """What somebody says is wrong with content. Worry about a person is none of these: it has a way of its own."""

    HATE = "HATE"
    THREAT = "THREAT"
    HARASSMENT = "HARASSMENT"
    PERSONAL_DATA = "PERSONAL_DATA"
    SEXUAL = "SEXUAL"
    SELF_HARM = "SELF_HARM"
    SPAM = "SPAM"
    DEPICTS_ME = "DEPICTS_ME"
    OTHER = "OTHER"


SEVERITY: dict[Category, int] = {
    Category.THREAT: 3,
    Category.SEXUAL: 3,
    Category.SELF_HARM: 3,
    Category.HATE: 2,
    Category.HARASSMENT: 2,
    Category.DEPICTS_ME: 2,
    Category.PERSONAL_DATA: 1,
    Category.SPAM: 0,
    Category.OTHER: 0,
}
REASONS: dict[Category, Reason] = {
    Category.THREAT: Reason.LAW,
    Category.SEXUAL: Reason.LAW,
    Category.SELF_HARM: Reason.OFF_CAMPAIGN_RULES,
    Category.HATE: Reason.LAW,
    Category.HARASSMENT: Reason.HARASSMENT,
    Category.DEPICTS_ME: Reason.OTHERS_RIGHTS,
    Category.PERSONAL_DATA: Reason.PERSONAL_DATA,
    Category.SPAM: Reason.SPAM,
    Category.OTHER: Reason.OFF_CAMPAIGN_RULES,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One reporter's report that nobody has decided yet. `hand` is STAFF, DEPICTED or None for anybody else."""

    category: Category
    hand: Hand | None
    class_id: Id | None


def hand_of(category: Category, *, is_staff: bool, is_pending: bool, has_pictures: bool) -> Hand | None:
    """As what a report counts: staff of the place, the person in the picture (there must be one), or anybody.

    Whoever only waits for a seat hides nothing: a leaked code makes as many such people as one likes.
    """
    if is_staff:
        return Hand.STAFF
    return Hand.DEPICTED if category is Category.DEPICTS_ME and has_pictures and not is_pending else None


def who_hides(reports: Sequence[Standing], cleared: Collection[Category]) -> Hand | None:
    """By whose hand the reports hide the revision until a person decides; None when they do not.

    Staff, the person depicted, or three reporters with confirmed seats in at least two classes. A category that a
    moderator cleared on this revision does not count.
    """
    counted = [report for report in reports if report.category not in cleared]
    for hand in (Hand.STAFF, Hand.DEPICTED):
        if any(report.hand is hand for report in counted):
            return hand
    seated = [report.class_id for report in counted if report.class_id is not None]
    return Hand.RULE if len(seated) >= HIDING_REPORTERS and len(set(seated)) >= HIDING_CLASSES else None


def opens_case(reports: Sequence[Standing], cleared: Collection[Category]) -> bool:
    """Whether a moderator has to look: two reporters, staff or the person depicted, or a severe report not yet cleared.

    That somebody else's word was cleared hides nothing from the person who really is in the picture.
    """
    if len(reports) >= REOPENING_REPORTERS or any(report.hand is not None for report in reports):
        return True
    return any(SEVERITY[report.category] >= SEVERE for report in reports if report.category not in cleared)


def gravest(reports: Sequence[Standing]) -> Category:
    """The category that decides how urgent it is and what the author is told. There is at least one report."""
    return max((report.category for report in reports), key=lambda category: SEVERITY[category])
