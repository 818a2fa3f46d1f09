"""The end of a server: what was asked is answered, what was acknowledged is stored, and it does not take long."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, repeat
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.resources import CATALOGUE
from app.server.connection_limits import ConnectionLimits
from app.server.protocol import NAME
from app.server.shutdown import Shutdown
from tests.support.asgi import run
from tests.support.databases import Databases, opened
from tests.support.server import NO_CERTIFICATES, ROOT, SECONDS_TO_START, Server, environment_of, free_port, running
from tests.support.wire import PATIENCE, RawResponse, connect, read_to_end, request

ENDED = (0, -signal.SIGTERM)
"""How a process ends that was asked to: uvicorn sends the signal to itself once it has done everything else."""

SECONDS_TO_END = 15.0
"""Whoever is waited for in vain is waited for 20 seconds."""

LINGERING = ConnectionLimits(headers=0, unread=0, connections=0).lingering
"""For how long an idle connection stays open after the stop, in seconds."""


def stop(server: Server) -> None:
    """Ask a server to end, and wait until it takes no new connections."""
    server.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    with suppress(ConnectionRefusedError):
        while True:
            assert time.monotonic() < deadline, "new connections are still taken"
            with suppress(ConnectionResetError):
                connect(server).close()


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A request whose answer did not come."""

    error: httpx.TransportError
    request_id: str
    new: bool
    """Whether it was the first over its connection."""
    at: float
    """When the client learned of it."""

    def came_in(self, log: str, stopped: float) -> bool:
        """Whether a server may have taken it, and owed it an answer.

        Not if the door was closed: a connection that the system had made, and the server not yet taken, is reset. Nor
        if the connection was idle for so long after the stop that the server closed it while the client wrote to it.
        """
        if self.request_id in log:
            return True
        if isinstance(self.error, httpx.ConnectError) or (self.new and isinstance(self.error, httpx.ReadError)):
            return False
        return self.at < stopped + LINGERING


@dataclass
class Crowd:
    """Clients that write and read, one request after the other, until the server takes no more."""

    server: Server
    acknowledged: list[str] = field(default_factory=list)
    exported: int = 0
    broken: list[str] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def until_unanswered(self, client: httpx.Client, method: str, path: str, bodies: Iterable[Any]) -> Iterator[Any]:
        """Send one request after the other, each with a body and under a name of its own; give each its response."""
        new = True
        for body in bodies:
            request_id = uuid4().hex
            try:
                response = client.request(method, path, json=body, headers={"X-Request-Id": request_id})
            except httpx.TransportError as error:
                self.unanswered.append(Unanswered(error, request_id, new, time.monotonic()))
                return
            new = response.headers.get("connection") == "close"
            yield body, response

    def write(self) -> None:
        """Make records until refused."""
        names = (f"stored-{uuid4().hex}" for _ in count())
        bodies = ({"slug": name, "name": name, "description": "It was.", "state": "published"} for name in names)
        with self.server.client(**self.server.authorization) as client:
            for body, response in self.until_unanswered(client, "POST", "/v1/themes", bodies):
                if response.status_code != 201 or response.json()["slug"] != body["slug"]:
                    self.broken.append(response.text)
                self.acknowledged.append(body["slug"])
                if len(self.acknowledged) >= 40 and self.exported >= 2:
                    self.enough.set()

    def export(self) -> None:
        """Take away whole lists until refused."""
        with self.server.client() as client:
            lines = client.get("/v1/citations?count=true&limit=1").json()["total"]
            for _, response in self.until_unanswered(client, "GET", "/v1/citations.jsonl", repeat(None)):
                if len(response.text.splitlines()) != lines:
                    self.broken.append(f"{len(response.content)} bytes of an export")
                self.exported += 1


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_request_is_dropped_and_nothing_acknowledged_is_lost(
    backend: str, workers: int, databases: Databases
) -> None:
    settings = databases.bundled(backend)
    with running(settings, "--workers", str(workers)) as server:
        crowd = Crowd(server)
        clients = [threading.Thread(target=crowd.write) for _ in range(4)]
        clients += [threading.Thread(target=crowd.export) for _ in range(2)]
        for client in clients:
            client.start()
        try:
            assert crowd.enough.wait(PATIENCE)
        finally:
            begun = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
        for client in clients:
            client.join(PATIENCE)
        assert server.process.wait(PATIENCE) in ENDED
        assert time.monotonic() - begun < SECONDS_TO_END
        assert crowd.broken == []
        log = server.log(100_000)
        assert [each for each in crowd.unanswered if each.came_in(log, begun)] == []
        assert "Error" not in log
    table = CATALOGUE.by_name["themes"].table.__table__
    with opened(settings) as database, database.reading() as connection:
        stored = connection.execute(sa.select(table.c.slug).where(table.c.slug.startswith("stored-"))).scalars()
        assert sorted(stored) == sorted(crowd.acknowledged)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_on_its_way_when_the_server_stops_is_finished(workers: int, databases: Databases) -> None:
    settings = databases.bundled("sqlite")
    with opened(settings) as database, database.writing() as connection:
        connection.execute(sa.update(CATALOGUE.by_name["citations"].table.__table__).values(note="x" * 10_000))
    with running(settings, "--workers", str(workers)) as server:
        with connect(server) as writing, connect(server) as exporting, connect(server) as idle:
            credential = f"Authorization: Bearer {server.token}".encode()
            body = b'{"name": "In two pieces", "description": "It is.", "state": "published"}'
            whole = request("POST", "/v1/themes", credential, b"Content-Type: application/json", body=body)
            writing.sendall(whole[:-10])
            exporting.sendall(request("GET", "/v1/citations.csv"))
            begun = exporting.recv(1000)
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            first = b""
            while not first.endswith(b"}"):
                first += idle.recv(65536)

            stop(server)
            # A connection that was idle serves what comes over it within a moment, says so, and is closed.
            with suppress(BrokenPipeError, ConnectionResetError):
                idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            last = RawResponse(read_to_end(idle))
            assert (last.status, last.header("connection")) in ((200, "close"), (0, None))
            writing.sendall(whole[-10:])
            written = RawResponse(read_to_end(writing))
            assert written.status == 201
            export = begun + read_to_end(exporting)
            assert export.endswith(b"\r\n0\r\n\r\n")
            assert export.count(b"x" * 10_000) >= 1100
        assert server.process.wait(PATIENCE) in ENDED
    with running(settings) as again, again.client() as client:
        assert client.get(RawResponse(written.raw).header("location") or "").status_code == 200


