"""Databases for the suite: what they hold is loaded once on each of the two, and copied for whoever needs one."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.storage.database import Database
from app.operations.prepare import BUNDLED, migrate
from app.settings import Settings
from tests.support.bundles import load, records_of
from tests.support.excerpt import excerpt
from tests.support.postgres import Cluster, locked, postgres_available, shared_cluster

BACKENDS = ("sqlite", "postgresql")
SECRET = "the suite's own secret, the same for every server"
ADMIN_TOKEN = "the-suite-may-do-everything"


def require(available: bool, what: str) -> None:
    """Skip a test that needs what this machine does not have, or fail it where everything is asked for."""
    if available:
        return
    if os.environ.get("FOLLOWTHROUGH_REQUIRE_ALL") == "1":
        pytest.fail(f"{what}, and FOLLOWTHROUGH_REQUIRE_ALL=1 asks for every test", pytrace=False)
    pytest.skip(what)


def require_backend(backend: str) -> None:
    """Skip, or fail, where a database cannot be had."""
    if backend == "postgresql":
        missing = "PostgreSQL is not installed, and FOLLOWTHROUGH_TEST_DATABASE_URL is not set"
        require(postgres_available(), missing)


@dataclass
class Databases:
    """Makes databases of either kind, empty or with the bundled register, and removes them at the end.

    The worker processes of one run share a folder: what takes long is done by the first that needs it.
    """

    folder: Path
    shared: Path
    _until_end: ExitStack = field(default_factory=ExitStack)
    _cluster: Cluster | None = None
    _created: int = 0

    @property
    def cluster(self) -> Cluster:
        """The PostgreSQL server of this run, shared by its workers: nobody stops it but the last to leave.

        Whoever needs it on a machine that has none is skipped here, so that no test has to think of it.
        """
        require_backend("postgresql")
        if self._cluster is None:
            self._cluster = self._until_end.enter_context(shared_cluster(self.shared))
        return self._cluster

    def empty(self, backend: str) -> Settings:
        """The settings of a server on a database with nothing in it, not even tables."""
        return self._settings(backend)

    def bundled(self, backend: str) -> Settings:
        """The settings of a server on a database that holds the bundled registers, and that nobody else uses."""
        return self._settings(backend, copied=self._loaded(backend, "bundled"))

    def excerpt(self, backend: str) -> Settings:
        """The same with a part of them: a dozen records of each resource, and what those refer to."""
        return self._settings(backend, copied=self._loaded(backend, "excerpt"))

    def stocked(self, backend: str, what: str, stock: Callable[[Settings], None]) -> Settings:
        """The same with that part and what is added to it, which takes long and is therefore done once."""
        part = self._loaded(backend, "excerpt")

        def make() -> Settings:
            settings = self._settings(backend, copied=part)
            stock(settings)
            return settings

        return self._settings(backend, copied=self._made_once(backend, what, make))

    def close(self) -> None:
        """Remove every database."""
        self._until_end.close()

    def _loaded(self, backend: str, what: str) -> str:
        """Where that has been loaded, to be copied from."""

        def make() -> Settings:
            settings = self._settings(backend)
            with opened(settings) as database:
                migrate(database)
                records = records_of(BUNDLED)
                load(database, excerpt(records) if what == "excerpt" else records)
            return settings

        return self._made_once(backend, what, make)

    def _made_once(self, backend: str, what: str, make: Callable[[], Settings]) -> str:
        """Where something is that the first makes who needs it: a file, or the URL of a database."""
        home = self.shared
        if backend == "postgresql" and not self.cluster.owned:
            home = self.folder  # what is made on somebody else's server is dropped by who made it
        note = home / f"{backend}-{what}"
        with locked(home, f"{note.name}-lock"):
            if not note.exists():
                note.write_text(self._stored(make(), what))
            return note.read_text()

    def _stored(self, settings: Settings, what: str) -> str:
        """A database put where all workers find it until the last of them ends."""
        if not settings.on_postgresql:
            return str(shutil.copy(settings.sqlite_file, self.shared / f"{what}.sqlite3"))
        return self.cluster.make(settings.database_url) if self.cluster.owned else settings.database_url

    def _settings(self, backend: str, copied: str | None = None) -> Settings:
        self._created += 1
        folder = self.folder / f"data-{self._created}"
        folder.mkdir()
        url = ""
        if backend == "postgresql":
            url = self._until_end.enter_context(self.cluster.database(copied))
        # Nothing is read from a .env file: the suite tests what it says it tests. A machine that tests may be slow.
        # What is left of a rate differs from answer to answer, and is tested where there is one.
        settings = Settings(
            _env_file=None,
            data_dir=folder,
            database_url=url,
            secret=SecretStr(SECRET),
            admin_token=SecretStr(ADMIN_TOKEN),
            query_seconds=20,
            rate_limit="",
            key_rate_limit="",
        )
        if copied and not settings.on_postgresql:
            shutil.copy(copied, settings.sqlite_file)
        return settings


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """A database, and its connections closed at the end; SQLite then has everything in its one file."""
    database = Database(settings)
    try:
        yield database
    finally:
        database.dispose()
