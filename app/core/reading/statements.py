"""Statements that are built once and run many times: to build one costs several times what it costs to run it.

A statement depends on its shape (which columns, conditions, order), on what the viewer may see, and on the day that
computed fields are reckoned for. All else is bound when it runs.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from app.core.reading.plans import Plan, Query, Row, without_bytes
from app.core.storage.database import PLANNED

Statement = TypeVar("Statement")

_MAX_STATEMENTS = 1000
"""So many are stored; then all are dropped, and those in use are built again."""

_built: dict[Hashable, object] = {}

_plans: WeakKeyDictionary[Query, Plan] = WeakKeyDictionary()
"""How each of them is run. What is built for one run alone has none: to make it would take longer."""


def built_once(name: Hashable, build: Callable[[], Statement]) -> Statement:
    """The statement of this name, built where there is none yet."""
    found = _built.get(name)
    if found is None:
        if len(_built) >= _MAX_STATEMENTS:
            _built.clear()
        found = _built.setdefault(name, build())
        if isinstance(found, (sa.Select, sa.CompoundSelect)):
            _plans.setdefault(found, Plan(found))
    return found  # type: ignore[return-value]


def rows_of(connection: sa.Connection, statement: Query, bound: Mapping[str, Any]) -> Sequence[Row]:
    """The rows of a statement, by its plan if it has one; raises ValueError or TypeError where one cannot be read."""
    plan = _plans.get(statement)
    if plan is None or not connection.get_execution_options().get(PLANNED, True):
        return without_bytes([tuple(row) for row in connection.execute(statement, bound).all()])
    return plan.rows(connection, statement, bound)
