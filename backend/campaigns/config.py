"""What the campaigns domain needs to be told; made from the settings by the composition root."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """`teacher_school_days`: after these a statement passes on from the teacher to the moderators by itself."""

    teacher_school_days: int
