"""The command group. A command's modules are imported when it runs, so that `stemme --help` is quick."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from backend.settings import Settings
from backend.settings_checks import SettingsRefused

# The order in which a newcomer meets them.
_COMMANDS = {
    "dev": "backend.cli.dev",
    "demo": "backend.cli.dev",
    "totp": "backend.cli.totp",
    "settings": "backend.cli.settings",
    "secret": "backend.cli.settings",
    "partner-key": "backend.cli.settings",
    "migrate": "backend.cli.migrate",
    "serve": "backend.cli.serve",
    "worker": "backend.cli.worker",
    "schema": "backend.cli.schema",
    "appoint-secretariat": "backend.cli.appoint",
    "ages": "backend.cli.ages",
    "jobs": "backend.cli.jobs",
    "media-remake": "backend.cli.media_remake",
    "verify-audit": "backend.cli.audit",
    "media-orphans": "backend.cli.media",
    "recount-round": "backend.cli.rounds",
}


class Refused(click.ClickException):
    """Ends the command with a message for people and exit code 1."""

    def show(self, file: Any = None) -> None:
        """Print the message as it is."""
        click.echo(self.message, file=file, err=True)


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command


@click.group(
    cls=_Group,
    epilog="Settings are environment variables: `stemme settings` lists them. Start with `stemme dev`.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def main() -> None:
    """Stemme: the backend with which young people speak, are celebrated and decide."""


def load_settings(*, database: bool = False) -> Settings:
    """The settings of this process. Ends the command when they are refused, or `database` is needed and not known.

    In development the database of a running `stemme dev` is known.
    """
    try:
        settings = Settings.load(os.environ)
    except SettingsRefused as refused:
        raise Refused(str(refused)) from None
    if not database or settings.database_url:
        return settings
    if dev_database_file(settings).exists():
        url = dev_database_file(settings).read_text(encoding="utf-8")
        return settings.model_copy(update={"database_url": url})
    raise Refused("DATABASE_URL is not set: this command needs a PostgreSQL 18 database, or a running `stemme dev`.")


def dev_database_file(settings: Settings) -> Path:
    """Where a running `stemme dev` tells the other commands its database's address."""
    return settings.dev_folder / "database-url"
