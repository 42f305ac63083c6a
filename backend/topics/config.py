"""What the proposals need beyond their rules, and what only a higher domain knows; built by the composition root."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.core.database import Connection
from backend.core.ids import Id

MAX_NAME_CHARS, MAX_WHY_CHARS, MAX_REASON_CHARS = 120, 500, 500

# Whether a topic of a campaign stands in any round: rounds live above this domain, the composition root hands it in.
UsedInRounds = Callable[[Connection, Id], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """`used_in_rounds`: a chosen topic that a round uses stays as it is."""

    used_in_rounds: UsedInRounds
