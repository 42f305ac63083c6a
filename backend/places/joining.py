"""Coming in by a class code: a pending seat, for a new account or for the one that is signed in."""

from dataclasses import dataclass

from backend.accounts import accounts, sessions
from backend.accounts.accounts import Card
from backend.accounts.ages import check_birth_year
from backend.accounts.passphrases import hasher_for
from backend.accounts.people import Door, NewAccount, SessionKind
from backend.accounts.pseudonyms import check_pseudonym
from backend.accounts.sessions import StartedSession
from backend.accounts.throttle import network_of
from backend.core import audit, ratelimit, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, DomainError, NotAllowed, NotFound, RateLimited, ValidationFailed, not_found
from backend.core.ids import Id, new_id, new_token
from backend.core.locale import as_locale
from backend.core.ratelimit import Limit
from backend.core.text import clean_text
from backend.core.viewer import Viewer
from backend.places import role_store, rules, seat_store, store
from backend.places.config import PlaceSettings
from backend.places.pseudonyms import require_free_in_class
from backend.places.records import RosterSeat, SchoolClass, Seat
from backend.places.rules import SeatStatus

# A school is one address and a class mistypes. A guess among 23⁸ codes hits one of a thousand once in 10⁸ tries.
WRONG_CODES = Limit("class_code_wrong", burst=60, per_seconds=1800)
# Whoever has a leaked code could join and leave for ever; each time costs a hash and leaves an account.
JOINS_OF_CLASS = Limit("class_join", burst=200, per_seconds=86400)
MAX_OWN_SEATS = 20
_OPERATION = "classJoin"
_HANDLE_TRIES = 3


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a person without an account says about themselves."""

    pseudonym: str
    birth_year: int
    locale: str | None = None
    session_kind: SessionKind = SessionKind.PERSONAL
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The pending seat; for a new account also how to get in, shown this once."""

    seat: RosterSeat
    school_class: SchoolClass
    card: Card | None = None
    session: StartedSession | None = None

    @property
    def session_token(self) -> str | None:
        """The new account's session token."""
        return self.session.token if self.session else None


async def join_class(
    db: Database, viewer: Viewer, settings: PlaceSettings, *, code: str, newcomer: Newcomer | None,
    client_key: str | None = None,
) -> Joined:  # fmt: skip
    """Take a pending seat. Without a session `newcomer` is needed; with one it is ignored.

    The answer to a wrong, expired or revoked code and to one of a closed class is the same NotFound
    `class_code_unknown`. Raises RateLimited after too many wrong codes from an address, Conflict `seat_exists`,
    `pseudonym_taken`, `class_waiting_full`, `seats_limit`, NotAllowed `staff_seat`, `account_restricted`, and what
    pseudonym and birth year are refused for.
    """
    try:
        read = await _check_code(db, viewer, settings, code)
    except (NotFound, RateLimited) as refusal:
        return await _earlier(db, viewer, settings, client_key, refusal)
    if viewer.account_id is not None:
        return await _join_signed_in(db, viewer, settings, read, client_key)
    if newcomer is None:
        raise ValidationFailed("newcomer_missing", path=("newcomer",))
    await ratelimit.take(db, JOINS_OF_CLASS, read, secret=settings.secret)
    for tries_left in reversed(range(_HANDLE_TRIES)):
        try:
            return await _join_new(db, viewer, settings, read, newcomer, client_key)
        except Conflict as conflict:
            if conflict.code != "handle_taken" or not tries_left:
                raise
    raise AssertionError("unreachable")


async def _check_code(db: Database, viewer: Viewer, settings: PlaceSettings, typed: str) -> str:
    who = network_of(viewer.address)
    async with db.reading() as conn:
        wait = await ratelimit.seconds_until_free(conn, WRONG_CODES, who, secret=settings.secret)
        if wait:
            raise RateLimited(retry_after_seconds=wait, path=("code",))
        code = rules.read_code(typed)
        found = await store.find_class_by_code(conn, code) if code else None
    if code is None or found is None:
        await ratelimit.take(db, WRONG_CODES, who, secret=settings.secret)
        raise _unknown_code()
    return code


def _unknown_code() -> NotFound:
    return NotFound("class_code_unknown", path=("code",))


async def _earlier(
    db: Database, viewer: Viewer, settings: PlaceSettings, client_key: str | None, refusal: DomainError
) -> Joined:
    """A repeat whose code ended in between gets the first result; anybody else the refusal."""
    if client_key is None:
        raise refusal
    async with db.transaction() as tx:
        first = await repeats.first_result(tx, viewer, _OPERATION, client_key, new_id())
        if first is None:
            raise refusal  # undoes the claim of the key
        return await _again(tx, viewer, settings, first, client_key)


