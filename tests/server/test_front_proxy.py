"""The front proxy of docs/deploying.md: it takes slow clients off the server, passes streams on, and is believed."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.core.storage.sqlite import sqlite
from app.resources import CATALOGUE
from app.server.protocol import NAME
from tests.support.databases import Databases, opened, require
from tests.support.nginx import PROGRAM, in_front_of, with_tls_in_front_of
from tests.support.server import ROOT, Server, environment_of, free_port
from tests.support.wire import PATIENCE, connect, request

pytestmark = pytest.mark.nginx


@pytest.fixture(scope="module")
def behind(databases: Databases) -> Iterator[Server]:
    """A server that believes its proxy, with an export of several megabytes and an answer that lasts."""
    require(PROGRAM is not None, "nginx is not installed")
    settings = databases.bundled("sqlite").model_copy(
        update={"rate_limit": "1000/day", "trusted_proxies": "127.0.0.1", "stalled_seconds": 600}
    )
    with opened(settings) as database, database.writing() as connection:
        connection.execute(sa.update(CATALOGUE.by_name["citations"].table.__table__).values(note="x" * 10_000))
    port = free_port()
    uvicorn = [sys.executable, "-m", "uvicorn", "--factory", "tests.support.ending:create", "--http", NAME]
    log_file = settings.data_dir / "server.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*uvicorn, "--port", str(port), "--no-proxy-headers"],
            cwd=ROOT,
            env=environment_of(settings),
            stdout=log,
            stderr=log,
        )
    server = Server(f"http://127.0.0.1:{port}", settings.admin_token.get_secret_value(), settings, log_file, process)
    try:
        deadline = time.monotonic() + PATIENCE
        with server.client() as client:
            while True:
                assert time.monotonic() < deadline, server.log()
                with suppress(httpx.ConnectError):
                    client.get("/readyz")
                    break
        yield server
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def front(behind: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same server as it is seen through nginx."""
    folder: Path = tmp_path_factory.mktemp("nginx")
    with in_front_of(behind, folder, streaming="/lasting") as proxied:
        yield proxied


def left(response: httpx.Response) -> int:
    """How many requests are left."""
    return int(response.headers["ratelimit"].partition("r=")[2].partition(";")[0])


def test_what_a_client_says_of_its_address_ends_at_the_proxy(front: Server, behind: Server) -> None:
    claims = [{}, {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}, {"Forwarded": "for=x"}]
    with front.client() as client:
        found = [left(client.get(f"/v1/themes?name__ne={uuid4().hex}", headers=claim)) for claim in claims]
    assert found == list(range(found[0], found[0] - 4, -1))
    with behind.client() as beside:  # the proxy's own word is believed
        assert left(beside.get(f"/v1/themes?name__ne={uuid4().hex}", headers={"X-Forwarded-For": "203.0.113.1"})) == 999


def test_a_record_is_written_and_read_through_the_proxy(front: Server) -> None:
    with front.client(**front.authorization) as client:
        created = client.post("/v1/themes", json={"name": "Through a proxy", "description": "It is."})
        assert created.status_code == 201
        assert client.get(created.headers["location"]).status_code == 200
        large = client.post("/v1/themes", content=b" " * (2 * 1024 * 1024 + 1))
        assert large.headers["content-type"] == "application/problem+json"


def test_a_long_query_comes_back_in_its_link(front: Server) -> None:
    query = "&".join(f"title__ne={number:02d}{'x' * 191}" for number in range(17))
    with front.client() as client:
        response = client.get(f"/v1/commitments?limit=1&{query}")
        assert response.status_code == 200
        assert len(response.headers["link"]) > 3000


def test_browsers_are_told_to_keep_to_tls_whatever_they_ask_for(behind: Server, tmp_path: Path) -> None:
    require(shutil.which("openssl") is not None, "openssl is not installed")
    with with_tls_in_front_of(behind, tmp_path) as client:
        # Twice: the cache answers the second time.
        paths = ["/v1/themes", "/v1/themes", "/v1/themes/nope", "/v1/keys", "/v1/changes?limit=1", "/", "/static/nope"]
        responses = [client.get(path) for path in paths]
    assert [each.status_code for each in responses] == [200, 200, 404, 401, 200, 200, 404]
    assert [each.headers.get_list("strict-transport-security") for each in responses] == [["max-age=31536000"]] * 7
    assert [each.headers["x-cache"] for each in responses[:2]] == ["MISS", "HIT"]


def test_a_body_reaches_the_server_only_when_it_is_whole(front: Server, behind: Server) -> None:
    with connect(front) as slow:
        head = request("POST", "/v1/themes", b"Content-Length: 1000", b"X-Request-Id: half-a-body")
        slow.sendall(head + b"half")
        with front.client() as client:
            assert client.get("/v1/themes").status_code == 200
        assert "half-a-body" not in behind.log(10_000)


@pytest.mark.slow
def test_an_export_that_nobody_reads_holds_nothing_on_the_server(front: Server, behind: Server) -> None:
    with connect(front, receive_buffer=2048) as client:
        client.sendall(request("GET", "/v1/citations.csv"))
        assert client.recv(12) == b"HTTP/1.1 200"
        with front.client(**front.authorization) as writer:
            body = {"name": "Meanwhile", "description": "It is."}
            assert writer.post("/v1/themes", json=body).status_code == 201
        # SQLite's log of changes can be started anew as soon as nobody reads the past.
        deadline = time.monotonic() + PATIENCE
        with closing(sqlite.connect(str(behind.settings.sqlite_file), timeout=0)) as connection:
            while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                assert time.monotonic() < deadline, "the export is held by a client that does not read"


def test_a_stream_is_passed_on_as_it_comes(front: Server, behind: Server) -> None:
    """The last test here: it ends the server."""
    with front.client() as client, client.stream("GET", "/lasting") as response:
        lines = response.iter_lines()
        assert next(lines) == "begun"
        behind.process.terminate()
        assert list(lines) == ["ended"]
