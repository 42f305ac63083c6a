"""What the places hold about somebody: the copy they can have, and how it is forgotten."""

from dataclasses import dataclass

from backend.accounts.personal_data import PersonalDomain
from backend.core.database import Connection, Transaction
from backend.core.ids import Id
from backend.places import role_store, seat_store
from backend.places.records import RoleGrant, RosterSeat


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """Seats and roles, past ones too."""

    seats: list[RosterSeat]
    roles: list[RoleGrant]


async def export(conn: Connection, account_id: Id) -> OwnPlaces:
    """The copy."""
    return OwnPlaces(
        await seat_store.list_own_seats(conn, account_id), await role_store.list_own_grants(conn, account_id)
    )


async def erase(tx: Transaction, account_id: Id) -> None:
    """Live seats and roles end; the rows stay with the id of an account that is nobody any more."""
    await seat_store.end_all(tx, account_id)
    await role_store.revoke_all(tx, account_id)


PERSONAL = PersonalDomain("places", export, erase)
