"""One blob that the store will not take away must not keep all others: what was refused is told at the end."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.ids import Id
from media.blobs.protocol import StoreUnavailable

log = logging.getLogger(__name__)

# So many one after the other, and the whole store is away: whoever goes on would wait for nothing.
_AWAY_AFTER = 50


class Refusals:
    """Passes over what the store refuses, and remembers the first refusal."""

    def __init__(self) -> None:
        self._first: StoreUnavailable | None = None
        self._in_a_row = 0

    @contextmanager
    def passed_over(self, what: Id | str) -> Iterator[None]:
        """Go on after this one when the store refuses something of it. Raises StoreUnavailable when it is away."""
        try:
            yield
        except StoreUnavailable as refused:
            log.warning("store_refused", extra={"what": str(what), "reason": refused.reason})
            self._first = self._first or refused
            self._in_a_row += 1
            if self._in_a_row >= _AWAY_AFTER:
                raise
        else:
            self._in_a_row = 0

    def tell(self) -> None:
        """Raises the first refusal, if there was one."""
        if self._first is not None:
            raise self._first
