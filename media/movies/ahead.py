"""Works ahead of whoever takes the results, so that two halves of the work go on at the same time."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def ahead(made: Iterator[Made], *, room: int) -> Generator[Made, None, None]:
    """The same, in the same order, made in a thread of its own; at most `room` are made before they are asked for.

    What making one raises is raised when its turn comes. Close it before what `made` reads from is closed.
    """
    with ThreadPoolExecutor(1) as thread:
        try:
            coming = deque(thread.submit(next, made, None) for _ in range(room))
            while (one := coming.popleft().result()) is not None:
                coming.append(thread.submit(next, made, None))
                yield one
        finally:
            thread.shutdown(wait=False, cancel_futures=True)  # what is being made is waited for by `with`
