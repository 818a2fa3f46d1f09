"""What goes wrong ends with one line that says what to do, and what can be waited for is waited for."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from app.core.storage.failures import Failure, failure_of, in_words
from app.core.storage.sqlite import sqlite
from app.operations.prepare import migrate
from app.settings import Settings
from tests.support import system_sqlite as system_sqlite_program
from tests.support.databases import Databases, opened, require
from tests.support.disks import small_disk
from tests.support.postgres import postgres_available, throwaway_cluster
from tests.support.server import NO_CERTIFICATES, environment_of, free_port, running

WITHIN = 180


def command(settings: Settings, *arguments: str, program: str = "", **environment: str) -> subprocess.Popen[str]:
    start = ["-c", program] if program else ["-m", "app.cli"]
    return subprocess.Popen(
        [sys.executable, *start, *arguments],
        cwd=settings.data_dir,
        env={**environment_of(settings), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def output(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=WITHIN)
    return said


def answered(port: int, path: str) -> int:
    """The status of a path once the server is there."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False, verify=NO_CERTIFICATES).status_code
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not come")


@pytest.fixture
def empty(databases: Databases) -> Settings:
    settings = databases.empty("sqlite").model_copy(update={"bundled": False})
    with opened(settings) as database:
        migrate(database)
    return settings


@pytest.mark.slow
def test_a_register_that_another_program_writes_to_is_named(empty: Settings) -> None:
    with closing(sqlite.connect(str(empty.sqlite_file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # At once, for each waits 10 s.
        commands = [command(empty, *each) for each in (["keys", "create", "--role", "editor"], ["rebuild"])]
        for process in commands:
            said = output(process)
            assert process.returncode == 1
            assert "Traceback" not in said
            assert said.splitlines()[-1].startswith("followthrough: another program is writing to the register")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "reported"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "does not know"),
        ("INSERT INTO setting VALUES ('register', 'me')", "no UUID"),
        ("INSERT INTO setting VALUES ('secret', '')", "is empty"),
    ],
)
def test_a_register_that_cannot_be_served_is_named(empty: Settings, statement: str, reported: str) -> None:
    with opened(empty) as database, database.writing() as connection:
        connection.execute(sa.text(statement))
    process = command(empty, "serve", "--port", str(free_port()))
    said = output(process)
    assert process.returncode == 1
    assert "Traceback" not in said
    assert reported in said.splitlines()[-1]


@pytest.mark.slow
def test_a_full_disk_at_the_first_start_is_named(databases: Databases, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 100) as small:
        settings = databases.empty("sqlite").model_copy(update={"data_dir": small / "data"})
        process = subprocess.run(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(free_port())],
            cwd=tmp_path,
            env=environment_of(settings),
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert "the disk is full" in process.stderr.splitlines()[-1]


def test_a_disk_that_is_full_later_is_named(databases: Databases, tmp_path: Path) -> None:
    """Where SQLite cannot make the files that it keeps beside the register, it speaks of an I/O error."""
    with small_disk(tmp_path / "small", 8_000) as small:
        settings = databases.empty("sqlite").model_copy(update={"data_dir": small / "data", "bundled": False})
        with opened(settings) as database:
            migrate(database)
        with suppress(OSError), (small / "fill").open("wb", buffering=0) as fill:
            while True:
                fill.write(bytes(1024))
        process = command(settings, "keys", "create", "--role", "editor")
        said = output(process)
        assert process.returncode == 1
        assert said.splitlines()[-1].startswith("followthrough: the disk is full, and nothing was changed; make room")


@pytest.mark.slow
def test_processes_live_on_where_the_disk_for_temporary_files_is_full(databases: Databases, tmp_path: Path) -> None:
    """What they have in memory together must not stand on it: the system ends who finds no room for a page of it."""
    with small_disk(tmp_path / "small", 100) as small:
        settings = databases.excerpt("sqlite").model_copy(update={"cache_bytes": 0})
        with running(settings, "--workers", "2", TMPDIR=str(small)) as server, server.client() as anybody:
            with suppress(OSError), (small / "full").open("wb") as file:
                file.write(bytes(200_000))
            for number in range(1, 60):
                # Each on a connection of its own, so that both processes answer.
                anybody.headers["Connection"] = "close"
                assert anybody.get(f"/v1/themes?limit={number}").status_code == 200
                assert anybody.get("/metrics").status_code == 200
            assert "Child process" not in server.log(1000)


@pytest.mark.slow
def test_with_json_every_line_is_json_from_the_first_on(databases: Databases) -> None:
    settings = databases.empty("sqlite").model_copy(update={"log_format": "json", "bundled": False})
    port = free_port()
    process = command(settings, "serve", "--port", str(port))
    assert answered(port, "/healthz") == 200
    process.send_signal(signal.SIGTERM)
    lines = output(process).splitlines()
    assert len(lines) >= 3
    assert all("message" in json.loads(line) for line in lines)
    refused = output(command(settings, "serve", FOLLOWTHROUGH_THREADS="many"))
    assert "THREADS" in json.loads(refused)["message"]


