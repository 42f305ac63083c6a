"""What the accounts domain takes from the settings; built by the composition root, handed on explicitly."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class HashCost:
    """How expensive an argon2id hash is, and how many threads of this process make them."""

    time_cost: int = 2
    memory_kib: int = 19456
    parallelism: int = 1
    threads: int = 2


class SettingsSource(Protocol):
    """The settings that are read here, under the names of the process's settings."""

    secret: bytes
    public_url: str
    argon2_time_cost: int
    argon2_memory_kib: int
    argon2_parallelism: int
    argon2_threads: int
    login_failures: int
    login_window_minutes: int
    session_idle_days: int
    session_absolute_days: int
    shared_session_hours: int
    consent_delay_hours: int
    reset_seal_hours: int

    @property
    def is_production(self) -> bool:
        """Whether real people's data may be here."""
        ...


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Secrets, limits and periods of accounts."""

    secret: bytes = field(repr=False)
    public_url: str = "http://localhost:8000"
    hash_cost: HashCost = HashCost()
    login_failures: int = 10
    login_window: timedelta = timedelta(minutes=15)
    session_idle: timedelta = timedelta(days=30)
    session_absolute: timedelta = timedelta(days=180)
    shared_session: timedelta = timedelta(hours=2)
    consent_delay: timedelta = timedelta(hours=24)
    reset_seal: timedelta = timedelta(hours=24)
    erasure_delay: timedelta = timedelta(hours=24)
    secure_cookies: bool = False

    @classmethod
    def of(cls, source: SettingsSource) -> Self:
        """The accounts' part of the process's settings."""
        return cls(
            secret=source.secret,
            public_url=source.public_url,
            hash_cost=HashCost(
                source.argon2_time_cost, source.argon2_memory_kib, source.argon2_parallelism, source.argon2_threads
            ),
            login_failures=source.login_failures,
            login_window=timedelta(minutes=source.login_window_minutes),
            session_idle=timedelta(days=source.session_idle_days),
            session_absolute=timedelta(days=source.session_absolute_days),
            shared_session=timedelta(hours=source.shared_session_hours),
            consent_delay=timedelta(hours=source.consent_delay_hours),
            reset_seal=timedelta(hours=source.reset_seal_hours),
            secure_cookies=source.is_production,
        )
