"""Batched loading of places for one operation: one statement a type, however long the list."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from strawberry.dataloader import DataLoader

from backend.core.ids import Id
from backend.places import reading
from backend.places.records import City, ClassCode, School, SchoolClass
from backend.places.seat_store import SeatCounts
from graphql_api.context import Context

T = TypeVar("T")


def _loader(
    context: Context, name: str, find: Callable[[list[Id]], Awaitable[Mapping[Id, T]]]
) -> DataLoader[Id, T | None]:
    async def load(ids: list[Id]) -> list[T | None]:
        found = await find(ids)
        return [found.get(one) for one in ids]

    return context.loader(f"places.{name}", lambda: DataLoader(load_fn=load))


def _foreign_key_loader(
    context: Context, name: str, find: Callable[[list[Id]], Awaitable[Mapping[Id, T]]]
) -> DataLoader[Id, T]:
    """For ids that a foreign key vouches for."""

    async def load(ids: list[Id]) -> list[T]:
        found = await find(ids)
        return [found[one] for one in ids]

    return context.loader(f"places.{name}", lambda: DataLoader(load_fn=load))


def cities(context: Context) -> DataLoader[Id, City]:
    """The cities of schools and classes, by id."""
    return _foreign_key_loader(context, "cities", lambda ids: reading.cities_by_id(context.db, ids))


def schools(context: Context) -> DataLoader[Id, School]:
    """The schools of classes, by id."""
    return _foreign_key_loader(context, "schools", lambda ids: reading.schools_by_id(context.db, ids))


def classes(context: Context) -> DataLoader[Id, SchoolClass | None]:
    """Classes by id, as far as the viewer may see them."""
    return _loader(context, "classes", lambda ids: reading.classes_by_id(context.db, context.viewer, ids))


def codes(context: Context) -> DataLoader[Id, ClassCode | None]:
    """Running codes by class, as far as the viewer teaches it."""
    return _loader(context, "codes", lambda ids: reading.codes_of(context.db, context.viewer, ids))


def seat_counts(context: Context) -> DataLoader[Id, SeatCounts | None]:
    """Numbers of seats by class, as far as the viewer may see its roster."""
    return _loader(context, "seat_counts", lambda ids: reading.seat_counts_of(context.db, context.viewer, ids))
