"""The database: how it is used, and what a client sees when it fails."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import event

from app.api.context import context_of
from app.core.storage.database import Database
from app.core.storage.sqlite import JOURNAL, SOUND, sqlite
from app.operations.prepare import migrate, schema_revision
from app.resources import CATALOGUE
from app.settings import Settings
from tests.support.databases import Databases, opened, require
from tests.support.postgres import Cluster, postgres_available, throwaway_cluster
from tests.support.problems import assert_problem, kind
from tests.support.register import Register, application
from tests.support.server import Server, environment_of, running
from tests.support.waiting import LATE, eventually

WITHIN = 30
"""Seconds within which what must happen by itself has happened."""


@pytest.fixture
def database(backend: str, databases: Databases) -> Iterator[Database]:
    """A database with tables and nothing in them."""
    with opened(databases.empty(backend)) as database:
        migrate(database)
        yield database


@pytest.fixture
def on_sqlite(databases: Databases) -> Iterator[Database]:
    """The same, on SQLite alone."""
    with opened(databases.empty("sqlite")) as database:
        migrate(database)
        yield database


# -- SQLite ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", JOURNAL.lower()), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_every_connection_to_sqlite_is_safe(on_sqlite: Database, pragma: str, value: Any) -> None:
    """Pitfall 10: FULL (2) is what survives a power cut in WAL mode."""
    with on_sqlite.engine.connect() as one, on_sqlite.engine.connect() as other:
        for connection in (one, other):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_who_makes_the_schema_is_waited_for_longer_than_any_change(on_sqlite: Database) -> None:
    with on_sqlite.migrating() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() >= 60_000
    with on_sqlite.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 10_000


def test_the_journal_is_one_that_loses_nothing(on_sqlite: Database) -> None:
    with on_sqlite.engine.connect() as connection:
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    assert (tuple(map(int, version.split("."))) >= SOUND) == (JOURNAL == "WAL")


@pytest.mark.skipif(JOURNAL != "WAL", reason="without WAL a new file gets no journal first")
def test_who_opens_a_new_database_waits_for_who_was_first(databases: Databases) -> None:
    """Several servers may start at once: to give a new file its journal SQLite itself waits for nobody."""
    settings = databases.empty("sqlite")
    first = sqlite.connect(str(settings.sqlite_file), isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as thread, opened(settings) as database:
        opening = thread.submit(schema_revision, database)
        try:
            with pytest.raises(TimeoutError):
                opening.result(0.5)
        finally:
            first.execute("ROLLBACK")
            first.close()
        assert opening.result(WITHIN) is None


def test_a_transaction_that_means_to_write_says_so_at_its_beginning(on_sqlite: Database) -> None:
    """One that turned to writing later could find another writer there, and fail at once whatever the timeout."""
    begun: list[str] = []

    def take(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    event.listen(on_sqlite.engine, "before_cursor_execute", take)
    with on_sqlite.reading() as connection:
        connection.execute(sa.text("SELECT 1"))
    with on_sqlite.writing() as connection:
        connection.execute(sa.text("SELECT 1"))
    assert begun == ["BEGIN", "BEGIN IMMEDIATE"]


def test_while_one_writes_nobody_else_does_and_everybody_reads(on_sqlite: Database) -> None:
    with on_sqlite.writing() as writer:
        writer.execute(sa.text("UPDATE change_counter SET seq = 7"))
        with on_sqlite.reading() as reader:
            assert reader.execute(sa.text("SELECT seq FROM change_counter")).scalar() == 0
        other = sqlite.connect(str(on_sqlite.settings.sqlite_file), timeout=0, isolation_level=None)
        with pytest.raises(sqlite.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    with on_sqlite.reading() as reader:
        assert reader.execute(sa.text("SELECT seq FROM change_counter")).scalar() == 7


_ALONE = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)"
"""What a program does that wants a database for itself: all of the bytes that SQLite's readers share a lock on."""


