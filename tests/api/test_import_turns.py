"""Imports that hold nobody up: what is only tried is tried apart, and who leaves ends what it asked for."""

import asyncio
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from starlette.types import Message

from app.core.importing import run
from app.core.importing.importer import Importer
from app.core.importing.items import Item
from app.core.storage import private_copy
from app.core.writing.inserts import _insert_into
from app.operations.prepare import migrate
from app.resources import CATALOGUE
from app.settings import Settings
from tests.support.databases import Databases, opened, require_backend
from tests.support.register import Register, application
from tests.support.server import running
from tests.support.waiting import eventually
from tests.support.wire import connect, request

HEAD = {"format": "followthrough-bundle/1", "title": "A test"}
JSONL = {"Content-Type": "application/jsonl"}
MANY = run._MANY + 1


def themes(number: int, **more: Any) -> list[dict[str, Any]]:
    return [{"resource": "themes", "slug": f"theme-{each}", "name": f"Theme {each}", **more} for each in range(number)]


def bundle(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in (HEAD, *records))


@pytest.fixture
def register(backend: str, databases: Databases) -> Iterator[Register]:
    """A register with nothing in it."""
    settings = databases.empty(backend).model_copy(update={"cache_bytes": 0})
    with opened(settings) as database:
        migrate(database)
    with application(settings) as register:
        yield register


def sent(register: Register, body: bytes, query: str = "") -> Any:
    """What becomes of a file."""
    answer = register.request("POST", f"/v1/import{query}", content=body, headers={**register.authorization, **JSONL})
    assert answer.status_code == 200, answer.text
    return answer.json()


class Held:
    """An import that has made its changes and waits before it ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.enough = threading.Event(), threading.Event()
        finish = Importer.finish

        def held(importer: Importer) -> None:
            self.begun.set()
            assert self.enough.wait(60)
            finish(importer)

        monkeypatch.setattr(Importer, "finish", held)


@pytest.mark.parametrize("mode", ["upsert", "mirror"])
def test_others_write_while_a_large_file_is_tried(
    register: Register, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Also the very records that it would change, and under the very slugs that it would take."""
    sent(register, bundle(*themes(2), {"resource": "themes", "slug": "not-in-the-file", "name": "Else"}))
    held = Held(monkeypatch)
    changed = themes(MANY, description="New.")
    with ThreadPoolExecutor(1) as pool:
        tried = pool.submit(sent, register, bundle(*changed), f"?dry_run=true&mode={mode}")
        assert held.begun.wait(60)
        try:
            headers = {**register.authorization, "If-Match": "*"}
            patch = register.request("PATCH", "/v1/themes/theme-1", json={"name": "Short"}, headers=headers)
            post = register.request("POST", "/v1/themes", json={"name": "N", "slug": "theme-7"}, headers=headers)
            gone = register.request("DELETE", "/v1/themes/not-in-the-file", headers=headers)
        finally:
            held.enough.set()
        plan = tried.result()
    assert [each.status_code for each in (patch, post, gone)] == [200, 201, 204]
    assert not plan["stored"]
    withdrawn = 0  # A draft is left alone where the file says nothing of drafts.
    assert plan["totals"] == {
        "created": MANY - 2,
        "changed": 2,
        "unchanged": 0,
        "withdrawn": withdrawn,
        "refused": 0,
    }
    everything = register.get("/v1/themes.json", headers=register.authorization).json()
    assert {theme["slug"]: theme["name"] for theme in everything} == {
        "theme-0": "Theme 0",
        "theme-1": "Short",
        "theme-7": "N",
    }


@contextmanager
def on_postgresql(databases: Databases) -> Iterator[tuple[Settings, psycopg.Connection[Any], str]]:
    """A register with nothing in it on PostgreSQL, a connection of its operator's, and what its database is called."""
    require_backend("postgresql")
    settings = databases.empty("postgresql").model_copy(update={"cache_bytes": 0})
    with opened(settings) as database:
        migrate(database)
        url = database.engine.url
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as operator:
        yield settings, operator, f'"{url.database}"'


