"""A commit whose reply is lost: the client is told that it is not known, and can find out with its key."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.databases import Databases
from tests.support.problems import kind
from tests.support.register import application

pytestmark = pytest.mark.postgresql


class Wire:
    """A way to PostgreSQL that can be cut at the moment when the COMMIT of a new theme has gone through."""

    def __init__(self, path: str) -> None:
        """Lead to the socket at a path."""
        self.cut_at_commit = False
        self._path = path
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._path)
                self._ends += [client, server]
                for source, target, watched in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=(source, target, watched), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, watched: bool) -> None:
        # What else the application does (readings of its own, the claim of the key) commits as well, on any connection.
        creates = False
        with suppress(OSError):
            while data := source.recv(65536):
                creates = watched and (creates or b"INSERT INTO theme " in data)
                if creates and self.cut_at_commit and b"COMMIT\0" in data:
                    self.cut_at_commit = False
                    # The client is gone before the reply can reach it.
                    source.shutdown(socket.SHUT_RDWR)
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no more connections, and end those that there are."""
        self._listener.close()
        for each in self._ends:
            each.close()


@contextmanager
def wire_to(url: str) -> Iterator[tuple[Wire, str]]:
    """A wire to a database, and the address of the database through it."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query)["host"][0]
    wire = Wire(f"{folder}/.s.PGSQL.5432")
    try:
        yield wire, f"postgresql://{parts.username}@127.0.0.1:{wire.port}{parts.path}"
    finally:
        wire.close()


def test_a_commit_whose_reply_is_lost_is_not_known(databases: Databases) -> None:
    if os.environ.get("FOLLOWTHROUGH_TEST_DATABASE_URL"):
        pytest.skip("the way to the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not known")
    settings = databases.excerpt("postgresql")
    with (
        wire_to(settings.database_url) as (wire, url),
        application(settings.model_copy(update={"database_url": url, "cache_bytes": 0})) as register,
    ):
        headers = {**register.authorization, "Idempotency-Key": "once"}
        body = {"name": "Perhaps", "description": "-", "state": "published"}
        wire.cut_at_commit = True
        lost = register.request("POST", "/v1/themes", json=body, headers=headers)
        assert (lost.status_code, kind(lost)) == (503, "outcome-unknown")
        assert "same `Idempotency-Key`" in lost.json()["detail"]
        again = register.request("POST", "/v1/themes", json=body, headers=headers)
        assert again.status_code == 201
        assert again.headers["idempotency-replayed"] == "true", "it had been made"
        assert register.get("/v1/themes/perhaps").status_code == 200
