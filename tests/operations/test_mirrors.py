"""Mirrors: equal to another register after any change and any interruption, and never read from the private network."""

import json
import secrets
import tracemalloc
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from anyio import fail_after

from app.operations.mirror import Mirror, MirrorError, Part, Remote, RemoteError
from app.operations.mirror_commands import _equal
from app.operations.prepare import migrate
from app.outbound import Outbound
from app.resources import CATALOGUE
from app.settings import Settings
from tests.support.asgi import run
from tests.support.databases import Databases, opened
from tests.support.outside import Outside, canary, page, site
from tests.support.server import Server, running
from tests.support.waiting import SECONDS


@pytest.fixture(scope="module")
def other(databases: Databases) -> Iterator[Server]:
    """The register to mirror."""
    with running(databases.excerpt("sqlite")) as server:
        yield server


@pytest.fixture
def empty(backend: str, databases: Databases) -> Settings:
    """The settings of a register with nothing in it."""
    settings = databases.empty(backend)
    with opened(settings) as database:
        migrate(database)
    return settings


def mirrored(settings: Settings, url: str) -> bool:
    """Whether both are equal after a run of the mirror."""

    async def run_once() -> bool:
        async with Outbound("test", allowed=[ip_network("127.0.0.0/8")]) as outbound:
            with opened(settings) as database:
                return await _equal(database, Mirror(database, CATALOGUE, url), Remote(url, outbound))

    return run(run_once())


def interrupted(mirror: Mirror, seq: int) -> None:
    """End a run before it has noted how far it has come."""
    raise InterruptedError


def meddle(client: httpx.Client) -> None:
    """Do to some records everything that can be done."""

    def call(method: str, path: str, body: Any = None) -> Any:
        response = client.request(method, f"/v1/{path}", json=body, headers={"If-Match": "*"})
        assert response.status_code < 300, (method, path, response.text)
        return response.json() if response.content else None

    one, two, three = (f"t{secrets.token_hex(6)}" for _ in range(3))
    for slug in (one, two, three):
        call("POST", "themes", {"name": slug, "slug": slug, "state": "published"})
    call("PATCH", f"themes/{one}", {"slug": f"{one}-renamed", "description": "Another one."})
    call("PATCH", f"themes/{two}", {"state": "draft"})
    call("DELETE", f"themes/{three}")
    commitment = call("GET", "commitments?limit=1&sort=slug")["data"][0]["slug"]
    call("PATCH", f"commitments/{commitment}", {"themes": [f"{one}-renamed"]})
    call("PATCH", f"themes/{two}", {"state": "published", "parent": f"{one}-renamed"})
    call("POST", f"themes/{three}/restore")
    call("PATCH", f"themes/{three}", {"name": "Back again", "state": "published"})


