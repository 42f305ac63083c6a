"""`stemme schema`: the published GraphQL schema, and whether it still serves the apps of the last release."""

import difflib
from itertools import islice
from pathlib import Path

import click

from backend.cli.group import Refused

FOLDER = Path(__file__).resolve().parents[2] / "graphql"
SCHEMA, RELEASED, LISTED = "schema.graphql", "schema.released.graphql", "breaking-changes.txt"


@click.command()
@click.option(
    "--check", is_flag=True, help=f"Only tell whether graphql/{SCHEMA} is what the code says and breaks no app."
)
@click.option("--write", is_flag=True, help=f"Write it to graphql/{SCHEMA}.")
@click.option("--release", is_flag=True, help="Keep it as the schema of a release: later ones are compared with it.")
def schema(check: bool, write: bool, release: bool) -> None:
    """Print the GraphQL schema."""
    from backend.asgi import schema_sdl

    text = schema_sdl()
    if write:
        (FOLDER / SCHEMA).write_text(text, encoding="utf-8")
        click.echo(f"Wrote {FOLDER / SCHEMA}.")
    if release:
        keep_release(text, FOLDER)
        click.echo(f"Wrote {FOLDER / RELEASED}.")
    if check:
        _compare(text)
        if problems := find_breaks(text, FOLDER):
            raise Refused("\n".join(problems))
        click.echo(f"graphql/{SCHEMA} is what the code says and breaks no app of the last release.")
    if not (write or release or check):
        click.echo(text, nl=False)


def keep_release(text: str, folder: Path) -> None:
    """From now on compare with this schema; what it broke is broken and need not be listed any more."""
    (folder / RELEASED).write_text(text, encoding="utf-8")
    (folder / LISTED).unlink(missing_ok=True)


def find_breaks(text: str, folder: Path) -> list[str]:
    """What the schema breaks for apps of the last release in `folder` and is not listed there, with what to do.

    Empty before the first release. The list has one change a line, in the words of this check; # begins a comment.
    """
    from graphql_api.evolution import breaking_changes

    if not (folder / RELEASED).exists():
        return []
    changes = breaking_changes((folder / RELEASED).read_text(encoding="utf-8"), text)
    lines = (folder / LISTED).read_text(encoding="utf-8").splitlines() if (folder / LISTED).exists() else []
    listed = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    problems = [f"  {change}" for change in changes if change not in listed]
    stale = [f"  {line}" for line in sorted(listed.difference(changes))]
    if problems:
        problems = ["This breaks apps of the last release:", *problems,
                    f"Add instead of changing, or list the lines in graphql/{LISTED}."]  # fmt: skip
    return [*problems, *(["These listed changes are not made:", *stale] if stale else [])]


def _compare(text: str) -> None:
    file = FOLDER / SCHEMA
    published = file.read_text(encoding="utf-8") if file.exists() else ""
    changes = difflib.unified_diff(published.splitlines(), text.splitlines(), "published", "code", n=1)
    if lines := list(islice(changes, 60)):
        raise Refused(
            "\n".join([f"graphql/{SCHEMA} is not what the code says:", *lines, "Run `stemme schema --write`."])
        )
