"""Measures the views, the lists and the exports over a generated register of full size, on both databases.

    python -m benchmarks.views [--size full|one|small] [--rounds 9] [--memory] [sqlite] [postgresql]

Prints a table for each database. Times are of the application itself, with its cache off and no network between: in
every round each address is asked for once, so that what else the machine does falls on all alike. The ratio is that of
the medians, to a list of 20 promises of one partnership. ``--memory`` measures a real server instead.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.operations.prepare import migrate
from app.settings import Settings
from tests.support.databases import BACKENDS, Databases, opened
from tests.support.generated_register import ALL_IN_ONE, FULL, SMALL, Generator
from tests.support.register import application
from tests.support.server import running

SIZES = {"full": FULL, "one": ALL_IN_ONE, "small": SMALL}
LIST = "/v1/commitments?partnership=partnership-0&limit=20"
ASKED = {
    "list of 20 promises": LIST,
    "scorecard": "/v1/partnerships/partnership-0/scorecard",
    "gaps": "/v1/partnerships/partnership-0/gaps",
    "timeline": "/v1/partnerships/partnership-0/timeline",
    "timeline, drawn": "/v1/partnerships/partnership-0/timeline.svg",
    "page": "/partnerships/partnership-0",
    "graph": "/v1/partnerships/partnership-0/graph",
    "search": "/v1/search?q=chips",
    "promises, all, default order": "/v1/commitments?limit=20",
    "promises, all, by due_on": "/v1/commitments?limit=20&sort=due_on",
    "promises, all, by completion": "/v1/commitments?limit=20&sort=completion",
    "promises, all, by slippage": "/v1/commitments?limit=20&sort=-slippage_days",
    "promises, all, overdue, counted": "/v1/commitments?limit=20&overdue=true&count=true",
    "updates, all, default order": "/v1/updates?limit=20",
    "citations, all, newest": "/v1/citations?limit=20&sort=-created_at",
}
EXPORTS = ("/v1/citations.csv", "/v1/citations.jsonl")
MAX_SECONDS = 120.0


def measure(settings: Settings, rounds: int) -> None:
    """Time each address, and print the table."""
    times: dict[str, list[float]] = {name: [] for name in ASKED}
    told: dict[str, tuple[int, int]] = {}
    with application(settings) as register:
        for turn in range(rounds + 1):
            for name, url in ASKED.items():
                begun = time.perf_counter()
                with register.queries() as queries:
                    answer = register.get(url)
                spent = time.perf_counter() - begun
                if answer.status_code != 200:
                    raise SystemExit(f"{url}: {answer.status_code} {answer.text}")
                told[name] = (len(queries), len(answer.content))
                if turn:  # the first round compiles the statements
                    times[name].append(spent * 1000)
    base = statistics.median(times["list of 20 promises"])
    _print(f"  {'':<34}{'median':>9} {'least':>9} {'ratio':>7} {'queries':>8} {'KiB':>8}")
    for name, spent_all in times.items():
        median = statistics.median(spent_all)
        queries_sent, size = told[name]
        _print(
            f"  {name:<34}{median:>6.1f} ms {min(spent_all):>6.1f} ms {median / base:>7.2f} {queries_sent:>8} "
            f"{size / 1024:>8.0f}"
        )


def measure_memory(settings: Settings) -> None:
    """Export all citations from a real server, and print how much more memory it took while doing so."""
    with running(settings) as server, server.client() as client:
        client.get("/v1/citations?limit=200")
        for url in EXPORTS:
            before = _resident(server.process.pid)
            with _peak(server.process.pid) as peak:
                begun = time.perf_counter()
                rows = size = 0
                with client.stream("GET", url, timeout=MAX_SECONDS) as answer:
                    for piece in answer.iter_bytes():
                        rows += piece.count(b"\n")
                        size += len(piece)
                spent = time.perf_counter() - begun
            _print(
                f"  {url:<34} {rows} lines, {size / 2**20:.1f} MiB in {spent:.1f} s; {before:.0f} MiB before, "
                f"{peak[0] - before:+.1f} MiB at the most"
            )


def _resident(process: int) -> float:
    """Memory of a process in MiB (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(each for each in status.splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextmanager
def _peak(process: int) -> Iterator[list[float]]:
    """The most memory that a process has within the block, looked at a hundred times a second."""
    found = [_resident(process)]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.01):
            found[0] = max(found[0], _resident(process))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        ended.set()
        looking.join()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="*", default=list(BACKENDS), help="sqlite, postgresql; both by default")
    parser.add_argument("--size", choices=SIZES, default="full", help="full; one: all promises in one partnership")
    parser.add_argument("--rounds", type=int, default=9, help="how often each address is asked for")
    parser.add_argument("--memory", action="store_true", help="measure the memory of exports on a real server")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="followthrough-bench-") as folder:
        shared = Path(folder) / "shared"
        shared.mkdir()
        databases = Databases(Path(folder), shared)
        try:
            for backend in asked.databases:
                # No answer may take as long as one may here, and a real server is not to load the bundled register.
                more = {"cache_bytes": 0, "query_seconds": MAX_SECONDS, "bundled": False}
                settings = databases.empty(backend).model_copy(update=more)
                with opened(settings) as database:
                    migrate(database)
                    Generator(SIZES[asked.size]).fill(database)
                _print(f"{backend}, {asked.size}:")
                if asked.memory:
                    measure_memory(settings)
                else:
                    measure(settings, asked.rounds)
        finally:
            databases.close()


if __name__ == "__main__":
    main()
