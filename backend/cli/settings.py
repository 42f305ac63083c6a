"""`stemme settings`, and what makes values for them: `stemme secret` and `stemme partner-key`."""

import hashlib
import secrets
import shutil
import textwrap

import click

from backend.settings import Settings, variable_of


@click.command(short_help="List every setting and what it means.")
def settings() -> None:
    """List every setting: its environment variable, default and meaning."""
    width = max(len(variable_of(name)) for name in Settings.model_fields) + 2
    room = max(40, min(shutil.get_terminal_size((110, 24)).columns, 120) - width)
    for name, field in Settings.model_fields.items():
        shown = _shown(field.default)
        text = f"{field.description}. Default: {shown}." if shown else f"{field.description}."
        first, *more = textwrap.wrap(text, room)
        click.echo(f"{variable_of(name):<{width}}{first}")
        for line in more:
            click.echo(" " * width + line)


@click.command()
def secret() -> None:
    """Make a value for STEMME_SECRET."""
    click.echo(secrets.token_urlsafe(48))


@click.command("partner-key", short_help="Make a key for a partner's tools.")
def partner_key() -> None:
    """Make a key for a partner's tools, and its hash for STEMME_PARTNER_KEYS."""
    key = secrets.token_urlsafe(32)
    click.echo(f"key, for the partner alone (header X-Api-Key):  {key}")
    click.echo(f"hash, to add to STEMME_PARTNER_KEYS:            {hashlib.sha256(key.encode()).hexdigest()}")


def _shown(default: object) -> str:
    return ", ".join(default) if isinstance(default, tuple) else "" if default == b"" else str(default)
