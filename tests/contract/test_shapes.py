"""`fields` chooses the columns of a file; `include` adds the records it refers to, and changes nothing else."""

from collections.abc import Iterable

import pytest

from app.core.relations import AnyOne, Many
from app.core.resource import Resource
from app.resources import CATALOGUE
from tests.support.grammar import grammar_of
from tests.support.library import Library, Record
from tests.support.problems import parameters

pytestmark = pytest.mark.mechanics


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


def test_fields_chooses_the_columns_of_a_file(library: Library, resource: Resource) -> None:
    whole = library.records(resource)[:5]
    for name in resource.fields:
        rows = library.anonymous.get(f"/v1/{resource.name}.json?sort=slug&limit=5&fields={name}").json()
        assert rows == [{name: record[name]} for record in whole]


def test_a_list_and_a_record_are_always_whole(library: Library, resource: Resource) -> None:
    path = f"/v1/{resource.name}"
    for whole in (path, f"{path}/{library.records(resource)[0]['slug']}"):
        response = library.anonymous.get(f"{whole}?fields=slug")
        assert (response.status_code, parameters(response)) == (400, ["fields"])
        response = library.anonymous.get(f"{whole}?format=csv")
        assert (response.status_code, parameters(response)) == (400, ["format"])


def test_included_is_there_only_where_it_was_asked_for(library: Library, resource: Resource) -> None:
    path = f"/v1/{resource.name}"
    assert "included" not in library.anonymous.get(path).json()
    assert "included" not in library.anonymous.get(f"{path}/{library.records(resource)[0]['slug']}").json()


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


def test_a_record_can_include_too(library: Library, resource: Resource) -> None:
    """What refers to it is a matter of its own: see tests/core/reading/test_inclusion.py."""
    names = [name for name in grammar_of(resource).include if name not in grammar_of(resource).referring]
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