def test_a_mirror_is_equal_after_whatever_happens(
    other: Server, empty: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mirrored(empty, other.url)
    assert "Both are equal at number" in capsys.readouterr().err
    with other.client(**other.authorization) as client:
        meddle(client)
        assert mirrored(empty, other.url)
        meddle(client)
    # Interrupted when everything is stored but how far it has come.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Mirror, "_note", interrupted)
        with pytest.raises(InterruptedError):
            mirrored(empty, other.url)
    capsys.readouterr()
    assert mirrored(empty, other.url)
    assert mirrored(empty, other.url + "/"), "nothing is left to do"
    with pytest.raises(MirrorError, match="a mirror of"):
        mirrored(empty, "https://another.example")


def test_a_mirror_of_a_register_that_was_set_back_says_so(other: Server, databases: Databases) -> None:
    settings = databases.empty("sqlite")
    with opened(settings) as database:
        migrate(database)
        Mirror(database, CATALOGUE, other.url)._note(999_999)
    with pytest.raises(RemoteError, match="no change of number 999999 yet"):
        mirrored(settings, other.url)


@pytest.mark.slow
def test_what_was_changed_in_a_mirror_is_told(
    other: Server, empty: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mirrored(empty, other.url)
    with running(empty.model_copy(update={"bundled": False})) as own, own.client(**own.authorization) as client:
        theme = client.get("/v1/themes?limit=1").json()["data"][0]
        changed = client.patch(f"/v1/themes/{theme['slug']}", json={"description": "Ours."}, headers={"If-Match": "*"})
        assert changed.status_code == 200
        assert client.post("/v1/themes", json={"name": "Ours alone", "state": "published"}).status_code == 201
    assert not mirrored(empty, other.url)
    printed = capsys.readouterr()
    assert f"themes {theme['slug']} differs in description, revision" in printed.out
    assert "themes ours-alone is here alone" in printed.out
    assert "2 records differ" in printed.err


def test_what_has_come_is_on_disk_and_the_latest_of_each_record_counts() -> None:
    """64 MB of records, in parts as the feed has them, take a place each in memory and no more."""

    def entry(seq: int, id_: int, text: str = "") -> dict[str, Any]:
        action = "update" if text else "withdraw"
        record = {"id": str(id_), "text": text} if text else None
        known = {"seq": seq, "resource": "themes", "id": str(id_), "action": action}
        return {**known, "removed": not text, "record": record}

    tracemalloc.start()
    try:
        with Part(0) as part:
            for start in range(0, 4000, 200):
                part.take([entry(seq, seq, "x" * 16_000) for seq in range(start + 1, start + 201)])
            taken, _ = tracemalloc.get_traced_memory()
            part.take([entry(4001, 1, "The latest."), entry(4002, 2)])
            assert (part.seq, part.entries, len(part)) == (4002, 4002, 3999)
            assert part.removed == {("themes", "2"): "withdraw"}
            found = {record["id"]: record["text"] for _, record in part.records()}
            assert found.pop("1") == "The latest."
            assert set(found.values()) == {"x" * 16_000}
    finally:
        tracemalloc.stop()
    assert taken < 8_000_000


THEME = {"id": "01980000-0000-7000-8000-000000000001", "slug": "a", "name": "A", "parent": None, "revision": 1}
PUBLISHED = {"seq": 1, "resource": "themes", "id": THEME["id"], "action": "publish", "removed": False, "record": THEME}
FEED = {"data": [PUBLISHED], "seq": 1, "next": None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"resource": ["themes"]},
        {"id": ["a"]},
        {"id": 5},
        {"record": "a"},
        {"record": [1]},
        {"record": {}},
        {"id": "a", "removed": True, "record": None},
        {"seq": 10**30},
        {"seq": 2**60},
        {"seq": -1},
        {"seq": "1"},
        {"seq": 1.5},
    ],
)
def test_a_register_that_lies_is_told_of(databases: Databases, wrong: dict[str, Any]) -> None:
    """Whatever it says: the mirror says so in a line, and stays where it was."""
    told_by(databases, {**FEED, "data": [{**PUBLISHED, **wrong}]}, match="not as a register writes it")


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"seq": True}, "no feed of changes"),
        ({"seq": -1}, "no feed of changes"),
        ({"data": [], "seq": 0, "next": "/v1/changes?since=0&limit=200"}, "comes to no end"),
    ],
)
def test_a_feed_without_an_end_is_told_of(databases: Databases, wrong: dict[str, Any], match: str) -> None:
    told_by(databases, {**FEED, **wrong}, match=match)


@pytest.mark.parametrize(
    ("themes", "match"),
    [
        ({"data": ["a"], "next": None}, "no list of themes"),
        ({"data": [{"slug": "a"}], "next": None}, "no list of themes"),
        ({"data": [{**THEME, "id": "a"}], "next": None}, "no list of themes"),
        ({"data": [], "next": 5}, "no list of themes"),
        ({"data": [THEME], "next": "/v1/themes?limit=200&sort=slug"}, "comes to no end"),
    ],
)
def test_a_list_that_lies_is_told_of(databases: Databases, themes: dict[str, Any], match: str) -> None:
    told_by(databases, {"data": [], "seq": 0, "next": None}, themes, match=match)


def test_what_a_register_says_is_shown_in_a_line_of_a_terminal(databases: Databases) -> None:
    long = {**THEME, "slug": "a" * 1_000_000}
    for wrong in ({"resource": "\x1b[31mred"}, {"record": long}):
        with pytest.raises(MirrorError) as refused:
            read_from(databases, {**FEED, "data": [{**PUBLISHED, **wrong}]})
        assert len(str(refused.value)) < 400
        assert str(refused.value).isprintable()


def told_by(databases: Databases, feed: dict[str, Any], themes: dict[str, Any] | None = None, *, match: str) -> None:
    with pytest.raises(RemoteError, match=match):
        read_from(databases, feed, themes)


