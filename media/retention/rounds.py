"""A round does all of its work, whatever one part of it meets."""

import logging
from collections.abc import Awaitable

log = logging.getLogger(__name__)


async def do_each(*steps: Awaitable[object]) -> None:
    """Do every step of a round, also after one that failed. Raises the first failure at the end."""
    failed: list[Exception] = []
    for step in steps:
        try:
            await step
        except Exception as error:
            log.warning("round_step_failed", extra={"error": type(error).__name__})
            failed.append(error)
    if failed:
        raise failed[0]
