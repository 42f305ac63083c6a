"""A first look at submitted text by small, ordered phases. Each may tag, hold, or make it more urgent; none decides.

What fails holds: a person looks before anything else happens.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from moderation.rules import MAX_SEVERITY

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one phase saw: a tag for the reviewer, how urgent, and whether a moderator has to look first."""

    tag: str
    severity: int = 0
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Screened:
    """What the phases found together. Pass `is_held`, `severity` and `tags` on to `open_case`."""

    tags: tuple[str, ...] = ()
    severity: int = 0
    is_held: bool = False


Phase = Callable[[str], Finding | None]

_LINK = re.compile(r"(?:https?://|www\.)\S|\b[\w-]+\.(?:no|se|dk|fi|is|com|net|org|io|me|gg|ly)(?:/|\b)", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
# Not a part of a longer number; a full stop or comma after it ends the sentence.
_PHONE = re.compile(r"(?<!\d)(?<!\d[.,])(?:\+|00)?\d(?:[ .\-()]{0,2}\d){7,14}(?!\d|[.,]\d)")
# Norway 6+5, Sweden 6-4 or 8-4, Denmark 6-4, Iceland 6-4, Finland 6(+-A)3+1.
_IDENTITY = re.compile(r"(?<!\d)(?:\d{6}[ ]?\d{5}|(?:\d{2})?\d{6}[-+]\d{4}|\d{6}[-+A-FU-Y]\d{3}[0-9A-Y])(?!\d)")


def find_identity_number(text: str) -> Finding | None:
    """A Nordic identity number never goes out: a moderator looks first."""
    return Finding("identity_number", severity=1, holds=True) if _IDENTITY.search(_plain(text)) else None


def find_contact(text: str) -> Finding | None:
    """E-mail addresses and phone numbers are personal data, often of others: a moderator looks first."""
    plain = _plain(text)
    return Finding("contact_details", holds=True) if _EMAIL.search(plain) or _PHONE.search(plain) else None


def find_link(text: str) -> Finding | None:
    """Links lead where nobody has looked; the reviewer is told."""
    return Finding("link") if _LINK.search(_plain(text)) else None


def listed_words(is_listed: Callable[[str], bool]) -> Phase:
    """A phase that tags texts with a listed word. It never holds: the same word is in testimony and in abuse."""

    def find(text: str) -> Finding | None:
        return Finding("listed_word", severity=1) if is_listed(text) else None

    return find


PHASES: tuple[Phase, ...] = (find_identity_number, find_contact, find_link)


def screen(text: str, phases: Sequence[Phase] = PHASES) -> Screened:
    """Run the phases in order; the first that holds ends it, and so does one that fails. Never raises."""
    tags: list[str] = []
    severity = 0
    for phase in phases:
        try:
            finding = phase(text)
        except Exception:
            log.exception("screening_failed")
            return Screened((*tags, "screening_failed"), severity, is_held=True)
        if finding is not None:
            tags.append(finding.tag)
            severity = min(MAX_SEVERITY, max(severity, finding.severity))
            if finding.holds:
                return Screened(tuple(tags), severity, is_held=True)
    return Screened(tuple(tags), severity)


def added(screened: Screened, finding: Finding) -> Screened:
    """What the phases found together with what was found otherwise."""
    return Screened(
        (*screened.tags, finding.tag),
        min(MAX_SEVERITY, max(screened.severity, finding.severity)),
        screened.is_held or finding.holds,
    )


def _plain(text: str) -> str:
    """Digits of any script and full-width signs as ASCII, so that a number is a number however it is typed."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in normal)
