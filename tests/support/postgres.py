"""A PostgreSQL server of the suite's own, made for one run and removed after it.

The server needs no configuration, listens on no network port and touches no server that is already there.
Where FOLLOWTHROUGH_TEST_DATABASE_URL names a server, that one is used instead: the suite then makes databases
of its own there, and drops them.
"""

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

REQUIRED_PROGRAMS = ("initdb", "pg_ctl", "postgres")
SECONDS_TO_WAIT = 60

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 200
# The data need not survive a power cut, only a crash of the server: commits stay synchronous.
fsync = off
full_page_writes = off
"""


def find_postgres() -> Path | None:
    """Return the folder of the server's programs, the newest version first, or None."""
    candidates = [Path(found).resolve().parent for name in REQUIRED_PROGRAMS if (found := shutil.which(name))]
    if pg_config := shutil.which("pg_config"):
        response = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(response.stdout.strip()))
    # Debian and Homebrew keep the server's programs off the PATH.
    installed = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql*/bin"),
        *Path("/usr/local/opt").glob("postgresql*/bin"),
    ]
    candidates += sorted(installed, key=_version, reverse=True)
    for folder in candidates:
        if all(os.access(folder / program, os.X_OK) for program in REQUIRED_PROGRAMS):
            return folder
    return None


def postgres_available() -> bool:
    """Tell whether throwaway_cluster() can serve a database on this machine."""
    return bool(os.environ.get("FOLLOWTHROUGH_TEST_DATABASE_URL")) or find_postgres() is not None


@dataclass
class Cluster:
    """A PostgreSQL server with a database ready for use at `url`."""

    url: str

    @contextmanager
    def database(self, copied: str | None = None) -> Iterator[str]:
        """Make a database on this server, empty or a copy of the one at another URL, yield its URL, and drop it."""
        url = self.make(copied)
        try:
            yield url
        finally:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)'.encode())

    def make(self, copied: str | None = None) -> str:
        """Make a database that stays as long as the server, empty or a copy of another. Gives its URL."""
        name = f"followthrough_test_{uuid4().hex}"
        template = f' TEMPLATE "{make_url(copied).database}"' if copied else ""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"{template}'.encode())
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    @property
    def owned(self) -> bool:
        """Whether the suite started this server, and so may stop and restart it."""
        return False

    def start(self) -> None:
        """Start the server, and return once it answers."""
        raise NotImplementedError("the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to start")

    def stop(self) -> None:
        """Stop the server as an administrator would, cutting off whoever is connected."""
        raise NotImplementedError("the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to stop")


@dataclass
class OwnedCluster(Cluster):
    """A private server on a Unix socket in a temporary folder."""

    programs: Path
    folder: Path
    user: str | None = field(default_factory=lambda: _unprivileged_user())

    @property
    def owned(self) -> bool:
        return True

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def create(self) -> None:
        """Lay out the data folder and configure the server."""
        self.prepare_folder()
        self.run(
            *("initdb", "--pgdata", str(self.data), "--username", "followthrough", "--auth", "trust"),
            *("--locale", "C.UTF-8", "--encoding", "UTF8", "--no-sync"),
        )
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write(SETTINGS.format(folder=self.folder))

    def prepare_folder(self) -> None:
        """Give the folder to whom the server runs as."""
        if self.user:
            shutil.chown(self.folder, self.user)

    def start(self) -> None:
        self._control("start", "--log", str(self.folder / "log"))

    def stop(self) -> None:
        self._control("stop", "--mode", "fast")

    def kill(self) -> None:
        """Stop the server as a power cut would, as far as those can tell who are connected."""
        self._control("stop", "--mode", "immediate")

    def promote(self) -> None:
        """Make a standby take changes, and return once it does."""
        self._control("promote")

    def remove(self) -> None:
        """Stop the server, if it runs, without ceremony, and remove every trace of it."""
        with suppress(RuntimeError):
            self._control("stop", "--mode", "immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        self.run("pg_ctl", "--pgdata", str(self.data), "--wait", "--timeout", str(SECONDS_TO_WAIT), *arguments)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs."""
        # The caller's PG… variables would point the programs at another server.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            log = self.folder / "log"
            raise RuntimeError(f"{program} failed:\n{done.stdout}\n{log.read_text() if log.exists() else ''}")


@contextmanager
def throwaway_cluster() -> Iterator[Cluster]:
    """Yield a server with an empty database, and leave nothing of it behind.

    Raises RuntimeError where there is none to be had; ask postgres_available() first to skip instead.
    """
    if server := os.environ.get("FOLLOWTHROUGH_TEST_DATABASE_URL"):
        server = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
        with Cluster(server).database() as url:
            yield Cluster(url)
        return

    cluster = new_cluster()
    try:
        cluster.create()
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@contextmanager
def shared_cluster(shared: Path) -> Iterator[Cluster]:
    """Yield the server of all processes that share a folder: the first starts it, the last to leave removes it.

    Where FOLLOWTHROUGH_TEST_DATABASE_URL names a server, each has its own databases there, as in throwaway_cluster().
    """
    if os.environ.get("FOLLOWTHROUGH_TEST_DATABASE_URL"):
        with throwaway_cluster() as cluster:
            yield cluster
        return

    note = shared / "postgresql-server"
    # The system gives this lock back when a process ends, however it ends.
    with (shared / "postgresql-users").open("w") as users:
        with locked(shared):
            fcntl.flock(users, fcntl.LOCK_SH)
            if not note.exists():
                owned = new_cluster()
                note.write_text(str(owned.folder))
                owned.create()
                owned.start()
            owned = new_cluster(Path(note.read_text()))
        try:
            yield owned
        finally:
            with locked(shared):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass
                else:
                    owned.remove()
                    for each in shared.glob("postgresql-*"):
                        each.unlink()


@contextmanager
def locked(folder: Path, name: str = "lock") -> Iterator[None]:
    """Let one process at a time into the block, of those that share a folder and wait for the same."""
    with (folder / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def new_cluster(folder: Path | None = None) -> OwnedCluster:
    """Return a server in a new folder, or the one that is in a folder already."""
    programs = find_postgres()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed, and FOLLOWTHROUGH_TEST_DATABASE_URL is not set")
    # The path of a Unix socket has room for about 100 bytes, so the folder's name is short.
    folder = folder or Path(tempfile.mkdtemp(prefix="ft-pg-"))
    url = f"postgresql://followthrough@/postgres?host={quote(str(folder), safe='')}"
    return OwnedCluster(url, programs, folder)


def _unprivileged_user() -> str | None:
    """Return whom to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _version(folder: Path) -> int:
    """Return the major version in the name of an installation's folder, such as 15 or postgresql@17."""
    found = re.search(r"(\d+)$", folder.parent.name)
    return int(found[1]) if found else 0
