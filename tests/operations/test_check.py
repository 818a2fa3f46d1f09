"""`followthrough check`: a sound register has no findings, and each kind of damage is named."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.core.storage.database import Database
from app.core.visibility import Role, Viewer
from app.core.writing.documents import file_anew
from app.core.writing.writer import Writer
from app.operations.check import check
from app.resources import CATALOGUE
from tests.support.databases import Databases, opened


@pytest.fixture(scope="module")
def database(backend: str, databases: Databases) -> Iterator[Database]:
    """The bundled register; each test takes back what it spoils."""
    with opened(databases.excerpt(backend)) as database:
        yield database


def findings(database: Database, *statements: str) -> list[str]:
    """What is found after some statements, which are taken back afterwards."""
    tables = sorted({statement.split()[1] for statement in statements})
    with database.writing() as connection:
        for table in tables:
            connection.execute(sa.text(f"CREATE TABLE before_{table} AS SELECT * FROM {table}"))
        if database.dialect == "sqlite":
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            connection.execute(sa.text(statement))
    try:
        return list(check(database, CATALOGUE))
    finally:
        with database.writing() as connection:
            for table in tables:
                connection.execute(sa.text(_put_back(connection, table)))
                connection.execute(sa.text(f"DROP TABLE before_{table}"))


def _put_back(connection: sa.Connection, table: str) -> str:
    """The statement that gives every row its values again."""
    columns = [each["name"] for each in sa.inspect(connection).get_columns(table) if "computed" not in each]
    key = {"revision": "seq", "refresh": "seq", "search_document": "number"}.get(table, "id")
    if key not in columns or table == "change_counter":
        return f"UPDATE {table} SET seq = (SELECT seq FROM before_{table})"
    names = ", ".join(f'"{name}"' for name in columns if name != key)
    values = ", ".join(f'b."{name}"' for name in columns if name != key)
    match = f'b."{key}" = "{table}"."{key}"'
    return f'UPDATE "{table}" SET ({names}) = (SELECT {values} FROM before_{table} AS b WHERE {match})'


def test_a_sound_register_has_no_findings(database: Database) -> None:
    assert list(check(database, CATALOGUE)) == []


@pytest.mark.parametrize(
    ("statement", "reported"),
    [
        ("UPDATE challenge SET identified_on = 'yesterday'", "identified_on has a value that is not taken"),
        ("UPDATE challenge SET severity = 'dire'", "severity has a value that is not taken"),
        ("UPDATE milestone SET status = 'dire'", "status has a value that is not taken"),
        ("UPDATE challenge SET title = 'Another' WHERE slug = (SELECT min(slug) FROM challenge)", "last revision"),
        ("UPDATE citation SET subject_type = 'challenge'", "its subject is a challenge that is not there"),
        ("UPDATE citation SET subject_type = 'nothing'", "its subject is of no resource"),
        ("UPDATE change_counter SET seq = 1", "the counter of changes stands at 1, below change"),
        ("UPDATE revision SET at = '2099-01-01 00:00:00+00' WHERE seq = 5", "dated after this moment"),
        ("UPDATE revision SET at = '2099-01-01 00:00:00+00' WHERE seq = 5", "dated before one that came earlier"),
        ("UPDATE commitment SET completion = 'complete'", "say otherwise than the updates"),
        ("UPDATE search_document SET body = 'other' WHERE resource = 'themes'", "is searched by other words"),
        ("UPDATE search_document SET resource = 'nothing' WHERE resource = 'themes'", "documents are of no record"),
    ],
)
def test_damage_is_named(database: Database, statement: str, reported: str) -> None:
    if database.dialect == "sqlite":
        statement = statement.replace("2099-01-01 00:00:00+00", "2099-01-01T00:00:00.000000")
    found = findings(database, statement)
    assert any(reported in each for each in found), found


def test_a_row_that_cannot_be_read_is_named(backend: str, database: Database) -> None:
    if backend == "postgresql":
        pytest.skip("PostgreSQL takes no such value")
    found = findings(database, "UPDATE theme SET created_at = 'never' WHERE slug = (SELECT min(slug) FROM theme)")
    assert any("created_at has a value that cannot be read" in each for each in found), found


def test_a_row_of_the_server_itself_that_cannot_be_read_is_named(backend: str, database: Database) -> None:
    if backend == "postgresql":
        pytest.skip("PostgreSQL takes no such value")
    found = findings(database, "UPDATE revision SET revision = 'many' WHERE seq = 5")
    assert any("change 5: revision has a value that is not taken" in each for each in found), found
    found = findings(database, "UPDATE change_counter SET seq = 'many'")
    assert "the counter of changes is no number: 'many'" in found


@pytest.mark.parametrize("table", ["commitment_theme", "commitment_theme_past"])
def test_links_that_differ_from_the_history_are_named(databases: Databases, backend: str, table: str) -> None:
    with opened(databases.excerpt(backend)) as database:
        with database.writing() as connection:
            connection.execute(sa.text(f"DELETE FROM {table}"))
        assert any("its themes differ from its last revision" in each for each in check(database, CATALOGUE))


def test_search_is_mended_by_rebuilding(databases: Databases, backend: str) -> None:
    """A document that is missing, one that says something else, one of no record, and an index that knows another."""
    with opened(databases.excerpt(backend)) as database:
        with database.writing() as connection:
            for statement in (
                "DELETE FROM search_document WHERE resource = 'themes'",
                "UPDATE search_document SET label = 'other' WHERE resource = 'dialogues'",
                "UPDATE search_document SET resource = 'nothing' WHERE resource = 'sources'",
            ):
                connection.execute(sa.text(statement))
            if backend == "sqlite":
                connection.execute(sa.text("INSERT INTO search_index(rowid, label) VALUES (1, 'other')"))
        found = list(check(database, CATALOGUE))
        assert found[-1] == "`followthrough rebuild` lets search find every record by what it says"
        assert any("index differs" in each for each in found) == (backend == "sqlite")
        with database.writing() as connection:
            writer = Writer(connection, CATALOGUE, Viewer(Role.admin, "rebuild"))
            assert file_anew(writer)
            writer.close()
        assert list(check(database, CATALOGUE)) == []
        with database.writing() as connection:
            assert file_anew(Writer(connection, CATALOGUE, Viewer(Role.admin, "rebuild"))) == 0


def test_what_is_damaged_all_over_is_told_in_few_lines(database: Database) -> None:
    assert len(findings(database, "UPDATE citation SET subject_type = 'nothing'")) < 60


def test_checking_changes_nothing(database: Database) -> None:
    seq = sa.text("SELECT seq FROM change_counter")
    with database.reading() as connection:
        before = connection.execute(seq).scalar()
    findings(database, "UPDATE commitment SET completion = 'complete'")
    with database.reading() as connection:
        assert connection.execute(seq).scalar() == before
