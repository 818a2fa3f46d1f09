"""Nobody holds up everybody: a lock that somebody keeps, a database that hangs, and who still is served."""

import asyncio
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest
import sqlalchemy as sa
from starlette.types import Message, Receive, Scope, Send

from app.core.storage.database import Database
from app.core.storage.readiness import SPACE
from app.core.storage.sqlite import sqlite
from app.errors import Overloaded
from app.middleware.fair_turns import FairTurns
from app.middleware.rate_limits import RateLimitFields, RateLimits
from app.middleware.turns import WAIT_SECONDS, Turns, WriteQueue
from app.settings import Settings
from tests.support.asgi import run
from tests.support.connection import head, listening
from tests.support.databases import Databases, require
from tests.support.disks import small_disk
from tests.support.hanging import stopped
from tests.support.postgres import OwnedCluster, postgres_available, throwaway_cluster
from tests.support.register import application
from tests.support.server import Server, running
from tests.support.waiting import LATE, eventually
from tests.support.wire import connect


@contextmanager
def held(server: Server) -> Iterator[None]:
    """Somebody else writes, and takes as long as the block."""
    if server.settings.on_postgresql:
        with psycopg.connect(server.settings.database_url) as connection:
            connection.execute("SELECT seq FROM change_counter FOR UPDATE")
            yield
            connection.rollback()
        return
    connection = sqlite.connect(str(server.settings.sqlite_file), isolation_level=None, timeout=10)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@pytest.fixture(scope="module")
def own_server(backend: str, databases: Databases) -> Iterator[Server]:
    """A server without a cache, so that each read is one."""
    with running(databases.bundled(backend).model_copy(update={"cache_bytes": 0})) as server:
        yield server


def timed(call: Callable[[], httpx.Response]) -> tuple[httpx.Response, float]:
    begun = time.monotonic()
    return call(), time.monotonic() - begun


def test_who_waits_for_a_lock_holds_up_no_reader(own_server: Server) -> None:
    with (
        own_server.client(**own_server.authorization) as editor,
        own_server.client() as anonymous,
        ThreadPoolExecutor(12) as threads,
    ):
        with held(own_server):
            body = {"name": "Waits", "description": "-"}
            writes = [threads.submit(timed, lambda: editor.post("/v1/themes", json=body)) for _ in range(12)]
            reads = [timed(lambda: anonymous.get("/v1/themes?limit=1")) for _ in range(20)]
            probe = timed(lambda: anonymous.get("/readyz"))
            refused = [write.result() for write in writes]
        for response, seconds in (*reads, probe):
            assert response.status_code == 200
            assert seconds < 1 + LATE
        for response, seconds in refused:
            assert response.status_code == 503
            assert int(response.headers["retry-after"]) > 0
            assert seconds < 2 + LATE
        assert editor.post("/v1/themes", json=body).status_code == 201


def test_a_body_on_its_way_keeps_nobody_waiting(own_server: Server) -> None:
    begun, enough = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        yield b'{"name": '
        begun.set()
        enough.wait(20)
        yield b'"Slow", "description": "-"}'

    with (
        own_server.client(**own_server.authorization) as editor,
        own_server.client() as anonymous,
        ThreadPoolExecutor(8) as threads,
    ):
        headers = {"Content-Type": "application/json"}
        slow_ones = [threads.submit(editor.post, "/v1/themes", content=slow(), headers=headers) for _ in range(8)]
        assert begun.wait(20)
        write = timed(lambda: editor.post("/v1/themes", json={"name": "Quick", "description": "-"}))
        read = timed(lambda: anonymous.get("/v1/themes?limit=1"))
        enough.set()
        assert (write[0].status_code, read[0].status_code) == (201, 200)
        assert max(write[1], read[1]) < 1 + LATE
        assert {each.result().status_code for each in slow_ones} == {201}


