"""The declaration of a resource, and the catalogue of all of them."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol, get_args
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.core.declarations import Linked, extended, parameters_of, read_with, references_of, written_with
from app.core.listing import Listing, RowContext
from app.core.model import Record, RecordRead, RecordWrite, State
from app.core.relations import AnyOne, Many, One, Relation, table_of
from app.core.translations import texts_in
from app.core.visibility import Viewer
from app.errors import Flaw

Check = Callable[["Catalogue", Any], Iterable[Flaw]]
"""Gives the flaws of a body that has been validated by its model."""

Guard = Callable[["Change"], Iterable[Flaw]]
"""Gives the flaws of a change that only the register can tell."""

Effect = Callable[["Change"], None]
"""Carries a change on to what follows from it, in the same transaction."""

Computed = Callable[["RowContext"], sa.ColumnElement[Any]]
"""Makes the expression of a field that is computed at every reading and never stored."""


Step = Callable[["Writing", list[UUID]], None]
"""What is done once for all the records that were named to it, when the changes of a transaction are made."""


class Writing(Protocol):
    """What guards and effects can do within a change's transaction: ``app.core.writing.writer`` does it."""

    catalogue: "Catalogue"
    viewer: Viewer
    today: date

    @property
    def connection(self) -> sa.Connection:
        """The connection, with every change made so far in the database."""

    def row(self, resource: "Resource", id_: UUID) -> Mapping[str, Any]:
        """The row of a record, as it is after the changes made so far."""

    def is_published(self, rows: sa.Table, id_: UUID) -> bool:
        """Whether a record is published after the changes made so far."""

    def columns_of(self, resource: "Resource", body: RecordWrite) -> Mapping[str, Any]:
        """What a body makes of a record's columns; raises Invalid."""

    def create(
        self, resource: "Resource", body: RecordWrite, slug: str | None = None, *, given_inside: bool = False
    ) -> UUID:
        """Make a record."""

    def withdraw(self, resource: "Resource", id_: UUID, expected: frozenset[str], note: str | None = None) -> None:
        """Take a record back."""

    def set_state(self, resource: "Resource", id_: UUID, state: State) -> None:
        """Let a record follow another one into a state."""

    def project(self, resource: "Resource", id_: UUID, values: Mapping[str, Any]) -> bool:
        """Give columns that no client writes the values that follow from other records."""

    def at_the_end(self, step: Step, id_: UUID) -> None:
        """Do or check something once for all the records named, when all changes are made."""

    def refresh(self, resource: "Resource", id_: UUID) -> None:
        """Note that a record reads differently after the changes, though it is not changed itself."""


@dataclass(frozen=True)
class Change:
    """A change of one record: planned, then checked, then applied. Guards and effects see it as well.

    ``body`` is what was written (None where only the state changes), ``columns`` what the record's columns are about
    to be, ``before`` what they were (None when it is new). ``links`` are the rows of its linking tables, by field,
    where they change.
    """

    writer: "Writing"
    resource: "Resource"
    id: UUID
    body: Any
    columns: Mapping[str, Any]
    before: Mapping[str, Any] | None
    links: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    note: str | None = None
    seq: int | None = None
    """The number of the change, where it is carried along from another register; None: the next one."""
    taken: Sequence[Flaw] = ()
    """That another record has or had its slug, where that is so: it is told with what else is wrong."""

    @property
    def revision(self) -> int:
        """The revision that the record comes to: the next one, or one that is carried along."""
        carried: int = self.columns["revision"]
        if self.before is None or carried != self.before["revision"]:
            return carried
        return carried + 1

    @cached_property
    def changed(self) -> dict[str, Any]:
        """The columns that change, with their new values."""
        before = self.before or {}
        return {name: value for name, value in self.columns.items() if name not in before or before[name] != value}

    def becomes(self, state: State) -> bool:
        """Whether the record comes to this state by the change."""
        before: str | None = self.before["state"] if self.before else None
        return bool(self.columns["state"] == state.value) and before != state.value

    def leaves(self, state: State) -> bool:
        """Whether the record had this state, and has it no longer."""
        return self.before is not None and bool(self.before["state"] == state.value != self.columns["state"])


@dataclass(frozen=True)
class Inline:
    """Records of another resource that can be given inside a record, and become records of their own.

    They refer to it by ``relation``. ``complete`` makes the other resource's body from the owner's slug, the item as
    it was given, and the owner's state.
    """

    field: str
    resource: "Resource"
    relation: AnyOne
    complete: Callable[[str, Any, str], RecordWrite]


@dataclass(frozen=True)
class Evidence:
    """How citable records are cited: what their resource gets beside what it declares."""

    write: type[SQLModel]
    """The fields in which citations are given inside a new record."""
    read: type[SQLModel]
    """The fields in which a record shows what is cited for it."""
    relation: Callable[[str], Many]
    """Makes the relation from a record (its resource's singular is given) to what is cited for it."""
    inline: Callable[[str], Inline]
    """Makes the citations that a new record can be given with."""
    parameter: str
    """The filter of lists that looks through that relation."""


