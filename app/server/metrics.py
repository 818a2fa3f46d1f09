"""What the server says to Prometheus of itself.

An application has a registry of its own. With several processes (``serve --workers``) each writes its figures into a
shared folder as well, as prometheus_client has it, and whichever is called responds for all of them.

Labels take few values, whatever clients send: a route is named by its template, what leads nowhere is one route, and
methods of no standard are one method.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from sqlalchemy import QueuePool

from app.core.storage.standbys import Reads
from app.middleware.cached_responses import Figures

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client learns of the folder that processes share, before it is imported."""

UNKNOWN_ROUTE = "(none)"
OTHER_METHOD = "(other)"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY"))
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PAUSE = 1.0
_MEMORY = "/dev/shm"  # noqa: S108 (a folder of our own is made in it)

# When each series began is of no use here, and would make every scrape half as long again.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The figures of one application. Its methods are called on the event loop alone."""

    def __init__(
        self, pool: Callable[[], QueuePool], seq: Callable[[], int | None], cache: Figures, reads: Reads
    ) -> None:
        """Say where to look: at the connections, the number of the last change, the cache, and the standbys."""
        self.in_progress = 0
        self._pool = pool
        self._last_change = seq
        self._cache = cache
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "followthrough_http_requests", "Requests responded to.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "followthrough_http_request_duration_seconds",
            "Time from a request to the end of its response.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._busy = self._gauge("http_requests_in_progress", "Requests that are being worked on.")
        self._size = self._gauge("database_pool_size", "Connections to the database kept at the most.")
        self._used = self._gauge("database_pool_checked_out", "Connections to the database in use.")
        self._over = self._gauge("database_pool_overflow", "Connections to the database beyond the pool's size.")
        self._entries = self._gauge("answer_cache_entries", "Ready-made responses held.")
        self._bytes = self._gauge("answer_cache_bytes", "Memory that ready-made responses take.")
        self._hits = Counter("followthrough_answer_cache_hits", "Requests answered from the cache.", registry=registry)
        self._misses = Counter(
            "followthrough_answer_cache_misses", "Requests that it was asked for in vain.", registry=registry
        )
        self._seq = self._gauge("register_seq", "The number of the last public change.", "livemostrecent")
        self._reads = StandbyMetrics(reads, registry) if reads.standbys else None
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._counted = (0, 0)

    def _gauge(self, name: str, meaning: str, mode: str = "livesum") -> Gauge:
        return Gauge(f"followthrough_{name}", meaning, registry=self._registry, multiprocess_mode=mode)  # type: ignore[arg-type]

    def series(self, method: str, route: str | None, status: int) -> tuple[Counter, Histogram]:
        """Where requests like this are taken down."""
        key = (method if method in _METHODS else OTHER_METHOD, route or UNKNOWN_ROUTE, status)
        known = self._known.get(key)
        if known is None:
            # Looking a series up by its labels takes longer than counting does.
            known = self._requests.labels(*key), self._seconds.labels(*key[:2])
            self._known[key] = known
        return known

    def count(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Take down a request that is done."""
        number, duration = self.series(method, route, status)
        number.inc()
        duration.observe(seconds)

    def look(self) -> None:
        """Take down what is not counted as it happens."""
        pool, cache, seq = self._pool(), self._cache, self._last_change()
        self._busy.set(self.in_progress)
        self._size.set(pool.size())
        self._used.set(pool.checkedout())
        self._over.set(max(0, pool.overflow()))
        if seq is not None:
            self._seq.set(seq)
        self._entries.set(cache.entries)
        self._bytes.set(cache.size)
        hits, misses = cache.hits, cache.misses
        self._hits.inc(hits - self._counted[0])
        self._misses.inc(misses - self._counted[1])
        self._counted = (hits, misses)
        if self._reads is not None:
            self._reads.look()

    def text(self) -> bytes:
        """All figures, in Prometheus' text format: those of every process where there are several."""
        self.look()
        folder = os.environ.get(SHARED)
        if not folder:
            return generate_latest(self._registry)
        _forget_dead(Path(folder))
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone, folder)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)

    async def measure_repeatedly(self) -> None:
        """Take the figures every second where processes share a folder; never ends by itself there."""
        while os.environ.get(SHARED):
            self.look()
            await anyio.sleep(_PAUSE)

    def close(self) -> None:
        """Take back the figures that only hold while this process lives."""
        if folder := os.environ.get(SHARED):
            mark_process_dead(os.getpid(), folder)  # type: ignore[no-untyped-call]


class StandbyMetrics:
    """The figures of standbys, where there are some. Their addresses are in none of them."""

    def __init__(self, reads: Reads, registry: CollectorRegistry) -> None:
        """Say where to look."""
        self._reads = reads
        self._usable = Gauge(
            "followthrough_standby_usable",
            "Whether a standby is read, by its place in the setting; of several processes, the last that looked.",
            ("standby",),
            registry=registry,
            multiprocess_mode="livemostrecent",
        )
        self._behind = Gauge(
            "followthrough_standby_changes_behind",
            "Changes that a standby lacks, as it was last seen.",
            ("standby",),
            registry=registry,
            multiprocess_mode="livemostrecent",
        )
        self._transactions = Counter(
            "followthrough_public_reads",
            "Transactions that read what everybody may see, by where: standby, or primary. Failed is one of a standby.",
            ("place",),
            registry=registry,
        )
        self._counted = {"standby": 0, "primary": 0, "failed": 0}

    def look(self) -> None:
        """Take down what is not counted as it happens."""
        figures, usable = self._reads.figures, self._reads.usable
        for each in self._reads.standbys:
            self._usable.labels(each.name).set(each in usable)
            if (behind := self._reads.behind(each)) is not None:
                self._behind.labels(each.name).set(behind)
        now = {"standby": figures.from_standbys, "primary": figures.from_primary, "failed": figures.failed}
        for place, number in now.items():
            self._transactions.labels(place).inc(number - self._counted[place])
        self._counted = now


@contextmanager
def shared_folder(processes: int) -> Iterator[None]:
    """A folder through which processes answer for each other; one process needs none, and is faster without."""
    if processes == 1 or os.environ.get(SHARED):
        yield
        return
    # Mapped into memory, and a page that finds no room on its disk ends the process: so not on one that may be full.
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="followthrough-metrics-", dir=memory) as folder:
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            del os.environ[SHARED]


def _forget_dead(folder: Path) -> None:
    """A process that was killed has not said goodbye: what it last had in progress is no longer so."""
    if os.name != "posix":
        return  # there is no way to know there whether a process lives
    for file in folder.glob("gauge_live*_*.db"):
        process = int(file.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
