"""The ways to compare a field. Each operator is one object: its suffix, its words, its SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.core.storage.date_functions import day_after, does_not_end_before, ends_before, start_of

Column = sa.ColumnElement[Any]
Condition = sa.ColumnElement[bool]


def _is_any(column: Column, values: Sequence[Column]) -> Condition:
    return column == values[0] if len(values) == 1 else column.in_(values)


def _is_none(column: Column, values: Sequence[Column]) -> Condition:
    return column != values[0] if len(values) == 1 else column.not_in(values)


def _contains(column: Column, values: Sequence[Column]) -> Condition:
    return sa.func.lower(column).like(values[0], escape="\\")


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def escaped(text: str) -> str:
    """Text in which the wildcards of LIKE stand for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _pattern(value: str) -> str:
    # Lower case for ASCII letters alone, as both databases do it.
    lower = "".join(letter.lower() if letter.isascii() else letter for letter in value)
    return f"%{escaped(lower)}%"


@dataclass(frozen=True, slots=True)
class Operator:
    """A way to compare a field: the suffix of the parameter, and what it says of the records that are kept.

    ``compare`` makes the condition from a column and one bound parameter a value; ``bound`` makes from a value what is
    bound. ``compare_partial`` and ``bound_partial`` do the same for dates known to the year or the month.
    """

    suffix: str
    meaning: str
    compare: Callable[[Column, Sequence[Column]], Condition]
    many: bool = False
    bound: Callable[[Any], Any] = _plain
    compare_partial: Callable[[Column, Column], Condition] | None = None
    bound_partial: Callable[[Any], Any] = _plain

    def condition(self, column: Column, values: Sequence[Column], *, partial: bool) -> Condition:
        """The condition on a column, which holds partial dates or not."""
        if partial and self.compare_partial is not None:
            return self.compare_partial(column, values[0])
        return self.compare(column, values)


EQUAL = Operator("", "is any of the values given", _is_any, many=True)
OPERATORS = {
    operator.suffix: operator
    for operator in (
        EQUAL,
        Operator("ne", "is none of the values given", _is_none, many=True),
        Operator(
            "lt",
            "is before or below the value",
            lambda column, values: sa.and_(column < values[0]),
            compare_partial=ends_before,
            bound_partial=start_of,
        ),
        Operator(
            "lte",
            "is at or below the value",
            lambda column, values: sa.and_(column <= values[0]),
            compare_partial=ends_before,
            bound_partial=day_after,
        ),
        Operator(
            "gt",
            "is after or above the value",
            lambda column, values: sa.and_(column > values[0]),
            compare_partial=does_not_end_before,
            bound_partial=day_after,
        ),
        Operator(
            "gte",
            "is at or above the value",
            lambda column, values: sa.and_(column >= values[0]),
            compare_partial=does_not_end_before,
            bound_partial=start_of,
        ),
        Operator("contains", "contains the text, in any case", _contains, bound=_pattern),
        Operator("isnull", "is not set (`true`), or is set (`false`)", lambda column, values: column.is_(None)),
    )
}

ORDERED = ("", "ne", "lt", "lte", "gt", "gte")
"""The operators of what has an order."""
