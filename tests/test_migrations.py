"""Migrations: up from nothing, down to nothing, over data that is there, and never half-way."""

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlmodel import SQLModel

import app.prepare
from app.db import Database
from app.prepare import MIGRATIONS, is_empty, migrate, newest_revision, schema_revision
from tests.support.databases import Databases, opened
from tests.support.register import application
from tests.support.server import environment_of

pytestmark = pytest.mark.heavy

STEPS = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


@pytest.fixture
def database(backend: str, databases: Databases) -> Iterator[Database]:
    """A database with nothing in it, not even tables."""
    with opened(databases.empty(backend)) as database:
        yield database


def schema(database: Database) -> dict[str, str]:
    """Everything that is defined in a database, by name."""
    if database.dialect == "sqlite":
        asked = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master"
    else:
        asked = """
            SELECT 'column ' || table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default,
                character_maximum_length, collation_name, is_generated, generation_expression)
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT 'constraint ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
                WHERE connamespace = 'public'::regnamespace
        """
    with database.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(sa.text(asked))}


def own(found: dict[str, str]) -> dict[str, str]:
    """What of a schema is ours: not what Alembic and SQLite keep for themselves."""
    return {name: text for name, text in found.items() if "alembic_version" not in name and "sqlite_stat" not in name}


def test_the_newest_schema_is_reached_from_nothing_and_left_again(database: Database) -> None:
    assert schema_revision(database) is None
    migrate(database)
    assert schema_revision(database) == newest_revision() == STEPS[-1]
    assert is_empty(database)
    with database.engine.connect() as connection:
        found = set(sa.inspect(connection).get_table_names())
    assert set(SQLModel.metadata.tables) <= found
    migrate(database, "base")
    assert own(schema(database)) == {}


def test_every_step_down_undoes_its_step_up(database: Database) -> None:
    reached: list[dict[str, str]] = [{}]
    for step in STEPS:
        migrate(database, step)
        assert schema_revision(database) == step
        reached.append(own(schema(database)))
        assert reached[-1] != reached[-2]
    for step, before in zip(reversed(STEPS[:-1]), reversed(reached[1:-1]), strict=True):
        migrate(database, step)
        assert own(schema(database)) == before, f"down to {step}"
    migrate(database)
    assert own(schema(database)) == reached[-1]


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)
    before = schema(database)
    migrate(database)
    assert schema(database) == before


