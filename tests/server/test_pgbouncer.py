"""The register through pgbouncer, which gives a transaction whatever connection is free: nothing rests on a session."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from app.core.storage.bounded_connection import BoundedConnection
from app.core.storage.database import Database
from app.operations.prepare import migrate
from app.settings import Settings
from tests.support.databases import Databases, opened, require
from tests.support.pgbouncer import PROGRAM, before, through
from tests.support.postgres import OwnedCluster, postgres_available
from tests.support.server import Server, running
from tests.support.standby import standby_of

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


@pytest.fixture(scope="module")
def settings(databases: Databases) -> Settings:
    """Settings of a register on a PostgreSQL server of the suite's own."""
    require(postgres_available(), "PostgreSQL is not installed, and FOLLOWTHROUGH_TEST_DATABASE_URL is not set")
    require(PROGRAM is not None, "pgbouncer is not installed")
    if not databases.cluster.owned:
        pytest.skip("the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to put pgbouncer before")
    return databases.excerpt("postgresql").model_copy(update={"cache_bytes": 0})


@pytest.fixture(scope="module")
def pooler(databases: Databases, settings: Settings) -> Iterator[Path]:
    assert isinstance(databases.cluster, OwnedCluster)
    with before(databases.cluster) as folder:
        yield folder


@pytest.fixture(scope="module")
def pooled(settings: Settings, pooler: Path) -> Settings:
    """The same, through pgbouncer."""
    return settings.model_copy(update={"database_url": through(pooler, settings.database_url)})


@pytest.fixture(scope="module")
def pooled_server(pooled: Settings) -> Iterator[Server]:
    with running(pooled) as server:
        yield server


PATHS = (
    "/v1/commitments?limit=5&include=sources",
    "/v1/challenges?facets=status,theme&count=true",
    "/v1/search?q=trade",
    "/v1/partnerships/india-south-korea/scorecard",
    "/v1/partnerships/india-south-korea/timeline",
    "/v1/commitments.csv",
    "/v1/themes?as_of=2026-01-01T00:00:00Z",
    "/v1/changes?limit=5",
)


def test_many_who_read_and_write_at_once_share_few_connections(pooled_server: Server) -> None:
    """Each statement is sent more often than the five times after which the driver would prepare it."""
    with pooled_server.client() as anonymous, pooled_server.client(**pooled_server.authorization) as editor:
        expected = {path: anonymous.get(path).content for path in PATHS[:-1]}

        def read(path: str) -> bool:
            response = anonymous.get(path)
            assert response.status_code == 200, (path, response.text)
            return path not in expected or response.content == expected[path]

        def write(number: int) -> int:
            return editor.post("/v1/themes", json={"name": f"Draft {number}"}).status_code

        with ThreadPoolExecutor(12) as threads:
            written = [threads.submit(write, number) for number in range(30)]
            correct = list(threads.map(read, [path for path, _ in zip(cycle(PATHS), range(240), strict=False)]))
            statuses = [each.result() for each in written]
        assert all(correct)
        assert statuses == [201] * 30


def prepares(database: Database) -> bool:
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, BoundedConnection)
        return driver.prepare_threshold is not None


def test_statements_are_prepared_where_the_connection_is_ones_own(settings: Settings, pooled: Settings) -> None:
    with opened(settings) as directly, opened(pooled) as through_pgbouncer:
        assert (prepares(directly), prepares(through_pgbouncer)) == (True, False)


def test_a_schema_is_made_through_it(databases: Databases, pooler: Path) -> None:
    empty = databases.empty("postgresql")
    with opened(empty.model_copy(update={"database_url": through(pooler, empty.database_url)})) as database:
        migrate(database)
        with database.reading() as connection:
            assert connection.execute(sa.text("SELECT seq FROM change_counter")).scalar() == 0


def test_what_bounds_a_transaction_ends_with_it(pooled: Settings) -> None:
    """The next transaction of somebody else, over the same connection, has all of its own time."""
    with opened(pooled) as database:
        for _ in range(6):
            with pytest.raises(sa.exc.OperationalError), database.reading(seconds=0.05) as connection:
                connection.execute(sa.text("SELECT pg_sleep(10)"))
    with psycopg.connect(pooled.database_url) as connection:
        for _ in range(6):
            row = connection.execute("SHOW statement_timeout").fetchone()
            connection.commit()
            assert row == ("0",)


def test_one_of_several_that_takes_changes_is_found(databases: Databases, settings: Settings) -> None:
    """By libpq's own list of servers, each behind its pgbouncer: the standby comes first, and is passed by."""
    primary = databases.cluster
    assert isinstance(primary, OwnedCluster)
    with standby_of(primary) as standby, before(standby) as first, before(primary) as second:
        name = make_url(settings.database_url).database
        hosts = f"host={quote(f'{first},{second}', safe='')}&port=6432,6432&target_session_attrs=read-write"
        several = settings.model_copy(update={"database_url": f"postgresql://followthrough@/{name}?{hosts}"})
        with opened(several) as database, database.writing() as connection:
            connection.execute(sa.text("UPDATE change_counter SET seq = seq"))
