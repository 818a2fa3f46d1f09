"""A part of the bundled registers: a dozen records of each resource, and whatever those refer to.

What a list, a filter or a page must give does not depend on how many records there are, and every record costs each
test that reads them all.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.relations import AnyOne, Many, Relation
from app.core.resource import Resource
from app.resources import ALL, CATALOGUE

OF_EACH = 12
OF_EVIDENCE = 1

Record = Mapping[str, Any]
Key = tuple[str, str]


def excerpt(content: Mapping[str, Any]) -> dict[str, Any]:
    """A bundle's content with the first records of each resource, its example, and all that they refer to."""
    records = {(resource.name, record["slug"]): record for resource in ALL for record in content.get(resource.name, ())}
    chosen: set[Key] = set()
    for resource in ALL:
        first = [record["slug"] for record in content.get(resource.name, ())[:OF_EACH]]
        for slug in (*first, resource.examples["key"]):
            _choose((resource.name, slug), records, chosen)
    # What a record says rests on its evidence: an update that judges is not taken without.
    supported: Counter[Key] = Counter()
    for key, record in records.items():
        for subject in _subjects(CATALOGUE.by_name[key[0]], record):
            if subject in chosen and supported[subject] < OF_EVIDENCE:
                supported[subject] += 1
                _choose(key, records, chosen)
    names = {resource.name for resource in ALL}
    part = {name: [each for each in content[name] if (name, each["slug"]) in chosen] for name in names & content.keys()}
    return {**content, **part}


def _choose(key: Key, records: Mapping[Key, Record], chosen: set[Key]) -> None:
    """Add a record and, by turns, everything that it refers to."""
    waiting = [key]
    while waiting:
        current = waiting.pop()
        if current in records and current not in chosen:
            chosen.add(current)
            waiting.extend(_references(CATALOGUE.by_name[current[0]], records[current]))


def _subjects(resource: Resource, record: Record) -> set[Key]:
    """What a record is about that can be about any other."""
    about = [relation for relation in resource.writable_relations if isinstance(relation, AnyOne)]
    return {key for relation in about for key in _through(relation, record.get(relation.field))}


def _references(resource: Resource, record: Record) -> Iterator[Key]:
    for relation in resource.writable_relations:
        yield from _through(relation, record.get(relation.field))
    for inline in resource.inline:
        for item in record.get(inline.field) or ():
            for relation in inline.resource.writable_relations:
                yield from _through(relation, item.get(relation.field))


def _through(relation: Relation, written: Any) -> Iterator[Key]:
    """What is referred to by what is written in a field, whichever way that relation is written."""
    for each in written if isinstance(written, list) else [written]:
        if isinstance(relation, AnyOne):
            if each:
                yield CATALOGUE.by_singular[each["type"]].name, each["slug"]
        elif each:
            yield relation.target.plural, each[relation.item] if isinstance(relation, Many) and relation.item else each
