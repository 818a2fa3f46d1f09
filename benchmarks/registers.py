"""Registers of any size: a thousand promises are generated, and the database multiplies them by itself.

A million promises, with the 21 million records that belong to them, take less than 2 GB of memory and 15 minutes.
Every copy has stakeholders, sources and themes of its own, so that nothing has more ties in a large register than in a
small one. Only the present is written, not the history of how it came about.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import SQLModel

from app.core.storage.database import Database
from app.core.storage.full_text import documents
from app.core.storage.postgresql import unbound
from app.operations.prepare import migrate
from app.settings import Settings
from migrations.search import FTS5
from tests.support.databases import ADMIN_TOKEN, SECRET, opened
from tests.support.generated_register import ALL_IN_ONE, Generator, Size

A_THOUSAND = Size(partnerships=4, promises=250)
ONE = "one"
"""The name of a register whose 10,000 promises are all of one partnership."""

_MAX_COPIES = 4096
_LEADING = 0x019B7
"""The first five digits of every id that is generated: they count weeks. A copy has those of a later week."""

_FEW = 4096
"""No shelf of what belongs to no partnership has more documents of what is copied."""

_HASTY = (
    "foreign_keys = OFF",
    "journal_mode = OFF",
    "synchronous = OFF",
    "temp_store = FILE",
    "cache_size = -200000",
)
"""What is good enough for a register that is made anew where making it fails, and keeps its memory small."""


def settings_of(folder: Path, database_url: str = "") -> Settings:
    """The settings of a server that nothing limits, on a database in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return Settings(
        _env_file=None,
        data_dir=folder,
        database_url=database_url,
        secret=SecretStr(SECRET),
        admin_token=SecretStr(ADMIN_TOKEN),
        bundled=False,
        rate_limit="",
        key_rate_limit="",
    )


def stored(folder: Path, size: str) -> Settings:
    """A register on SQLite of so many promises (thousands of them), or :data:`ONE`; made where it is not there yet."""
    settings = settings_of(folder / size)
    done = folder / size / "done"
    if not done.exists():
        settings.sqlite_file.unlink(missing_ok=True)
        with opened(settings) as database:
            fill(database, size)
        done.touch()
    return settings


def fill(database: Database, size: str) -> None:
    """Make the tables of an empty database, and fill them."""
    migrate(database)
    if size == ONE:
        Generator(ALL_IN_ONE).fill(database)
        return
    copies = int(size) // A_THOUSAND.total
    if not 0 < copies <= _MAX_COPIES or int(size) % A_THOUSAND.total:
        raise SystemExit(f"{size}: a register has from one to {_MAX_COPIES} thousand promises.")
    Generator(A_THOUSAND).fill(database)
    if copies > 1:
        multiply(database, copies)


Transactions = Callable[[], AbstractContextManager[sa.Connection]]


def multiply(database: Database, copies: int) -> None:
    """Add copies of what there is, until there is so much of it."""
    with _hastily(database) as writing, _without_indexes(writing):
        for table in SQLModel.metadata.sorted_tables:
            if _is_copied(table):
                with writing() as connection:
                    _copy(connection, table, copies)
    if database.dialect == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            unbound(connection)
            connection.exec_driver_sql("VACUUM ANALYZE")


@contextmanager
def _hastily(database: Database) -> Iterator[Transactions]:
    """Transactions over one connection, which take as long as they take; on SQLite none can be rolled back."""
    database.dispose()  # no other connection may be open where the journal is given up
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        if database.dialect == "sqlite":
            for pragma in _HASTY:
                driver.execute(f"PRAGMA {pragma}")

        @contextmanager
        def writing() -> Iterator[sa.Connection]:
            with connection.begin():
                if database.dialect == "postgresql":
                    unbound(connection)
                yield connection

        yield writing
        connection.invalidate()


def _is_copied(table: sa.Table) -> bool:
    return not table.name.endswith("_past") and any(isinstance(column.type, sa.Uuid) for column in table.columns)


def _copy(connection: sa.Connection, table: sa.Table, copies: int) -> None:
    names = ", ".join(column.name for column in table.columns)
    values = ", ".join(_copied(column, connection.dialect.name) for column in table.columns)
    is_sqlite = connection.dialect.name == "sqlite"
    lead = f"printf('%05x', {_LEADING} + n)" if is_sqlite else f"lpad(to_hex({_LEADING} + n), 5, '0')"
    number = "printf('%04d-', n)" if is_sqlite else "lpad(n::text, 4, '0') || '-'"
    for statement in (
        f"CREATE TEMPORARY TABLE copies AS WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number "
        f"WHERE n < {copies - 1}) SELECT n, {lead} AS lead, {number} AS number FROM number",
        f"CREATE TEMPORARY TABLE original AS SELECT {names} FROM {table.name}",
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM copies CROSS JOIN original",
        "DROP TABLE original",
        "DROP TABLE copies",
    ):
        connection.exec_driver_sql(statement)


def _copied(column: sa.Column[object], dialect: str) -> str:
    """What a column has in a copy: ids and slugs of its own, otherwise the same.

    Both begin with what the copies are in order of. So the indexes that hold them unique grow at their ends; in a large
    register nearly every row would be looked for in another part of them, which takes longer than all else.
    """
    if column.name == "slug":
        return "number || slug"
    if column is documents.c.number:
        # What belongs to no partnership stays on its shelf; copies of a partnership have one of their own each.
        further = f"CASE WHEN original.number >> 28 & 1048575 = 0 THEN {_FEW} ELSE {1 << 28} END"
        return f"original.number + n * CAST({further} AS bigint)"
    if not isinstance(column.type, sa.Uuid):
        return column.name
    if dialect == "sqlite":
        return f"lead || substr({column.name}, 6)"
    return f"overlay({column.name}::text placing lead from 1 for 5)::uuid"


@contextmanager
def _without_indexes(writing: Transactions) -> Iterator[None]:
    """Take the indexes away, and make them again at the end, each in one go; full text too.

    The statistics that SQLite was given go with the indexes, and are given again.
    """
    with writing() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        if on_sqlite:
            found = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            statistics = connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1").all()
            connection.exec_driver_sql("DROP TRIGGER search_document_added")
        else:
            found = "SELECT indexname, indexdef FROM pg_indexes WHERE indexname ~ '^(ix|order)_'"
        indexes = connection.exec_driver_sql(found).all()
        for name, _ in indexes:
            connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for _, statement in indexes:
        with writing() as connection:
            connection.exec_driver_sql(statement)
    if not on_sqlite:
        return
    with writing() as connection:
        connection.exec_driver_sql(FTS5[1])
        connection.exec_driver_sql("INSERT INTO search_index(search_index) VALUES ('rebuild')")
        connection.exec_driver_sql("DELETE FROM sqlite_stat1")
        connection.exec_driver_sql(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", [tuple(row) for row in statistics]
        )
