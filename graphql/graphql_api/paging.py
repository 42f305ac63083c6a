"""Relay connections over keyset pages: the same four arguments and the same types for every list."""

from collections.abc import Callable
from typing import Annotated, Generic, TypeAlias, TypeVar

import strawberry

from backend.core.paging import MAX_PAGE, Page, encode_cursor

DEFAULT_PAGE = 20

T = TypeVar("T")
Row = TypeVar("Row")

First: TypeAlias = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many items, from the start or after `after`: at most {MAX_PAGE}, {DEFAULT_PAGE} if absent."
    ),
]
After: TypeAlias = Annotated[
    str | None, strawberry.argument(description="Give what follows the item with this cursor.")
]
Last: TypeAlias = Annotated[
    int | None,
    strawberry.argument(description=f"How many items, counted from the end or from `before`: at most {MAX_PAGE}."),
]
Before: TypeAlias = Annotated[
    str | None, strawberry.argument(description="Give what comes before the item with this cursor.")
]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there are items after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there are items before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item; null on an empty page.")


@strawberry.type(description="An item of a list with its place in it.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="The item's place, for `after` and `before`. Opaque.")


@strawberry.type(description="One page of a list. Pages do not shift when items are added.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The items of this page with their cursors, in list order.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")


def connection(page: Page[Row], make: Callable[[Row], T]) -> Connection[T]:
    """A page of rows as a connection of API objects; `make` turns a row into its object."""
    cursors = [encode_cursor(key) for key in page.keys]
    return Connection(
        edges=[Edge(node=make(row), cursor=cursor) for row, cursor in zip(page.rows, cursors, strict=True)],
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
    )
