"""Runs migrations on the connection that ``app.operations.prepare`` hands over, within its transaction.

SQLite can roll back changes of the schema as PostgreSQL does, when the driver is kept from committing in between
(``app.core.storage.database``): a migration that fails leaves nothing behind, on both.
"""

import re
from typing import Any

from alembic import context
from sqlmodel import SQLModel

import migrations.tables  # noqa: F401

connection = context.config.attributes["connection"]


def include(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave out what is made by hand on one of the databases alone.

    FTS5's own tables, PostgreSQL's generated column and its index, and the indexes for orders of lists.
    """
    by_hand = ("search_index", "ix_search_document_vector", "order_")
    return not (name or "").startswith(by_hand) and name != "vector"


def other_type(migration: Any, inspected: Any, column: Any, found: Any, declared: Any) -> bool | None:
    """Whether a column's text has another length than is declared; None leaves the rest to Alembic.

    Alembic by itself takes a length for no difference where one of the two has none.
    """
    lengths = [re.findall(r"VARCHAR\((\d+)\)", each.compile(dialect=migration.dialect)) for each in (found, declared)]
    return True if lengths[0] != lengths[1] else None


context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=other_type,
    include_object=include,
)
context.run_migrations()
