"""The sentences of the product in its seven languages: errors by their code, and notices, mails, reasons, next steps
under a prefixed key (`mail.`, `notice.`, `reason.`, `next.`).

`<locale>.po` has one entry a code, the code as msgid, placeholders as `{name}`. Where a number decides between singular
and plural, msgid_plural is the name of the parameter that holds it.
"""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from backend.core.locale import DEFAULT_LOCALE, as_locale, format_wait

GENERIC_CODE = "not_possible"
_MISSING = "…"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: its forms by plural index, and the parameter that chooses among them."""

    forms: tuple[str, ...]
    number: str | None


@dataclass(frozen=True, slots=True)
class Messages:
    """All messages of one locale."""

    entries: Mapping[str, Entry]
    plural_index: Callable[[int], int]


def message(locale: str, code: str, params: Mapping[str, object]) -> str:
    """The sentence for a code in a locale (any tag; English for what is not ours). Never fails.

    An unknown code gives the generic sentence, a missing parameter an ellipsis. Beside the parameters `{wait}` may be
    used wherever `seconds` is given: the time from now in a phrase ("in 15 minutes").
    """
    name = as_locale(locale) or DEFAULT_LOCALE
    messages = load(name)
    entry = messages.entries.get(code) or messages.entries[GENERIC_CODE]
    return _form(entry, messages, params).format_map(_Parameters(name, params))


def is_known(code: str) -> bool:
    """Whether there is a message of its own for the code or key."""
    return code in load(DEFAULT_LOCALE).entries


@cache
def load(locale: str) -> Messages:
    """All messages of one of our locales, read once."""
    with (_FOLDER / f"{locale}.po").open("rb") as file:
        catalog = read_po(file, locale=locale)
    entries = {}
    for item in catalog:
        code, number = (item.id, None) if isinstance(item.id, str) else item.id
        forms = (item.string or "",) if isinstance(item.string, str | None) else tuple(item.string)
        if code:
            entries[code] = Entry(forms, number)
    return Messages(entries, gettext.c2py(catalog.plural_expr))


def _form(entry: Entry, messages: Messages, params: Mapping[str, object]) -> str:
    number = params.get(entry.number) if entry.number else None
    if not isinstance(number, int):
        return entry.forms[-1]
    return entry.forms[messages.plural_index(abs(number))]


class _Parameters(dict[str, object]):
    """The parameters of one message, with what is derived from them."""

    def __init__(self, locale: str, params: Mapping[str, object]) -> None:
        super().__init__(params)
        self._locale = locale

    def __missing__(self, name: str) -> object:
        seconds = self.get("seconds")
        if name == "wait" and isinstance(seconds, int | float):
            return format_wait(seconds, locale=self._locale)
        return _MISSING
