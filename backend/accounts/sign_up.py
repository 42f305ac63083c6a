"""The own door: an account for anyone. What it may do beyond the course and drafts follows from consent."""

from dataclasses import dataclass, field

from backend.accounts import accounts, emails
from backend.accounts.ages import check_birth_year, check_country
from backend.accounts.config import AccountSettings
from backend.accounts.handles import check_handle
from backend.accounts.passphrases import PassphraseHasher, check_passphrase
from backend.accounts.people import Account, Credentials, Door, NewAccount, SessionKind
from backend.accounts.pseudonyms import check_pseudonym, passphrase_words
from backend.accounts.secret_codes import code_hash, make_code
from backend.accounts.sessions import StartedSession, begin_session, repeated_session
from backend.accounts.throttle import network_of
from backend.core import ratelimit, repeats
from backend.core.database import Database, Transaction
from backend.core.derive import derive_bytes
from backend.core.errors import ValidationFailed
from backend.core.ids import Id, new_id, new_token
from backend.core.locale import as_locale
from backend.core.ratelimit import Limit
from backend.core.viewer import ANONYMOUS, Viewer

_OPERATION = "accountSignUp"
# A school is one address, and a whole year may come through the own door in a lesson.
_PER_ADDRESS = Limit("sign_up", burst=120, per_seconds=3600)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody says about themselves. Without a passphrase four words are made for them."""

    handle: str
    pseudonym: str
    birth_year: int
    country: str
    passphrase: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    locale: str | None = None
    kind: SessionKind = SessionKind.PERSONAL
    client_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignedUp:
    """The account, its session, and what is shown this once; `passphrase` only when it was made here."""

    account: Account
    session: StartedSession
    recovery_code: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)


async def sign_up(
    db: Database, settings: AccountSettings, hasher: PassphraseHasher, viewer: Viewer, form: SignUp
) -> SignedUp:
    """Make an account and sign it in. Raises ValidationFailed, Conflict `handle_taken`, RateLimited."""
    account_id, seed = new_id(), form.client_key or new_token()
    new = _new_account(account_id, form, viewer)
    passphrase = form.passphrase if form.passphrase is not None else _words(settings, account_id, seed)
    check_passphrase(passphrase, handle=new.handle)
    email = None if form.email is None else emails.check_email(form.email)
    await ratelimit.take(db, _PER_ADDRESS, network_of(viewer.address), secret=settings.secret)
    hashed = await hasher.hash(passphrase)
    if email is not None:
        await emails.limit_mail(db, settings, email, account_id=None)
    async with db.transaction() as tx:
        first_id = await repeats.first_result(tx, ANONYMOUS, _OPERATION, form.client_key, account_id)
        if first_id is not None:
            return await _again(tx, settings, first_id, seed, generated=form.passphrase is None)
        check_birth_year(form.birth_year, await tx.now())
        recovery_code = _recovery(settings, account_id, seed)
        account = await accounts.create_account(tx, new, Credentials(hashed, code_hash(recovery_code)))
        session = await begin_session(
            tx, settings, account_id, kind=form.kind, address=viewer.address, seed=form.client_key
        )
        if email is not None:
            await emails.begin_verification(tx, settings, account_id, email, locale=new.locale)
    return SignedUp(account, session, recovery_code, passphrase if form.passphrase is None else None)


def _new_account(account_id: Id, form: SignUp, viewer: Viewer) -> NewAccount:
    locale = as_locale(form.locale) if form.locale is not None else viewer.locale
    if locale is None:
        raise ValidationFailed("language_unknown", path=("locale",))
    return NewAccount(
        id=account_id,
        handle=check_handle(form.handle),
        door=Door.OWN,
        locale=locale,
        pseudonym=check_pseudonym(form.pseudonym, path=("pseudonym",)),
        birth_year=form.birth_year,
        country=check_country(form.country),
    )


async def _again(tx: Transaction, settings: AccountSettings, account_id: Id, seed: str, *, generated: bool) -> SignedUp:
    account = await accounts.get_account(tx, account_id)
    session = await repeated_session(tx, settings, account_id, seed)
    passphrase = _words(settings, account_id, seed) if generated else None
    return SignedUp(account, session, _recovery(settings, account_id, seed), passphrase)


def _words(settings: AccountSettings, account_id: Id, seed: str) -> str:
    return "-".join(passphrase_words(derive_bytes(settings.secret, "sign_up_passphrase", str(account_id), seed)))


def _recovery(settings: AccountSettings, account_id: Id, seed: str) -> str:
    return make_code(derive_bytes(settings.secret, "sign_up_recovery", str(account_id), seed))
