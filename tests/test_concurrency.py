"""Many clients at once, against a real server: nothing is lost, doubled or half seen."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from app.resources import ALL
from tests.support.paging import pages
from tests.support.patience import Patient
from tests.support.problems import kind
from tests.support.samples import Samples
from tests.support.server import Server

RESOURCE = max(ALL, key=lambda resource: len(resource.linking))
"""The resource with the most links: its records are the most work to change whole."""

PATH = f"/v1/{RESOURCE.name}"
LABEL = RESOURCE.label

Result = TypeVar("Answer")


@pytest.fixture
def samples(editor: httpx.Client) -> Samples:
    """Makes records for a test to change."""
    return Samples(editor)


@pytest.fixture
def crowd(server: Server) -> Iterator[httpx.Client]:
    """A client that may write, for any number of threads: each has a connection of its own.

    On a busy machine a queue of writers may be full for a moment, which says nothing about what they may lose.
    """
    with httpx.Client(base_url=server.url, headers=server.authorization, timeout=120, transport=Patient()) as client:
        yield client


def at_once(times: int, call: Callable[[int], Result]) -> list[Result]:
    """What many threads are answered that all ask at the same moment."""
    ready = Barrier(times)

    def caller(number: int) -> Result:
        ready.wait(timeout=120)
        return call(number)

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(caller, range(times)))


def statuses(responses: list[httpx.Response]) -> Counter[int]:
    """How often each status was answered."""
    return Counter(response.status_code for response in responses)


def test_of_fifty_patches_of_one_revision_one_is_made(crowd: httpx.Client, samples: Samples) -> None:
    created = samples.create(RESOURCE, full=False)
    responses = at_once(
        50, lambda n: crowd.patch(created.path, json={LABEL: f"By client {n}"}, headers=created.if_match)
    )
    assert statuses(responses) == {200: 1, 412: 49}
    (winner,) = (response for response in responses if response.status_code == 200)
    assert crowd.get(created.path).json() == winner.json()
    assert winner.json()["revision"] == 2


@pytest.mark.slow
def test_no_acknowledged_change_is_lost(crowd: httpx.Client, samples: Samples) -> None:
    """Clients that each read, add one, and try again where somebody was faster, add up."""
    clients, times = 8, 5
    created = samples.create(RESOURCE, full=False, **{LABEL: "Counted 0"})

    def count(_: int) -> int:
        tries = 0
        for _ in range(times):
            while True:
                tries += 1
                current = crowd.get(created.path)
                more = int(current.json()[LABEL].removeprefix("Counted ")) + 1
                change = {LABEL: f"Counted {more}"}
                response = crowd.patch(created.path, json=change, headers={"If-Match": current.headers["etag"]})
                if response.status_code == 200:
                    break
                assert response.status_code == 412, response.text
        return tries

    at_once(clients, count)
    record = crowd.get(created.path).json()
    assert record[LABEL] == f"Counted {clients * times}"
    assert record["revision"] == clients * times + 1


def test_of_twenty_posts_with_one_key_one_makes_a_record(crowd: httpx.Client, samples: Samples) -> None:
    body = samples.body(RESOURCE, full=False)
    del body["slug"]  # so that a second record would find a slug of its own
    key = {"Idempotency-Key": f"key-{uuid4()}"}
    responses = at_once(20, lambda _: crowd.post(PATH, json=body, headers=key))
    assert statuses(responses) == {201: 20}
    assert len({response.content for response in responses}) == 1
    assert sum("idempotency-replayed" not in response.headers for response in responses) == 1
    page = crowd.get(PATH, params={LABEL: body[LABEL], "count": "true"}).json()
    assert page["total"] == 1


def test_of_twenty_posts_of_one_slug_one_makes_a_record(crowd: httpx.Client, samples: Samples) -> None:
    body = samples.body(RESOURCE, full=False)
    responses = at_once(20, lambda _: crowd.post(PATH, json=body))
    assert statuses(responses) == {201: 1, 409: 19}
    assert {kind(response) for response in responses if response.status_code == 409} == {"conflict"}


def test_of_twenty_puts_that_want_to_be_first_one_is(crowd: httpx.Client, samples: Samples) -> None:
    body = samples.body(RESOURCE, full=False)
    path = f"{PATH}/{body.pop('slug')}"
    responses = at_once(20, lambda n: crowd.put(path, json={**body, LABEL: f"By {n}"}, headers={"If-None-Match": "*"}))
    assert statuses(responses) == {201: 1, 412: 19}


def test_of_twenty_clients_that_withdraw_one_does(crowd: httpx.Client, samples: Samples) -> None:
    created = samples.published(RESOURCE, full=False)
    responses = at_once(20, lambda _: crowd.delete(created.path, headers=created.if_match))
    assert statuses(responses) == {204: 1, 410: 19}


def test_sixteen_writers_at_once_all_succeed(crowd: httpx.Client, samples: Samples) -> None:
    word = f"z{uuid4().hex}"
    # Every fifth number names the same partnership.
    bodies = [samples.body(RESOURCE, full=True, number=5 * number) for number in range(16)]

    def write(number: int) -> list[httpx.Response]:
        body = {**bodies[number], LABEL: f"{word} {number}"}
        responses = [crowd.post(PATH, json=body)]
        for turn in range(4):
            current = {"If-Match": responses[-1].headers["etag"]}
            change = {LABEL: f"{word} {number} {turn}", "state": "published"}
            responses.append(crowd.patch(f"{PATH}/{body['slug']}", json=change, headers=current))
        return responses

    responses = [response for each in at_once(16, write) for response in each]
    assert statuses(responses) == {201: 16, 200: 64}
    page = crowd.get(PATH, params={"q": word, "count": "true", "limit": "200"}).json()
    assert page["total"] == 16
    assert {record["revision"] for record in page["data"]} == {5}


@pytest.mark.slow
@pytest.mark.parametrize("order", ["slug", f"-{LABEL}", "created_at", "-updated_at"])
def test_a_walk_during_writes_meets_what_was_there_throughout_once(
    anonymous: httpx.Client, crowd: httpx.Client, samples: Samples, order: str
) -> None:
    """Records that come and go before, behind and beside the walk neither hide others nor show them twice."""
    path = f"{PATH}?sort={order}&limit=4"
    there_throughout = {record["slug"] for page in pages(anonymous, path) for record in page["data"]}
    body = samples.body(RESOURCE, full=False)
    ended = Event()
    come_and_gone: list[str] = []

    def come_and_go() -> None:
        while not ended.is_set():
            slug = f"{uuid4().hex[:1]}-passing-{uuid4().hex}"
            # Before it is made: the walk may meet it before the answer to its maker is read.
            come_and_gone.append(slug)
            created = crowd.post(PATH, json={**body, "slug": slug, LABEL: f"{slug} passes", "state": "published"})
            assert created.status_code == 201, created.text
            gone = crowd.delete(f"{PATH}/{slug}", headers={"If-Match": created.headers["etag"]})
            assert gone.status_code == 204, gone.text

    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(come_and_go)
        try:
            for _ in range(2):
                met = Counter(record["slug"] for page in pages(anonymous, path) for record in page["data"])
                assert there_throughout <= met.keys()
                assert {slug: times for slug, times in met.items() if times > 1} == {}
                assert met.keys() - there_throughout <= set(come_and_gone)
        finally:
            ended.set()
            writing.result(timeout=120)
    assert come_and_gone


def test_a_reader_never_sees_half_of_a_change(anonymous: httpx.Client, crowd: httpx.Client, samples: Samples) -> None:
    """A title and the links of a record are stored in several tables, and change together or not at all."""
    (relation, *_) = RESOURCE.linking
    keys = samples.key_for(relation, RESOURCE.create.model_fields[relation.field], number=2)
    shapes: dict[str, list[Any]] = {"Has none": [], "Has one": keys[:1], "Has both": keys}
    created = samples.published(RESOURCE, full=False, **{LABEL: "Has both", relation.field: keys})
    ended = Event()

    def change() -> int:
        changes = 0
        while not ended.is_set():
            for label, shape in shapes.items():
                patch = {LABEL: label, relation.field: shape}
                assert crowd.patch(created.path, json=patch, headers={"If-Match": "*"}).status_code == 200
                changes += 1
        return changes

    with ThreadPoolExecutor(1) as beside:
        changing = beside.submit(change)
        try:
            for turn in range(60):
                client = anonymous if turn % 2 else crowd
                if turn % 3:
                    record = client.get(created.path).json()
                else:
                    (record,) = client.get(PATH, params={"slug": created.slug}).json()["data"]
                assert len(record[relation.field]) == len(shapes[record[LABEL]])
        finally:
            ended.set()
            assert changing.result(timeout=120) >= len(shapes)
