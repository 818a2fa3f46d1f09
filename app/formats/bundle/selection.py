"""Which records an export holds: the whole register, or some partnerships with all that their records refer to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.reading.cursors import Cursors
from app.core.reading.grammar import grammar_of
from app.core.reading.list_query import ListQuery
from app.core.reading.reader import Reader
from app.core.relations import AnyOne, One
from app.core.resource import Resource

PART = 500
"""The records that are read at once."""
_OWNER = "partnership"

Shown = Mapping[str, Any]
_Key = tuple[str, UUID]


class Selection:
    """The records that a reader sees, resource by resource in the order of their slugs, all as of one moment."""

    def __init__(self, reader: Reader, partnerships: Sequence[str] = ()) -> None:
        """Limit it to some partnerships; raises BadQuery where one is not there."""
        self.reader = reader
        self._cursors = Cursors("within this walk")
        self._included: dict[str, set[UUID]] | None = None
        self.partnerships: tuple[str, ...] = ()
        """The slugs of the partnerships that it is limited to."""
        if partnerships:
            self._limit(tuple(dict.fromkeys(partnerships)))

    def parts(self, resource: Resource) -> Iterator[Sequence[Shown]]:
        """The records of a resource, part by part."""
        for part in self._pages(resource, ListQuery()):
            if self._included is not None:
                included = self._included[resource.name]
                part = [record for record in part if record["id"] in included]
            if part:
                yield part

    def _pages(self, resource: Resource, query: ListQuery) -> Iterator[Sequence[Shown]]:
        grammar = grammar_of(resource, self.reader.catalogue)
        return self.reader.parts(grammar, replace(query, sort=(("slug", False),)), self._cursors, PART)

    def _records(self, resource: Resource, query: ListQuery | None = None) -> Iterator[Shown]:
        for part in self._pages(resource, query or ListQuery()):
            yield from part

    # -- of some partnerships -------------------------------------------------------------------------------------

    def _limit(self, names: tuple[str, ...]) -> None:
        """Find what belongs to the partnerships, and then what that refers to, and what it refers to."""
        catalogue = self.reader.catalogue
        owner = catalogue.by_singular[_OWNER]
        included: dict[str, set[UUID]] = {resource.name: set() for resource in catalogue}
        wanted: list[_Key] = []
        for resource in catalogue:
            if _OWNER in resource.listing.related:
                pairs = [(_OWNER, name) for name in names]
                query = grammar_of(resource, catalogue).file_query(pairs)
                for record in self._records(resource, query):
                    included[resource.name].add(record["id"])
                    wanted += self._referred(resource, record)
        self.partnerships = tuple(
            record["slug"]
            for record in self._records(owner)
            if {record["slug"], str(record["id"])} & set(names) or (owner.name, record["id"]) in wanted
        )
        included[owner.name] = {record["id"] for record in self._records(owner) if record["slug"] in self.partnerships}
        self._follow(wanted, included)
        self._included = included

    def _follow(self, wanted: list[_Key], included: dict[str, set[UUID]]) -> None:
        catalogue = self.reader.catalogue
        known: dict[str, dict[UUID, list[_Key]]] = {}
        while wanted:
            name, id_ = wanted.pop()
            if id_ in included[name] or _OWNER in catalogue.by_name[name].listing.related:
                continue
            included[name].add(id_)
            if name not in known:
                resource = catalogue.by_name[name]
                known[name] = {each["id"]: list(self._referred(resource, each)) for each in self._records(resource)}
            wanted += known[name].get(id_, ())
        self._follow_what_is_said(included)

    def _follow_what_is_said(self, included: dict[str, set[UUID]]) -> None:
        """Add what is said of any of the records (citations), and what that refers to."""
        wanted: list[_Key] = []
        for resource in self.reader.catalogue:
            subject = next((each for each in resource.relations if isinstance(each, AnyOne)), None)
            if subject is None:
                continue
            for record in self._records(resource):
                about = record[subject.field]
                if record["id"] in included[resource.name] or about is None:
                    continue
                if about["id"] in included[self.reader.catalogue.by_singular[about["type"]].name]:
                    included[resource.name].add(record["id"])
                    wanted += self._referred(resource, record)
        if wanted:
            self._follow(wanted, included)

    def _referred(self, resource: Resource, record: Shown) -> Iterable[_Key]:
        """What a record refers to."""
        for relation in resource.relations:
            value = record[relation.field]
            if isinstance(relation, AnyOne) or not value:
                continue
            target = self.reader.catalogue.of(relation.target).name
            if isinstance(relation, One):
                yield target, value["id"]
            else:
                for each in value:
                    yield target, (each[relation.item] if relation.item else each)["id"]
