"""What a file must be to be put in the place of a register: one of ours, whole, and such that changes can follow."""

import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from app.core.storage.database import Database
from app.core.storage.history import MAX_SEQ
from app.operations.prepare import UnusableSetting, demand_usable, known_revisions, migrate
from app.operations.sqlite_copy import BackupError, Connection, connect
from app.settings import Settings


def demand_known(connection: Connection, file: Path) -> None:
    """Refuse what is no register, or of a schema that there is no way from."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not {"alembic_version", "change_counter", "revision", "setting"} <= tables:
        raise BackupError(f"{file} is not a register of Followthrough")
    schemas = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    schema = schemas[0] if len(schemas) == 1 else ""
    if schema in known_revisions():
        return
    raise BackupError(f"{file} has a schema that this program does not know; restore it with the version that made it")


def demand_complete(connection: Connection, staged: Settings, file: Path) -> None:
    """Compare with a register that was made just now: a file can call its schema by our name and be another's."""
    with tempfile.TemporaryDirectory(dir=staged.data_dir) as folder:
        fresh = staged.model_copy(update={"data_dir": Path(folder)})
        database = Database(fresh)
        try:
            migrate(database)
        finally:
            database.dispose()
        with closing(connect(fresh.sqlite_file)) as other:
            ours, theirs = _shape(other), _shape(connection)
    _demand_shape(ours, theirs, file)
    if connection.execute("SELECT count(*) FROM change_counter").fetchone()[0] != 1:
        raise BackupError(f"{file} is not a register of Followthrough: its changes are not counted")
    _demand_agreement(connection, file)


def _demand_shape(ours: set[tuple[object, ...]], theirs: set[tuple[object, ...]], file: Path) -> None:
    missing = _named(ours - theirs)
    # What acts by itself, looks like a table and is none, or refuses what we store, has to be ours; another index that
    # only finds rows does no harm.
    strange = _named(each for each in theirs - ours if each[0] in _OURS_ALONE)
    if missing or strange:
        wrong = f"it lacks the {missing[0]}" if missing else f"it has the {strange[0]}, which is none of ours"
        raise BackupError(f"{file} is not a register of Followthrough: {wrong}")


def _named(parts: Iterable[tuple[object, ...]]) -> list[str]:
    return sorted(" ".join(map(str, each[:3] if each[0] == "column" else each[:2])) for each in parts)


_OURS_ALONE = ("trigger", "view", "strict or computed index")


def _demand_agreement(connection: Connection, file: Path) -> None:
    """Refuse what a server would only find out later: a change could not be numbered, or anybody could sign."""
    (counted,) = connection.execute("SELECT seq FROM change_counter").fetchone()
    if not is_count(counted):
        raise BackupError(f"{file} is damaged: its counter of changes stands at {counted!r:.40}")
    for table in ("revision", "refresh"):
        (last,) = connection.execute(f"SELECT coalesce(max(seq), 0) FROM {table}").fetchone()  # noqa: S608
        if last > counted:
            raise BackupError(f"{file} is damaged: its counter of changes stands at {counted}, below change {last}")
    for name, value in connection.execute("SELECT name, value FROM setting"):
        if not value and name in ("secret", "register"):
            raise BackupError(f"{file} is damaged: its {name} is empty")
        try:
            demand_usable(name, value)
        except UnusableSetting as error:
            raise BackupError(f"{file} is damaged: {error}") from None


def is_count(value: object) -> bool:
    """Whether a counter of changes can go on from here. SQLite stores anything anywhere."""
    return isinstance(value, int) and 0 <= value <= MAX_SEQ


_COLUMNS = """
SELECT 'column', s.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
FROM sqlite_schema AS s, pragma_table_info(s.name) AS c WHERE s.type = 'table'
"""
_REFERENCES = """
SELECT 'reference', s.name, c."from", c."table", c."to", c.on_delete, c.on_update
FROM sqlite_schema AS s, pragma_foreign_key_list(s.name) AS c WHERE s.type = 'table'
"""
_STRICT_INDEXES = """
SELECT 'strict or computed index', i.name, i."unique", i.partial, group_concat(coalesce(c.name, '?'))
FROM sqlite_schema AS s, pragma_index_list(s.name) AS i, pragma_index_info(i.name) AS c
WHERE s.type = 'table' GROUP BY s.name, i.name HAVING i."unique" OR i.partial OR min(c.cid) < -1
"""
"""Those that refuse rows, or work something out for each."""


def _shape(connection: Connection) -> set[tuple[object, ...]]:
    """Every table with its columns, references and indexes, and every trigger and view as it is written."""
    named = "SELECT type, name, CASE WHEN type IN ('trigger', 'view') THEN sql END FROM sqlite_schema"
    rows = [row for query in (named, _COLUMNS, _REFERENCES, _STRICT_INDEXES) for row in connection.execute(query)]
    return {tuple(row) for row in rows if not row[1].startswith("sqlite_stat")}
