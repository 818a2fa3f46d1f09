"""Statements that are built once and run many times: to build one costs several times what it costs to run it.

A statement depends on its shape (which columns, conditions, order), on what the viewer may see, and on the day that
computed fields are reckoned for. All else is bound when it runs.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

Statement = TypeVar("Statement")

_MOST = 1000
"""So many are stored; then all are dropped, and those in use are built again."""

_built: dict[Hashable, object] = {}


def built_once(name: Hashable, build: Callable[[], Statement]) -> Statement:
    """The statement of this name, built where there is none yet."""
    found = _built.get(name)
    if found is None:
        if len(_built) >= _MOST:
            _built.clear()
        found = _built.setdefault(name, build())
    return found  # type: ignore[return-value]
