"""A real pgbouncer, which gives its clients a connection for a transaction at a time."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import make_url

from tests.support.postgres import OwnedCluster

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
_SECONDS_TO_START = 60
PORT = 6432
"""Only names the socket in its folder."""

_CONFIGURATION = """
[databases]
* = host={server} user=followthrough

[pgbouncer]
pool_mode = transaction
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
logfile = {folder}/log
pidfile = {folder}/pid
# Fewer than the clients that use them, so that each gets another one all the time.
default_pool_size = {size}
max_client_conn = 500
# Who is left without a server learns it soon.
server_connect_timeout = 2
server_login_retry = 1
query_wait_timeout = 5
"""


@contextmanager
def before(server: OwnedCluster, *, size: int = 3) -> Iterator[Path]:
    """Run pgbouncer before a server until the end of the block; gives the folder of its socket."""
    assert PROGRAM is not None
    # The path of a Unix socket has room for about 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="ft-pb-"))
    file = folder / "pgbouncer.ini"
    file.write_text(_CONFIGURATION.format(server=server.folder, folder=folder, port=PORT, size=size))
    if server.user:
        shutil.chown(folder, server.user)
    process = subprocess.Popen(
        [PROGRAM, "--quiet", str(file)],
        user=server.user,
        group=pwd.getpwnam(server.user).pw_gid if server.user else None,
        extra_groups=[] if server.user else None,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(through(folder, server.url), process, folder / "log")
        yield folder
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def through(folder: Path, database_url: str) -> str:
    """The URL of a database as it is reached through a pgbouncer."""
    plain = make_url(database_url).set(query={}).render_as_string(hide_password=False)
    return f"{plain}?host={quote(str(folder), safe='')}&port={PORT}"


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
            return
        with suppress(subprocess.TimeoutExpired):
            ended = process.wait(timeout=0.1)
            raise RuntimeError(f"pgbouncer ended with {ended}:\n{log.read_text() if log.exists() else ''}")
    raise RuntimeError(f"pgbouncer did not start:\n{log.read_text() if log.exists() else ''}")
