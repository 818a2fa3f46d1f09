"""What the server tells Prometheus: counted right, in few labels, by one process or several."""

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.settings import Settings
from tests.support.databases import Databases
from tests.support.register import application
from tests.support.server import Server, running
from tests.support.waiting import eventually

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
PREFIX = "followthrough_"


def read(client: httpx.Client) -> Samples:
    """Everything that the server tells, by name and labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    return parsed(response.text)


def parsed(text: str) -> Samples:
    return {
        (sample.name.removeprefix(PREFIX), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


def requests(samples: Samples, method: str, route: str, status: int) -> float:
    return value(samples, "http_requests_total", method=method, route=route, status=str(status))


def in_all(samples: Samples) -> float:
    """All requests that were counted, but for the looks at the figures."""
    return sum(
        each
        for (name, labels), each in samples.items()
        if name == "http_requests_total" and ("route", "/metrics") not in labels
    )


def read_when_counted(client: httpx.Client, before: Samples, labels: tuple[str, str, int]) -> Samples:
    """The figures once a request is among them: it is counted when its answer has been sent, a moment after."""
    for _ in range(200):
        after = read(client)
        if requests(after, *labels) > requests(before, *labels):
            return after
    raise AssertionError(f"{labels} is not counted")


@pytest.fixture(scope="module")
def settings(databases: Databases) -> Settings:
    """A register with nothing in it."""
    return databases.empty("sqlite").model_copy(update={"bundled": False, "log_level": "warning"})


@pytest.fixture(scope="module")
def watched(settings: Settings) -> Iterator[Server]:
    """A server that nobody else asks."""
    with running(settings) as server:
        yield server


@pytest.fixture
def client(watched: Server) -> Iterator[httpx.Client]:
    """Somebody without a credential."""
    with watched.client() as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/v1/themes?limit=7", ("GET", "/v1/themes", 200)),
        ("HEAD", "/v1/themes?limit=8", ("HEAD", "/v1/themes", 200)),
        ("GET", "/v1/themes/nothing", ("GET", "/v1/themes/{slug}", 404)),
        ("GET", "/v1/partnerships/nothing/scorecard", ("GET", "/v1/partnerships/{slug}/scorecard", 404)),
        ("POST", "/v1/themes", ("POST", "/v1/themes", 401)),
        ("DELETE", "/v1/themes", ("DELETE", "/v1/themes", 405)),
        ("OPTIONS", "/v1/themes", ("OPTIONS", "/v1/themes", 204)),
        ("PROPFIND", "/v1/themes", ("(other)", "/v1/themes", 405)),
        ("GET", "/static/site.css", ("GET", "/static/{path}", 200)),
        ("GET", "/openapi.json", ("GET", "/openapi.json", 200)),
        ("GET", "/healthz", ("GET", "/healthz", 200)),
        ("GET", "/some/where/else", ("GET", "(none)", 404)),
    ],
)
def test_each_request_is_counted_once_by_its_route(
    client: httpx.Client, method: str, path: str, labels: tuple[str, str, int]
) -> None:
    before = read(client)
    assert client.request(method, path).status_code == labels[2]
    after = read_when_counted(client, before, labels)
    assert requests(after, *labels) == requests(before, *labels) + 1
    assert in_all(after) == in_all(before) + 1, "and nothing else but the looks at the figures themselves"
    took = ("http_request_duration_seconds_count", "http_request_duration_seconds_sum")
    for name in took:
        named = {"method": labels[0], "route": labels[1]}
        assert value(after, name, **named) > value(before, name, **named)


def test_ready_made_answers_are_counted_with_their_route(client: httpx.Client) -> None:
    url = "/v1/themes?limit=9"
    client.get(url)
    before = read(client)
    for _ in range(3):
        client.get(url)
    client.get(url, headers={"If-None-Match": client.get(url).headers["etag"]})
    after = read(client)
    assert requests(after, "GET", "/v1/themes", 200) == requests(before, "GET", "/v1/themes", 200) + 4
    assert requests(after, "GET", "/v1/themes", 304) == requests(before, "GET", "/v1/themes", 304) + 1
    assert value(after, "answer_cache_hits_total") == value(before, "answer_cache_hits_total") + 5
    assert value(after, "answer_cache_misses_total") == value(before, "answer_cache_misses_total")
    client.get("/v1/themes?limit=10")
    last = read(client)
    assert value(last, "answer_cache_misses_total") == value(after, "answer_cache_misses_total") + 1
    assert value(last, "answer_cache_entries") == value(after, "answer_cache_entries") + 1
    assert value(last, "answer_cache_bytes") > value(after, "answer_cache_bytes") > 1000


def test_labels_stay_few_whatever_clients_send(client: httpx.Client) -> None:
    client.request("PROPFIND", "/x")
    client.get("/x")
    client.get("/v1/themes/x")
    before = set(read(client))
    for number in range(50):
        client.get(f"/{number}/canary")
        client.get(f"/v1/themes/canary-{number}", params={"canary": number})
        client.request("PROPFIND", f"/{number}")
        client.request("LINK", f"/{number}")
    client.get("/v1/themes/x?a=b")
    after = set(read(client))
    assert len(after - before) <= 1, "the answer to a query with an unknown parameter"
    assert "canary" not in str(after)


def test_the_database_and_the_register_are_looked_at(watched: Server, client: httpx.Client) -> None:
    samples = read(client)
    assert value(samples, "database_pool_size") == watched.settings.worker_threads
    assert 0 <= value(samples, "database_pool_checked_out") <= watched.settings.worker_threads
    assert value(samples, "database_pool_overflow") == 0
    assert value(samples, "http_requests_in_progress") == 1, "the one that asks"
    seq = value(samples, "register_seq")
    with watched.client(**watched.authorization) as editor:
        draft = editor.post("/v1/themes", json={"name": "Something new", "description": "-"})
        assert draft.status_code == 201
        assert value(read(client), "register_seq") == seq, "a draft moves nothing that everybody sees"
        slug, tag = draft.json()["slug"], draft.headers["etag"]
        assert editor.post(f"/v1/themes/{slug}/publish", headers={"If-Match": tag}).status_code == 200
    assert value(read(client), "register_seq") == seq + 2


@pytest.mark.slow
def test_on_postgresql_the_last_change_is_known_within_a_second(databases: Databases, backend: str) -> None:
    with application(databases.excerpt(backend)) as register:
        eventually(lambda: value(parsed(register.get("/metrics").text), "register_seq") > 0)


def test_head_and_options_are_as_everywhere(client: httpx.Client) -> None:
    head = client.head("/metrics")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == client.get("/metrics").headers["content-type"]
    assert set(client.options("/metrics").headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert client.get("/metrics?verbose=1").status_code == 400
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.slow
def test_applications_in_one_process_count_for_themselves(watched: Server) -> None:
    with application(watched.settings) as one, application(watched.settings) as other:
        for _ in range(3):
            one.get("/healthz")
        assert [requests(parsed(each.get("/metrics").text), "GET", "/healthz", 200) for each in (one, other)] == [3, 0]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks the system for the processes of a server")
def test_any_of_several_processes_answers_for_all(settings: Settings) -> None:
    with running(settings, "--workers", "2") as server:

        def call(_: int) -> None:
            # A connection of its own each, so that both processes get some.
            with server.client() as client:
                assert client.get("/healthz").status_code == 200

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(call, range(60)))
        counts = []
        for _ in range(4):
            with server.client() as client:
                counts.append(requests(read(client), "GET", "/healthz", 200))
        assert counts == [60] * 4

        def pool_size() -> float:
            with server.client() as client:
                return value(read(client), "database_pool_size")

        both = 2 * settings.worker_threads
        eventually(lambda: pool_size() == both)
        killed = children(server.process.pid)[0]
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: killed not in children(server.process.pid), within=30)
        eventually(lambda: pool_size() == both, within=30)
        with server.client() as client:
            assert requests(read(client), "GET", "/healthz", 200) == 60, "what it counted is not forgotten"


def children(process: int) -> list[int]:
    """The processes that answer requests (Linux)."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(each) for each in listed if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
