"""`stemme schema`: the published GraphQL schema."""

import difflib
from itertools import islice
from pathlib import Path

import click

from backend.cli.group import Refused

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "graphql" / "schema.graphql"


@click.command()
@click.option("--check", is_flag=True, help="Only tell whether graphql/schema.graphql is what the code says.")
@click.option("--write", is_flag=True, help="Write it to graphql/schema.graphql.")
def schema(check: bool, write: bool) -> None:
    """Print the GraphQL schema."""
    from backend.asgi import schema_sdl

    text = schema_sdl()
    if write:
        SCHEMA_FILE.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {SCHEMA_FILE}.")
    elif check:
        _compare(text)
    else:
        click.echo(text, nl=False)


def _compare(text: str) -> None:
    published = SCHEMA_FILE.read_text(encoding="utf-8") if SCHEMA_FILE.exists() else ""
    changes = difflib.unified_diff(published.splitlines(), text.splitlines(), "published", "code", n=1)
    if lines := list(islice(changes, 60)):
        raise Refused(
            "\n".join(["graphql/schema.graphql is not what the code says:", *lines, "Run `stemme schema --write`."])
        )
    click.echo("graphql/schema.graphql is what the code says.")
