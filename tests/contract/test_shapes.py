"""`fields` trims a record; `include` adds the records it refers to, and changes nothing else."""

from collections.abc import Iterable

import pytest

from app.core.relations import AnyOne, Many
from app.core.resource import Resource
from app.resources import CATALOGUE
from tests.support.grammar import grammar_of
from tests.support.library import Library, Record

pytestmark = pytest.mark.heavy


def referred(resource: Resource, records: Iterable[Record]) -> dict[str, set[str]]:
    """The ids of the records that some records refer to, by resource."""
    found: dict[str, set[str]] = {}
    for record in records:
        for relation in resource.relations:
            value = record[relation.field]
            for each in [] if value is None else value if isinstance(relation, Many) else [value]:
                if isinstance(relation, AnyOne):
                    name = CATALOGUE.by_singular[each["type"]].name
                else:
                    name = relation.target.plural
                reference = each[relation.item] if isinstance(relation, Many) and relation.item else each
                found.setdefault(name, set()).add(reference["id"])
    return found


def test_fields_trims_each_record_of_a_list(library: Library, resource: Resource) -> None:
    whole = library.records(resource)[:5]
    for name in resource.fields:
        page = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=5&fields={name}").json()
        assert page["data"] == [{name: record[name]} for record in whole]
    several = resource.fields[:: max(1, len(resource.fields) // 3)]
    page = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=5&fields={','.join(reversed(several))}").json()
    assert page["data"] == [{name: record[name] for name in several} for record in whole]
    assert list(page["data"][0]) == list(several), "in the order of the resource"


def test_fields_trims_a_record(library: Library, resource: Resource) -> None:
    whole = library.records(resource)[0]
    for name in resource.fields:
        shown = library.anonymous.get(f"/v1/{resource.name}/{whole['slug']}?fields={name}").json()
        assert shown == {name: whole[name]}


def test_include_adds_each_record_referred_to_exactly_once(library: Library, resource: Resource) -> None:
    for name in grammar_of(resource).include:
        page = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=200&include={name}").json()
        ids = [record["id"] for record in page["included"][name]]
        assert len(ids) == len(set(ids))
        assert set(ids) == referred(resource, page["data"]).get(name, set())


def test_an_included_record_is_whole(library: Library, resource: Resource) -> None:
    names = grammar_of(resource).include
    if not names:
        return
    page = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=50&include={','.join(names)}").json()
    assert list(page["included"]) == list(names)
    for name in names:
        there_are = library.by_id(CATALOGUE.by_name[name])
        assert page["included"][name] == [there_are[record["id"]] for record in page["included"][name]]


def test_include_never_changes_what_the_records_look_like(library: Library, resource: Resource) -> None:
    for name in grammar_of(resource).include:
        page = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=50&include={name}").json()
        assert page["data"] == library.records(resource)[:50]


def test_include_works_where_fields_leaves_the_reference_out(library: Library, resource: Resource) -> None:
    for name in grammar_of(resource).include:
        page = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=50&fields=slug&include={name}").json()
        assert page["data"] == [{"slug": record["slug"]} for record in library.records(resource)[:50]]
        ids = {record["id"] for record in page["included"][name]}
        assert ids == referred(resource, library.records(resource)[:50]).get(name, set())


def test_a_record_can_include_too(library: Library, resource: Resource) -> None:
    names = grammar_of(resource).include
    for record in library.records(resource)[:5] if names else ():
        shown = library.anonymous.get(f"/v1/{resource.name}/{record['slug']}?include={','.join(names)}").json()
        included = shown.pop("included")
        assert shown == record
        expected = referred(resource, [record])
        assert {name: {each["id"] for each in included[name]} for name in names} == {
            name: expected.get(name, set()) for name in names
        }


def test_included_records_come_as_everybody_sees_them(library: Library, resource: Resource) -> None:
    for name in grammar_of(resource).include:
        page = library.anonymous.get(f"/v1/{resource.name}?limit=200&include={name}").json()
        assert {record["state"] for record in page["included"][name]} <= {"published"}


def test_references_show_what_they_lead_to(library: Library, resource: Resource) -> None:
    """A reference carries the id, the slug and the present title of a record that answers under them."""
    for record in library.records(resource)[:20]:
        for relation in resource.relations:
            value = record[relation.field]
            for each in [] if value is None else value if isinstance(relation, Many) else [value]:
                if isinstance(relation, AnyOne):
                    target = CATALOGUE.by_singular[each["type"]]
                else:
                    target = CATALOGUE.of(relation.target)
                reference = each[relation.item] if isinstance(relation, Many) and relation.item else each
                there_is = library.by_id(target)[reference["id"]]
                assert reference["slug"] == there_is["slug"]
                assert reference["title"] == there_is[target.label]
