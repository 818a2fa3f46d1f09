"""Every filter of every list keeps exactly the records that its name says."""

from collections.abc import Hashable, Iterator
from itertools import islice, pairwise

import pytest

from app.core.reading.list_query import MAX_TERMS, Filter
from app.core.resource import Resource
from app.resources import ALL
from tests.support.grammar import filters_of
from tests.support.lanes import covering, kind_of_field, kinds_of_relations
from tests.support.library import Library
from tests.support.oracle import Oracle
from tests.support.paging import slugs
from tests.support.problems import kind, parameters
from tests.support.spec import Specification


def trait(resource: Resource, parameter: str) -> Hashable:
    """What makes one filter unlike another: its operator, and the kind of what it looks at."""
    filter_ = filters_of(resource)[parameter]
    looks_at = kinds_of_relations if filter_.how == "related" else kind_of_field
    return filter_.how, filter_.operator, looks_at(resource, filter_.target)


FILTERS = covering(((resource, parameter) for resource in ALL for parameter in filters_of(resource)), trait)
WILDCARDS = ("%", "_", "\\", "'")
MAX_VALUE_LENGTH = 200


def requested(oracle: Oracle, filter_: Filter) -> Iterator[list[str]]:
    """Values to ask a filter for: some that records have, the extremes among them, and for text what needs care."""
    found = {_as_requested(value) for record in oracle.records for value in oracle.values(filter_, record)}
    there_are = sorted(value for value in found if 0 < len(value) <= MAX_VALUE_LENGTH)
    some = list(dict.fromkeys(there_are[:: max(1, len(there_are) // 2)] + there_are[-1:]))[-3:]
    if filter_.operator == "isnull" or {*some} <= {"true", "false"}:
        yield from (["true"], ["false"])
    elif filter_.operator == "contains":
        yield from ([wildcard] for wildcard in WILDCARDS)
        yield from ([value[len(value) // 3 :][:8].strip().swapcase() or value] for value in some[:1])
    elif filter_.operator in ("", "ne"):
        yield from ([value] for value in some[:1])
        yield some
    else:
        yield from ([value] for value in some[1:] or some)


def _as_requested(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("resource", "parameter"), FILTERS)
def test_a_filter_keeps_exactly_what_it_says(library: Library, resource: Resource, parameter: str) -> None:
    filter_, oracle = filters_of(resource)[parameter], Oracle(library, resource)
    for values in requested(oracle, filter_):
        found = slugs(library.anonymous, f"/v1/{resource.name}", [(parameter, value) for value in values])
        assert sorted(found) == sorted(oracle.matching(filter_, values)), f"{parameter}={values}"


@pytest.mark.mechanics
def test_filters_see_drafts_where_the_client_does(library: Library, resource: Resource) -> None:
    oracle = Oracle(library, resource, drafts=True)
    for parameter, filter_ in filters_of(resource).items():
        if filter_.operator in ("", "ne", "isnull"):
            *_, values = [[], *requested(oracle, filter_)]
            found = slugs(library.editor, f"/v1/{resource.name}", [(parameter, value) for value in values])
            assert not values or sorted(found) == sorted(oracle.matching(filter_, values)), f"{parameter}={values}"


@pytest.mark.mechanics
def test_filters_narrow_each_other(library: Library, resource: Resource) -> None:
    oracle = Oracle(library, resource)
    filters = list(filters_of(resource).values())
    for first, second in pairwise(filters):
        for one, other in islice(zip(requested(oracle, first), requested(oracle, second), strict=False), 1):
            pairs = [*((first.parameter, value) for value in one), *((second.parameter, value) for value in other)]
            both = oracle.matching(first, one) & oracle.matching(second, other)
            assert set(slugs(library.anonymous, f"/v1/{resource.name}", pairs)) == both, pairs


@pytest.mark.mechanics
def test_every_filter_is_documented(specification: Specification, resource: Resource) -> None:
    documented = specification.parameters("GET", f"/v1/{resource.name}")
    for parameter, filter_ in filters_of(resource).items():
        assert documented[parameter]["description"]
        one = documented[parameter]["schema"].get("type") == "boolean" or filter_.operator not in ("", "ne")
        assert (documented[parameter]["schema"].get("type") == "array") == (not one), parameter


@pytest.mark.mechanics
def test_a_value_that_cannot_be_is_refused_by_name(library: Library, resource: Resource) -> None:
    for parameter in filters_of(resource):
        for value in ("", "x" * 3000):
            response = library.anonymous.get(f"/v1/{resource.name}", params=[(parameter, value)])
            assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", [parameter]), (
                value[:10]
            )


@pytest.mark.mechanics
def test_there_can_be_fifty_values_and_no_more(library: Library, resource: Resource) -> None:
    most = [("slug", f"no-{number}") for number in range(MAX_TERMS)]
    assert library.anonymous.get(f"/v1/{resource.name}", params=most).status_code == 200
    response = library.anonymous.get(f"/v1/{resource.name}", params=[*most, ("slug", "one-more")])
    assert (response.status_code, kind(response)) == (400, "bad-query")
