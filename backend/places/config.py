"""What the places domain takes from the settings; built by the composition root."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from backend.accounts import config as accounts_config
from backend.accounts.config import AccountSettings
from backend.core.database import Connection
from backend.core.ids import Id
from backend.core.viewer import Scope

# How a campaign's scope is found: campaigns live above this domain, the composition root hands it in.
ScopeOf = Callable[[Connection, Id], Awaitable[Scope | None]]


async def no_campaign(_conn: Connection, _campaign_id: Id) -> Scope | None:
    """Where there are no campaigns, no role is held in one."""
    return None


class SettingsSource(accounts_config.SettingsSource, Protocol):
    """The settings that are read here, under the names of the process's settings."""

    join_code_days: int
    class_capacity: int
    class_retention_days: int


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """Numbers of the rules, and what accounts need when a class code or a card makes one."""

    accounts: AccountSettings
    join_code_life: timedelta = timedelta(days=14)
    class_capacity: int = 40
    class_retention: timedelta = timedelta(days=60)
    scope_of_campaign: ScopeOf = no_campaign

    @classmethod
    def of(cls, source: SettingsSource, *, scope_of_campaign: ScopeOf = no_campaign) -> Self:
        """The places' part of the process's settings."""
        return cls(
            accounts=AccountSettings.of(source),
            join_code_life=timedelta(days=source.join_code_days),
            class_capacity=source.class_capacity,
            class_retention=timedelta(days=source.class_retention_days),
            scope_of_campaign=scope_of_campaign,
        )

    @property
    def secret(self) -> bytes:
        """The server's secret, from which cards and tokens are derived."""
        return self.accounts.secret
