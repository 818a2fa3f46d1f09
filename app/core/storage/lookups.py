"""Telling a database which way to look: what it would do by itself costs more the larger the register is."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


def there_is(*conditions: sa.ColumnElement[bool], within: sa.FromClause | None = None) -> sa.ColumnElement[bool]:
    """There is such a row: looked up for each row that it is asked of, whatever the size of the table.

    Not written as EXISTS, for which PostgreSQL reads whole tables where a page needs few. Nor as IN
    with all that is visible, for which SQLite makes a list of that first.
    """
    found = sa.select(sa.literal(1))
    if within is not None:
        found = found.select_from(within)
    return found.where(*conditions).limit(1).scalar_subquery().is_not(None)


class InThisOrder(sa.sql.expression.Join):
    """A join that begins with its left side: SQLite would rather look through all records on the right."""

    inherit_cache = True


@compiles(InThisOrder, "sqlite")
def _on_sqlite(join: InThisOrder, compiler: SQLCompiler, **options: Any) -> str:
    # The compiler writes the join, and notes that the two are joined; the words between them are ours.
    joined: str = compiler.visit_join(join, **options)  # type: ignore[no-untyped-call]
    return joined.replace(" JOIN ", " CROSS JOIN ", 1)


class unindexed(sa.sql.functions.FunctionElement[Any]):  # noqa: N801 (reads as the SQL function it is)
    """``unindexed(column)``: the column, for which SQLite is not to choose an index.

    To group by two columns, it would take an index on one of them, and read each row for the other: that takes longer
    than to sort what an index has on both. To find a page of what many records are, it would sort them all.
    """

    inherit_cache = True
    name = "unindexed"

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        """Say it of a column, whose type stays."""
        self.type = column.type
        super().__init__(column)


@compiles(unindexed, "sqlite")
def _unindexed_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"+{column}"


@compiles(unindexed)
def _unindexed(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = (compiler.process(clause, **options) for clause in element.clauses)
    return str(column)
