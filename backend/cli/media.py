"""`stemme media-orphans`: files that no row speaks for, copies that nobody may read, and files that are lost."""

from collections import Counter

import click

from backend.cli.database import with_database
from backend.cli.group import Refused, load_settings
from backend.core.database import Database


@click.command("media-orphans", short_help="Show files that belong to nothing; remove them.")
@click.option("--remove", is_flag=True, help="Remove them. Without it the command only shows what it would do.")
def media_orphans(*, remove: bool) -> None:
    """Compare the media store with the database, in both directions.

    Shows old files that no row speaks for, transfers that were never finished, public copies of what is not public, and
    rows whose files are lost. --remove takes away the first three; what is lost is for a backup to bring back. Safe
    while everything is running: nothing younger than a running upload can be is touched.
    """
    settings = load_settings(database=True)

    async def look(db: Database) -> Counter[str]:
        from backend.campaigns.store.shared_files import kept_blobs
        from backend.composition import make_services
        from media.retention.orphans import find_orphans, forget_unfinished

        media, found = make_services(settings).media, Counter[str]()
        async for orphan in find_orphans(db, media, remove=remove, keepers={"shared/": kept_blobs}):
            click.echo(f"{orphan.kind.value:<22}  {orphan.size:>12}  {orphan.name}")
            found[orphan.kind.value] += 1
        found["never finished"] = await forget_unfinished(media, remove=remove)
        return +found

    found = with_database(settings, look)
    lost = found.pop("bytes lost", 0)
    foreign = found.pop("not ours, left alone", 0)
    verb = "removed" if remove else "would be removed with --remove"
    click.echo(f"{found.total()} {verb}; {foreign} not ours, left alone; {lost} lost.")
    if lost:
        raise Refused("Files are lost: bring them back from a backup of the media folder or bucket.")
