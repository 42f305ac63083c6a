"""`stemme ages`: from which age people of each country decide for themselves."""

from datetime import UTC, datetime

import click

from backend.cli.database import with_database
from backend.cli.group import Refused, load_settings
from backend.core.database import Database

_PURPOSES = ("PUBLISH", "IDENTIFIABLE_MEDIA", "PUBLIC_NAMING")


@click.group(invoke_without_command=True, short_help="List the ages of consent; set one.")
@click.pass_context
def ages(context: click.Context) -> None:
    """List from which age people decide for themselves, by country and purpose; `stemme ages set` adds a row."""
    if context.invoked_subcommand is None:
        for line in with_database(load_settings(database=True), _list):
            click.echo(line)


@ages.command("set")
@click.argument("country")
@click.argument("purpose", type=click.Choice(_PURPOSES, case_sensitive=False))
@click.argument("age", type=click.IntRange(10, 21))
@click.option(
    "--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="From this day (UTC) on. Without it: from now on."
)
def set_(country: str, purpose: str, age: int, *, valid_from: datetime | None) -> None:
    """Let AGE (10 to 21) hold in COUNTRY (two letters) for PURPOSE. Older rows stay, so that the past can be explained.

    What has been published stays; whoever submits from then on needs the consents that the new age asks for.
    """
    since = valid_from.replace(tzinfo=UTC) if valid_from else None
    settings = load_settings(database=True)
    click.echo(with_database(settings, lambda db: _set(db, country, purpose.upper(), age, since)))


async def _list(db: Database) -> list[str]:
    from backend.accounts import consent_store

    async with db.reading() as conn:
        rows = await consent_store.list_ages(conn)
    return [f"{row.country}  {row.purpose:<19}  {row.age}  from {row.valid_from:%Y-%m-%d %H:%M}" for row in rows]


async def _set(db: Database, country: str, purpose: str, age: int, since: datetime | None) -> str:
    from backend.accounts.age_rules import AgeRefused, set_age
    from backend.accounts.consent_rules import ConsentPurpose
    from backend.core.errors import ValidationFailed

    try:
        row = await set_age(db, country=country, purpose=ConsentPurpose(purpose), age=age, valid_from=since)
    except ValidationFailed:
        raise Refused(f"{country} is no country: give its two letters, as in NO or DK.") from None
    except AgeRefused as refused:
        raise Refused(str(refused)) from None
    return f"{row.country}: {row.purpose} from {row.age} on, from {row.valid_from:%Y-%m-%d %H:%M} UTC."