def test_what_is_tried_stays_in_the_copy_wherever_an_operator_has_temporary_tables_looked_for(
    databases: Databases,
) -> None:
    with on_postgresql(databases) as (settings, operator, name):
        operator.execute(f"ALTER DATABASE {name} SET search_path = public, pg_temp".encode())
        with opened(settings) as database, private_copy.private_copy(database, CATALOGUE, lambda: None) as connection:
            for table in private_copy.tables_of(CATALOGUE):
                kept = f"SELECT relpersistence FROM pg_class WHERE oid = '{table.name}'::regclass"
                assert connection.exec_driver_sql(kept).scalar_one() == "t", table.name


def test_where_no_copy_may_be_made_it_is_tried_in_the_register(databases: Databases) -> None:
    with on_postgresql(databases) as (settings, operator, name):
        role = f"served_{uuid4().hex}"
        for statement in (
            f"CREATE ROLE {role}",
            f"GRANT ALL ON SCHEMA public TO {role}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
            f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC",
            f"ALTER DATABASE {name} SET role = {role}",
        ):
            operator.execute(statement.encode())
        try:
            with application(settings) as register:
                plan = sent(register, bundle(*themes(MANY)), "?dry_run=true")
                assert (plan["stored"], plan["totals"]["created"]) == (False, MANY)
                assert register.get("/v1/themes.json", headers=register.authorization).json() == []
        finally:
            operator.execute(f"ALTER DATABASE {name} RESET role; DROP OWNED BY {role}; DROP ROLE {role}".encode())


