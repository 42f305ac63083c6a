"""Log-in cards: a teacher makes accounts for a class at once, printed once, stored nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.accounts import accounts
from backend.accounts.accounts import Card
from backend.accounts.passphrases import hasher_for
from backend.accounts.people import Credentials, Door, NewAccount
from backend.accounts.pseudonyms import check_pseudonym
from backend.core import audit, policy, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Closed, Conflict, ValidationFailed, not_found
from backend.core.ids import Id, new_id, new_token
from backend.core.policy import Action
from backend.core.viewer import Viewer
from backend.places import rules, seat_store, store
from backend.places.classes import lock_own_class
from backend.places.config import PlaceSettings
from backend.places.pseudonyms import require_free_together
from backend.places.records import RosterSeat, SchoolClass, Seat
from backend.places.rules import SeatStatus
from backend.places.visibility import can_see_class

MAX_CARDS = 100
_OPERATION = "loginCardsCreate"
_HANDLE_TRIES = 3


@dataclass(frozen=True, slots=True)
class SeatCard:
    """A pending seat and how its person gets in. After a reset there is no recovery code: the student keeps the old."""

    seat: RosterSeat
    card: Card


@dataclass(frozen=True, slots=True)
class CardBatch:
    """Cards made together, in the order of their seats' ids."""

    school_class: SchoolClass
    cards: Sequence[SeatCard]


@dataclass(frozen=True, slots=True)
class _Planned:
    account_id: Id
    pseudonym: str | None
    card: Card


async def create_cards(
    db: Database, viewer: Viewer, settings: PlaceSettings, *, class_id: Id, count: int | None = None,
    pseudonyms: Sequence[str] | None = None, client_key: str | None = None,
) -> CardBatch:  # fmt: skip
    """Make accounts with pending seats: `count` without a pseudonym (chosen later), or one for each given.

    Raises ValidationFailed `card_count`, Conflict `enrolment_reached` (with the live seats no more than the enrolment
    and the capacity), `pseudonym_taken`, and what pseudonyms are refused for. The same key gives the same cards.
    """
    names = _names(count, pseudonyms)
    await _check_early(db, viewer, class_id, len(names))
    seed = client_key or new_token()
    hasher = hasher_for(settings.accounts.hash_cost)
    for tries_left in reversed(range(_HANDLE_TRIES)):
        planned = [_plan(settings, new_id(), name, seed) for name in names]
        credentials = await accounts.credentials_of(hasher, [one.card for one in planned])
        try:
            return await _write(db, viewer, settings, class_id, planned, credentials, client_key)
        except Conflict as conflict:
            if conflict.code != "handle_taken" or not tries_left:
                raise
    raise AssertionError("unreachable")


def _names(count: int | None, pseudonyms: Sequence[str] | None) -> list[str | None]:
    wanted = len(pseudonyms) if pseudonyms is not None else count
    if (count is None) is (pseudonyms is None) or wanted is None or not 1 <= wanted <= MAX_CARDS:
        raise ValidationFailed("card_count", path=("count",), max=MAX_CARDS)
    if pseudonyms is None:
        return [None] * wanted
    return [check_pseudonym(one, path=("pseudonyms", str(place))) for place, one in enumerate(pseudonyms)]


async def _check_early(db: Database, viewer: Viewer, class_id: Id, wanted: int) -> None:
    """What would be refused anyway is refused before the costly hashes."""
    viewer.require_account()
    async with db.reading() as conn:
        found = await store.get_class(conn, class_id)
        if found is None:
            raise not_found("SchoolClass")
        policy.require(viewer, Action.CLASS_RUN, found.scope, visible=can_see_class(viewer, found.scope))
        if not found.is_open(await conn.now()):
            raise Closed("class_closed")
    if wanted > min(found.capacity, found.declared_enrolment):
        raise _no_room(found)


def _no_room(found: SchoolClass) -> Conflict:
    return Conflict(
        "enrolment_reached", state="FULL", path=("count",), max=min(found.capacity, found.declared_enrolment)
    )


def _plan(settings: PlaceSettings, account_id: Id, pseudonym: str | None, seed: str) -> _Planned:
    return _Planned(account_id, pseudonym, _card(settings, account_id, seed))


def _card(settings: PlaceSettings, account_id: Id, seed: str) -> Card:
    return accounts.make_card(settings.secret, _OPERATION, str(account_id), seed)


async def _write(
    db: Database, viewer: Viewer, settings: PlaceSettings, class_id: Id, planned: Sequence[_Planned],
    credentials: Sequence[Credentials], client_key: str | None,
) -> CardBatch:  # fmt: skip
    async with db.transaction() as tx:
        found = await lock_own_class(tx, viewer, class_id)
        batch_id = new_id()
        first = await repeats.first_result(tx, viewer, _OPERATION, client_key, batch_id)
        if first is not None:
            seats = await seat_store.list_batch(tx, first)
            return CardBatch(
                found, [SeatCard(seat, _card(settings, seat.account_id, client_key or "")) for seat in seats]
            )
        counts = await seat_store.count_seats(tx, class_id)
        taken = counts.pending + counts.confirmed
        if rules.free_seats(taken, capacity=found.capacity, declared_enrolment=found.declared_enrolment) < len(planned):
            raise _no_room(found)
        await require_free_together(tx, class_id, [one.pseudonym for one in planned if one.pseudonym is not None])
        for one, stored in zip(planned, credentials, strict=True):
            await _create(tx, found, batch_id, one, stored)
        await audit.record(
            tx, viewer.account_id, "teacher:login_cards:made", ("class", class_id), count=len(planned), batch=batch_id
        )
        cards = {one.account_id: one.card for one in planned}
        seats = await seat_store.list_batch(tx, batch_id)
        return CardBatch(found, [SeatCard(seat, cards[seat.account_id]) for seat in seats])


async def _create(tx: Transaction, found: SchoolClass, batch_id: Id, one: _Planned, stored: Credentials) -> None:
    new = NewAccount(one.account_id, one.card.handle, Door.CLASS_CODE, found.locale, one.pseudonym, None, found.country)
    await accounts.create_account(tx, new, stored)
    seat = Seat(new_id(), found.id, one.account_id, SeatStatus.PENDING, await tx.now(), None, None)
    await seat_store.insert_seat(tx, seat, batch_id=batch_id)