def test_a_body_that_changes_nothing_keeps_nobody_waiting_either(own_server: Server) -> None:
    begun = threading.Barrier(9)
    enough = threading.Event()

    def slow() -> Iterator[bytes]:
        yield b'{"jsonrpc": "2.0", "id": 1, '
        begun.wait(20)
        enough.wait(20)
        yield b'"method": "tools/list"}'

    with own_server.client() as anonymous, ThreadPoolExecutor(8) as threads:
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        slow_ones = [threads.submit(anonymous.post, "/mcp", content=slow(), headers=headers) for _ in range(8)]
        begun.wait(20)
        read = timed(lambda: anonymous.get("/v1/themes?limit=1"))
        enough.set()
        assert read[0].status_code == 200
        # All of them at once: a busy machine may send some of them away.
        assert {each.result().status_code for each in slow_ones} <= {200, 503}


@pytest.mark.slow
@pytest.mark.postgresql
def test_readers_of_a_locked_table_hold_up_no_others_for_long(databases: Databases) -> None:
    settings = databases.bundled("postgresql").model_copy(update={"cache_bytes": 0, "threads": 5, "query_seconds": 1})
    with running(settings) as server, psycopg.connect(settings.database_url) as other:
        other.execute("LOCK TABLE challenge")
        with server.client() as client, ThreadPoolExecutor(60) as threads:
            reads = [threads.submit(timed, lambda: client.get("/v1/challenges?limit=1")) for _ in range(60)]
            themes = timed(lambda: client.get("/v1/themes?limit=1"))
            for response, seconds in (*(each.result() for each in reads), themes):
                assert response.status_code in (200, 503)
                assert seconds < 4 + LATE
        other.rollback()


# -- a database that hangs -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_database_that_hangs_hangs_nobody(databases: Databases) -> None:
    require(postgres_available(), "PostgreSQL is not installed")
    with throwaway_cluster() as cluster:
        if not cluster.owned:
            pytest.skip("the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to stop")
        settings = databases.empty("sqlite").model_copy(
            update={"database_url": cluster.url, "bundled": False, "cache_bytes": 0, "query_seconds": 1}
        )
        with running(settings) as server, server.client() as client:
            assert client.get("/v1/themes").status_code == 200
            with stopped(cluster):
                for path, within in (("/readyz", 2), ("/v1/themes", 5), ("/v1/themes", 5), ("/readyz", 2)):
                    response, seconds = timed(lambda path=path: client.get(path))  # type: ignore[misc]
                    assert response.status_code == 503, path
                    assert seconds < within + LATE, path
                assert client.get("/healthz").status_code == 200
                begun = time.monotonic()
                server.process.send_signal(signal.SIGTERM)
                server.process.wait(25)
                assert time.monotonic() - begun < 25


# -- turns, and the queue ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/export.zip", "/v1/commitments.xlsx", "/v1/commitments/a-promise.bibliography"])
def test_files_leave_a_turn_to_everything_else(path: str) -> None:
    async def scene() -> tuple[list[str], int]:
        enough, most = asyncio.Event(), 0
        entered = list[str]()

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal most
            entered.append(scope["path"])
            if scope["path"] == path:
                most = max(most, entered.count(path))
                await enough.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        turns = Turns(answer, readers=3)

        async def get(wanted: str) -> None:
            async def receive() -> Message:
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: Message) -> None:
                assert message["status"] == 200

            await turns({"type": "http", "method": "GET", "path": wanted, "headers": []}, receive, send)

        files = [asyncio.create_task(get(path)) for _ in range(6)]
        for _ in range(4):
            await asyncio.wait_for(get("/v1/commitments"), 20)
        before = most
        enough.set()
        await asyncio.gather(*files)
        return entered, before

    entered, at_once = run(scene())
    assert at_once == 2
    assert entered.count(path) == 6
    assert entered.count("/v1/commitments") == 4