def read_from(databases: Databases, feed: dict[str, Any], themes: dict[str, Any] | None = None) -> None:
    """Mirror a register that says just this, and whose other lists are empty."""
    settings, outside = databases.empty("sqlite"), Outside()

    async def mirrored_once() -> None:
        with fail_after(SECONDS):
            async with outside.outbound() as outbound:
                remote = Remote("http://public.example", outbound, ())
                await _equal(database, Mirror(database, CATALOGUE, "http://public.example"), remote)

    with opened(settings) as database, site() as other:
        migrate(database)
        outside.serve("public.example", other.port)
        for resource in CATALOGUE:
            other.pages[f"/v1/{resource.name}?limit=200&sort=slug"] = page(200, b'{"data": [], "next": null}')
        other.pages["/v1/changes?since=0&limit=200"] = page(200, json.dumps(feed).encode())
        if themes is not None:
            other.pages["/v1/themes?limit=200&sort=slug"] = page(200, json.dumps(themes).encode())
        run(mirrored_once())


def test_a_register_of_its_own_becomes_no_mirror(databases: Databases) -> None:
    with opened(databases.excerpt("sqlite")) as database, pytest.raises(MirrorError, match="records of its own"):
        Mirror(database, CATALOGUE, "https://other.example")


@pytest.mark.parametrize(("url", "error"), [("notaurl", MirrorError), ("http://10.0.0.1", RemoteError)])
def test_an_address_that_cannot_be_read_binds_nothing(url: str, error: type[Exception], databases: Databases) -> None:
    settings = databases.empty("sqlite")
    with opened(settings) as database:
        migrate(database)
        with pytest.raises(error):
            mirrored(settings, url)
        Mirror(database, CATALOGUE, "https://other.example")


def test_the_first_reading_binds_even_to_a_register_with_nothing_in_it(databases: Databases) -> None:
    settings, outside = databases.empty("sqlite"), Outside()

    async def reading(mirror: Mirror) -> None:
        async with outside.outbound() as outbound:
            with await mirror.read(Remote("http://public.example", outbound, ()), lambda seq: None):
                pass

    with opened(settings) as database, site() as other:
        migrate(database)
        outside.serve("public.example", other.port)
        other.pages["/v1/changes?since=0&limit=200"] = page(200, b'{"data": [], "seq": 0, "next": null}')
        run(reading(Mirror(database, CATALOGUE, "http://public.example")))
        with pytest.raises(MirrorError, match="is a mirror of http://public"):
            Mirror(database, CATALOGUE, "https://other.example")


def test_nothing_is_read_from_the_private_network() -> None:
    outside = Outside()

    def read(url: str) -> None:
        async def reading() -> None:
            async with outside.outbound() as outbound:
                async for _ in Remote(url, outbound, ()).changes(0, lambda seq: None):
                    pass

        run(reading())

    with canary() as hidden, site() as other:
        outside.names["inside.example"] = [["127.0.0.1"]]
        outside.serve("public.example", other.port)
        for url in (*hidden.urls, f"http://inside.example:{hidden.port}"):
            with pytest.raises(RemoteError):
                read(url)
            # Nor where a public register leads there.
            part = {"data": [], "seq": 0, "next": f"{url.removeprefix('http:')}v1/changes"}
            for answer in (
                page(200, json.dumps(part).encode()),
                page(200, json.dumps({**part, "next": url}).encode()),
                page(302, b"", Location=url),
            ):
                other.pages["/v1/changes?since=0&limit=200"] = answer
                with pytest.raises(RemoteError):
                    read("http://public.example")
        assert hidden.visits == 0


@pytest.mark.parametrize(
    "answer",
    [
        page(404),
        page(200, b"<html>"),
        page(200, b"[]"),
        page(200, b"{}"),
        page(200, b'{"data": 1, "seq": 1, "next": null}'),
        page(503),
    ],
)
def test_what_is_no_register_is_told(answer: Any) -> None:
    outside = Outside()

    async def reading() -> None:
        async with outside.outbound() as outbound:
            async for _ in Remote("http://public.example", outbound, (0,)).changes(0, lambda seq: None):
                pass

    with site() as other:
        outside.serve("public.example", other.port)
        other.pages["/v1/changes?since=0&limit=200"] = answer
        with pytest.raises(RemoteError):
            run(reading())
