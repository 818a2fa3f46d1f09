"""The register on several machines, under load, while some of them are killed: docs/scaling.md and `make cluster`."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from tests.support.cluster import Topology, cluster, missing
from tests.support.databases import require
from tests.support.server import Server
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.postgresql, pytest.mark.nginx]

LAG = 1.0
"""The bound that the servers keep to, in seconds."""

SLACK = 4.0
"""For the look at the primary (0.4 s), and for a machine on which all of this runs at once."""

READERS = 4
WRITERS = 2


@pytest.fixture
def topology(tmp_path: Path) -> Iterator[Topology]:
    """All of it, with nothing in the register."""
    without = missing()
    require(not without, f"{' and '.join(without)} is not installed")
    token = SecretStr("a cluster's own token, and a long one")
    with cluster(tmp_path, bundled=False, admin_token=token, read_lag_seconds=LAG, rate_limit="") as topology:
        yield topology


@dataclass
class Load:
    """Readers and writers, and what became of what they asked for."""

    front: Server
    servers: list[Server]
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, float] = field(default_factory=dict)
    """The slugs of what was written, each with the moment at which that was known."""
    written: Counter[int] = field(default_factory=Counter)
    read: Counter[int] = field(default_factory=Counter)
    late: list[tuple[str, float]] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def write(self) -> None:
        """Publish one theme after the other, through nginx."""
        with self.front.client(**self.front.authorization) as client:
            while not self.stop.is_set():
                slug = f"theme-{uuid4().hex}"
                status = self._status(lambda slug=slug: client.post("/v1/themes", json=theme(slug)))  # type: ignore[misc]
                self.written[status] += 1
                if status == 201:
                    self.acknowledged[slug] = time.monotonic()

    def read_on(self) -> None:
        """Read what was written last, from each server in turn, past nginx's cache; and lists, through it."""
        clients = [each.client() for each in self.servers]
        with self.front.client() as front:
            while not self.stop.is_set():
                for client in clients:
                    self._look(client)
                    status = self._status(lambda: front.get("/v1/themes?limit=5"))
                    self.read[status] += 1
        for client in clients:
            client.close()

    def _look(self, client: httpx.Client) -> None:
        begun = time.monotonic()
        old_enough = [slug for slug, at in self.acknowledged.copy().items() if begun - at > LAG + SLACK][-1:]
        for slug in old_enough or ["unknown"]:
            status = self._status(lambda slug=slug: client.get(f"/v1/themes/{slug}"))  # type: ignore[misc]
            self.read[200 if slug == "unknown" and status == 404 else status] += 1
            if status == 404 and slug != "unknown":
                self.late.append((slug, begun - self.acknowledged[slug]))

    def _status(self, ask: Callable[[], httpx.Response]) -> int:
        try:
            return ask().status_code
        except httpx.TransportError:
            return 0


def theme(slug: str) -> dict[str, str]:
    return {"slug": slug, "name": "N", "state": "published"}


@contextmanager
def load(topology: Topology) -> Iterator[Load]:
    """Readers and writers at work until the end of the block."""
    assert topology.front is not None
    work = Load(topology.front, topology.servers)

    def watched(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:
            work.failures.append(error)

    tasks = [work.write] * WRITERS + [work.read_on] * READERS
    threads = [threading.Thread(target=watched, args=(each,)) for each in tasks]
    for each in threads:
        each.start()
    try:
        eventually(lambda: bool(work.late) or has_read_after(work, 0))
        yield work
    finally:
        work.stop.set()
        for each in threads:
            each.join()
    assert work.failures == []


def has_read_after(work: Load, written: int) -> bool:
    """Whether more was written than that, and long enough ago to be looked for."""
    now = time.monotonic()
    return sum(now - at > LAG + SLACK for at in work.acknowledged.copy().values()) > written


def goes_on(work: Load) -> None:
    """Wait until more is written, and seen everywhere."""
    before = len(work.acknowledged)
    eventually(lambda: has_read_after(work, before), within=60)


def everything_is_everywhere(topology: Topology, work: Load) -> None:
    """Every write that was acknowledged is shown by every server, and all say the same."""
    assert len(work.acknowledged) > 10
    assert len({shown_by(server, list(work.acknowledged)) for server in topology.servers}) == 1


def shown_by(server: Server, slugs: list[str]) -> tuple[bytes, ...]:
    """The records of some slugs and their list, as a server shows them once it has all of them."""
    with server.client() as anonymous:
        for slug in slugs:
            eventually(lambda slug=slug: anonymous.get(f"/v1/themes/{slug}").status_code == 200)  # type: ignore[misc]
        paths = [f"/v1/themes/{slug}" for slug in slugs] + ["/v1/themes?limit=200&sort=created_at"]
        return tuple(anonymous.get(path).content for path in paths)


def test_a_standby_that_is_killed_under_load_is_not_noticed(topology: Topology) -> None:
    with load(topology) as work:
        topology.standbys[0].kill()
        goes_on(work)
    assert set(work.written) == {201}
    assert set(work.read) == {200}
    assert work.late == []
    everything_is_everywhere(topology, work)
    with work.front.client() as front:
        eventually(lambda: front.get("/v1/themes?limit=5").headers["x-cache"] == "HIT")
        assert front.get("/v1/themes?limit=5", headers=work.front.authorization).headers["x-cache"] == "BYPASS"
    for server in topology.servers:
        with server.client() as anonymous:
            assert 'followthrough_public_reads_total{place="standby"} 0.0' not in anonymous.get("/metrics").text


def test_a_primary_that_is_killed_under_load_takes_no_acknowledged_write_with_it(topology: Topology) -> None:
    with load(topology) as work:
        topology.primary.kill()
        promoted = topology.promote_the_furthest()
        # Nobody is told where it is: libpq finds the one that takes changes, and the other standby does as well.
        goes_on(work)
    assert promoted in topology.standbys
    assert set(work.written) <= {201, 503, 502, 504, 409, 0}
    assert 500 not in work.read
    assert work.late == []
    everything_is_everywhere(topology, work)
    assert topology.front is not None
    with topology.front.client() as anonymous:
        assert anonymous.get("/readyz").json() == {"status": "ready"}