def test_models_and_migrations_say_the_same(database: Database) -> None:
    """Compared by Alembic itself, as migrations/env.py has it: whatever it would add to a migration is missing."""
    migrate(database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.writing() as connection, redirect_stdout(io.StringIO()):
        config.attributes["connection"] = connection
        command.check(config)


# -- over data -------------------------------------------------------------------------------------------------------

IDS = {
    name: UUID(int=number)
    for number, name in enumerate(
        ["source", "partnership", "theme", "stakeholder", "challenge", "recommendation", "citation"], 1
    )
}
SAMPLES: dict[str, dict[str, Any]] = {
    "source": {
        "type": "report", "title": "Ein früher Bericht", "authors": [{"literal": "외교부"}], "issued": "2024-05",
        "link_status": "unchecked", "accessed_on": date(2026, 1, 31),
    },
    "partnership": {"name": "First and Second", "parties": ["IN", "KR"], "established_on": date(2015, 5, 18)},
    "theme": {"name": "Trade", "description": "=1+1"},
    "stakeholder": {
        "name": "Ministère", "other_names": ["부처"], "kind": "government", "identifiers": {"wikidata": "Q1"},
    },
    "challenge": {
        "title": "Trade-imbalance", "summary": "Première summary", "description": "5G and 1e5", "severity": "high",
        "status": "open", "identified_on": date(1, 1, 1), "partnership_id": IDS["partnership"],
    },
    "recommendation": {
        "title": "Renegotiate", "priority": "low", "status": "proposed", "partnership_id": IDS["partnership"],
    },
    "citation": {
        "intent": "evidence", "subject_type": "challenge", "subject_id": IDS["challenge"], "source_id": IDS["source"],
        "quote": {"exact": "such words"}, "note": "A note",
    },
    "challenge_theme": {"position": 0, "challenge_id": IDS["challenge"], "theme_id": IDS["theme"]},
    "recommendation_challenge": {
        "position": 0, "recommendation_id": IDS["recommendation"], "challenge_id": IDS["challenge"],
    },
    "recommendation_participant": {
        "position": 0, "recommendation_id": IDS["recommendation"], "stakeholder_id": IDS["stakeholder"],
        "role": "accountable",
    },
}  # fmt: skip
"""Rows as the first schema has them, in an order in which each comes after those it refers to."""


def table_at_present(connection: sa.Connection, name: str) -> sa.TableClause:
    """A table with the columns that it has in the database at this moment, with the types that the models give them."""
    present = {column["name"] for column in sa.inspect(connection).get_columns(name)}
    return sa.table(
        name, *(sa.column(each.name, each.type) for each in SQLModel.metadata.tables[name].c if each.name in present)
    )


def fill(connection: sa.Connection) -> None:
    """Put the rows into the first schema by plain inserts, with their history."""
    at = datetime(2026, 1, 31, 12, 30, 0, 123456, tzinfo=UTC)
    for seq, (name, values) in enumerate(SAMPLES.items(), 1):
        row = dict(values)
        if name in IDS:
            common = {"slug": f"a-{name}", "state": "published", "revision": 1, "created_by": "admin"}
            row |= {"id": IDS[name], **common, "created_at": at, "updated_at": at}
            table = table_at_present(connection, "revision")
            change = {
                "seq": seq, "resource": f"{name}s", "record_id": IDS[name], "revision": 1, "action": "create",
                "actor": "admin", "at": at, "state": "published",
            }  # fmt: skip
            connection.execute(
                sa.insert(table).values(
                    {column.name: change[column.name] for column in table.c if column.name in change}
                )
            )
        connection.execute(sa.insert(table_at_present(connection, name)).values(row))
        connection.execute(sa.insert(table_at_present(connection, f"{name}_past")).values({**row, "since": seq}))
    connection.execute(sa.text(f"UPDATE change_counter SET seq = {len(SAMPLES)}"))
    connection.execute(sa.text("INSERT INTO setting (name, value) VALUES ('secret', 'kept')"))


def rows(database: Database, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """The content of some columns of some tables."""
    with database.reading() as connection:
        found: dict[str, list[Any]] = {}
        for name, names in columns.items():
            table = table_at_present(connection, name)
            found[name] = [tuple(row) for row in connection.execute(sa.select(*(table.c[each] for each in names)))]
        return found


def test_what_the_first_schema_held_is_there_in_the_newest_and_is_found(backend: str, database: Database) -> None:
    migrate(database, STEPS[0])
    with database.writing() as connection:
        fill(connection)
    with database.reading() as connection:
        names = [*SAMPLES, *(f"{name}_past" for name in SAMPLES), "revision", "setting", "change_counter"]
        columns = {name: list(table_at_present(connection, name).c.keys()) for name in names}
    before = rows(database, columns)
    assert all(before.values())
    migrate(database)
    assert rows(database, columns) == before
    with application(database.settings) as register:
        shown = register.get("/v1/challenges/a-challenge?include=themes,sources").json()
        assert shown["title"] == "Trade-imbalance"
        assert [each["slug"] for each in shown["included"]["themes"]] == ["a-theme"]
        assert [each["title"] for each in shown["sources"]] == ["Ein früher Bericht"]
        for path, q in (
            ("challenges", "imbalance"), ("challenges", '"5g and 1e5"'), ("challenges", "premiere"),
            ("sources", "외교부 fruher"), ("stakeholders", "부처"), ("stakeholders", "MINISTERE"),
            ("partnerships", "first"), ("themes", "trade"), ("recommendations", "reneg"), ("citations", "note"),
        ):  # fmt: skip
            hits = register.get(f"/v1/{path}", params={"q": q}).json()["data"]
            assert len(hits) == 1, (path, q)
        changed = register.request(
            "PATCH",
            "/v1/challenges/a-challenge",
            json={"status": "easing"},
            headers={**register.authorization, "If-Match": '"1-"'},
        )
        assert (changed.status_code, changed.json()["revision"]) == (200, 2)
        assert register.get("/v1/challenges?q=imbalance&status=easing&count=true").json()["total"] == 1


def test_going_back_and_forth_keeps_what_both_schemas_have(database: Database) -> None:
    migrate(database, STEPS[0])
    with database.writing() as connection:
        fill(connection)
        columns = {name: list(table_at_present(connection, name).c.keys()) for name in SAMPLES}
    before = rows(database, columns)
    migrate(database)
    migrate(database, STEPS[0])
    assert rows(database, columns) == before
    migrate(database)
    assert rows(database, columns) == before
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM search_document")).scalar() == len(IDS)


# -- what goes wrong -------------------------------------------------------------------------------------------------

BROKEN = '''
"""Fails after it has changed much."""

import sqlalchemy as sa
from alembic import op

revision = "9998"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO half (id) VALUES (1)")
    op.execute("UPDATE theme SET name = 'overwritten'")
    with op.batch_alter_table("theme") as batch:
        batch.add_column(sa.Column("colour", sa.String()))
        batch.alter_column("name", new_column_name="called")
    {failing}


def downgrade() -> None:
    op.drop_table("half")
'''


def test_a_migration_that_fails_leaves_nothing_behind_and_can_be_tried_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pitfall 11: on SQLite a failed batch would leave a table behind that the next attempt stumbles over."""
    migrate(database, STEPS[0])
    with database.writing() as connection:
        fill(connection)
    migrate(database)
    before = (schema(database), rows(database, {"theme": ["name"]}))
    copied = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(app.prepare, "MIGRATIONS", copied)
    broken = copied / "versions" / "9998_broken.py"
    broken.write_text(BROKEN.format(newest=STEPS[-1], failing='op.execute("INSERT INTO nothing VALUES (1)")'))
    for _ in range(2):
        with pytest.raises(sa.exc.DBAPIError):
            migrate(database)
        assert (schema(database), rows(database, {"theme": ["name"]})) == before
        assert schema_revision(database) == STEPS[-1]
    broken.write_text(BROKEN.format(newest=STEPS[-1], failing="pass"))
    migrate(database)
    assert schema_revision(database) == "9998"
    with database.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT called FROM theme")).scalar() == "overwritten"


def test_a_migration_that_leaves_a_reference_nowhere_is_not_made(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite looks at references only when a migration is done: it must make tables anew that others refer to."""
    with opened(databases.empty("sqlite")) as database:
        migrate(database, STEPS[0])
        with database.writing() as connection:
            fill(connection)
        migrate(database)
        copied = tmp_path / "migrations"
        shutil.copytree(MIGRATIONS, copied, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(app.prepare, "MIGRATIONS", copied)
        failing = 'op.execute("DELETE FROM theme")'
        (copied / "versions" / "9998_broken.py").write_text(BROKEN.format(newest=STEPS[-1], failing=failing))
        with pytest.raises(RuntimeError, match="challenge_theme"):
            migrate(database)
        assert rows(database, {"theme": ["name"]}) == {"theme": [("Trade",)]}
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


MIGRATES = "from app.db import Database; from app.prepare import migrate; from app.settings import Settings; "


def test_servers_that_start_at_once_do_not_get_in_each_others_way(backend: str, databases: Databases) -> None:
    settings = databases.empty(backend)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", f"{MIGRATES} migrate(Database(Settings()))"], cwd=settings.data_dir,
            env=environment_of(settings), stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    told = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], told
    with opened(settings) as database:
        assert schema_revision(database) == STEPS[-1]
