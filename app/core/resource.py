"""The declaration of a resource, and the catalogue of all of them."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, get_args
from uuid import UUID

import sqlalchemy as sa

from app.core.model import Draft, Record, Stamped
from app.core.relations import AnyOne, Many, One, Relation, table_of
from app.errors import Flaw

if TYPE_CHECKING:
    from app.core.write import Writer


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

    ``filters`` names fields, stored or computed; the operators each takes follow from its type. ``related`` maps a
    parameter to the relation that it looks through (``commitment.partnership`` goes through two), ``members`` a
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


Check = Callable[["Catalogue", Any], Iterable[Flaw]]
"""Gives the flaws of a body that has been validated by its model."""

Guard = Callable[["Change"], Iterable[Flaw]]
"""Gives the flaws of a change that only the register can tell."""

Effect = Callable[["Change"], None]
"""Carries a change on to what follows from it, in the same transaction."""

Computed = Callable[["Facts"], sa.ColumnElement[Any]]
"""Makes the expression of a field that is computed at every reading and never stored."""


class Facts(Protocol):
    """What a computed field can look at: a row, other tables as the viewer sees them, and the day."""

    @property
    def row(self) -> sa.FromClause:
        """The rows of the resource itself."""

    @property
    def today(self) -> date:
        """The day that the answer is for, in UTC."""

    def records(self, name: str) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """The rows of a resource under a name of their own, with the condition under which one is seen."""

    def rows(self, table: sa.Table) -> sa.FromClause:
        """A linking table under a name of its own."""


@dataclass(frozen=True)
class Change:
    """A change of one record within a transaction, as guards and effects see it.

    ``body`` is what was written (None when the record is withdrawn), ``columns`` what its columns are about to be,
    ``before`` what they were (None when it is new).
    """

    writer: "Writer"
    resource: "Resource"
    id: UUID
    body: Any
    columns: Mapping[str, Any]
    before: Mapping[str, Any] | None


@dataclass(frozen=True)
class Inline:
    """Records of another resource that can be given inside a new record, and become records of their own.

    ``complete`` makes the other resource's body from the owner's slug, the item as it was given, and the owner's state.
    """

    field: str
    resource: "Resource"
    complete: Callable[[str, Any, str], Draft]


@dataclass(frozen=True, eq=False)
class Resource:
    """A resource, declared once: its table, how it is written and read, and what its lists can be asked."""

    table: type[Record]
    create: type[Draft]
    read: type[Stamped]
    listing: Listing
    relations: tuple[Relation, ...] = ()
    searchable: tuple[str, ...] = ()
    inline: tuple[Inline, ...] = ()
    examples: Mapping[str, Any] = field(default_factory=dict)
    describe: Callable[[Mapping[str, Any]], str] | None = None
    """Makes the text a slug is derived from, for records that have neither title nor name."""
    checks: tuple[Check, ...] = ()
    """What a body must satisfy beyond its model."""
    guards: tuple[Guard, ...] = ()
    """What a change must satisfy beside what the register holds."""
    effects: tuple[Effect, ...] = ()
    """What follows from a change."""
    defaults: Mapping[str, Callable[[date], Any]] = field(default_factory=dict)
    """What fields are that a body leaves out, where that depends on the day."""
    computed: Mapping[str, Computed] = field(default_factory=dict)
    """Fields that are computed at every reading."""

    @property
    def name(self) -> str:
        """The plural, as it stands in paths."""
        return self.table.plural

    @property
    def singular(self) -> str:
        """The name of one record."""
        return self.table.singular

    @property
    def label(self) -> str:
        """The field that names a record to a person."""
        return self.table.named_by

    @cached_property
    def rows(self) -> sa.Table:
        """The table of the present."""
        return table_of(self.table)

    @cached_property
    def description(self) -> str:
        """What the resource is: the docstring of the module that declares it."""
        module = inspect.getmodule(self.read)
        return inspect.cleandoc((module.__doc__ if module else "") or "")

    @cached_property
    def by_field(self) -> dict[str, Relation]:
        """Relations by the field they stand in."""
        return {relation.field: relation for relation in self.relations}

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields of a record, in the order they are shown."""
        return tuple(self.read.model_fields)

    @cached_property
    def writable_relations(self) -> tuple[Relation, ...]:
        """The relations that a client can write."""
        return tuple(each for each in self.relations if not (isinstance(each, Many) and not each.writable))

    @cached_property
    def linking(self) -> tuple[Many, ...]:
        """The relations whose rows belong to this resource."""
        return tuple(each for each in self.relations if isinstance(each, Many) and each.writable)

    def nullable(self, name: str) -> bool:
        """Whether a field can be unset."""
        if name in self.rows.c:
            return bool(self.rows.c[name].nullable)
        return type(None) in get_args(self.read.model_fields[name].annotation)

    def required(self, relation: Relation) -> bool:
        """Whether a record cannot be without this relation."""
        if isinstance(relation, Many):
            return False
        return not self.rows.c[relation.column].nullable


class Catalogue:
    """All resources, to be found by name, by singular or by table."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Take the resources in an order in which each comes after those it refers to."""
        self.all = tuple(resources)
        self.by_name = {resource.name: resource for resource in self.all}
        self.by_singular = {resource.singular: resource for resource in self.all}
        self._by_table = {resource.table: resource for resource in self.all}

    def __iter__(self) -> Iterator[Resource]:
        """Iterate in the order of reference."""
        return iter(self.all)

    def of(self, table: type[Record]) -> Resource:
        """The resource that a table belongs to."""
        return self._by_table[table]

    def targets(self, resource: Resource) -> tuple[Resource, ...]:
        """The resources that records of this one can refer to, each once."""
        found: dict[str, Resource] = {}
        for relation in resource.relations:
            if isinstance(relation, AnyOne):
                continue
            target = self.of(relation.target)
            found[target.name] = target
        return tuple(found.values())

    def dependents(self, resource: Resource) -> Iterator[tuple[Resource, One | AnyOne]]:
        """The resources whose records cannot be without a record of this one, with the relation that says so."""
        for other in self.all:
            for relation in other.relations:
                if (
                    isinstance(relation, One) and relation.target is resource.table and other.required(relation)
                ) or isinstance(relation, AnyOne):
                    yield other, relation
