"""A mirror that is built from the feed alone equals the register, while others write."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
import pytest

from app.core.resource import Resource
from app.resources import ALL, CATALOGUE
from tests.support.databases import Databases
from tests.support.paging import records
from tests.support.patience import Patient
from tests.support.samples import Samples
from tests.support.server import Server, running

WRITERS = 4
STEPS = 15

Record = dict[str, Any]


class Mirror:
    """What a client knows of the register that reads nothing but the feed."""

    def __init__(self) -> None:
        self.seq = 0
        self.numbers: list[int] = []
        self.records: dict[tuple[str, str], Record] = {}

    def follow(self, client: httpx.Client, limit: int = 200) -> int:
        """Apply what has come since. Gives how much that was."""
        response = client.get("/v1/changes", params={"since": self.seq, "limit": limit})
        assert response.status_code == 200, response.text
        part = response.json()
        for entry in part["data"]:
            self.numbers.append(entry["seq"])
            key = (entry["resource"], entry["id"])
            if entry["removed"] or entry["record"] is None:
                self.records.pop(key, None)
            else:
                self.records[key] = entry["record"]
        self.seq = part["seq"]
        return len(part["data"])

    def of(self, resource: Resource) -> dict[str, Record]:
        return {id_: record for (name, id_), record in self.records.items() if name == resource.name}


@pytest.fixture
def busy(backend: str, databases: Databases) -> Iterator[Server]:
    """A server of its own, to be written to at will."""
    with running(databases.excerpt(backend)) as server:
        yield server


def stored(resource: Resource, record: Record) -> Record:
    """A record without what is reckoned at every reading, which no feed can follow."""
    return {name: value for name, value in record.items() if name not in resource.computed}


def meddle(server: Server, seed: int, stop: Event) -> None:
    """Make, edit, publish, take back and withdraw records of every kind."""
    chance = random.Random(seed)
    with httpx.Client(
        base_url=server.url, headers=server.authorization, timeout=120, transport=Patient(stop.wait)
    ) as client:
        samples = Samples(client)
        created: list[str] = []
        deeds: list[Callable[[str], Any]] = [
            lambda path: client.post(f"{path}/publish"),
            lambda path: client.patch(path, json={"state": "draft"}, headers={"If-Match": "*"}),
            lambda path: client.post(f"{path}/withdraw", headers={"If-Match": "*"}),
            lambda path: client.patch(
                path, json={"slug": f"renamed-{chance.getrandbits(40):x}"}, headers={"If-Match": "*"}
            ),
        ]
        for _ in range(STEPS):
            if stop.is_set():
                return
            state = chance.choice(["draft", "published"])
            sample = samples.create(chance.choice(ALL), full=chance.random() < 0.5, state=state)
            created.append(f"/v1/{sample.resource.name}/{sample.id}")
            change = client.patch(sample.path, json=samples.change_of(sample), headers=sample.if_match)
            assert change.status_code < 500, change.text
            for _ in range(2):
                response = chance.choice(deeds)(chance.choice(created))
                assert response.status_code < 500, response.text


@pytest.mark.slow
def test_a_mirror_built_from_the_feed_equals_the_register(busy: Server) -> None:
    stop = Event()
    mirror = Mirror()
    with busy.client() as everybody, ThreadPoolExecutor(WRITERS) as threads:
        try:
            writers = [threads.submit(meddle, busy, seed, stop) for seed in range(WRITERS)]
            while not all(writer.done() for writer in writers):
                mirror.follow(everybody)
            for writer in writers:
                writer.result()
        finally:
            stop.set()
        while mirror.follow(everybody):
            pass
        assert mirror.numbers == sorted(set(mirror.numbers)), "in order, and each once"
        for resource in ALL:
            listed = records(everybody, f"/v1/{resource.name}", [("limit", "200")])
            shown = {record["id"]: stored(resource, record) for record in listed}
            assert {id_: stored(resource, each) for id_, each in mirror.of(resource).items()} == shown, resource.name


@pytest.mark.slow
def test_what_one_resource_or_partnership_sees_change_is_part_of_the_whole(anonymous: httpx.Client) -> None:
    whole: list[Record] = []
    since = 0
    while part := anonymous.get("/v1/changes", params={"since": since, "limit": 200}).json():
        whole += part["data"]
        since = part["seq"]
        if part["next"] is None:
            break
    for name in ("commitments", "sources"):
        first = anonymous.get("/v1/changes", params={"resource": name, "limit": 50}).json()["data"]
        assert [each["seq"] for each in first] == [each["seq"] for each in whole if each["resource"] == name][:50]
    requested = {"partnership": "india-south-korea", "limit": 200, "since": 0}
    found = anonymous.get("/v1/changes", params=requested).json()["data"]
    apart = {resource.name for resource in CATALOGUE if "partnership" not in resource.listing.related}
    belonging = [each["seq"] for each in whole if each["resource"] not in apart - {"partnerships", "citations"}]
    shared = {"themes", "stakeholders", "sources"}
    assert {each["resource"] for each in found}.isdisjoint(shared)
    assert found
    assert {each["seq"] for each in found} <= set(belonging)
