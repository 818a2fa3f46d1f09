"""What the lists of a resource take, and what its computed fields can look at."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import sqlalchemy as sa


@dataclass(frozen=True)
class Through:
    """A field of the records on the other side of a relation, looked at from this side.

    ``where`` limits the linking rows that count, such as those of one role.
    """

    relation: str
    field: str
    where: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """What a list of a resource can be asked. Only what is named here can be filtered, sorted or counted by.

    ``filters`` names fields, stored or computed; the operators each takes follow from its type. Each relation is a
    filter by itself; ``related`` maps further parameters to what they look through (``commitment.partnership`` goes
    through two), ``members`` a
    parameter to the list-valued field that it looks into, ``through`` a parameter to a field on the other side of a
    relation. ``facets`` names parameters of any kind. ``order`` is the order of a list that asks for none.
    """

    filters: tuple[str, ...] = ()
    related: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    through: Mapping[str, Through] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()


class RowContext(Protocol):
    """What a computed field can look at: a row, other tables as the viewer sees them, and the day."""

    @property
    def row(self) -> sa.FromClause:
        """The rows of the resource itself."""

    @property
    def today(self) -> date:
        """The day that the response is for, in UTC."""

    def records(self, name: str) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """The rows of a resource under a name of their own, with the condition under which one is visible."""

    def rows(self, table: sa.Table) -> sa.FromClause:
        """A linking table under a name of its own."""
