"""`stemme appoint-secretariat HANDLE`: the one role that nobody in the house can grant."""

import click

from backend.cli.database import with_database
from backend.cli.group import Refused, load_settings
from backend.core.database import Database

_WHY_NOT = {
    "handle_unknown": "Nobody has the handle {handle}: sign up first (accountSignUp, with an e-mail address).",
    "staff_needs_email": "{handle} has no verified e-mail address: confirm it first (emailVerify).",
    "role_already_granted": "{handle} is in the secretariat already.",
    "role_ended": "{handle} is not in the secretariat.",
}


@click.command("appoint-secretariat", short_help="Take somebody into the secretariat, or out of it.")
@click.argument("handle")
@click.option("--end", is_flag=True, help="Take the role away instead.")
def appoint_secretariat(handle: str, *, end: bool) -> None:
    """Take the account HANDLE into the secretariat: the first member, and every further one.

    It needs a verified e-mail address, and a second factor before the role works. Every other role is granted over the
    API by those who hold one above it.
    """
    click.echo(with_database(load_settings(database=True), lambda db: _change(db, handle, end=end)))


async def _change(db: Database, handle: str, *, end: bool) -> str:
    from backend.core.errors import DomainError
    from backend.places import roles

    try:
        await (roles.dismiss_secretariat if end else roles.appoint_secretariat)(db, handle)
    except DomainError as error:
        if error.code not in _WHY_NOT:
            raise
        raise Refused(_WHY_NOT[error.code].format(handle=handle)) from None
    if end:
        return f"{handle} is no longer in the secretariat."
    return f"{handle} is in the secretariat now. The role works once the account has a second factor (totpEnroll)."
