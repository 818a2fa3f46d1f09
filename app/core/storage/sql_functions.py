"""Functions in SQL that each database has by another name or not at all: each says how it is written on either."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

Function = Callable[..., sa.ColumnElement[Any]]
Written = Callable[..., str]
"""Writes a function, given its arguments as they are written."""


def sql_function(
    name: str, type_: sa.types.TypeEngine[Any], *, sqlite: Written, postgresql: Written = lambda argument: argument
) -> Function:
    """A function of this type; on PostgreSQL, unless it says otherwise, only its argument."""
    kind: Any = type(name, (sa.sql.functions.FunctionElement,), {"name": name, "type": type_, "inherit_cache": True})
    for dialect, write in (("sqlite", sqlite), ("postgresql", postgresql)):

        def compiled(element: Any, compiler: SQLCompiler, write: Written = write, **options: Any) -> str:
            return write(*(compiler.process(clause, **options) for clause in element.clauses))

        compiles(kind, dialect)(compiled)
    function: Function = kind
    return function
