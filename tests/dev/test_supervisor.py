"""`stemme dev` with real processes: start, stop, every kind of kill, and what it refuses."""

import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.dev.embedded import database_url, embedded_database
from backend.dev.programs import run_sql
from tests.dev.house import House, all_gone, eventually, free_port


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a space that a database server of another user can reach."""
    home = Path(tempfile.mkdtemp(prefix="stemme dev "))
    home.chmod(0o755)
    yield home / "house"
    shutil.rmtree(home)


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    """A house that is not started yet."""
    made = House(folder, free_port())
    yield made
    made.close()


def test_dev_ctrl_c_leaves_no_process_and_keeps_the_data(house: House, folder: Path) -> None:
    house.start_and_wait()
    assert house.is_ready
    family = house.family()
    assert {"web", "worker"} <= {each.cmdline()[-1] for each in family}
    assert house.send(signal.SIGINT) == 0
    assert all_gone(family, seconds=1)
    with embedded_database(folder / "postgres") as server:
        run_sql(database_url(server, "stemme"), "create table kept as select 7 as n")
    assert house.start_and_wait() < 15  # two or three seconds on a quiet machine
    assert house.is_ready
    house.close()
    with embedded_database(folder / "postgres") as server:
        assert run_sql(database_url(server, "stemme"), "select n from kept; drop table kept") == "7"


def test_dev_running_refuses_a_second_one_and_revives_killed_children(house: House, folder: Path) -> None:
    house.start_and_wait()
    second = House(folder, free_port())
    second.log = folder.parent / "second.log"
    second.start()
    assert eventually(lambda: second.has_ended, seconds=10)
    assert f"already runs here: http://localhost:{house.port}" in second.said
    before = {name: house.member(name) for name in ("web", "worker", "postgres")}
    for each in before.values():
        each.kill()
    assert all_gone(list(before.values()))
    assert eventually(lambda: house.is_ready and len(house.family()) >= len(before) + 1, seconds=15), house.said
    assert "PostgreSQL ended" in house.said
    assert "web ended (signal 9)" in house.said


def test_dev_supervisor_killed_takes_its_children_along_and_the_next_start_recovers(house: House) -> None:
    house.start_and_wait()
    family = house.family()
    assert house.send(signal.SIGKILL) == -signal.SIGKILL
    house.start_and_wait()
    assert house.is_ready
    assert all_gone(family)


def test_dev_everything_killed_at_once_recovers(house: House) -> None:
    house.start_and_wait()
    for each in house.family():
        each.kill()
    house.send(signal.SIGKILL)
    house.start_and_wait()
    assert house.is_ready


def test_dev_port_taken_is_refused_with_a_remedy(house: House) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()
        house.start()
        assert eventually(lambda: house.has_ended, seconds=15)
    assert f"Cannot listen on 127.0.0.1:{house.port}" in house.said
    assert f"PORT={house.port + 1}" in house.said
    assert "Traceback" not in house.said
