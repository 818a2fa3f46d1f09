"""A copy of the register for one transaction alone: what is written to it nobody else sees, and nobody waits for it.

What takes long is tried here. On SQLite it is a file of its own; on PostgreSQL each table of the register is hidden,
for this connection, by a temporary one of the same name.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event

from app.core.resource import Catalogue
from app.core.storage import postgresql, sqlite
from app.core.storage.database import PLANNED, Database
from app.core.storage.full_text import documents
from app.core.storage.history import change_counter, refreshes, revisions, twin

if os.name == "posix":
    import fcntl

_PREFIX = "followthrough-copy-"
_NEW_SECONDS = 60.0
_PAGES_AT_ONCE = 2048
_STATEMENT_SECONDS = 300.0


def tables_of(catalogue: Catalogue) -> Sequence[sa.Table]:
    """The tables that a change of records can write to."""
    found = [change_counter, revisions, refreshes, documents]
    for resource in catalogue:
        for table in (resource.rows, *(relation.links for relation in resource.linking)):
            found += [table, twin(table)]
    return found


def can_be_copied(database: Database) -> bool:
    """Whether a copy can be made: PostgreSQL may keep temporary tables from the role that the register is served by."""
    if database.dialect == "sqlite":
        return True
    with database.reading() as connection:
        return bool(connection.exec_driver_sql(_MAY_COPY).scalar_one())


_MAY_COPY = "SELECT has_database_privilege(current_database(), 'TEMPORARY')"


@contextmanager
def private_copy(database: Database, catalogue: Catalogue, look_up: Callable[[], None]) -> Iterator[sa.Connection]:
    """A transaction in a copy of the register as it is now, which is thrown away at the end of the block.

    ``look_up`` is called now and then while it is made, and can end that by raising.
    """
    on_sqlite = database.dialect == "sqlite"
    copied = _on_sqlite(database, look_up) if on_sqlite else _on_postgresql(database, tables_of(catalogue), look_up)
    with copied as connection:
        yield connection


@contextmanager
def _on_sqlite(database: Database, look_up: Callable[[], None]) -> Iterator[sa.Connection]:
    with _folder() as folder:
        file = folder / "copy.sqlite3"
        with closing(sqlite.sqlite.connect(str(file), isolation_level=None, check_same_thread=False)) as driver:
            with database.reading(seconds=0) as source:
                # Others may write meanwhile; the copy is of this moment.
                source.execute(sa.select(change_counter.c.seq))
                from_driver = source.connection.driver_connection
                assert from_driver is not None
                driver.execute("PRAGMA synchronous = OFF")
                from_driver.backup(driver, pages=_PAGES_AT_ONCE, progress=lambda *_: look_up())
            # Nothing is ever taken back in it. It comes in the journal mode of the register, and leaves that first.
            for pragma in ("journal_mode = DELETE", "journal_mode = OFF", "foreign_keys = ON", "cache_size = -32000"):
                driver.execute(f"PRAGMA {pragma}")
            if os.name == "posix":
                # It lives as long as it is open: a process that is killed leaves no drafts behind.
                file.unlink()
            # Of the same dialect as the register's: how a statement is sent is kept for each.
            own = database.engine
            pool = sa.StaticPool(lambda: driver)
            engine = sa.Engine(pool, own.dialect, own.url, hide_parameters=True)
            engine.update_execution_options(**{PLANNED: database.settings.short_way})
            event.listen(engine, "begin", sqlite.begin)
            with engine.connect() as connection, connection.begin():
                yield connection


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for a copy. What killed processes have left of theirs is removed: it holds drafts and secrets."""
    if os.name != "posix":
        with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = left.lstat()
            # Of one that was made just now the lock may not be taken yet.
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > _NEW_SECONDS:
                with _locked(left):
                    shutil.rmtree(left, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder,
        _locked(Path(folder)),
    ):
        yield Path(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """A lock on a folder, which the system takes back from who is killed; raises OSError where another has it."""
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


@contextmanager
def _on_postgresql(
    database: Database, tables: Sequence[sa.Table], look_up: Callable[[], None]
) -> Iterator[sa.Connection]:
    from app.core.storage.bounded_connection import BoundedConnection

    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, BoundedConnection)
        # What is prepared already means the tables of the register, whatever hides them.
        driver.prepare_threshold = None
        try:
            repeatable = connection.execution_options(isolation_level="REPEATABLE READ")
            with repeatable.begin() as transaction:
                postgresql.bound(connection, statement=_STATEMENT_SECONDS, lock=database.lock_seconds)
                _hide(connection, tables, look_up)
                yield connection
                transaction.rollback()
        finally:
            # Nobody else gets it: the temporary tables end with it in any case.
            connection.invalidate()


def _hide(connection: sa.Connection, tables: Sequence[sa.Table], look_up: Callable[[], None]) -> None:
    """Put a temporary table before each of these, with what it holds."""
    own = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'change_counter'::regclass"
    schema = connection.exec_driver_sql(own).scalar_one()
    # An operator may have put temporary tables last, where they hide nothing.
    connection.exec_driver_sql("SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true)")
    for table in tables:
        look_up()
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        # What is searched is not looked for here, and making it would take longer than all else.
        like = "" if table is documents else " INCLUDING GENERATED INCLUDING INDEXES"
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE {table.name} (LIKE {schema}.{table.name} INCLUDING DEFAULTS{like}) ON COMMIT DROP"
        )
        connection.exec_driver_sql(
            f"INSERT INTO pg_temp.{table.name} ({columns}) SELECT {columns} FROM {schema}.{table.name}"  # noqa: S608
        )
    for name in ("record_id", "number"):
        connection.exec_driver_sql(f"CREATE UNIQUE INDEX ON pg_temp.{documents.name} ({name})")
    connection.exec_driver_sql("ANALYZE " + ", ".join(f"pg_temp.{table.name}" for table in tables))
