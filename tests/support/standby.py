"""Streaming standbys of the suite's own PostgreSQL server."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from tests.support.postgres import OwnedCluster, new_cluster
from tests.support.waiting import eventually

_MORE_SETTINGS = """
unix_socket_directories = '{folder}'
max_standby_streaming_delay = {patience}
wal_retrieve_retry_interval = 200ms
"""


@contextmanager
def standby_of(primary: OwnedCluster, *, patience: str = "30s", name: str = "") -> Iterator[OwnedCluster]:
    """A standby that follows a server, until the end of the block.

    Queries that stand in the way of what is replayed are waited for with patience. The name is the one by which the
    primary can be told to wait for it (``synchronous_standby_names``).
    """
    standby = new_cluster()
    standby.prepare_folder()
    try:
        standby.run(
            *("pg_basebackup", "--pgdata", str(standby.data), "--host", str(primary.folder), "--no-sync"),
            *("--username", "followthrough", "--checkpoint", "fast", "--write-recovery-conf"),
            *(("--dbname", f"application_name={name}") if name else ()),
        )
        with (standby.data / "postgresql.conf").open("a") as configuration:
            configuration.write(_MORE_SETTINGS.format(folder=standby.folder, patience=patience))
        standby.start()
        yield standby
    finally:
        standby.remove()


def on(server: OwnedCluster, database_url: str) -> str:
    """The URL of a database on another server than the one that it names."""
    query = dict(make_url(server.url).query)
    return make_url(database_url).set(query=query).render_as_string(hide_password=False)


@contextmanager
def paused(standby: OwnedCluster) -> Iterator[None]:
    """Let a standby replay nothing within the block."""
    with psycopg.connect(standby.url, autocommit=True) as connection:

        def state() -> str:
            row = connection.execute("SELECT pg_get_wal_replay_pause_state()").fetchone()
            return str(row[0]) if row else ""

        connection.execute("SELECT pg_wal_replay_pause()")
        eventually(lambda: state() == "paused")
        try:
            yield
        finally:
            connection.execute("SELECT pg_wal_replay_resume()")
