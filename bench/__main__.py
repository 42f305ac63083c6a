"""`make bench`: a first table of how fast this is, on this machine, beside what one would get without the effort."""

import logging
import multiprocessing
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import measures, media_measures
from bench.database import STATEMENTS, empty_database, filled_database
from bench.servers import served
from bench.table import Table


def main() -> None:
    """Fill a database, start the servers, measure, print."""
    logging.disable()
    started, table = time.monotonic(), Table()
    cores = multiprocessing.cpu_count()
    print(f"Python {platform.python_version()}, {platform.machine()}, {cores} cores. Six to eight minutes.")
    print("Figures of one run on one machine: compare them with each other, not with those of another machine.")
    busy = os.getloadavg()[0]
    if busy > 0.5:
        print(f"WARNING: other programs are at work (load average {busy:.1f}): absolute figures mean little.")
    print(f"Filling PostgreSQL with {STATEMENTS:,} statements ...", flush=True)
    with ExitStack() as stack:
        settings = stack.enter_context(filled_database())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="stemme-bench-")))
        pool = stack.enter_context(ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")))
        url = settings.database_url
        servers = {kind: stack.enter_context(served(kind, folder, url)) for kind in ("ours", "stock")}
        at_start = servers["ours"].megabytes()
        content = measures.same_answers(servers)
        servers["echo"] = stack.enter_context(served("echo", folder, url, echo=content))
        print(f"Filled after {time.monotonic() - started:.0f} s. The feed's answers are equal: {len(content):,} bytes.")
        measures.feed(table, pool, servers)
        measures.lists(table, pool, servers["ours"], url)
        measures.log_ins(table, pool, servers["ours"])
        media_measures.photo(table, folder)
        media_measures.class_of_photos(table, pool, servers["ours"], settings, folder)
        media_measures.movie(table, folder)
        measures.rounds(table, pool, empty_database(settings, "bench_rounds"))
        measures.memory(table, servers["ours"], at_start)
    table.close()
    print(f"Took {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