def test_a_plan_is_the_same_wherever_it_is_made(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a copy of the register, within the register, and by the import itself."""
    before = [
        {"resource": "partnerships", "slug": "p", "name": "P", "parties": ["IN", "KR"], "state": "published"},
        {"resource": "sources", "slug": "s", "title": "S", "type": "document", "url": "https://example.org/s"},
        *themes(3, state="published"),
    ]
    sent(register, bundle(*before))
    promise = {"resource": "commitments", "partnership": "p", "kind": "deliverable", "made_on": "2020"}
    cited = {"citations": [{"source": "s", "intent": "context"}]}
    good = [
        *before[:2],
        {"resource": "themes", "slug": "theme-0", "name": "Changed", "state": "published"},
        {"resource": "themes", "slug": "theme-1", "name": "Theme 1", "parent": "theme-0", "state": "published"},
        {**promise, "slug": "a", "title": "A", "themes": ["theme-0"], **cited},
        {**promise, "slug": "b", "title": "B", "themes": ["theme-1", "theme-2"]},
    ]
    bad = [
        {**promise, "slug": "c", "title": "C", "partnership": "none-such"},
        {**promise, "slug": "d", "title": "D", "state": "published", "themes": ["theme-0", "theme-0"]},
        {**promise, "slug": "e", "title": "", "kind": "nothing"},
    ]
    for records in (good, [*good, *bad]):
        plans = []
        for most in (0, 1000):
            monkeypatch.setattr(run, "_MANY", most)
            plans.append(sent(register, bundle(*records), "?dry_run=true"))
        assert plans[0] == plans[1]
        assert plans[0]["totals"]["refused"] == (len(records) - len(good))
    stored = sent(register, bundle(*good))
    assert stored["stored"]
    assert stored["records"] == [each for each in plans[0]["records"] if each["outcome"] != "refused"]


def test_nothing_is_left_of_what_was_tried(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the register nor in a connection that others get, nor in what a process keeps of statements."""
    monkeypatch.setattr(run, "_MANY", 0)
    kept = 0
    for _ in range(2):
        assert sent(register, bundle(*themes(3)), "?dry_run=true")["totals"]["created"] == 3
        assert kept in (0, _insert_into.cache_info().currsize)
        kept = _insert_into.cache_info().currsize
        assert register.get("/v1/themes?count=true", headers=register.authorization).json()["total"] == 0
    assert register.get("/v1/changes?since=0").json()["data"] == []
    assert sent(register, bundle(*themes(3)))["totals"]["created"] == 3


def test_who_leaves_ends_the_making_of_a_copy(backend: str, databases: Databases) -> None:
    def leave() -> None:
        raise run.Abandoned

    with opened(databases.empty(backend)) as database:
        migrate(database)
        with pytest.raises(run.Abandoned), private_copy.private_copy(database, CATALOGUE, leave):
            raise AssertionError("It was made all the same.")


def test_what_a_killed_process_has_left_of_a_copy_is_removed(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, made, new, other = (tmp_path / f"{name}left" for name in (*[f"{private_copy._PREFIX}{n}" for n in "abc"], ""))
    for each in (left, made, new, other):
        each.mkdir()
        (each / "copy.sqlite3").touch()
        if each is not new:
            os.utime(each, (0, 0))
    with opened(databases.excerpt("sqlite")) as database, private_copy._locked(made):
        for _ in range(2):
            with private_copy.private_copy(database, CATALOGUE, lambda: None) as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM theme").scalar_one()
                assert [each.stat().st_mode & 0o77 for each in tmp_path.glob(f"{private_copy._PREFIX}????????")] == [0]
            assert set(tmp_path.iterdir()) == {made, new, other}
    assert (made / "copy.sqlite3").exists()


@pytest.mark.parametrize("query", ["", "dry_run=true"])
@pytest.mark.parametrize("at", ["the first record", "the end"])
def test_who_leaves_ends_its_import(register: Register, monkeypatch: pytest.MonkeyPatch, query: str, at: str) -> None:
    reached, left, number = threading.Event(), threading.Event(), []
    take, finish = Importer._take, Importer.finish

    def until_it_has_left() -> None:
        reached.set()
        assert left.wait(60)

    def taken(importer: Importer, item: Item) -> None:
        number.append(item)
        if at == "the first record":
            until_it_has_left()
        take(importer, item)

    def finished(importer: Importer) -> None:
        finish(importer)
        if at == "the end":
            until_it_has_left()

    monkeypatch.setattr(Importer, "_take", taken)
    monkeypatch.setattr(Importer, "finish", finished)
    _sent_by_one_who_leaves(register, bundle(*themes(MANY)), query, reached, left)
    assert len(number) == (1 if at == "the first record" else MANY)
    monkeypatch.undo()
    assert register.get("/v1/themes?count=true", headers=register.authorization).json()["total"] == 0
    assert sent(register, bundle(*themes(3)))["totals"]["created"] == 3


def _sent_by_one_who_leaves(
    register: Register, body: bytes, query: str, reached: threading.Event, left: threading.Event
) -> None:
    """Send a file, and leave once the import has come to a point; gives back when the server is done with it."""
    headers = {**register.authorization, **JSONL, "Content-Length": str(len(body)), "Host": "register.test"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/import",
        "raw_path": b"/v1/import",
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    parts = iter([body])

    async def receive() -> Message:
        if (part := next(parts, None)) is not None:
            return {"type": "http.request", "body": part, "more_body": False}
        await asyncio.to_thread(reached.wait, 60)
        # Given to the application before the import goes on.
        asyncio.get_running_loop().call_later(0.05, left.set)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass

    async def ask() -> None:
        await register.app(scope, receive, send)

    register._portal.call(ask)


def test_a_connection_that_is_closed_ends_its_import(backend: str, databases: Databases) -> None:
    number = 4000
    settings = databases.empty(backend).model_copy(update={"bundled": False})
    with running(settings) as server, server.client(**server.authorization) as editor:
        body = bundle(*themes(number))
        with connect(server) as connection:
            token = f"Authorization: Bearer {server.token}".encode()
            connection.sendall(request("POST", "/v1/import", token, b"Content-Type: application/jsonl", body=body))

        def can_write() -> bool:
            answer = editor.post("/v1/themes", json={"name": "Short", "slug": "short"})
            return answer.status_code in (201, 409)

        eventually(can_write)
        assert editor.get("/v1/themes?count=true").json()["total"] == 1
        assert editor.post("/v1/import", content=bundle(*themes(3)), headers=JSONL).json()["stored"]
