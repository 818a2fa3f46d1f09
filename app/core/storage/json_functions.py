"""JSON in SQL, alike on both databases: what is no JSON, or not of the form looked for, is null and fails no query."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class only_json(sa.sql.functions.FunctionElement[Any]):  # noqa: N801 (reads as the SQL function it is)
    """``only_json(column)``: JSON to look into; null where it is none, which would fail the whole query on SQLite."""

    type = sa.JSON()
    inherit_cache = True
    name = "only_json"


class only_list(sa.sql.functions.FunctionElement[Any]):  # noqa: N801 (reads as the SQL function it is)
    """``only_list(column)``: a list in JSON, to take its members from; null where it is none."""

    type = sa.JSON()
    inherit_cache = True
    name = "only_list"


@compiles(only_json, "sqlite")
def _only_json_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    json = compiler.process(element.clauses, **options)
    return f"CASE WHEN json_valid({json}) THEN {json} END"


@compiles(only_json, "postgresql")
def _only_json_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)  # no other is stored there


@compiles(only_list, "sqlite")
def _only_list_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    json = compiler.process(element.clauses, **options)
    return f"CASE WHEN json_valid({json}) THEN CASE json_type({json}) WHEN 'array' THEN {json} END END"


@compiles(only_list, "postgresql")
def _only_list_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    json = compiler.process(element.clauses, **options)
    return f"CASE json_typeof({json}) WHEN 'array' THEN {json} END"
