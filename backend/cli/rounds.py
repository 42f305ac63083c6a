"""`stemme recount-round`: a published result worked out anew from nothing but its file."""

from pathlib import Path

import click

from backend.cli.group import Refused
from backend.rounds import publication
from backend.rounds.publication import Publication, PublishedLine
from backend.rounds.score import Score

MOST_MEGABYTES = 50


@click.command("recount-round")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def recount_round(file: Path) -> None:
    """Recount a round from its published FILE.

    Works the result out anew and says where it differs. Needs no database and no server. Exit code 1 when something
    differs, or when the file is no published round.
    """
    published = _read(file)
    scores, differences = publication.recount(published)
    for line, score in zip(published.standings, scores, strict=True):
        click.echo(_line(line, score))
    for one in differences:
        click.echo(f"DIFFERS {one.where}: published {one.published}, recounted {one.recounted}", err=True)
    if differences:
        raise Refused(f"{len(differences)} differences.")
    click.echo(f"{len(scores)} classes: the result agrees to the last digit.")


def _read(file: Path) -> Publication:
    if file.stat().st_size > MOST_MEGABYTES * 1024 * 1024:
        raise Refused(f"{file.name} is larger than {MOST_MEGABYTES} MB: this is no published round.")
    try:
        return publication.read(file.read_bytes())
    except ValueError as error:
        raise Refused(f"{file.name}: {error}") from None


def _line(line: PublishedLine, score: Score | None) -> str:
    name = " + ".join(f"{one.name}, {one.school}" for one in line.classes)
    if score is None or score.total is None:
        return f"   –  {name}: unranked, {line.unranked_for}"
    parts = f"quality {score.quality}, participation {score.participation}, voices {score.voices}"
    return f"{line.rank:>4}  {name}: {float(score.total):.6f} = {score.total} ({parts})"
