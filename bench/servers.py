"""The servers that are compared, each a process on a port of its own, all alive for the whole run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    process: "subprocess.Popen[str]"
    port: int

    def megabytes(self) -> float:
        """Resident memory now."""
        said = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, text=True)
        return int(said.stdout) / 1000

    def cpu_milliseconds(self) -> float:
        """Time that it has computed so far, all its threads; other programs at work hardly change it."""
        after_name = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def stop(self) -> list[str]:
        """End it; the modules that a web process should not have loaded, but has."""
        self.process.terminate()
        return self.process.communicate(timeout=30)[0].split()


@contextmanager
def served(kind: str, folder: Path, database_url: str, *, echo: bytes = b"") -> Iterator[Server]:
    """A server of `bench.server`, ended afterwards."""
    (folder / "echo").write_bytes(echo)
    environ = {
        **os.environ,
        "DATABASE_URL": database_url,
        "STEMME_DEV_FOLDER": str(folder / "dev"),
        "ECHO": str(folder / "echo"),
    }
    command = [sys.executable, "-m", "bench.server", kind]
    with (folder / f"{kind}.log").open("w") as log:
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.strip().isdecimal():
            raise RuntimeError((folder / f"{kind}.log").read_text("utf-8")[-2000:])
        yield Server(process, int(line))
    finally:
        process.kill()
        process.wait()
