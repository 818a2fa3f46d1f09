"""Runs migrations on the connection that ``app.prepare`` hands over, within its transaction.

SQLite can roll back changes of the schema as PostgreSQL does, when the driver is kept from committing in between
(``app.db``): a migration that fails leaves nothing behind, on both.
"""

from typing import Any

from alembic import context
from sqlmodel import SQLModel

import app.core.idempotency
import app.core.search
import app.prepare
import app.resources
import app.security.keys  # noqa: F401

connection = context.config.attributes["connection"]


def include(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave out what is made by hand on one of the databases alone.

    FTS5's own tables, PostgreSQL's generated column and its index, and the indexes for orders of lists.
    """
    by_hand = ("search_index", "ix_search_document_vector", "order_")
    return not (name or "").startswith(by_hand) and name != "vector"


context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_object=include,
)
context.run_migrations()
