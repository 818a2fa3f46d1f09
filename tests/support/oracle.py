"""What lists should give, worked out the slow and obvious way from all records, to compare the answers with."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.core.reading.list_query import Filter
from app.core.reading.value_types import is_partial_date, unwrap
from app.core.relations import AnyOne, Many, One
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary
from app.resources import CATALOGUE
from tests.support.library import Library, Record


@dataclass
class Oracle:
    """The records of one resource as one client sees them, and what follows from them."""

    library: Library
    resource: Resource
    drafts: bool = False

    @property
    def records(self) -> list[Record]:
        """All of them."""
        return self.library.records(self.resource, drafts=self.drafts)

    def matching(self, filter_: Filter, values: Sequence[str]) -> set[str]:
        """The slugs of the records that a filter keeps."""
        return {record["slug"] for record in self.records if self.keeps(filter_, values, record)}

    def keeps(self, filter_: Filter, values: Sequence[str], record: Record) -> bool:
        """Whether a filter keeps a record."""
        found = self.values(filter_, record)
        match filter_.operator:
            case "":
                return any(_same(each, value) for each in found for value in values)
            case "ne":
                return not any(_same(each, value) for each in found for value in values)
            case "isnull":
                return (not found) == (values[0] == "true")
            case "contains":
                return any(_lower(values[0]) in _lower(each) for each in found)
            case operator:
                partial = filter_.how == "field" and self._is_partial(filter_.target)
                compare = _PARTIAL[operator] if partial else _ORDERED[operator]
                return any(compare(*_comparable(each, values[0], partial=partial)) for each in found)

    def values(self, filter_: Filter, record: Record) -> list[Any]:
        """What a record has in the place that a filter looks at; references count by slug and by id."""
        if filter_.how == "field":
            return self._field(filter_.target, record)
        if filter_.how == "members":
            return list(record[filter_.target])
        if filter_.how == "through":
            return self._through(filter_.target, record)
        return [key for reference in self._path(filter_.target, record) for key in (reference["slug"], reference["id"])]

    def shown(self, filter_: Filter, record: Record) -> set[str]:
        """The same as a facet counts it: references by slug, everything as text, each once."""
        if filter_.how == "related":
            return {reference["slug"] for reference in self._path(filter_.target, record)}
        return {_text(value) for value in self.values(filter_, record)}

    def facet(self, filter_: Filter, records: Iterable[Record] | None = None) -> dict[str, int]:
        """How many records have each value, the most frequent first."""
        counted: Counter[str] = Counter()
        for record in self.records if records is None else records:
            counted.update(self.shown(filter_, record))
        return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))

    def sorted(self, order: Sequence[tuple[str, bool]]) -> list[str]:
        """The slugs in an order: unset values last, terms as their vocabulary has them, ties by id."""
        found = sorted(self.records, key=lambda record: str(record["id"]))
        for name, descending in reversed(order):
            found = self._sorted_by(name, descending, found)
        return [record["slug"] for record in found]

    def _sorted_by(self, name: str, descending: bool, records: Sequence[Record]) -> list[Record]:
        rank = self._rank(name)
        given = [record for record in records if record[name] is not None]
        unset = [record for record in records if record[name] is None]
        return sorted(given, key=lambda record: rank(record[name]), reverse=descending) + unset

    def _rank(self, name: str) -> Callable[[Any], Any]:
        _, bare = unwrap(self.resource.read.model_fields[name].annotation)
        if isinstance(bare, type) and issubclass(bare, Vocabulary):
            terms = [term.value for term in bare]
            return terms.index
        if isinstance(bare, type) and issubclass(bare, datetime):
            return datetime.fromisoformat
        return lambda value: value

    def _is_partial(self, name: str) -> bool:
        info = self.resource.read.model_fields.get(name)
        return info is not None and is_partial_date(info)

    def _field(self, name: str, record: Record) -> list[Any]:
        if name in record:
            return [] if record[name] is None else [record[name]]
        relation = next(
            each for each in self.resource.relations if isinstance(each, AnyOne) and each.type_column == name
        )
        return [record[relation.field]["type"]]

    def _path(self, path: str, record: Record, resource: Resource | None = None) -> list[Record]:
        """The references at the end of a path of relations."""
        resource = resource or self.resource
        *through, last = path.split(".")
        for name in through:
            if record[name] is None:
                return []
            relation = resource.by_field[name]
            if isinstance(relation, AnyOne):
                return self._beyond_any(record[name], last)
            assert isinstance(relation, One)
            resource = CATALOGUE.of(relation.target)
            record = self.library.by_id(resource, drafts=self.drafts)[record[name]["id"]]
        return _references(record[last], resource, last)

    def _beyond_any(self, subject: Record, last: str) -> list[Record]:
        """What the subject of a record refers to, or the subject itself where it is of the kind that is looked for."""
        other = CATALOGUE.by_singular[subject["type"]]
        if other.singular == last:
            return [subject]
        if last not in other.listing.related:
            return []
        found = self.library.by_id(other, drafts=self.drafts)[subject["id"]]
        return self._path(other.listing.related[last], found, other)

    def _through(self, parameter: str, record: Record) -> list[Any]:
        """The values of a field of the records on the other side of a relation."""
        through = self.resource.listing.through[parameter]
        relation = self.resource.by_field[through.relation]
        assert isinstance(relation, Many)
        items = [
            each for each in record[through.relation] if all(each[name] == to for name, to in through.where.items())
        ]
        others = self.library.by_id(CATALOGUE.of(relation.target), drafts=self.drafts)
        found = [
            others[reference["id"]][through.field] for reference in _references(items, self.resource, through.relation)
        ]
        return [value for value in found if value is not None]


def _references(value: Any, resource: Resource, name: str) -> list[Record]:
    relation = resource.by_field[name]
    if not isinstance(relation, Many):
        return [] if value is None else [value]
    return [each[relation.item] if relation.item else each for each in value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _same(value: Any, requested: str) -> bool:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) == float(requested)
    return _text(value) == requested


def _lower(text: str) -> str:
    """Lower case for the letters that both databases know the case of."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _comparable(value: Any, requested: str, *, partial: bool) -> tuple[Any, Any]:
    if partial:
        return days(value)[-1], days(requested)
    if isinstance(value, (int, float)):
        return value, float(requested)
    return datetime.fromisoformat(value), datetime.fromisoformat(requested)


_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "lt": lambda value, requested: value < requested,
    "lte": lambda value, requested: value <= requested,
    "gt": lambda value, requested: value > requested,
    "gte": lambda value, requested: value >= requested,
}

_PARTIAL: Mapping[str, Callable[[date, Sequence[date]], bool]] = {
    "lt": lambda value, requested: all(value < day for day in requested),
    "lte": lambda value, requested: any(value <= day for day in requested),
    "gt": lambda value, requested: all(value > day for day in requested),
    "gte": lambda value, requested: any(value >= day for day in requested),
}
"""Dates known to the year or the month count by their last day; what is asked for stands for each of its days."""


def days(partial: str) -> list[date]:
    """Every day of a year, a month or a day, found by looking at all days of the year."""
    year = int(partial[:4])
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    every = (date.fromordinal(number) for number in range(first, last + 1))
    return [day for day in every if str(day).startswith(partial)]
