"""Where personal data lives: each domain registers how it gives a copy of somebody's data and how it forgets it.

The composition root registers all domains at start, in the web process and in the worker.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from backend.core.database import Connection, Transaction
from backend.core.ids import Id

Export: TypeAlias = Callable[[Connection, Id], Awaitable[object]]
Change: TypeAlias = Callable[[Transaction, Id], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class PersonalDomain:
    """One domain. `leave` takes a person's things out of every view at once, `come_back` undoes it within the day.

    `consent_ended` takes out of every view what the person's consents no longer cover, in the transaction that ended
    one; the account is locked. `renamed` makes what shows the person's name outside of this database follow it, in the
    transaction that changed it; the account is locked.
    """

    name: str
    export: Export
    erase: Change
    leave: Change | None = None
    come_back: Change | None = None
    consent_ended: Change | None = None
    renamed: Change | None = None


_domains: dict[str, PersonalDomain] = {}


def register(domain: PersonalDomain) -> None:
    """Add a domain, or replace the one of the same name."""
    _domains[domain.name] = domain


def registered() -> tuple[PersonalDomain, ...]:
    """All domains, in the order of their registration."""
    return tuple(_domains.values())