def test_turns_go_round_among_clients() -> None:
    """Who asks for much at once has others wait for one of these requests, not for all."""

    async def scene() -> list[str]:
        turns, order = FairTurns(1), list[str]()
        await turns.acquire("many")

        async def read(client: str) -> None:
            await turns.acquire(client)
            order.append(client)
            turns.release()

        leaving = asyncio.create_task(read("leaves"))
        waiting = [asyncio.create_task(read(client)) for client in ("many", "many", "many", "one", "many", "other")]
        await asyncio.sleep(0)
        leaving.cancel()
        turns.release()
        await asyncio.wait_for(asyncio.gather(*waiting), LATE)
        await asyncio.wait_for(turns.acquire("last"), LATE)
        return order

    assert run(scene()) == ["many", "one", "other", "many", "many", "many"]


def test_a_turn_that_comes_as_its_client_leaves_is_passed_on() -> None:
    async def scene() -> None:
        turns = FairTurns(1)
        await turns.acquire("first")
        leaving = asyncio.create_task(turns.acquire("leaves"))
        await asyncio.sleep(0)
        turns.release()
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
        await asyncio.wait_for(turns.acquire("next"), LATE)

    run(scene())


@pytest.mark.parametrize(("path", "place"), [("/v1/commitments", 3), ("/v1/commitments.csv", 2)])
def test_reads_of_one_address_keep_no_other_waiting(path: str, place: int) -> None:
    """Of one address some requests are served at once, and one more; then the other one's, which came last."""

    async def scene() -> list[str]:
        order, enough = list[str](), asyncio.Event()

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            order.append(scope["client"][0])
            await enough.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        limits = RateLimits(Settings(_env_file=None))
        turns = RateLimitFields(Turns(answer, readers=2), limits)

        async def get(address: str) -> None:
            async def receive() -> Message:
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: Message) -> None:
                assert message["status"] == 200

            scope = {"type": "http", "method": "GET", "path": path, "headers": [], "client": (address, 1)}
            await turns(scope, receive, send)

        tasks = [asyncio.create_task(get("192.0.2.1")) for _ in range(8)]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(get("192.0.2.2")))
        await asyncio.sleep(0)
        enough.set()
        await asyncio.gather(*tasks)
        return order

    assert run(scene()).index("192.0.2.2") == place


def test_writers_take_their_turn_in_order() -> None:
    async def scene() -> list[int]:
        queue, order = WriteQueue(), list[int]()

        async def write(number: int) -> None:
            await queue.enter("one")
            order.append(number)
            await asyncio.sleep(0)
            queue.leave(moved=True)

        await asyncio.gather(*(write(number) for number in range(20)))
        await asyncio.wait_for(queue.enter("one"), 1)
        return order

    assert run(scene()) == list(range(20))


def test_a_queue_that_stands_still_is_left() -> None:
    async def scene() -> tuple[int, float]:
        queue = WriteQueue(stalled=0.1)
        await queue.enter("one")
        begun = time.monotonic()
        found = await asyncio.gather(*(queue.enter("one") for _ in range(5)), return_exceptions=True)
        seconds = time.monotonic() - begun
        queue.leave(moved=False)
        await asyncio.wait_for(queue.enter("one"), 1)
        return sum(isinstance(each, Overloaded) for each in found), seconds

    refused, seconds = run(scene())
    assert refused == 5
    assert 0.09 < seconds < 0.1 + LATE


def test_a_queue_that_moves_is_waited_in_and_not_for_ever() -> None:
    async def scene() -> tuple[list[str], float]:
        queue = WriteQueue(stalled=1.0, longest=2.5)

        async def write() -> str:
            try:
                await queue.enter("one")
            except Overloaded:
                return "refused"
            await asyncio.sleep(0.1)
            queue.leave(moved=True)
            return "made"

        begun = time.monotonic()
        return await asyncio.gather(*(write() for _ in range(30))), time.monotonic() - begun

    outcomes, seconds = run(scene())
    assert outcomes.index("refused") > 10, "more than fits into the time that a still queue is waited in"
    assert outcomes[-1] == "refused"
    assert seconds < 2.6 + LATE


