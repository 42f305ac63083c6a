"""How much of a class is told while a round runs: a step, and nothing of a few people."""

from backend.rounds.rules import LEAST_SEATS

STEP_PERCENT = 20


def in_steps(participants: int, size: int) -> int | None:
    """The share in per cent, rounded down to a step; None of fewer people than a class that is ranked has."""
    if size < LEAST_SEATS:
        return None
    return 100 * min(participants, size) // size // STEP_PERCENT * STEP_PERCENT
