"""PostgreSQL's own programs as functions: make a cluster, run a statement, dump a schema."""

import locale
import shutil
import subprocess
from pathlib import Path

from backend.dev.cluster import DatabaseUnavailable, Place, find_programs, lend

MAJOR_VERSION = "18"
COMMAND_SECONDS = 60


def initialise(place: Place, *, sync: bool) -> None:
    """Make the cluster when there is none; what a killed start left half-made goes. Raises DatabaseUnavailable."""
    made_whole = place.data.with_name("data-is-whole")
    if made_whole.exists() and place.data.exists():
        found = (place.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if found != MAJOR_VERSION:
            raise DatabaseUnavailable(
                f"{place.data} is of PostgreSQL {found}, not {MAJOR_VERSION}. Remove that folder."
            )
        return
    shutil.rmtree(place.data, ignore_errors=True)
    lend(place.data, place.user)
    _make_cluster(place, sync=sync)
    made_whole.touch()


def _make_cluster(place: Place, *, sync: bool) -> None:
    command = [
        place.program("initdb"), "-D", str(place.data), "--username=postgres", "--auth=trust", "--encoding=UTF8",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={_character_type()}",
        "--no-instructions", *([] if sync else ["--no-sync"]),
    ]  # fmt: skip
    identity = {"user": place.user, "group": place.data.stat().st_gid, "extra_groups": []} if place.user else {}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **identity)  # type: ignore[call-overload]  # noqa: S603
    if done.returncode:
        raise DatabaseUnavailable(f"PostgreSQL could not make its data folder: {done.stderr.strip()}")


def run_sql(url: str, statement: str) -> str:
    """What psql prints for `statement`, bare. Raises DatabaseUnavailable with the server's words."""
    arguments = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    return _run("psql", *arguments, f"--command={statement}", f"--dbname={url}").strip()


def dump_schema(url: str) -> str:
    """The database's schema as pg_dump writes it, without owners, privileges and data."""
    return _run("pg_dump", "--schema-only", "--no-owner", "--no-privileges", f"--dbname={url}")


def end_of(log: Path, lines: int = 12) -> str:
    """The last lines of a log file."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def _run(program: str, *arguments: str) -> str:
    command = [str(find_programs() / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)  # noqa: S603
    if done.returncode:
        raise DatabaseUnavailable(f"{program}: {done.stderr.strip()}")
    return done.stdout


def _character_type() -> str:
    """A locale of this machine that knows letters beyond ASCII: trigram search ignores those that LC_CTYPE does not."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise DatabaseUnavailable("This machine has no UTF-8 locale: install C.UTF-8 or en_US.UTF-8.")
