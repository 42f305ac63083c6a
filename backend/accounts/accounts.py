"""Making accounts, for both doors, and resetting a passphrase on somebody's behalf."""

from dataclasses import dataclass, field

from backend.accounts import handles, session_store, store
from backend.accounts.passphrases import PassphraseHasher
from backend.accounts.people import Account, Credentials, NewAccount
from backend.accounts.pseudonyms import passphrase_words, skeleton
from backend.accounts.secret_codes import code_hash, make_code
from backend.core import audit
from backend.core.database import Connection, Transaction
from backend.core.derive import derive_bytes
from backend.core.errors import Conflict, not_found
from backend.core.ids import Id
from backend.notices import inbox


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown or printed once: how somebody gets in. The same seed gives the same card."""

    handle: str
    passphrase: str = field(repr=False)
    recovery_code: str = field(repr=False)


def make_card(secret: bytes, *parts: str) -> Card:
    """A generated card from the server's secret and what it is for, e.g. ("class_join", class id, client key)."""
    return Card(
        handle=handles.suggest(derive_bytes(secret, "card_handle", *parts)),
        passphrase="-".join(passphrase_words(derive_bytes(secret, "card_passphrase", *parts))),
        recovery_code=make_code(derive_bytes(secret, "card_recovery", *parts)),
    )


async def credentials_of(hasher: PassphraseHasher, cards: list[Card]) -> list[Credentials]:
    """What is stored of each card. Takes long: call it before the transaction."""
    hashes = await hasher.hash_many([card.passphrase for card in cards])
    return [Credentials(made, code_hash(card.recovery_code)) for made, card in zip(hashes, cards, strict=True)]


async def create_account(tx: Transaction, new: NewAccount, credentials: Credentials) -> Account:
    """Add an account. Raises Conflict `handle_taken`; the pseudonym has been checked by the caller."""
    shown = None if new.pseudonym is None else skeleton(new.pseudonym)
    if not await store.insert_account(tx, new, credentials, skeleton=shown):
        raise Conflict("handle_taken", state="TAKEN", path=("handle",))
    await audit.record(tx, new.id, "account:account:created", ("account", new.id), door=new.door)
    account = await store.get_account(tx, new.id)
    assert account is not None  # noqa: S101 - it was just inserted
    return account


async def get_account(conn: Connection, account_id: Id) -> Account:
    """The account. Raises NotFound."""
    account = await store.get_account(conn, account_id)
    if account is None:
        raise not_found("Account", account_id)
    return account


async def reset_passphrase(tx: Transaction, account_id: Id, by: Id, passphrase_hash: str) -> None:
    """Set a passphrase on somebody's behalf; the caller has checked that `by` may.

    Signs every session out, stays in the person's inbox for ever, and seals what they wrote from the next sign-in on.
    """
    if await store.lock_account(tx, account_id) is None:
        raise not_found("Account", account_id)
    await store.set_passphrase(tx, account_id, passphrase_hash)
    await store.mark_reset(tx, account_id, await tx.now())
    await session_store.revoke_all(tx, account_id, await tx.now())
    await inbox.tell(tx, account_id, "passphrase_reset")
    await audit.record(tx, by, "teacher:passphrase:reset", ("account", account_id))
