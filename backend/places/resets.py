"""A teacher gives a student of the own class a new passphrase. It must not let the teacher be the student."""

from backend.accounts import accounts
from backend.accounts import store as account_store
from backend.accounts.accounts import Card
from backend.accounts.passphrases import hasher_for
from backend.accounts.people import Account, Door, Status
from backend.core import repeats
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, NotAllowed, not_found
from backend.core.ids import Id, new_token
from backend.core.viewer import Viewer
from backend.places import role_store, seat_store
from backend.places.cards import CardBatch, SeatCard
from backend.places.classes import lock_own_class
from backend.places.config import PlaceSettings
from backend.places.records import RosterSeat, SchoolClass
from backend.places.rules import LIVE

_OPERATION = "passphraseReset"


async def reset_passphrase(
    db: Database, viewer: Viewer, settings: PlaceSettings, *, seat_id: Id, client_key: str | None = None
) -> CardBatch:
    """Four new words for a live seat of a class that the viewer teaches; every session of the student ends.

    The card has no recovery code: with one the teacher could undo the seal. Raises NotFound for a seat of another's
    class, Conflict `seat_ended`, NotAllowed `reset_own_account` for an account that no class made or that was carried
    over, and for whoever holds a role or has a verified address.
    """
    async with db.transaction() as tx:
        _, seat, _ = await _resettable(tx, viewer, seat_id)
    words = accounts.make_card(settings.secret, _OPERATION, str(seat.account_id), client_key or new_token()).passphrase
    hashed = await hasher_for(settings.accounts.hash_cost).hash(words)
    async with db.transaction() as tx:
        found, seat, account = await _resettable(tx, viewer, seat_id)
        if await repeats.first_result(tx, viewer, _OPERATION, client_key, seat_id) is None:
            await accounts.reset_passphrase(tx, seat.account_id, viewer.require_account(), hashed)
        return CardBatch(found, [SeatCard(seat, Card(account.handle or "", words, ""))])


async def _resettable(tx: Transaction, viewer: Viewer, seat_id: Id) -> tuple[SchoolClass, RosterSeat, Account]:
    viewer.require_account()
    seat = next(iter(await seat_store.get_roster_seats(tx, [seat_id])), None)
    if seat is None:
        raise not_found("Seat")
    # Also in a closed class: whoever wants to carry the account over may have forgotten the passphrase.
    found = await lock_own_class(tx, viewer, seat.class_id, must_run=False, seats_of=[seat.account_id])
    if seat.status not in LIVE:
        raise Conflict("seat_ended", state=seat.status, path=("seat_id",))
    account = await account_store.lock_account(tx, seat.account_id)
    if account is None or account.status is not Status.ACTIVE:
        raise not_found("Seat")
    # What somebody brought along is theirs, with a recovery code that the school has never seen.
    is_own = account.door is Door.OWN or account.email_verified_at is not None
    if is_own or await role_store.has_any_role(tx, account.id):
        raise NotAllowed("reset_own_account", path=("seat_id",))
    return found, seat, account
