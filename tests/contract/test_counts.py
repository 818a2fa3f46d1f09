"""Totals and facets are what counting by hand gives."""

from collections.abc import Sequence

import pytest

from app.core.resource import Resource
from tests.support.grammar import filters_of, grammar_of
from tests.support.library import Library
from tests.support.naive import Naive
from tests.support.walk import slugs

pytestmark = pytest.mark.heavy


def facets(library: Library, resource: Resource, names: Sequence[str], query: str = "") -> dict[str, dict[str, int]]:
    answer = library.anonymous.get(f"/v1/{resource.name}?limit=1&facets={','.join(names)}{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[str, int]] = answer.json()["facets"]
    return found


def test_the_total_is_the_number_of_records(library: Library, resource: Resource) -> None:
    page = library.anonymous.get(f"/v1/{resource.name}?count=true&limit=1").json()
    assert page["total"] == len(slugs(library.anonymous, f"/v1/{resource.name}")) == len(library.records(resource))
    assert library.anonymous.get(f"/v1/{resource.name}?count=false").json()["total"] is None


def test_the_total_is_that_of_the_filtered_list_on_every_page(library: Library, resource: Resource) -> None:
    left_out = library.records(resource)[0]["slug"]
    page = library.anonymous.get(f"/v1/{resource.name}?count=true&limit=1&slug__ne={left_out}").json()
    following = library.anonymous.get(page["next"]).json()
    assert page["total"] == following["total"] == len(library.records(resource)) - 1


def test_an_editor_counts_drafts_too(library: Library, resource: Resource) -> None:
    total = library.editor.get(f"/v1/{resource.name}?count=true&limit=1").json()["total"]
    assert total == len(library.records(resource, drafts=True)) > len(library.records(resource))


def test_each_facet_counts_the_records_of_each_value(library: Library, resource: Resource) -> None:
    for name in grammar_of(resource).facetable:
        expected = Naive(library, resource).facet(filters_of(resource)[name])
        found = facets(library, resource, [name])
        assert found == {name: expected}
        assert list(found[name]) == list(expected), "the most frequent first, then by name"


def test_all_facets_can_be_asked_for_at_once(library: Library, resource: Resource) -> None:
    names = grammar_of(resource).facetable
    if names:
        naive = Naive(library, resource)
        assert facets(library, resource, names) == {name: naive.facet(filters_of(resource)[name]) for name in names}


def test_facets_count_under_the_filters_of_the_list(library: Library, resource: Resource) -> None:
    names, naive = grammar_of(resource).facetable, Naive(library, resource)
    for name in names[:4]:
        filter_ = filters_of(resource)[name]
        value = next(iter(naive.facet(filter_)))
        kept = [record for record in naive.records if naive.keeps(filter_, [value], record)]
        expected = {each: naive.facet(filters_of(resource)[each], kept) for each in names}
        assert facets(library, resource, names, f"&{name}={value}") == expected


def test_the_value_of_a_facet_filters_to_as_many_records_as_it_says(library: Library, resource: Resource) -> None:
    for name in grammar_of(resource).facetable:
        for value, count in list(facets(library, resource, [name])[name].items())[:2]:
            assert len(slugs(library.anonymous, f"/v1/{resource.name}", [(name, value)])) == count, f"{name}={value}"
