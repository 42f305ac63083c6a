"""The README's walk, its very lines, against the running house: database, web process, worker, demo data."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dev.house import ROOT, House, free_port

DEMO_SECONDS, WALK_SECONDS = 240, 360
SECONDS_A_MINUTE = 15  # of the round: enough on a busy machine for what is done in each part of it


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with demo data in which a consent takes effect at once, as the README starts it."""
    house = House(tmp_path / "house", free_port(), with_demo=True, STEMME_CONSENT_DELAY_HOURS="0")
    house.start_and_wait(DEMO_SECONDS)
    yield house
    house.close()


def walk() -> str:
    """The README's shell lines, in order."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), flags=re.M | re.S)
    return "\n".join(blocks).replace(".venv/bin/python", sys.executable)


def test_walks_of_the_readme_lead_from_the_city_to_a_result_that_was_recounted(house: House, tmp_path: Path) -> None:
    stemme = f'stemme() {{ {sys.executable} -m backend.cli "$@"; }}\n'
    curl = "" if shutil.which("curl") else f'curl() {{ {sys.executable} {ROOT / "tests/api/curl.py"} "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", stemme + curl + walk().replace(".venv/bin/stemme", "stemme")],
        cwd=ROOT,
        env={
            **house.environ,
            "API": f"http://localhost:{house.port}",
            "TMPDIR": str(tmp_path),
            "MINUTE": str(SECONDS_A_MINUTE),
        },
        capture_output=True,
        text=True,
        timeout=WALK_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}\n{house.said[-4000:]}"
    said = done.stdout.splitlines()
    assert said[:9] == [
        "CITY_OFFICIAL", "MODERATOR", "MODERATOR", "SAFEGUARDING_LEAD", "SAFEGUARDING_LEAD", "OPEN",
        "SCHOOL_ADMIN", "TEACHER", "CONFIRMED",
    ]  # fmt: skip
    for expected in promised():
        assert expected in said, f"{expected!r} was promised:\n{done.stdout}"
    taken_back = said.index("WITHDRAWN")
    assert said[taken_back : taken_back + 4] == ["WITHDRAWN", "1", "None", "404"]
    [result] = tmp_path.glob("*/round.json")
    lines = json.loads(result.read_text("utf-8"))["standings"]
    drawn = sum(slot < line["standingEntries"] for line in lines for slot in line["lot"])
    assert said.count("SCORED") == 3 * drawn


def promised() -> list[str]:
    """What the README says that its lines print."""
    return re.findall(r"    # (\S.*)$", walk(), flags=re.M)
