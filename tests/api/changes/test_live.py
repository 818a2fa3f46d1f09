"""The live stream: what changes arrives by itself, goes on after an interruption, and costs a slot while it lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest

from tests.support.databases import Databases
from tests.support.server import Server, running

EVENTS = {"Accept": "text/event-stream"}
MOST = 4
"""Of which one address has two."""


@pytest.fixture(scope="module")
def live(backend: str, databases: Databases) -> Iterator[Server]:
    """A server that lets few clients listen, and does not leave them long without a word."""
    settings = databases.excerpt(backend).model_copy(update={"streams": MOST, "heartbeat_seconds": 0.3})
    with running(settings) as server:
        yield server


class Listener:
    """A client of the stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def event(self) -> dict[str, Any]:
        """The next event, with its id; what keeps the connection open is passed over."""
        found: dict[str, str] = {}
        for line in self._lines:
            if not line and "data" in found:
                return {**orjson.loads(found["data"]), "event": found["event"], "number": int(found["id"])}
            name, _, value = line.partition(": ")
            if name:
                found[name] = value
        raise AssertionError("the stream has ended")

    def line(self, text: str) -> str:
        """The next line that begins so."""
        return next(line for line in self._lines if line.startswith(text))


@contextmanager
def listening(server: Server, url: str = "/v1/changes", **headers: str) -> Iterator[Listener]:
    """Listen until the end of the block; the stream has begun when the block begins."""
    with server.client() as client, client.stream("GET", url, headers={**EVENTS, **headers}) as response:
        assert response.status_code == 200, response.read()
        listener = Listener(response)
        listener.line("retry:")
        yield listener


def theme(server: Server, name: str, **more: Any) -> dict[str, Any]:
    with server.client(**server.authorization) as client:
        created: dict[str, Any] = client.post("/v1/themes", json={"name": name, "state": "published", **more}).json()
        return created


def test_what_changes_arrives(live: Server) -> None:
    with listening(live) as listener:
        assert listener.response.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in listener.response.headers
        theme(live, "A draft", state="draft")
        created = theme(live, "Shipbuilding")
        event = listener.event()
        assert (event["event"], event["number"], event["slug"]) == ("change", event["seq"], created["slug"])
        assert event["record"] == created
        assert theme(live, "Steel")["slug"] == listener.event()["slug"]


def test_a_stream_goes_on_where_it_was_broken_off(live: Server) -> None:
    first, second = theme(live, "One"), theme(live, "Two")
    with live.client() as client:
        numbers = {
            each["slug"]: each["seq"] for each in client.get("/v1/changes?resource=themes&limit=200").json()["data"]
        }
    with listening(live, **{"Last-Event-ID": str(numbers[first["slug"]])}) as listener:
        assert listener.event()["slug"] == second["slug"]
    with listening(live, f"/v1/changes?since={numbers[second['slug']] - 1}") as listener:
        assert listener.event()["slug"] == second["slug"]
    with listening(live, "/v1/changes?since=0&limit=5&resource=partnerships") as listener:
        assert listener.event()["slug"] == "india-south-korea"


def test_a_stream_ends_after_as_many_changes_as_were_asked_for(live: Server) -> None:
    made = [theme(live, f"Theme {number}")["slug"] for number in range(3)]
    with live.client() as client:
        since = next(
            each["seq"]
            for each in client.get("/v1/changes?resource=themes&limit=200").json()["data"]
            if each["slug"] == made[0]
        )
        ended = client.get(f"/v1/changes?since={since - 1}&limit=2&resource=themes", headers=EVENTS).text
        assert [slug for slug in made if f'"slug":"{slug}"' in ended] == made[:2]
        assert ended.count("event: change") == 2
    with listening(live, "/v1/changes?limit=2") as listener:
        made = [theme(live, f"Another {number}")["slug"] for number in range(2)]
        assert [listener.event()["slug"] for _ in made] == made
        with pytest.raises(AssertionError, match="the stream has ended"):
            listener.event()


def test_a_quiet_stream_is_kept_open(live: Server) -> None:
    with listening(live) as listener:
        for _ in range(2):
            assert listener.line(":") == ": ping"


def test_only_so_many_listen_and_who_leaves_makes_room(live: Server) -> None:
    with live.client() as client:
        with listening(live), listening(live), listening(live):
            # There is a place left, for others: an address takes three quarters of them.
            refused = client.get("/v1/changes", headers=EVENTS)
            assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
            assert int(refused.headers["retry-after"]) > 0
            assert client.get("/v1/changes?limit=1").status_code == 200
        # Whoever asks again soon enough finds a slot free: an end is noticed at once, not at the next word.
        for _ in range(200):
            with client.stream("GET", "/v1/changes", headers=EVENTS) as response:
                if response.status_code == 200:
                    return
        raise AssertionError("a client that left still takes its slot")


def test_a_stream_is_described_without_being_sent(live: Server) -> None:
    with live.client() as client:
        response = client.head("/v1/changes", headers=EVENTS)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("current", ["x", "-1", "1.0", "٣", "9" * 30])
def test_an_id_that_is_none_is_refused(live: Server, current: str) -> None:
    with live.client() as client:
        response = client.get("/v1/changes", headers={**EVENTS, "Last-Event-ID": current.encode()})
    assert response.status_code == 400


def test_a_stream_needs_a_good_credential_or_none(live: Server) -> None:
    with live.client() as client:
        assert client.get("/v1/changes", headers={**EVENTS, "Authorization": "Bearer x"}).status_code == 401
