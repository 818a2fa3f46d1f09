"""What a request wants of a list or a record, as values: validated, and independent of how it was written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

LIMIT = 25
MAX_LIMIT = 200
MAX_TERMS = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that keeps some records: the field, member list or relation it looks at, and how."""

    parameter: str
    target: str
    operator: str
    """The suffix of one of ``operators.OPERATORS``."""
    how: Literal["field", "related", "members", "through"]


@dataclass(frozen=True, slots=True)
class Term:
    """A filter with the values of one request."""

    filter: Filter
    values: tuple[Any, ...]


@dataclass(frozen=True)
class ListQuery:
    """What one request wants of a list, validated."""

    terms: tuple[Term, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    """Field names, each with whether it descends. Ties end on the id."""
    limit: int | None = None
    cursor: str | None = None
    count: bool = False
    fields: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    q: str | None = None
    as_of: datetime | None = None
    """The moment whose register is wanted; None for the present."""

    def values_of(self, parameter: str) -> tuple[Any, ...]:
        """The values that a filter has in this query; none where it is not used."""
        return next((term.values for term in self.terms if term.filter.parameter == parameter), ())