def test_a_second_database_of_this_process_leaves_the_first_one_its_locks(on_sqlite: Database) -> None:
    """Without them another process that leaves would take away the log under those who are still there."""
    file = str(on_sqlite.settings.sqlite_file)
    with on_sqlite.reading() as reader:
        assert reader.execute(sa.text("SELECT seq FROM change_counter")).scalar() == 0
        with opened(on_sqlite.settings):
            pass
        done = subprocess.run([sys.executable, "-c", _ALONE, file], capture_output=True, text=True, check=False)
        assert "BlockingIOError" in done.stderr


# -- both ------------------------------------------------------------------------------------------------------------


def test_foreign_keys_are_enforced(database: Database) -> None:
    now = datetime.now(UTC)
    row = {
        "id": uuid4(),
        "slug": "c",
        "state": "draft",
        "revision": 1,
        "created_at": now,
        "updated_at": now,
        "created_by": "",
        "title": "C",
        "severity": "low",
        "status": "open",
        "partnership_id": uuid4(),
    }
    with pytest.raises(sa.exc.IntegrityError), database.writing() as connection:
        connection.execute(sa.insert(CATALOGUE.by_name["challenges"].rows).values(row))


def test_what_fails_in_a_transaction_leaves_nothing(database: Database) -> None:
    def change() -> None:
        with database.writing() as connection:
            connection.execute(sa.text("UPDATE change_counter SET seq = 7"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT seq FROM change_counter")).scalar() == 0


def test_a_reading_transaction_sees_one_moment(database: Database) -> None:
    if database.dialect == "sqlite" and JOURNAL != "WAL":
        pytest.skip("in a rollback journal a commit waits for who reads")
    requested = sa.text("SELECT seq FROM change_counter")
    with database.reading() as reader:
        assert reader.execute(requested).scalar() == 0
        with database.writing() as writer:
            writer.execute(sa.text("UPDATE change_counter SET seq = 7"))
        assert reader.execute(requested).scalar() == 0
    with database.reading() as reader:
        assert reader.execute(requested).scalar() == 7


def test_a_reading_transaction_on_postgresql_cannot_write(databases: Databases) -> None:
    require(postgres_available(), "PostgreSQL is not installed")
    with opened(databases.empty("postgresql")) as database:
        migrate(database)
        with pytest.raises(sa.exc.InternalError, match="read-only"), database.reading() as connection:
            connection.execute(sa.text("UPDATE change_counter SET seq = 7"))


def test_writers_take_turns(database: Database) -> None:
    """16 at once, each reading and then writing on what it read: none fails, and nothing is lost."""
    failed: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(5):
                with database.writing() as connection:
                    # As app.core.storage.history does: the counter is locked as it is read.
                    counter = sa.table("change_counter", sa.column("seq"))
                    seq = connection.execute(sa.select(counter.c.seq).with_for_update()).scalar_one()
                    connection.execute(sa.update(counter).values(seq=seq + 1))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=count) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT seq FROM change_counter")).scalar() == 80


# -- a deadline ------------------------------------------------------------------------------------------------------

SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000000) "
    "SELECT max(i) FROM n",
    "postgresql": "SELECT max(i) FROM generate_series(1, 2000000000) AS i",
}
"""Work for a minute."""


def test_a_query_that_takes_too_long_is_interrupted(database: Database) -> None:
    begun = time.monotonic()
    with pytest.raises(sa.exc.OperationalError), database.reading(seconds=0.2) as connection:
        connection.execute(sa.text(SLOW[database.dialect]))
    assert 0.15 < time.monotonic() - begun < LATE


@pytest.mark.slow
def test_a_deadline_ends_with_its_transaction(database: Database) -> None:
    """The connection goes back to the pool, and the next request has all of its own time."""
    with pytest.raises(sa.exc.OperationalError), database.reading(seconds=0.05) as connection:
        connection.execute(sa.text(SLOW[database.dialect]))
    threading.Event().wait(0.1)
    quick = SLOW[database.dialect].replace("500000000", "300000").replace("2000000000", "300000")
    for _ in range(12):
        with database.reading(seconds=30) as connection:
            assert connection.execute(sa.text(quick)).scalar() == 300_000
        with database.writing() as connection:
            assert connection.execute(sa.text(quick)).scalar() == 300_000


