"""Clients that are slow, silent or do not read: each is let go in time, and nobody else waits for it."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest
import sqlalchemy as sa

from app.core.storage.database import STREAMS
from app.core.storage.sqlite import sqlite
from app.resources import CATALOGUE
from app.settings import Settings
from tests.support.databases import Databases, opened
from tests.support.server import Server, running
from tests.support.waiting import LATE
from tests.support.wire import PATIENCE, RawResponse, connect, drip, exchange, read_to_end, request

OF_ONE = STREAMS * 3 // 4
"""So many of the places for files are for one client."""

HEADERS = 0.5
BODY = 0.7
UNREAD = 0.5


@pytest.fixture(scope="module")
def impatient(backend: str, databases: Databases) -> Iterator[Server]:
    """A server that waits for nobody, with an export of several megabytes: more than the system takes for a client."""
    settings = databases.bundled(backend).model_copy(
        update={"header_seconds": HEADERS, "body_seconds": BODY, "stalled_seconds": UNREAD}
    )
    with serving_much(settings) as server:
        yield server


@pytest.fixture(scope="module")
def patient(backend: str, databases: Databases) -> Iterator[Server]:
    """A server with as large an export, which waits for its readers longer than any test lasts."""
    with serving_much(databases.bundled(backend).model_copy(update={"stalled_seconds": 600.0})) as server:
        yield server


@contextmanager
def serving_much(settings: Settings) -> Iterator[Server]:
    with opened(settings) as database, database.writing() as connection:
        connection.execute(sa.update(CATALOGUE.by_name["citations"].table.__table__).values(note="x" * 10_000))
    with running(settings) as server:
        yield server


def assert_served(server: Server) -> None:
    """Somebody else reads and writes, as usual."""
    with server.client(**server.authorization) as client:
        begun = time.monotonic()
        assert client.get("/v1/themes").status_code == 200
        name = f"Served at {time.monotonic_ns()}"
        assert client.post("/v1/themes", json={"name": name, "description": "It was."}).status_code == 201
        assert time.monotonic() - begun < LATE


def writing(server: Server) -> tuple[bytes, bytes]:
    """The headers of a request that writes."""
    return f"Authorization: Bearer {server.token}".encode(), b"Content-Type: application/json"


def is_problem(raw: bytes, status: int, name: str) -> bool:
    """Whether an answer is a whole problem of a kind."""
    response = RawResponse(raw)
    reported = response.json()
    assert response.header("content-type") == "application/problem+json"
    assert response.header("connection") == "close"
    assert reported["instance"] == f"urn:request:{response.header('x-request-id')}"
    return response.status == reported["status"] == status and reported["type"] == f"/problems/{name}"


def test_a_header_sent_byte_by_byte_is_cut_off(impatient: Server) -> None:
    with connect(impatient) as slow:
        slow.sendall(b"GET /v1/themes HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        received, seconds = drip(slow, b"x")
    assert is_problem(received, 408, "request-timeout")
    assert HEADERS * 0.9 < seconds < HEADERS + LATE
    assert_served(impatient)


def test_who_connects_and_says_nothing_is_let_go(impatient: Server) -> None:
    with ExitStack() as until_end:
        silent = [until_end.enter_context(connect(impatient)) for _ in range(100)]
        assert_served(impatient)
        begun = time.monotonic()
        assert {read_to_end(each) for each in silent} == {b""}
        assert time.monotonic() - begun < HEADERS + LATE


@pytest.mark.parametrize("piece", [b"\r\n", b"G"])
def test_the_next_request_on_a_connection_has_the_same_time(impatient: Server, piece: bytes) -> None:
    with connect(impatient) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        first = slow.recv(65536)
        assert first.startswith(b"HTTP/1.1 200")
        _, seconds = drip(slow, piece)
    assert seconds < HEADERS + LATE


@pytest.mark.parametrize("length", [b"Content-Length: 1000", b"Transfer-Encoding: chunked"])
def test_a_body_that_does_not_come_is_not_waited_for(impatient: Server, length: bytes) -> None:
    head = request("POST", "/v1/themes", *writing(impatient), length).replace(b"Connection: close\r\n", b"")
    with connect(impatient) as slow:
        slow.sendall(head)
        received, seconds = drip(slow, b"1\r\n \r\n")
    assert is_problem(received, 408, "request-timeout")
    assert BODY * 0.9 < seconds < BODY + LATE
    assert_served(impatient)


def test_a_body_that_was_refused_is_not_taken_for_ever(impatient: Server) -> None:
    with connect(impatient) as slow:
        slow.sendall(b"POST /v1/themes HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        received, seconds = drip(slow, b"x")
    assert RawResponse(received).status == 401
    assert seconds < HEADERS + LATE


def test_a_body_that_comes_in_time_is_read(impatient: Server) -> None:
    with connect(impatient) as client:
        body = b'{"name": "In two pieces", "description": "It is."}'
        whole = request("POST", "/v1/themes", *writing(impatient), body=body)
        client.sendall(whole[:-20])
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(PATIENCE)
        client.sendall(whole[-20:])
        assert RawResponse(read_to_end(client)).status == 201


def test_what_is_no_http_is_told_so(impatient: Server) -> None:
    assert is_problem(exchange(impatient, b"NO/SUCH THING\r\n\r\n").raw, 400, "malformed-request")


@contextmanager
def unread(server: Server, many: int = 1, *headers: bytes) -> Iterator[list[socket.socket]]:
    """Clients that ask for a big export and read no more than how it begins."""
    with ExitStack() as until_end:
        clients = []
        for _ in range(many):
            # One after the other: an export begins in the turn of a reader, and of those there are few. Connected only
            # then, since a connection that says nothing is soon closed.
            client = until_end.enter_context(connect(server, receive_buffer=2048))
            clients.append(client)
            client.sendall(request("GET", "/v1/citations.csv", *headers))
            assert client.recv(12) == b"HTTP/1.1 200"
        yield clients


def held(server: Server) -> bool:
    """Whether a transaction is open on the database of a server, by what the database itself says."""
    if not server.settings.on_postgresql:
        # Whoever reads the past keeps SQLite from starting its log of changes anew.
        with closing(sqlite.connect(str(server.settings.sqlite_file), timeout=0)) as connection:
            return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    with opened(server.settings) as database, database.engine.connect() as connection:
        waiting = "state = 'idle in transaction' AND datname = current_database()"
        return bool(connection.exec_driver_sql(f"SELECT count(*) FROM pg_stat_activity WHERE {waiting}").scalar())


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Wait for something that the server does."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, what


def test_an_export_that_is_not_read_is_ended_with_its_transaction(impatient: Server) -> None:
    with unread(impatient) as (client,):
        wait_until(lambda: "left its response unread" in impatient.log(), "the connection is kept")
        wait_until(lambda: not held(impatient), "a transaction stays open")
        assert len(read_to_end(client)) < 10_000_000
    assert_served(impatient)


@pytest.mark.slow
def test_exports_that_are_not_read_leave_room_for_everybody_else(patient: Server) -> None:
    key = f"Authorization: Bearer {patient.token}".encode()
    with unread(patient, OF_ONE), unread(patient, STREAMS - OF_ONE, key):
        refused = exchange(patient, request("GET", "/v1/citations.csv"))
        assert refused.status == 503
        assert refused.json()["type"] == "/problems/overloaded"
        assert refused.header("retry-after")
        assert_served(patient)
        # SQLite tells once something was written after what the exports read.
        assert held(patient)
    wait_until(lambda: not held(patient), "a transaction stays open when its client has left")
    whole = exchange(patient, request("GET", "/v1/citations.csv"))
    assert len(whole.raw) > 10_000_000
    assert whole.raw.endswith(b"\r\n0\r\n\r\n")


def test_exports_that_one_address_does_not_read_leave_places_to_others(patient: Server) -> None:
    key = f"Authorization: Bearer {patient.token}".encode()
    with unread(patient, OF_ONE):
        refused = exchange(patient, request("GET", "/v1/citations.csv"))
        assert is_problem(refused.raw, 503, "overloaded")
        with unread(patient, 1, key):
            assert_served(patient)


def test_more_connections_than_there_may_be_are_told_so(databases: Databases) -> None:
    settings = databases.bundled("sqlite").model_copy(update={"connections": 4})
    with running(settings) as server, ExitStack() as until_end:
        served = [until_end.enter_context(connect(server)) for _ in range(4)]
        for each in served:
            each.sendall(b"HEAD /v1/themes HTTP/1.1\r\nHost: x\r\n\r\n")
            assert each.recv(65536).startswith(b"HTTP/1.1 200")
        refused = exchange(server, request("GET", "/v1/themes"))
        assert is_problem(refused.raw, 503, "overloaded")
        assert refused.header("retry-after") == "2"
        served[0].sendall(b"HEAD /v1/themes HTTP/1.1\r\nHost: x\r\n\r\n")
        assert served[0].recv(65536).startswith(b"HTTP/1.1 200")

        waiting = [until_end.enter_context(connect(server)) for _ in range(16)]
        with connect(server) as beyond:
            assert is_problem(read_to_end(beyond), 503, "overloaded")
        for each in (*served, *waiting):
            each.close()
        assert_free(server)


def assert_free(server: Server) -> None:
    """The places of those who left are free again, as soon as the server has noticed."""
    deadline = time.monotonic() + PATIENCE
    while exchange(server, request("GET", "/v1/themes")).status != 200:
        assert time.monotonic() < deadline
