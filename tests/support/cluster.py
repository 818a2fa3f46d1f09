"""The register on several machines, as docs/scaling.md describes it, all of them this one.

A primary and two standbys of PostgreSQL, of which one at least has each change before it is acknowledged; pgbouncer
before each; three servers that read from standbys and find by themselves the one that takes changes; a caching nginx.
``make cluster`` runs it in the foreground (``python -m tests.support.cluster``), and tests/server/test_cluster.py
breaks it.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from pydantic import SecretStr

from app.settings import Settings
from tests.support.nginx import PROGRAM as NGINX
from tests.support.nginx import in_front_of_several
from tests.support.pgbouncer import PORT, before, through
from tests.support.pgbouncer import PROGRAM as PGBOUNCER
from tests.support.postgres import OwnedCluster, find_postgres, new_cluster
from tests.support.server import Server, running
from tests.support.standby import standby_of
from tests.support.waiting import eventually

NAMES = ("one", "two")
SERVERS = 3


def missing() -> list[str]:
    """The programs that it needs and that are not installed."""
    needed = {"PostgreSQL": find_postgres(), "pgbouncer": PGBOUNCER, "nginx": NGINX}
    return [name for name, found in needed.items() if found is None]


@dataclass
class Topology:
    """What runs."""

    primary: OwnedCluster
    standbys: list[OwnedCluster]
    poolers: list[Path]
    servers: list[Server] = field(default_factory=list)
    front: Server | None = None

    @property
    def databases(self) -> list[OwnedCluster]:
        """The servers of PostgreSQL, whichever is the primary now."""
        return [self.primary, *self.standbys]

    @property
    def database_url(self) -> str:
        """The one that takes changes, by libpq's own list of hosts."""
        hosts = quote(",".join(map(str, self.poolers)), safe="")
        ports = ",".join([str(PORT)] * len(self.poolers))
        return f"postgresql://followthrough@/postgres?host={hosts}&port={ports}&target_session_attrs=read-write"

    @property
    def read_database_url(self) -> str:
        """All of them: one that is no standby is not read."""
        return " ".join(through(each, self.primary.url) for each in self.poolers)

    def promote_the_furthest(self) -> OwnedCluster:
        """Make the standby that has received most the primary. The other one finds it by itself."""
        furthest = max(self.standbys, key=received)
        furthest.promote()
        return furthest


def received(standby: OwnedCluster) -> int:
    """How much of the primary's log a standby has on disk."""
    return int(value(standby, "SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn"))


def value(server: OwnedCluster, query: str) -> Any:
    """What a server answers to a query."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def configure(server: OwnedCluster, **settings: str) -> None:
    """Change settings of a running server."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        for name, given in settings.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{given}'".encode())
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def cluster(folder: Path, *, front_port: int | None = None, **settings: Any) -> Iterator[Topology]:
    """All of it, with the settings given, until the end of the block. The folder is for what the servers write."""
    with ExitStack() as until_end:
        primary = new_cluster()
        until_end.callback(primary.remove)
        primary.create()
        primary.start()
        standbys = [until_end.enter_context(standby_of(primary, name=name)) for name in NAMES]
        follow_each_other(primary, standbys)
        poolers = [until_end.enter_context(before(each, size=10)) for each in (primary, *standbys)]
        topology = Topology(primary, standbys, poolers)
        for number in range(SERVERS):
            home = folder / f"server-{number + 1}"
            home.mkdir()
            chosen = Settings(
                _env_file=None,
                data_dir=home,
                database_url=topology.database_url,
                read_database_url=topology.read_database_url,
                trusted_proxies="127.0.0.1",
                **settings,
            )
            # The first of them prepares the database.
            topology.servers.append(until_end.enter_context(running(chosen, PYTHONUNBUFFERED="1")))
        topology.front = until_end.enter_context(in_front_of_several(topology.servers, folder, front_port))
        yield topology


def follow_each_other(primary: OwnedCluster, standbys: list[OwnedCluster]) -> None:
    """Let each standby follow whichever of them takes changes, and let one at least have each change."""
    hosts = ",".join(str(each.folder) for each in (primary, *standbys))
    for name, standby in zip(NAMES, standbys, strict=True):
        source = f"host={hosts} user=followthrough application_name={name} target_session_attrs=read-write"
        configure(standby, primary_conninfo=source, hot_standby_feedback="on")
    streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
    eventually(lambda: bool(value(primary, streaming) == len(standbys)))
    configure(primary, synchronous_standby_names=f"ANY 1 ({', '.join(NAMES)})")


def main() -> None:
    """Run it until Ctrl-C."""
    if programs := missing():
        sys.exit(f"Not installed: {', '.join(programs)}. On Debian: apt-get install postgresql pgbouncer nginx-light")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    port = int(os.environ.get("PORT", "8000"))
    token = SecretStr("the-cluster-may-do-everything")
    print("Starting PostgreSQL three times, pgbouncer three times, three servers and nginx …", flush=True)
    with (
        suppress(KeyboardInterrupt),
        tempfile.TemporaryDirectory(prefix="ft-cluster-") as folder,
        cluster(Path(folder), front_port=port, admin_token=token) as topology,
    ):
        _print(topology)
        signal.pause()
    print("\nEnded.")


def _print(topology: Topology) -> None:
    assert topology.front is not None
    programs = topology.primary.programs
    print(f"\n  register    {topology.front.url}   (key: {topology.front.token})")
    for number, server in enumerate(topology.servers, start=1):
        print(f"  server {number}    {server.url}   metrics: {server.url}/metrics")
    for name, database in zip(("primary", *NAMES), topology.databases, strict=True):
        print(f"  {name:<10}  {programs}/psql -h {database.folder} -U followthrough postgres")
    standby, data = topology.standbys[0], topology.primary.data
    as_user = f"runuser -u {standby.user} -- " if standby.user else ""
    print("\nKill the primary, and promote a standby:")
    print(f"  {as_user}{programs}/pg_ctl stop -m immediate -D {data}")
    print(f"  {as_user}{programs}/pg_ctl promote -D {standby.data}")
    print("\nCtrl-C ends all of it.", flush=True)


if __name__ == "__main__":
    main()