def test_what_was_waited_in_the_queue_is_not_waited_again_for_the_lock() -> None:
    async def scene() -> tuple[float, float, float]:
        queue = WriteQueue(stalled=60.0, longest=1000.0)
        first = await queue.enter("one", waited=20.0)
        waiting = asyncio.ensure_future(queue.enter("one", waited=50.0))
        await asyncio.sleep(0)
        queue.leave(moved=False)
        refused_before = await waiting
        again = asyncio.ensure_future(queue.enter("one", waited=50.0))
        await asyncio.sleep(0)
        queue.leave(moved=True)
        return first, refused_before, await again

    first, refused_before, made_before = run(scene())
    assert first == 40
    assert 0 < refused_before <= 10, "nothing moved: what is left of its time"
    assert 10 < made_before <= 60, "the queue moved: the time begins anew"


def test_a_write_has_what_is_left_of_its_time(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []
    with application(databases.bundled("sqlite")) as register:
        database = register.app.state.context.database
        writing = database.writing

        def noted(*, commit: bool = True, lock_seconds: float | None = None) -> object:
            waits.append(lock_seconds)
            return writing(commit=commit, lock_seconds=lock_seconds)

        monkeypatch.setattr(database, "writing", noted)
        body = {"name": "Has a time", "description": "-"}
        made = register.request("POST", "/v1/themes", json=body, headers=register.authorization)
    assert made.status_code == 201
    assert [each for each in waits if each is not None and 0 < each <= WAIT_SECONDS]


def test_a_transaction_can_wait_less_for_a_lock_than_its_database_does(backend: str, databases: Databases) -> None:
    database = Database(databases.bundled(backend), lock_seconds=300)
    try:
        with database.writing() as holder:
            holder.execute(sa.text("UPDATE change_counter SET seq = seq"))
            with pytest.raises(sa.exc.OperationalError), database.writing(lock_seconds=0.1) as other:
                other.execute(sa.text("UPDATE change_counter SET seq = seq"))
        with database.writing() as again:
            setting = "PRAGMA busy_timeout" if backend == "sqlite" else "SHOW lock_timeout"
            assert str(again.execute(sa.text(setting)).scalar()) in ("300000", "5min")
    finally:
        database.dispose()


def test_a_queue_has_a_length() -> None:
    async def scene() -> None:
        queue = WriteQueue(length=2)
        await queue.enter("one")
        waiting = [asyncio.ensure_future(queue.enter("one")) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await queue.enter("one")
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        queue.leave(moved=False)
        await asyncio.wait_for(queue.enter("one"), 1)

    run(scene())


def test_writers_take_turns_client_by_client() -> None:
    """Who sends a hundred changes at once has others wait for one of them, and leaves them a place in the queue."""

    async def scene() -> tuple[list[str], list[str]]:
        queue, made, refused = WriteQueue(length=4), list[str](), list[str]()
        await queue.enter("many")

        async def write(client: str, name: str) -> None:
            try:
                await queue.enter(client)
            except Overloaded:
                refused.append(name)
                return
            made.append(name)
            queue.leave(moved=True)

        writes = [("many", "1"), ("many", "2"), ("many", "3"), ("many", "4"), ("many", "5"), ("one", "a"), ("one", "b")]
        waiting = [asyncio.create_task(write(*each)) for each in [*writes, ("one", "c"), ("other", "x")]]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        queue.leave(moved=True)
        await asyncio.wait_for(asyncio.gather(*waiting), LATE)
        await asyncio.wait_for(queue.enter("last"), LATE)
        return made, refused

    made, refused = run(scene())
    assert made == ["1", "a", "x", "b"]
    assert sorted(refused) == ["2", "3", "4", "5", "c"]


def test_who_leaves_as_the_turn_comes_passes_it_on() -> None:
    async def scene() -> None:
        queue = WriteQueue()
        await queue.enter("one")
        waiting = asyncio.ensure_future(queue.enter("one"))
        await asyncio.sleep(0)
        queue.leave(moved=True)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.wait_for(queue.enter("one"), 1)

    run(scene())


# -- who leaves ------------------------------------------------------------------------------------------------------


def test_a_client_that_hangs_up_leaves_no_traceback(own_server: Server) -> None:
    head = f"POST /v1/themes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {own_server.token}\r\n"
    head += "Content-Type: application/json\r\nX-Request-Id: hangs-up\r\nContent-Length: 100\r\n\r\n{"
    with connect(own_server) as client:
        client.sendall(head.encode())
        with own_server.client() as other:
            assert other.get("/v1/themes?limit=1").status_code == 200
    eventually(lambda: "hangs-up" in own_server.log(200))
    assert "Traceback" not in own_server.log(200)
    assert "ClientDisconnect" not in own_server.log(200)


def test_who_leaves_is_missed_by_what_is_answered_and_not_by_what_waits_behind_it(databases: Databases) -> None:
    settings = databases.bundled("sqlite").model_copy(update={"heartbeat_seconds": 1000.0})
    with listening(settings) as listener, listener.connection() as client:
        client.begin(head("/v1/changes", b"Accept: text/event-stream") + head("/healthz"))
        eventually(lambda: b"retry: " in client.transport.written)
        client.lost()
        client.send()
        assert client.transport.written.count(b"HTTP/1.1 200") == 1


# -- readiness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("free", "status"), [(SPACE - 1, 503), (SPACE, 200)])
def test_a_full_disk_shows(databases: Databases, monkeypatch: pytest.MonkeyPatch, free: int, status: int) -> None:
    settings = databases.bundled("sqlite")
    usage = shutil.disk_usage(settings.data_dir)
    with application(settings) as register:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=free))
        response = register.get("/readyz")
    assert response.status_code == status
    assert ("full" in response.text) == (status == 503)


