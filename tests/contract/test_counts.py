"""Totals and facets are what counting by hand gives."""

import csv
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, product

import pytest

from app.core.resource import Resource
from tests.support.grammar import filters_of, grammar_of
from tests.support.library import Library
from tests.support.oracle import Oracle
from tests.support.paging import slugs
from tests.support.problems import kind, parameters

pytestmark = pytest.mark.mechanics


def facets(library: Library, resource: Resource, names: Sequence[str], query: str = "") -> dict[str, dict[str, int]]:
    response = library.anonymous.get(f"/v1/{resource.name}?limit=1&facets={','.join(names)}{query}")
    assert response.status_code == 200, response.text
    found: dict[str, dict[str, int]] = response.json()["facets"]
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
        expected = Oracle(library, resource).facet(filters_of(resource)[name])
        found = facets(library, resource, [name])
        assert found == {name: expected}
        assert list(found[name]) == list(expected), "the most frequent first, then by name"


def test_all_facets_can_be_asked_for_at_once(library: Library, resource: Resource) -> None:
    names = grammar_of(resource).facetable
    if names:
        oracle = Oracle(library, resource)
        assert facets(library, resource, names) == {name: oracle.facet(filters_of(resource)[name]) for name in names}


def test_facets_count_under_the_filters_of_the_list(library: Library, resource: Resource) -> None:
    names, oracle = grammar_of(resource).facetable, Oracle(library, resource)
    for name in names[:4]:
        filter_ = filters_of(resource)[name]
        value = next(iter(oracle.facet(filter_)))
        stored = [record for record in oracle.records if oracle.keeps(filter_, [value], record)]
        expected = {each: oracle.facet(filters_of(resource)[each], stored) for each in names}
        assert facets(library, resource, names, f"&{name}={value}") == expected


def test_the_value_of_a_facet_filters_to_as_many_records_as_it_says(library: Library, resource: Resource) -> None:
    for name in grammar_of(resource).facetable:
        for value, count in list(facets(library, resource, [name])[name].items())[:2]:
            assert len(slugs(library.anonymous, f"/v1/{resource.name}", [(name, value)])) == count, f"{name}={value}"


def test_counts_by_one_and_by_two_are_what_counting_by_hand_gives(library: Library, resource: Resource) -> None:
    names, oracle = grammar_of(resource).facetable, Oracle(library, resource)
    for by in (*((name,) for name in names), *pairwise(names)):
        filters = [filters_of(resource)[name] for name in by]
        expected = Counter(
            values for record in oracle.records for values in product(*(oracle.shown(each, record) for each in filters))
        )
        found = library.anonymous.get(f"/v1/{resource.name}/counts?by={','.join(by)}").json()
        assert {tuple(row["values"].values()): row["count"] for row in found["data"]} == expected
        assert all(tuple(row["values"]) == by for row in found["data"])
        assert found["total"] == len(oracle.records)
        numbers = [row["count"] for row in found["data"]]
        assert numbers == sorted(numbers, reverse=True)
        table = library.anonymous.get(f"/v1/{resource.name}/counts.csv", params={"by": by}).text
        assert [int(row["count"]) for row in csv.DictReader(table.splitlines())] == numbers


def test_each_count_has_the_list_of_just_its_records(library: Library, resource: Resource) -> None:
    """Under the filters of the request too, one by what is counted among them."""
    names, oracle = grammar_of(resource).facetable, Oracle(library, resource)
    for name, other in pairwise((*names, names[0])):
        values = list(oracle.facet(filters_of(resource)[name]))[:2]
        pairs = [*((name, value) for value in values), ("slug__ne", oracle.records[0]["slug"])]
        for by in ([name], [name, other]):
            one = filters_of(resource)[name].parameter
            if {"true", "false"} & {*values}:
                pairs = [each for each in pairs if each[0] != one]
            call = [*pairs, *(("by", each) for each in dict.fromkeys(by))]
            found = library.anonymous.get(f"/v1/{resource.name}/counts", params=call).json()["data"]
            for row in (*found[:2], *found[-1:]):
                listed = library.anonymous.get(f"{row['list']}&count=true&limit=1").json()
                assert listed["total"] == row["count"], row
                assert row["values"][name] in values or {"true", "false"} & {*values}


def test_counts_by_what_cannot_be_counted_by_are_refused(library: Library, resource: Resource) -> None:
    names = grammar_of(resource).facetable
    for query in ("", "by=", "by=description", f"by={names[0]},{names[0]}", "by=slug,title,state"):
        response = library.anonymous.get(f"/v1/{resource.name}/counts?{query}")
        assert (response.status_code, kind(response)) == (400, "bad-query")
        assert {*parameters(response)} == {"by"}
        if query == "by=description":
            assert all(name in response.json()["detail"] for name in names)


def test_counts_show_drafts_to_editors_alone(library: Library, resource: Resource) -> None:
    name = grammar_of(resource).facetable[0]
    totals = [
        client.get(f"/v1/{resource.name}/counts?by={name}").json()["total"]
        for client in (library.anonymous, library.editor)
    ]
    assert totals == [len(library.records(resource)), len(library.records(resource, drafts=True))]