@pytest.mark.slow
def test_who_is_connected_and_silent_does_not_delay_the_end(databases: Databases) -> None:
    with running(databases.bundled("sqlite")) as server, connect(server) as silent, connect(server) as halfway:
        halfway.sendall(b"GET /v1/themes HTTP/1.1\r\nHost:")
        begun = time.monotonic()
        stop(server)
        assert read_to_end(silent) == read_to_end(halfway) == b""
        assert server.process.wait(PATIENCE) in ENDED
        assert time.monotonic() - begun < SECONDS_TO_END


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_an_answer_without_end_is_told(number: signal.Signals, databases: Databases) -> None:
    settings = databases.bundled("sqlite")
    port = free_port()
    uvicorn = [sys.executable, "-m", "uvicorn", "--factory", "tests.support.ending:create", "--http", NAME]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([*uvicorn, "--port", str(port)], cwd=ROOT, env=environment_of(settings), **quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=address, timeout=PATIENCE, trust_env=False, verify=NO_CERTIFICATES) as client:
            deadline = time.monotonic() + SECONDS_TO_START
            while True:
                assert time.monotonic() < deadline
                with suppress(httpx.ConnectError):
                    client.get("/readyz")
                    break
            with client.stream("GET", "/lasting") as response:
                lines = response.iter_lines()
                assert next(lines) == "begun"
                begun = time.monotonic()
                os.kill(server.pid, number)
                assert list(lines) == ["ended"]
            assert server.wait(PATIENCE) in (0, -number)
            assert time.monotonic() - begun < SECONDS_TO_END
    finally:
        server.kill()
        server.wait()


@pytest.mark.slow
def test_waiting_for_the_end_has_an_end() -> None:
    async def wait() -> list[bool]:
        shutdown = Shutdown()
        found = [await shutdown.wait(0.001), shutdown.begun]
        waiting = asyncio.ensure_future(shutdown.wait())
        shutdown.begin()
        shutdown.begin()
        return [*found, await waiting, await shutdown.wait(0), shutdown.begun]

    assert run(wait()) == [False, False, True, True, True]
