"""People for the tests of accounts: made through the services, signed in, looked at as viewers."""

from dataclasses import dataclass

from backend.accounts.config import AccountSettings
from backend.accounts.passphrases import PassphraseHasher, hasher_for
from backend.accounts.people import SessionRow
from backend.accounts.session_store import note_use
from backend.accounts.sign_up import SignedUp, SignUp, sign_up
from backend.core.clock import process_now
from backend.core.database import Database
from backend.core.viewer import Viewer
from backend.places.standing_store import find_signed_in
from backend.settings import Settings

PASSPHRASE = "sol over fjellet i dag"
HOME = "192.0.2.7"


@dataclass(frozen=True)
class House:
    """The domain with its settings on a fresh database."""

    db: Database
    settings: AccountSettings
    hasher: PassphraseHasher

    async def sign_up(self, handle: str = "mina", *, birth_year: int = 2011, country: str = "NO") -> SignedUp:
        """Somebody new, signed in from HOME."""
        form = SignUp(handle, "Mina", birth_year, country, passphrase=PASSPHRASE)
        return await sign_up(self.db, self.settings, self.hasher, somebody(), form)

    async def session(self, token: str) -> SessionRow | None:
        """The live session of a token, used now."""
        now = process_now()
        async with self.db.reading() as conn:
            session = await find_signed_in(conn, token, now)
            if session is not None:
                await note_use(conn, session, now)
            return session

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        async with self.db.reading() as conn:
            found: int = await conn.fetch_value(f"select count(*) from {table}")
            return found

    async def value(self, sql: str, *args: object) -> object:
        """One value out of the database."""
        async with self.db.reading() as conn:
            value: object = await conn.fetch_value(sql, *args)
            return value


def house(db: Database, settings: Settings) -> House:
    """The domain on this database."""
    own = AccountSettings.of(settings)
    return House(db, own, hasher_for(own.hash_cost))


def somebody(address: str = HOME) -> Viewer:
    """Nobody signed in, calling from an address."""
    return Viewer(address=address)


def viewer_of(person: SignedUp) -> Viewer:
    """The person in the session of their sign-up."""
    return Viewer(
        account_id=person.account.id,
        session_id=person.session.id,
        session_started_at=person.account.created_at,
        handle=person.account.handle,
        address=HOME,
    )
