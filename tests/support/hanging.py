"""A PostgreSQL server that hangs."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import Cluster


@contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    """All processes of a PostgreSQL server hang within the block."""
    folder: Path = cluster.folder  # type: ignore[attr-defined]
    main = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(main)], capture_output=True, text=True, check=True)
    processes = [main, *map(int, children.stdout.split())]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
