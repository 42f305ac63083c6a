"""What the package takes from the settings; built by the composition root."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    """Numbers of the rules, and the server's secret under which rate limits are kept."""

    secret: bytes
    claim_minutes: int = 10
    appeal_months: int = 6
    reports_per_hour: int = 30
    appeals_per_day: int = 20