@contextmanager
def slow_register(settings: Settings) -> Iterator[Register]:
    """An application with one more route, on which the database works for a minute."""
    with application(settings.model_copy(update={"query_seconds": 0.2})) as register:

        def slow(request: Request) -> Response:
            database = context_of(request).database
            with database.reading() as connection:
                connection.execute(sa.text(SLOW[database.dialect]))
            return Response()

        register.app.add_api_route("/slow", slow, methods=["GET"])
        yield register


def test_a_client_whose_query_takes_too_long_is_told_to_come_back(backend: str, databases: Databases) -> None:
    settings = databases.empty(backend)
    with opened(settings) as database:
        migrate(database)
    with slow_register(settings) as register:
        begun = time.monotonic()
        response = register.get("/slow")
        assert time.monotonic() - begun < LATE
        assert_problem(response)
        assert (response.status_code, kind(response)) == (503, "unavailable")
        assert int(response.headers["retry-after"]) > 0
        assert register.get("/v1/challenges").status_code == 200


# -- a commit that fails ---------------------------------------------------------------------------------------------


@contextmanager
def failing_commits(register: Register) -> Iterator[None]:
    """Nothing can be committed within the block."""

    def fail(connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(register.engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(register.engine, "commit", fail)


@pytest.fixture
def register(backend: str, databases: Databases) -> Iterator[Register]:
    """An application of this test's own, with nothing in its register."""
    settings = databases.empty(backend)
    with opened(settings) as database:
        migrate(database)
    with application(settings) as register:
        yield register


def test_a_commit_that_fails_is_no_success_and_stores_nothing(register: Register) -> None:
    """Pitfall 5: the answer is made before the commit, and must not be sent before it."""
    headers = register.authorization
    created = register.request("POST", "/v1/themes", json={"name": "Kept", "state": "published"}, headers=headers)
    with failing_commits(register):
        changes = [
            register.request("POST", "/v1/themes", json={"name": "Lost"}, headers=headers),
            register.request("POST", "/v1/themes", json={"name": "L"}, headers={**headers, "Idempotency-Key": "k"}),
            register.request("PUT", "/v1/themes/lost", json={"name": "Lost"}, headers=headers),
            *(
                register.request(method, "/v1/themes/kept", json={"name": "Lost"}, headers={**headers, "If-Match": "*"})
                for method in ("PATCH", "PUT", "DELETE")
            ),
        ]
    for response in changes:
        assert_problem(response)
        assert response.status_code == 503
        assert "location" not in response.headers
    found = register.get("/v1/themes?count=true", headers=headers).json()
    assert (found["total"], [each["name"] for each in found["data"]]) == (1, ["Kept"])
    assert register.get("/v1/themes/kept").headers["etag"] == created.headers["etag"]
    again = register.request("POST", "/v1/themes", json={"name": "L"}, headers={**headers, "Idempotency-Key": "k"})
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers


@pytest.mark.postgresql
def test_what_takes_as_long_as_it_takes_is_not_ended_by_limits_of_the_operator(databases: Databases) -> None:
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    settings = databases.empty("postgresql")
    with opened(settings) as first, first.engine.begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        for limit in limits:
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET {limit} = 5000')
    shown = "SELECT " + ", ".join(f"current_setting('{limit}')" for limit in limits)
    with opened(settings) as database:
        for transaction in (database.reading(seconds=0), database.migrating()):
            with transaction as connection:
                assert set(connection.exec_driver_sql(shown).one()) == {"0"}
        with database.engine.connect() as connection:
            assert set(connection.exec_driver_sql(shown).one()) == {"5s"}


# -- PostgreSQL out of reach -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server that this test may stop."""
    require(postgres_available(), "PostgreSQL is not installed")
    with throwaway_cluster() as cluster:
        if not cluster.owned:
            pytest.skip("the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to stop")
        yield cluster


@pytest.mark.slow
@pytest.mark.postgresql
def test_while_postgresql_is_away_the_answer_is_503_and_afterwards_all_is_well(
    own_cluster: Cluster, databases: Databases
) -> None:
    settings = databases.empty("sqlite").model_copy(update={"database_url": own_cluster.url, "bundled": False})
    with running(settings) as server, server.client() as anonymous, server.client(**server.authorization) as editor:
        assert editor.post("/v1/themes", json={"name": "Before", "state": "published"}).status_code == 201
        assert len(anonymous.get("/v1/themes").json()["data"]) == 1
        own_cluster.stop()
        try:
            eventually(lambda: anonymous.get("/v1/themes").status_code == 503, within=LATE)
            for response in (
                anonymous.get("/v1/themes"),
                anonymous.get("/v1/themes/before"),
                anonymous.get("/v1/themes.csv"),
                anonymous.get("/readyz"),
                editor.post("/v1/themes", json={"name": "Meanwhile"}),
                editor.patch("/v1/themes/before", json={"name": "Changed"}, headers={"If-Match": "*"}),
            ):
                assert_problem(response)
                assert response.status_code == 503, response.request.url
                assert int(response.headers["retry-after"]) > 0
            assert anonymous.get("/healthz").status_code == 200
        finally:
            own_cluster.start()
        eventually(lambda: anonymous.get("/v1/themes").status_code == 200)
        assert [each["name"] for each in editor.get("/v1/themes").json()["data"]] == ["Before"]
        assert editor.post("/v1/themes", json={"name": "After"}).status_code == 201
        assert anonymous.get("/readyz").status_code == 200


# -- the answer cache before a real database -------------------------------------------------------------------------

ELSEWHERE = """
import sys
from pathlib import Path
from app.core.storage.database import Database
from app.settings import Settings
from app.operations.console import load_files

database = Database(Settings())
for line in sys.stdin:
    bundle = Path("changing.yaml")
    theme = "{slug: changing, state: published, name: " + line.strip() + "}"
    bundle.write_text("format: followthrough-bundle/1\\nthemes: [" + theme + "]")
    load_files(database, bundle)
    print("done", flush=True)
"""


@pytest.fixture(scope="module")
def own_server(backend: str, databases: Databases) -> Iterator[Server]:
    """A server that began with nothing in its register."""
    with running(databases.empty(backend).model_copy(update={"bundled": False})) as server:
        yield server


def test_what_another_process_changed_is_seen(backend: str, own_server: Server) -> None:
    """On SQLite with the very next request, on PostgreSQL within a second."""
    with (
        own_server.client() as anonymous,
        subprocess.Popen(
            [sys.executable, "-c", ELSEWHERE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment_of(own_server.settings),
            cwd=own_server.settings.data_dir,
        ) as elsewhere,
    ):
        assert elsewhere.stdin is not None
        assert elsewhere.stdout is not None

        def shown() -> list[str]:
            return [each["name"] for each in anonymous.get("/v1/themes?slug=changing").json()["data"]]

        for number in range(8):
            shown()
            elsewhere.stdin.write(f"Number {number}\n")
            elsewhere.stdin.flush()
            assert elsewhere.stdout.readline() == "done\n"
            expected = [f"Number {number}"]
            if backend == "sqlite":
                assert shown() == expected
            else:
                # A second is what is promised; the rest is for the machine that the test runs on.
                eventually(lambda expected=expected: shown() == expected, within=1 + LATE)  # type: ignore[misc]
        elsewhere.stdin.close()


def test_what_was_changed_here_is_seen_at_once(own_server: Server) -> None:
    with own_server.client() as anonymous, own_server.client(**own_server.authorization) as editor:
        created = editor.post("/v1/themes", json={"slug": "here", "name": "Number 0", "state": "published"})
        tag = created.headers["etag"]
        for number in range(1, 30):
            anonymous.get("/v1/themes?slug=here")
            changed = editor.patch("/v1/themes/here", json={"name": f"Number {number}"}, headers={"If-Match": tag})
            tag = changed.headers["etag"]
            assert anonymous.get("/v1/themes?slug=here").json()["data"][0]["name"] == f"Number {number}"
            assert anonymous.get("/v1/themes/here").json()["name"] == f"Number {number}"


def test_drafts_and_what_a_key_sees_are_served_to_nobody_else(own_server: Server) -> None:
    with own_server.client() as anonymous, own_server.client(**own_server.authorization) as editor:
        editor.post("/v1/themes", json={"slug": "hidden", "name": "Hidden"})
        lists = ["/v1/themes?limit=200", "/v1/themes?count=true&facets=parent", "/v1/themes?q=hidden"]
        for _ in range(3):
            for address in (*lists, "/v1/themes/hidden"):
                current, public = editor.get(address), anonymous.get(address)
                assert "Hidden" in current.text
                assert current.headers["cache-control"] == "private, no-store"
                assert "Hidden" not in public.text
                assert public.status_code == (404 if address.endswith("/hidden") else 200)
        assert anonymous.get("/v1/themes?count=true&slug=hidden").json()["total"] == 0


def test_an_answer_from_memory_is_the_answer(own_server: Server) -> None:
    """Byte for byte and header for header, but for the moment and the name of the request."""
    with own_server.client() as anonymous, own_server.client(**own_server.authorization) as editor:
        editor.post("/v1/themes", json={"slug": "seen", "name": "Seen", "state": "published"})

        def answered(address: str) -> tuple[int, dict[str, str], bytes]:
            response = anonymous.get(address)
            headers = {name: value for name, value in response.headers.items() if name not in ("date", "x-request-id")}
            return response.status_code, headers, response.content

        for address in ("/v1/themes", "/v1/themes/seen", "/v1/themes?q=seen&count=true&facets=parent"):
            first = answered(address)
            for _ in range(5):
                assert answered(address) == first


# -- a process that dies ---------------------------------------------------------------------------------------------


@contextmanager
def killed_at_the_end(settings: Settings) -> Iterator[Server]:
    """A server that is not asked to end."""
    with running(settings) as server:
        yield server
        assert server.process.wait(WITHIN) == -signal.SIGKILL


def _write_until_it_is_gone(server: Server, acknowledged: list[str]) -> None:
    """Four clients write; when 25 records more have been acknowledged, the server is killed."""
    enough = threading.Event()
    wanted = len(acknowledged) + 25

    def write() -> None:
        with server.client(**server.authorization) as editor, suppress(httpx.TransportError):
            while True:
                response = editor.post("/v1/themes", json={"name": uuid4().hex})
                if response.status_code == 201:
                    acknowledged.append(response.json()["slug"])
                if len(acknowledged) >= wanted:
                    enough.set()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    assert enough.wait(30)
    server.process.kill()
    for writer in writers:
        writer.join()


@pytest.mark.parametrize("times", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_what_was_acknowledged_is_there_after_the_server_was_killed(
    backend: str, databases: Databases, times: int
) -> None:
    """Killed in the middle of writes, without warning: nothing that was answered 201 is lost, and history is whole."""
    settings = databases.empty(backend).model_copy(update={"bundled": False})
    acknowledged: list[str] = []
    for _ in range(times):
        with killed_at_the_end(settings) as server:
            _write_until_it_is_gone(server, acknowledged)
    with opened(settings) as database, database.reading() as connection:
        stored = set(connection.execute(sa.text("SELECT slug FROM theme")).scalars())
        present = connection.execute(sa.text("SELECT count(*) FROM theme_past WHERE until IS NULL")).scalar()
        changes = list(connection.execute(sa.text("SELECT seq FROM revision ORDER BY seq")).scalars())
        seq = connection.execute(sa.text("SELECT seq FROM change_counter")).scalar()
    assert set(acknowledged) <= stored
    assert len(stored) - len(set(acknowledged)) <= 4 * times, "at most what each writer was about to be told"
    assert present == len(stored) == len(changes) == seq
    assert changes == list(range(1, len(stored) + 1))
    if backend == "sqlite":
        with opened(settings) as database, database.reading() as connection:
            assert connection.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