@contextmanager
def full_for_themes(cluster: OwnedCluster, database_url: str) -> Iterator[Path]:
    """PostgreSQL has no room for new themes within the block; gives the file that takes it all."""
    with (
        small_disk(cluster.folder / "small", 2000) as small,
        psycopg.connect(database_url, autocommit=True) as connection,
    ):
        if cluster.user:
            shutil.chown(small, cluster.user)
        connection.execute(f"CREATE TABLESPACE small LOCATION '{small}'".encode())
        connection.execute("ALTER TABLE theme SET TABLESPACE small")
        try:
            with suppress(OSError), (small / "fill").open("wb", buffering=0) as fill:
                while True:
                    fill.write(bytes(1024))
            yield small / "fill"
        finally:
            (small / "fill").unlink(missing_ok=True)
            connection.execute("ALTER TABLE theme SET TABLESPACE pg_default")
            connection.execute("DROP TABLESPACE small")


@pytest.mark.postgresql
def test_a_full_disk_of_postgresql_shows(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a change has met it, and for a while; everybody reads on."""
    cluster = databases.cluster
    if not isinstance(cluster, OwnedCluster):
        pytest.skip("the disk of the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to fill")
    settings = databases.excerpt("postgresql").model_copy(update={"cache_bytes": 0})

    def create() -> httpx.Response:
        body = {"name": secrets.token_hex(8), "description": secrets.token_hex(9000)}
        return register.request("POST", "/v1/themes", json=body, headers=register.authorization)

    with application(settings) as register:
        with full_for_themes(cluster, settings.database_url) as fill:
            refused = create()
            assert refused.status_code == 503
            assert "disk of the database is full" in refused.json()["detail"]
            assert register.get("/readyz").json() == {"status": "read-only"}
            assert register.get("/v1/themes").status_code == 200
            fill.unlink()
            assert create().status_code == 201
        monkeypatch.setattr("app.core.storage.database._FULL_SECONDS", 0.0)
        assert register.get("/readyz").json() == {"status": "ready"}
