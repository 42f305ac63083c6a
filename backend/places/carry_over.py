"""Leaving a class and going on: an account that a class code or a card made becomes its owner's alone."""

from dataclasses import dataclass, field

from backend.accounts import emails, session_store
from backend.accounts import store as account_store
from backend.accounts.accounts import make_card
from backend.accounts.handles import check_handle
from backend.accounts.passphrases import check_passphrase, hasher_for
from backend.accounts.people import Account
from backend.accounts.secret_codes import code_hash
from backend.accounts.sign_in import prove_passphrase
from backend.core import audit, repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, NotAllowed, not_found
from backend.core.ids import Id, new_token
from backend.core.viewer import Viewer
from backend.notices import inbox
from backend.places import carry_store, seat_store
from backend.places.config import PlaceSettings
from backend.places.memberships import end_as_left
from backend.places.rules import LIVE

_OPERATION = "accountCarryOver"


@dataclass(frozen=True, slots=True)
class CarryOver:
    """What the student chooses. Without a new passphrase four words are made; `seat_id` is the seat to give up."""

    current_passphrase: str = field(repr=False)
    handle: str
    passphrase: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    seat_id: Id | None = None
    client_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """How to get in from now on; shown once. `passphrase` only when it was made here."""

    handle: str
    recovery_code: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)


async def carry_over(db: Database, viewer: Viewer, settings: PlaceSettings, wish: CarryOver) -> CarriedOver:
    """Give the account its own handle, passphrase and recovery code, so that no card opens it any more.

    Raises NotAllowed `passphrase_wrong`, Conflict `sealed_after_reset`, `handle_taken`, `seat_ended`,
    `passphrase_changed_meanwhile`, NotFound for another's seat, RateLimited, and what handle, passphrase and address
    are refused for.
    """
    account_id = viewer.require_account()
    if viewer.is_restricted:
        raise NotAllowed("account_restricted")
    handle, seed = check_handle(wish.handle), wish.client_key or new_token()
    made = make_card(settings.secret, _OPERATION, str(account_id), seed)
    passphrase = wish.passphrase if wish.passphrase is not None else made.passphrase
    check_passphrase(passphrase, handle=handle)
    email = emails.check_email(wish.email) if wish.email is not None else None
    carried = CarriedOver(handle, made.recovery_code, made.passphrase if wish.passphrase is None else None)
    try:
        proved = await _prove(db, viewer, settings, wish.current_passphrase)
    except NotAllowed as refusal:
        await _require_earlier(db, viewer, account_id, wish.client_key, refusal)
        return carried
    hashed = await hasher_for(settings.accounts.hash_cost).hash(passphrase)
    if email is not None:
        await emails.limit_mail(db, settings.accounts, email, account_id=account_id)
    async with db.transaction() as tx:
        if await repeats.first_result(tx, viewer, _OPERATION, wish.client_key, account_id) is None:
            await account_store.lock_account(tx, account_id)
            if await account_store.passphrase_hash_of(tx, account_id) != proved:
                # Two at once: both would be told how to get in, and only the later would be right.
                raise Conflict("passphrase_changed_meanwhile", state="CHANGED", path=("current_passphrase",))
            await _write(tx, viewer, settings, wish.seat_id, carried, hashed, email)
    return carried


async def _prove(db: Database, viewer: Viewer, settings: PlaceSettings, passphrase: str) -> str | None:
    """The stored hash of the passphrase that was proved."""
    hasher = hasher_for(settings.accounts.hash_cost)
    stored = await _stored_hash(db, viewer)
    try:
        proved = await prove_passphrase(
            db, settings.accounts, hasher, handle=viewer.handle or "", passphrase=passphrase, address=viewer.address
        )
    except NotAllowed:
        proved = None
    if proved != viewer.account_id:
        raise NotAllowed("passphrase_wrong", path=("current_passphrase",))
    # The proof renews a hash that was made with older parameters.
    return await _stored_hash(db, viewer) if stored is not None and hasher.is_outdated(stored) else stored


async def _stored_hash(db: Database, viewer: Viewer) -> str | None:
    async with db.reading() as conn:
        return await account_store.passphrase_hash_of(conn, viewer.require_account())


async def _require_earlier(
    db: Database, viewer: Viewer, account_id: Id, client_key: str | None, refusal: NotAllowed
) -> None:
    """After the first run the old passphrase is wrong: the repeat passes, anybody else gets the refusal."""
    if client_key is None:
        raise refusal
    async with db.transaction() as tx:
        if await repeats.first_result(tx, viewer, _OPERATION, client_key, account_id) is None:
            raise refusal  # undoes the claim of the key


async def _write(
    tx: Transaction, viewer: Viewer, settings: PlaceSettings, seat_id: Id | None, carried: CarriedOver, hashed: str,
    email: str | None,
) -> None:  # fmt: skip
    account_id = viewer.require_account()
    viewer.require_unsealed()
    account = await account_store.lock_account(tx, account_id)
    if account is None:
        raise not_found("Account")
    if seat_id is not None:
        await _leave(tx, account_id, seat_id)
    await _make_own(tx, account, carried, hashed)
    await session_store.revoke_all(tx, account_id, await tx.now(), but=viewer.session_id)
    if email is not None:
        await emails.begin_verification(tx, settings.accounts, account_id, email, locale=viewer.locale)
    await inbox.tell(tx, account_id, "account_carried_over")
    await audit.record(tx, account_id, "member:account:carried_over", ("account", account_id))


async def _leave(tx: Transaction, account_id: Id, seat_id: Id) -> None:
    seats = await seat_store.lock_seats(tx, [seat_id])
    if not seats or seats[0].account_id != account_id:
        raise not_found("Seat")
    if seats[0].status not in LIVE:
        raise Conflict("seat_ended", state=seats[0].status, path=("seat_id",))
    await end_as_left(tx, seats[0])


async def _make_own(tx: Transaction, account: Account, carried: CarriedOver, hashed: str) -> None:
    recovery_hash = code_hash(carried.recovery_code)
    if not await carry_store.make_own(
        tx, account.id, handle=carried.handle, passphrase_hash=hashed, recovery_hash=recovery_hash
    ):
        raise Conflict("handle_taken", state="TAKEN", path=("handle",))