@dataclass(eq=False)
class Resource:
    """A resource, declared once: its table, how it is written and read, and what its lists can be asked.

    It is complete when a catalogue has taken it in, which adds what follows from the declaration.
    """

    table: type[Record]
    create: type[RecordWrite]
    read: type[RecordRead]
    listing: Listing
    citable: bool = False
    """Whether sources can be cited for its records: they are then written with ``citations``, read with ``sources``."""
    relations: tuple[Relation, ...] = ()
    """What it refers to beside its foreign keys and linking tables, which are relations by themselves."""
    links: tuple[Linked, ...] = ()
    """Its linking tables: what it refers to several of."""
    binds: tuple[str, ...] = ()
    """References that can be left out, but where they are given the record depends on them as on required ones."""
    searchable: tuple[str, ...] = ()
    inline: tuple[Inline, ...] = ()
    given_inside: str | None = None
    """The column that marks records that were given inside another one, and are published and withdrawn with it."""
    examples: Mapping[str, Any] = field(default_factory=dict)
    describe: Callable[[Mapping[str, Any]], str] | None = None
    """Makes the text a slug is derived from, for records that have neither title nor name."""
    make_title: Callable[["Writing", Mapping[str, Any]], str] | None = None
    """Makes the title of a record that was given none, from its columns."""
    checks: tuple[Check, ...] = ()
    """What a body must satisfy beyond its model."""
    guards: tuple[Guard, ...] = ()
    """The rules that a change must meet, given what is already in the register."""
    effects: tuple[Effect, ...] = ()
    """What follows from a change."""
    resets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns that no client writes which begin anew when a field changes."""
    defaults: Mapping[str, Callable[[date], Any]] = field(default_factory=dict)
    """What fields are that a body leaves out, where that depends on the day."""
    computed: Mapping[str, Computed] = field(default_factory=dict)
    """Fields that are computed at every reading."""
    carried: tuple[str, ...] = ()
    """Fields that no client writes and that follow from no other record: a bundle carries them along."""

    def complete(self) -> None:
        """Add the relations that foreign keys and linking tables make, with their fields and filters."""
        links = (each.relation() for each in self.links)
        self.relations = (*references_of(self.table, self.binds), *links, *self.relations)
        self.create = written_with(self.create, self.table, self.relations)
        self.read = read_with(self.read, self.table, self.relations)
        related = {**parameters_of(self.relations), **self.listing.related}
        self.listing = dataclasses.replace(self.listing, related=related)

    def take_evidence(self, evidence: Evidence) -> None:
        """Let sources be cited for the records of this resource."""
        relation = evidence.relation(self.singular)
        self.create = extended(self.create, evidence.write)
        self.read = extended(self.read, evidence.read)
        self.relations = (*self.relations, relation)
        self.inline = (*self.inline, evidence.inline(self.singular))
        if evidence.parameter not in self.listing.related:
            related = {**self.listing.related, evidence.parameter: relation.field}
            self.listing = dataclasses.replace(self.listing, related=related)

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

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts that can be translated, the one that says most of the record first."""
        info = self.table.model_fields.get("translations")
        names = texts_in(info.annotation) if info is not None else ()
        return tuple(sorted(names, key=lambda name: name != self.label))

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

    def binding(self, relation: Relation) -> bool:
        """Whether a published record needs what it refers to by this relation to be published as well."""
        return self.required(relation) or (isinstance(relation, One) and relation.binding)


class Catalogue:
    """All resources, to be found by name, by singular or by table."""

    def __init__(
        self, resources: Iterable[Resource], evidence: Evidence | None = None, guards: tuple[Guard, ...] = ()
    ) -> None:
        """Take the resources in an order in which each comes after those it refers to, and complete them.

        ``guards`` are those that every change must satisfy.
        """
        self.all = tuple(resources)
        for resource in self.all:
            resource.complete()
            resource.guards = (*guards, *resource.guards)
            if evidence is not None and resource.citable:
                resource.take_evidence(evidence)
            # Now, and not at its first use: two threads may come to that at once.
            resource.create.model_rebuild()
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
        targets = (self.of(each.target) for each in resource.relations if not isinstance(each, AnyOne))
        return tuple(dict.fromkeys(targets))

    def dependents(self, resource: Resource) -> Iterator[tuple[Resource, One | AnyOne]]:
        """The resources whose records depend on a record of this one, with the relation that says so."""
        for other in self.all:
            for relation in other.relations:
                if isinstance(relation, One):
                    if relation.target is resource.table and other.binding(relation):
                        yield other, relation
                elif isinstance(relation, AnyOne):
                    yield other, relation
