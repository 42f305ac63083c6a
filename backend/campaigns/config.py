"""What the campaigns domain takes from the settings; built by the composition root."""

from dataclasses import dataclass
from typing import Protocol, Self


class SettingsSource(Protocol):
    """The settings that are read here, under the names of the process's settings."""

    teacher_school_days: int


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """`teacher_school_days`: after these a statement passes on from the teacher to the moderators by itself."""

    teacher_school_days: int = 2

    @classmethod
    def of(cls, source: SettingsSource) -> Self:
        """The campaigns' part of the process's settings."""
        return cls(teacher_school_days=source.teacher_school_days)