def test_a_start_can_be_ended(databases: Databases) -> None:
    """As the first process of a container gets signals only where it handles them."""
    settings = databases.empty("sqlite")
    process = command(settings, "serve", "--port", str(free_port()))
    assert process.stdout is not None
    while "Loading" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    # Had it gone on to the end, it would serve.
    assert process.wait(WITHIN) == 128 + signal.SIGTERM
    process.stdout.close()


def _isolated() -> bool:
    return (
        bool(shutil.which("unshare"))
        and not subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True, check=False).returncode
    )


@pytest.mark.slow
def test_the_first_process_of_a_container_can_be_ended(databases: Databases) -> None:
    if not _isolated():
        pytest.skip("processes cannot be isolated here")
    settings = databases.empty("sqlite").model_copy(update={"bundled": False})
    port = free_port()
    outside = subprocess.Popen(
        ["unshare", "--pid", "--fork", sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
        cwd=settings.data_dir,
        env=environment_of(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert answered(port, "/healthz") == 200
    children = Path(f"/proc/{outside.pid}/task/{outside.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    outside.wait(25)


FIRST_PROCESS = "import {module}, os, signal; os.kill(os.getpid(), signal.SIGTERM); raise SystemExit(os.getpid())"
"""Ends itself; where the signal is lost, by its number, which is 1 for the first process."""


@pytest.mark.parametrize(("module", "code"), [("app", 128 + signal.SIGTERM), ("threading", 1)])
def test_no_signal_is_lost_while_the_first_process_starts(module: str, code: int) -> None:
    if not _isolated():
        pytest.skip("processes cannot be isolated here")
    program = [sys.executable, "-c", FIRST_PROCESS.format(module=module)]
    ended = subprocess.run(["unshare", "--pid", "--fork", *program], check=False)
    assert ended.returncode == code


def test_who_handles_the_signal_already_goes_on_with_that() -> None:
    """As uvicorn does, which imports the application."""
    program = (
        "import os, signal; os.getpid = lambda: 1; signal.signal(signal.SIGTERM, print); import app; "
        "raise SystemExit(signal.getsignal(signal.SIGTERM) is not print)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# -- which SQLite ----------------------------------------------------------------------------------------------------


@pytest.fixture
def system_sqlite(databases: Databases) -> Iterator[tuple[int, subprocess.Popen[str], Settings]]:
    system_sqlite_program.require_the_fault()
    settings = databases.excerpt("sqlite").model_copy(update={"cache_bytes": 10**6})
    port = free_port()
    process = command(settings, "serve", "--port", str(port), program=system_sqlite_program.PROGRAM)
    assert answered(port, "/readyz") == 200
    yield port, process, settings
    process.kill()
    process.wait()


@pytest.mark.slow
def test_an_sqlite_with_the_fault_is_run_without_wal(
    system_sqlite: tuple[int, subprocess.Popen[str], Settings],
) -> None:
    port, process, settings = system_sqlite
    authorization = {"Authorization": f"Bearer {settings.admin_token.get_secret_value()}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, verify=NO_CERTIFICATES) as client:
        for number in range(20):
            body = {"name": f"N{number}", "description": "-", "state": "published"}
            assert client.post("/v1/themes", json=body, headers=authorization).status_code == 201
            # A response from memory would be an old one.
            assert client.get("/v1/themes?count=true&limit=1").status_code == 200
            assert client.get(f"/v1/themes/n{number}").status_code == 200
        total = client.get("/v1/themes?count=true&limit=1").json()["total"]
    process.send_signal(signal.SIGTERM)
    said = output(process)
    assert said.count("a rollback journal is used") == 1
    assert not Path(f"{settings.sqlite_file}-wal").exists()
    with opened(settings) as database, database.reading() as connection:
        stored = connection.execute(sa.text("SELECT count(*) FROM theme WHERE state = 'published'")).scalar()
    assert stored == total


@pytest.mark.slow
def test_without_wal_nothing_is_lost_however_many_write(
    system_sqlite: tuple[int, subprocess.Popen[str], Settings],
) -> None:
    """Readers and writers wait for each other there: some are told to come back, and what was acknowledged is there."""
    port, process, settings = system_sqlite
    authorization = {"Authorization": f"Bearer {settings.admin_token.get_secret_value()}"}

    def write(writer: int) -> list[tuple[str, int]]:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
            statuses = []
            for number in range(10):
                slug = f"written-{writer}-{number}"
                body = {"slug": slug, "name": slug, "state": "published"}
                statuses.append((slug, client.post("/v1/themes", json=body, headers=authorization).status_code))
                statuses.append(("", client.get(f"/v1/themes?limit=200&q={slug}").status_code))
            return statuses

    with ThreadPoolExecutor(8) as pool:
        answers = [each for found in pool.map(write, range(8)) for each in found]
    assert {status for _, status in answers} <= {200, 201, 503}
    acknowledged = {slug for slug, status in answers if status == 201}
    assert acknowledged
    process.send_signal(signal.SIGTERM)
    assert "Traceback" not in output(process)
    with opened(settings) as database, database.reading() as connection:
        assert acknowledged <= set(connection.execute(sa.text("SELECT slug FROM theme")).scalars())
        assert connection.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
        counted, last = connection.execute(sa.text("SELECT c.seq, max(r.seq) FROM change_counter c, revision r")).one()
    assert counted >= last


# -- a database that is still starting -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_database_that_is_still_starting_is_waited_for(databases: Databases) -> None:
    require(postgres_available(), "PostgreSQL is not installed")
    with throwaway_cluster() as cluster:
        if not cluster.owned:
            pytest.skip("the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to stop")
        settings = databases.empty("sqlite").model_copy(update={"database_url": cluster.url, "bundled": False})
        cluster.stop()
        port = free_port()
        process = command(settings, "serve", "--port", str(port))
        assert process.stdout is not None
        assert "Waiting" in process.stdout.readline()
        cluster.start()
        assert answered(port, "/readyz") == 200
        process.send_signal(signal.SIGTERM)
        output(process)


# -- a database that cannot be used ----------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_store_all_languages_is_refused(databases: Databases, encoding: str) -> None:
    cluster, name = databases.cluster, f"followthrough_test_{encoding.lower()}_{uuid4().hex}"
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'".encode())
        try:
            url = sa.make_url(cluster.url).set(database=name).render_as_string(hide_password=False)
            process = command(databases.empty("sqlite").model_copy(update={"database_url": url}), "migrate")
            said = output(process)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    assert process.returncode == 1
    assert said.startswith(f"followthrough: the database stores texts in {encoding}, ")
    assert said.count("\n") == 1


@pytest.mark.postgresql
def test_a_role_that_may_not_make_the_schema_is_told(databases: Databases) -> None:
    settings = databases.empty("postgresql")
    role = f"followthrough_test_{uuid4().hex}"
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'only to read'".encode())
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        try:
            url = sa.make_url(settings.database_url).set(username=role, password="only to read")
            address = url.render_as_string(hide_password=False)
            process = command(settings.model_copy(update={"database_url": address}), "migrate")
            said = output(process)
        finally:
            connection.execute(f"DROP ROLE {role}".encode())
    assert process.returncode == 1
    assert said.startswith("followthrough: the role of the register may not do that in the database (permission denied")
    assert said.count("\n") == 1


@pytest.mark.postgresql
def test_the_encoding_of_other_programs_is_not_ours(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    with opened(databases.empty("postgresql")) as database, database.reading() as connection:
        assert connection.execute(sa.text("SELECT :text"), {"text": "한국"}).scalar() == "한국"


# -- what an error means ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("SQLITE_BUSY", Failure.busy),
        ("SQLITE_BUSY_SNAPSHOT", Failure.busy),
        ("SQLITE_FULL", Failure.full),
        ("SQLITE_IOERR_WRITE", Failure.away),
        ("SQLITE_CORRUPT", Failure.damaged),
        ("SQLITE_CORRUPT_INDEX", Failure.damaged),
        ("SQLITE_NOTADB", Failure.damaged),
        ("SQLITE_INTERRUPT", Failure.slow),
        ("SQLITE_ERROR", Failure.bug),
    ],
)
def test_what_passes_is_told_from_what_does_not(name: str, failure: Failure) -> None:
    """SQLite's text for a damaged file has the word disk in it."""
    original = Exception("database disk image is malformed")
    original.sqlite_errorname = name  # type: ignore[attr-defined]
    assert failure_of(sa.exc.OperationalError("SELECT", {}, original)) is failure


def test_a_limit_of_postgresql_on_temporary_files_is_a_full_disk() -> None:
    error = sa.exc.OperationalError("SELECT", {}, psycopg.errors.ConfigurationLimitExceeded())
    assert failure_of(error) is Failure.full


def test_the_log_is_told_what_an_error_means_and_not_whose_it_is() -> None:
    original = Exception("database is locked")
    original.sqlite_errorname = "SQLITE_BUSY"  # type: ignore[attr-defined]
    assert in_words(sa.exc.OperationalError("SELECT", {}, original)) == "another writer has the register"
    assert in_words(RuntimeError("the pool is empty\nat the moment")) == "the pool is empty"
