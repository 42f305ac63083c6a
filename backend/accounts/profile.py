"""What people say about themselves: shown name, language, the languages they can review in, birth year once."""

from collections.abc import Awaitable, Callable, Sequence

from backend.accounts import personal_data, store
from backend.accounts.accounts import get_account
from backend.accounts.ages import check_birth_year, check_country
from backend.accounts.config import AccountSettings
from backend.accounts.people import Account
from backend.accounts.pseudonyms import check_pseudonym, skeleton
from backend.core import audit, ratelimit
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, NotAllowed, ValidationFailed
from backend.core.locale import as_locale
from backend.core.ratelimit import Limit
from backend.core.text import language_tag
from backend.core.viewer import Viewer

MAX_LANGUAGES = 12
_NAME_CHANGES = Limit("pseudonym_change", burst=5, per_seconds=86400)

# What a higher domain asks before a name is taken, e.g. that no classmate has one that looks the same.
NameGuard = Callable[[Transaction, str], Awaitable[None]]


async def change_pseudonym(
    db: Database, settings: AccountSettings, viewer: Viewer, typed: str, *, guard: NameGuard
) -> Account:
    """Take another shown name. A first one can also be taken in a sealed session: nobody has spoken under it yet.

    Raises ValidationFailed, RateLimited (five a day), NotAllowed `account_restricted`, Conflict `sealed_after_reset`.
    """
    account_id = viewer.require_account()
    if viewer.is_restricted:
        raise NotAllowed("account_restricted")
    pseudonym = check_pseudonym(typed, path=("pseudonym",))
    await ratelimit.take(db, _NAME_CHANGES, str(account_id), secret=settings.secret)
    async with db.transaction() as tx:
        await guard(tx, pseudonym)
        account = await store.lock_account(tx, account_id)
        if account is not None and account.pseudonym is not None:
            viewer.require_unsealed()
        await store.set_pseudonym(tx, account_id, pseudonym, skeleton(pseudonym))
        await audit.record(tx, account_id, "account:pseudonym:changed", ("account", account_id))
        for domain in personal_data.registered():
            if domain.renamed is not None:
                await domain.renamed(tx, account_id)
        return await get_account(tx, account_id)


async def change_locale(db: Database, viewer: Viewer, locale: str) -> Account:
    """Choose the language of the product. Raises ValidationFailed `language_unknown`."""
    account_id, chosen = viewer.require_account(), as_locale(locale)
    if chosen is None:
        raise ValidationFailed("language_unknown", path=("locale",))
    async with db.transaction() as tx:
        await store.set_locale(tx, account_id, chosen)
        return await get_account(tx, account_id)


async def set_review_languages(db: Database, viewer: Viewer, languages: Sequence[str]) -> Account:
    """Declare in which languages one can review. Raises ValidationFailed `language_unknown`, `too_many_languages`."""
    account_id = viewer.require_account()
    if len(languages) > MAX_LANGUAGES:
        raise ValidationFailed("too_many_languages", path=("languages",), max=MAX_LANGUAGES)
    tags = list(dict.fromkeys(language_tag(one, path=("languages",)) for one in languages))
    async with db.transaction() as tx:
        await store.set_review_languages(tx, account_id, tags)
        await audit.record(tx, account_id, "account:languages:declared", ("account", account_id), count=len(tags))
        return await get_account(tx, account_id)


async def complete_profile(db: Database, viewer: Viewer, *, birth_year: int, country: str) -> Account:
    """Give the birth year once, for accounts from a printed card: later only the school corrects it.

    The country is the class's already; only an account without one takes it from here. Raises ValidationFailed,
    Conflict `birth_year_known` or `sealed_after_reset`.
    """
    account_id, land = viewer.require_account(), check_country(country)
    async with db.transaction() as tx:
        viewer.require_unsealed()
        check_birth_year(birth_year, await tx.now())
        if not await store.set_birth(tx, account_id, birth_year, land):
            raise Conflict("birth_year_known", state="KNOWN", path=("birthYear",))
        await audit.record(tx, account_id, "account:birth_year:given", ("account", account_id))
        return await get_account(tx, account_id)
