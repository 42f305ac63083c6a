"""`stemme media-remake`: pictures, and posters of movies, whose files an older recipe made."""

import click

from backend.cli.database import with_database
from backend.cli.group import load_settings
from media.processing.remaking import count_outdated, enqueue_outdated


@click.command("media-remake", short_help="Make the files of pictures anew when the recipe has changed.")
@click.option("--go", is_flag=True, help="Put them into the queue; without it only the number is shown.")
def media_remake(go: bool) -> None:
    """Show how many pictures have files of an older recipe, or have workers make them anew.

    They stay visible all the time: the new files take the place of the old ones when they are ready.
    """
    settings = load_settings(database=True)
    if go:
        click.echo(f"{with_database(settings, enqueue_outdated)} pictures wait to be made anew.")
        return
    number = with_database(settings, count_outdated)
    click.echo(f"{number} pictures have files of an older recipe." + (" Add --go to make them anew." if number else ""))