async def _again(
    tx: Transaction, viewer: Viewer, settings: PlaceSettings, seat_id: Id, client_key: str | None
) -> Joined:
    seats = await seat_store.get_roster_seats(tx, [seat_id])
    found = await store.get_class(tx, seats[0].class_id) if seats else None
    if found is None:
        raise not_found("Seat")
    seat = seats[0]
    if viewer.account_id is not None or client_key is None:
        return Joined(seat, found)
    session = await sessions.repeated_session(tx, settings.accounts, seat.account_id, client_key)
    return Joined(seat, found, _card(settings, seat.account_id, client_key), session)


def _card(settings: PlaceSettings, account_id: Id, seed: str) -> Card:
    return accounts.make_card(settings.secret, _OPERATION, str(account_id), seed)


async def _join_new(
    db: Database, viewer: Viewer, settings: PlaceSettings, code: str, newcomer: Newcomer, client_key: str | None
) -> Joined:
    pseudonym = check_pseudonym(newcomer.pseudonym, path=("newcomer", "pseudonym"))
    device = newcomer.device and clean_text(
        newcomer.device, path=("newcomer", "device"), max_chars=sessions.MAX_DEVICE_CHARS
    )
    account_id, seed = new_id(), client_key or new_token()
    card = _card(settings, account_id, seed)
    credentials = (await accounts.credentials_of(hasher_for(settings.accounts.hash_cost), [card]))[0]
    async with db.transaction() as tx:
        seat_id = new_id()
        first = await repeats.first_result(tx, viewer, _OPERATION, client_key, seat_id)
        if first is not None:
            return await _again(tx, viewer, settings, first, client_key)
        found = await _lock_open_class(tx, code)
        await require_free_in_class(tx, found.id, pseudonym)
        check_birth_year(newcomer.birth_year, await tx.now(), path=("newcomer", "birth_year"))
        new = NewAccount(
            account_id, card.handle, Door.CLASS_CODE, as_locale(newcomer.locale) or viewer.locale, pseudonym,
            newcomer.birth_year, found.country,
        )  # fmt: skip
        await accounts.create_account(tx, new, credentials)
        seat = await _sit_down(tx, found, seat_id, account_id)
        started = await sessions.begin_session(
            tx, settings.accounts, account_id, kind=newcomer.session_kind, address=viewer.address,
            device=device, seed=seed,
        )  # fmt: skip
        return Joined(seat, found, card, started)


async def _join_signed_in(
    db: Database, viewer: Viewer, settings: PlaceSettings, code: str, client_key: str | None
) -> Joined:
    account_id = viewer.require_account()
    if viewer.is_restricted:
        raise NotAllowed("account_restricted")
    async with db.transaction() as tx:
        viewer.require_unsealed()
        seat_id = new_id()
        first = await repeats.first_result(tx, viewer, _OPERATION, client_key, seat_id)
        if first is not None:
            return await _again(tx, viewer, settings, first, client_key)
        found = await _lock_open_class(tx, code)
        account = await accounts.get_account(tx, account_id)
        if await role_store.holders_over_class(tx, [account_id], found.scope):
            raise NotAllowed("staff_seat", path=("code",))
        if account.pseudonym is not None:
            await require_free_in_class(tx, found.id, account.pseudonym, but=account_id)
        return Joined(await _sit_down(tx, found, seat_id, account_id), found)


async def _lock_open_class(tx: Transaction, code: str) -> SchoolClass:
    found = await store.find_class_by_code(tx, code)
    locked = await store.lock_class(tx, found.id) if found else None
    # The code may have been rotated, or the class closed, while we waited for the lock.
    if locked is None or await store.find_class_by_code(tx, code) is None:
        raise _unknown_code()
    return locked


async def _sit_down(tx: Transaction, found: SchoolClass, seat_id: Id, account_id: Id) -> RosterSeat:
    # A code on a poster must not fill the table: no more wait than could ever be confirmed.
    if (await seat_store.count_seats(tx, found.id)).pending >= found.capacity:
        raise Conflict("class_waiting_full", state="FULL", path=("code",))
    if await seat_store.count_live_of(tx, account_id) >= MAX_OWN_SEATS:
        raise Conflict("seats_limit", state="FULL", path=("code",), max=MAX_OWN_SEATS)
    seat = Seat(seat_id, found.id, account_id, SeatStatus.PENDING, await tx.now(), None, None)
    if not await seat_store.insert_seat(tx, seat):
        existing = await seat_store.find_live_seat(tx, found.id, account_id)
        raise Conflict("seat_exists", state=existing.status if existing else "LEFT", path=("code",))
    await audit.record(tx, account_id, "member:seat:taken", ("seat", seat_id), klass=found.id)
    return (await seat_store.get_roster_seats(tx, [seat_id]))[0]
