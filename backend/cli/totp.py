"""`stemme totp HANDLE`: a demo's member of staff has no phone with an authenticator app."""

import click

from backend.cli.database import with_database
from backend.cli.group import Refused, load_settings
from backend.core.database import Database
from backend.settings import Settings


@click.command(short_help="Print a second-factor code, in development.")
@click.argument("handle")
def totp(handle: str) -> None:
    """Print the code that the authenticator app of HANDLE would show now. Development only.

    A code works once. Where it has been used the next one is printed, which works already.
    """
    settings = load_settings()
    if settings.is_production:
        raise Refused("Second factors are not shown in production: take the authenticator app or a recovery code.")
    settings = load_settings(database=True)
    click.echo(with_database(settings, lambda db: _code(db, settings, handle)))


async def _code(db: Database, settings: Settings, handle: str) -> str:
    from backend.accounts import second_factor, second_factor_store, store
    from backend.accounts.config import AccountSettings
    from backend.accounts.handles import normal_handle

    async with db.reading() as conn:
        known = await store.find_credentials(conn, normal_handle(handle))
        if known is None:
            raise Refused(f"Nobody has the handle {handle}.")
        if not await second_factor_store.has_totp(conn, known[0]):
            raise Refused(f"{handle} has no second factor.")
        code = await second_factor.next_code(conn, AccountSettings.of(settings), known[0])
    if code is None:
        raise Refused("This code and the next were used already: wait half a minute.")
    return code
