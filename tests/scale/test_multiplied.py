"""Large registers, made by multiplying a small one: each copy is a register of its own, and the whole is sound."""

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from app.core.storage.database import Database
from app.operations.prepare import migrate
from benchmarks.registers import multiply
from tests.support.databases import Databases, opened
from tests.support.generated_register import Generator, Size
from tests.support.places import TODAY
from tests.support.register import Register, application

COPIES = 3
SEVERAL = Size(partnerships=2, promises=10)


@pytest.mark.slow
def test_a_register_is_multiplied_with_all_that_belongs_to_it(databases: Databases, backend: str) -> None:
    settings = databases.empty(backend).model_copy(update={"today": TODAY})
    with opened(settings) as database:
        migrate(database)
        Generator(SEVERAL).fill(database)
        made, sizes = _made(database), _sizes(database)
        multiply(database, COPIES)
        assert _made(database) == made
        single = ("change_counter", "setting")
        assert _sizes(database) == {name: size * (1 if name in single else COPIES) for name, size in sizes.items()}
        if backend == "sqlite":
            _is_sound(database)
    with application(settings) as register:
        for query in ("", "q=chips", "overdue=true"):
            of_one = sum(_number(register, f"{query}&partnership=partnership-{each}") for each in range(2))
            assert _number(register, query) == COPIES * of_one > 0, query
        assert _figures(register, "0002-partnership-1") == _figures(register, "partnership-1")


def _number(register: Register, query: str) -> int:
    found: int = register.get(f"/v1/commitments?limit=1&count=true&{query}").json()["total"]
    return found


def _figures(register: Register, partnership: str) -> dict[str, float | None]:
    figures = register.get(f"/v1/partnerships/{partnership}/scorecard").json()["figures"]
    return {name: each["value"] for name, each in figures.items()}


def _made(database: Database) -> dict[str, str]:
    """What the database says of its indexes; on SQLite of its tables and its statistics too."""
    if database.dialect == "sqlite":
        found = ("SELECT name, sql FROM sqlite_master", "SELECT tbl || ' ' || idx, stat FROM sqlite_stat1")
    else:
        found = ("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",)
    with database.reading() as connection:
        return {name: made for each in found for name, made in connection.exec_driver_sql(each)}


def _sizes(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in SQLModel.metadata.sorted_tables
        }


def _is_sound(database: Database) -> None:
    """Nothing is amiss in the file, in what refers to what, and in the full text of each document."""
    with database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        connection.exec_driver_sql("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)")
