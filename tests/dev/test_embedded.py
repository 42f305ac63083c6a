"""The embedded database comes back after every kind of kill, and nobody else's process suffers for it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from backend.dev.embedded import THROWAWAY, create_database, drop_database, embedded_database, embedded_server
from backend.dev.leftover import stop_leftover
from backend.dev.lock import AlreadyHeld, exclusive
from backend.dev.programs import run_sql
from tests.dev.house import ROOT, all_gone, eventually

HOLDER = """
import sys, time
from pathlib import Path
from backend.dev.embedded import THROWAWAY, embedded_database
with embedded_database(Path(sys.argv[1]), options=THROWAWAY) as url:
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that a server of another user can reach, too deep and too odd for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="stemme-embedded-"))
    folder.chmod(0o755)
    yield folder / "a, b" / ("deep" * 20)
    shutil.rmtree(folder)


def hold(home: Path) -> tuple[psutil.Popen, list[psutil.Process]]:
    """Another process that holds the database of `home`, and the server processes below it."""
    holder = psutil.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert holder.stdout.readline().startswith(b"postgresql://")
    holder.stdout.close()
    return holder, holder.children(recursive=True)


def test_embedded_database_keeps_its_data_and_knows_letters_of_all_scripts(home: Path) -> None:
    with embedded_database(home, options=THROWAWAY) as server:
        url = create_database(server, "kept")
        run_sql(url, "create extension pg_trgm; create table t as select 1 as n")
        assert run_sql(url, "select similarity('Привет мир', 'привет')") > "0.5"
    with embedded_database(home, options=THROWAWAY) as server:
        assert run_sql(create_database(server, "kept"), "select n from t") == "1"
        drop_database(server, "kept")


def test_embedded_database_holder_killed_ends_the_server_and_recovers(home: Path) -> None:
    holder, servers = hold(home)
    holder.kill()
    holder.wait()
    with embedded_database(home, options=THROWAWAY) as server:
        assert run_sql(server, "select 1") == "1"
    assert all_gone(servers)


def test_embedded_database_orphaned_server_is_stopped_first(home: Path) -> None:
    holder, servers = hold(home)
    leash = servers[0]
    leash.kill()
    holder.kill()
    holder.wait()
    with embedded_database(home, options=THROWAWAY) as server:
        assert run_sql(server, "select 1") == "1"
    assert all_gone(servers)


def test_embedded_server_killed_starts_again_with_its_data(home: Path) -> None:
    with embedded_server(home) as server:
        run_sql(server.url, "create table survivor as select 3 as n")
        pid = int(run_sql(server.url, "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not server.is_running(), seconds=5)
        server.start()
        assert run_sql(server.url, "select n from survivor; drop table survivor") == "3"


def test_embedded_database_stale_pid_of_a_stranger_is_left_alone(home: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    try:
        (home / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{home / 'data'}\n")
        with embedded_database(home, options=THROWAWAY) as server:
            assert run_sql(server, "select 1") == "1"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_embedded_database_half_made_folder_is_made_anew(home: Path) -> None:
    (home / "data-is-whole").unlink()
    with embedded_database(home, options=THROWAWAY) as server:
        assert run_sql(server, "select 1") == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server to another user")
def test_embedded_database_below_a_closed_folder_opens_nothing_on_the_way(home: Path) -> None:
    closed = home.parents[1] / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / "house"
    with embedded_database(folder, options=THROWAWAY) as server:
        assert run_sql(server, "select 1") == "1"
    elsewhere = (folder / "data-elsewhere").readlink()
    assert (elsewhere / "data" / "PG_VERSION").exists()
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(elsewhere)
    with contextlib.suppress(OSError):  # somebody may develop here as root
        elsewhere.parent.rmdir()


def test_embedded_database_import_is_silent() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import backend.dev.embedded"],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert done.stdout + done.stderr == b""


def test_exclusive_lock_names_its_holder_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with exclusive(path, note="the first"):
        started = time.monotonic()
        with pytest.raises(AlreadyHeld, match="the first"), exclusive(path, note="the second", patience_seconds=0.2):
            pass
        assert 0.2 <= time.monotonic() - started < 2
    with exclusive(path, note="the third"):
        assert path.read_text() == "the third\n"


def test_stop_leftover_without_any_server_does_nothing(tmp_path: Path) -> None:
    stop_leftover(tmp_path, tmp_path)
    assert list(tmp_path.iterdir()) == []
