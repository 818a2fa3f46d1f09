"""Reading takes one query for the page and one for each relation, however many records there are."""

import pytest

from app.core.relations import AnyOne
from app.core.resource import Resource
from app.resources import ALL, CATALOGUE
from tests.support.grammar import grammar_of
from tests.support.register import Register

pytestmark = pytest.mark.mechanics


@pytest.fixture(params=ALL, ids=lambda resource: resource.name)
def resource(request: pytest.FixtureRequest) -> Resource:
    """Each resource in turn."""
    found: Resource = request.param
    return found


def page_of(resource: Resource) -> int:
    """The queries that a page takes at most: one for its records, and one for each relation."""
    return 1 + len(resource.relations)


def queries(register: Register, url: str) -> int:
    """How many queries it takes to answer."""
    register.get(url)  # the first time, whatever is made once is made
    with register.queries() as current:
        response = register.get(url)
    assert response.status_code == 200, response.text
    return len(current)


def test_a_page_takes_one_query_and_one_for_each_relation(register: Register, resource: Resource) -> None:
    numbers = {limit: queries(register, f"/v1/{resource.name}?limit={limit}") for limit in (1, 10, 200)}
    assert max(numbers.values()) <= page_of(resource), numbers


def test_a_file_without_relations_takes_one_query_and_one_for_its_tag(register: Register, resource: Resource) -> None:
    assert queries(register, f"/v1/{resource.name}.json?limit=200&fields=slug") == 2


def test_filters_sorting_and_search_take_no_query_of_their_own(register: Register, resource: Resource) -> None:
    grammar = grammar_of(resource)
    bare = f"/v1/{resource.name}.json?limit=200&fields=slug"
    for parameter, filter_ in grammar.filters.items():
        if filter_.operator == "isnull":
            assert queries(register, f"{bare}&{parameter}=false") == 2, parameter
    assert queries(register, f"{bare}&sort={','.join(grammar.sortable)}") == 2
    assert queries(register, f"{bare}&q=india+korea") == 2


def test_a_total_takes_one_query_and_each_facet_one(register: Register, resource: Resource) -> None:
    path = f"/v1/{resource.name}?limit=200"
    bare = queries(register, path)
    assert queries(register, f"{path}&count=true") == bare + 1
    for name in grammar_of(resource).facetable:
        assert queries(register, f"{path}&facets={name}") == bare + 1, name
    if names := grammar_of(resource).facetable:
        assert queries(register, f"{path}&facets={','.join(names)}&count=true") == bare + 1 + len(names)


def test_what_is_included_takes_a_page_of_its_own(register: Register, resource: Resource) -> None:
    names = grammar_of(resource).include
    for limit in (1, 200):
        for name in names:
            most = page_of(resource) + page_of(CATALOGUE.by_name[name])
            assert queries(register, f"/v1/{resource.name}?limit={limit}&include={name}") <= most, name
    if names:
        most = page_of(resource) + sum(page_of(CATALOGUE.by_name[name]) for name in names)
        assert queries(register, f"/v1/{resource.name}?limit=200&include={','.join(names)}") <= most


def test_a_record_takes_one_query_to_find_and_as_many_as_a_page(register: Register, resource: Resource) -> None:
    records = register.get(f"/v1/{resource.name}?limit=200").json()["data"]
    richest = max(records, key=lambda record: len(str(record)))
    for key in (richest["slug"], richest["id"]):
        assert queries(register, f"/v1/{resource.name}/{key}") <= 1 + page_of(resource)


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_an_export_takes_a_page_for_every_500_records(register: Register, resource: Resource, format_: str) -> None:
    total = register.get(f"/v1/{resource.name}?limit=1&count=true").json()["total"]
    parts = total // 500 + 1
    # Where the first sort value can be unset, the part that comes to the rows without one asks for them separately.
    assert queries(register, f"/v1/{resource.name}.{format_}") <= 2 + parts * page_of(resource)


def test_a_reference_to_any_of_several_resources_takes_one_query(register: Register) -> None:
    for resource in ALL:
        for relation in resource.relations:
            if isinstance(relation, AnyOne):
                assert queries(register, f"/v1/{resource.name}.json?limit=200&fields={relation.field}") == 3
