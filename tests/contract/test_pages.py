"""Walking a list by `next`: each record exactly once, in the order asked for; a cursor fits only its own query."""

import pytest

from app.core.resource import Resource
from app.resources import ALL
from tests.support.grammar import grammar_of
from tests.support.library import Library
from tests.support.naive import Naive
from tests.support.problems import kind, parameters
from tests.support.walk import pages

ORDERS = [
    pytest.param(resource, name, id=f"{resource.name}-{name}")
    for resource in ALL
    for name in grammar_of(resource).sortable
]
PAGES = 4
"""Roughly how many pages a walk has: enough for cursors to fall on equal, unset and last values."""


def walked(library: Library, resource: Resource, *pairs: tuple[str, str]) -> list[str]:
    """The slugs of all records in the order in which a walk meets them; every page but the last is full."""
    size = min(200, -(-len(library.records(resource)) // PAGES))
    asked = (*pairs, ("limit", str(size)), ("fields", "slug"))
    found = [page["data"] for page in pages(library.anonymous, f"/v1/{resource.name}", asked)]
    assert {len(page) for page in found[:-1]} <= {size}
    assert 1 <= len(found[-1]) <= size
    return [record["slug"] for page in found for record in page]


@pytest.mark.parametrize(("resource", "name"), ORDERS)
def test_a_walk_meets_every_record_once_in_order(library: Library, resource: Resource, name: str) -> None:
    for order, descending in ((name, False), (f"-{name}", True)):
        assert walked(library, resource, ("sort", order)) == Naive(library, resource).sorted([(name, descending)])


def test_a_walk_in_the_order_of_a_list_that_asks_for_none(library: Library, resource: Resource) -> None:
    order = [(name.removeprefix("-"), name.startswith("-")) for name in resource.listing.order]
    assert walked(library, resource) == Naive(library, resource).sorted(order)


def test_a_walk_in_an_order_of_several_fields(library: Library, resource: Resource) -> None:
    names = grammar_of(resource).sortable
    order = [(name, place % 2 == 0) for place, name in enumerate(reversed(names))]
    asked = ",".join(f"-{name}" if descending else name for name, descending in order)
    assert walked(library, resource, ("sort", asked)) == Naive(library, resource).sorted(order)


def test_a_walk_through_filtered_records(library: Library, resource: Resource) -> None:
    left_out = library.records(resource)[0]["slug"]
    rest = [record["slug"] for record in library.records(resource)[1:]]
    assert walked(library, resource, ("sort", "slug"), ("slug__ne", left_out)) == rest


def test_an_editor_walks_through_drafts_too(library: Library, resource: Resource) -> None:
    found = [
        record["slug"]
        for page in pages(library.editor, f"/v1/{resource.name}?sort=slug&limit=70&fields=slug")
        for record in page["data"]
    ]
    assert found == [record["slug"] for record in library.records(resource, drafts=True)]


@pytest.fixture
def cursor(library: Library, resource: Resource) -> str:
    """Where the second page of a list by slug begins."""
    following: str = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=1").json()["next"]
    return following.partition("cursor=")[2]


def test_a_page_can_have_another_size_and_shape_than_the_one_before(
    library: Library, resource: Resource, cursor: str
) -> None:
    page = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=2&fields=slug&cursor={cursor}").json()
    assert page["data"] == [{"slug": record["slug"]} for record in library.records(resource)[1:3]]


def test_a_cursor_is_refused_under_another_query(library: Library, resource: Resource, cursor: str) -> None:
    for query in ("sort=-slug&", "sort=slug&slug__ne=x&", "sort=slug&q=x&", ""):
        answer = library.anonymous.get(f"/v1/{resource.name}?{query}cursor={cursor}")
        assert (answer.status_code, kind(answer), parameters(answer)) == (400, "bad-cursor", ["cursor"]), query


def test_a_cursor_is_refused_by_another_resource(library: Library, resource: Resource, cursor: str) -> None:
    other = next(each for each in ALL if each is not resource)
    answer = library.anonymous.get(f"/v1/{other.name}?sort=slug&cursor={cursor}")
    assert (answer.status_code, kind(answer)) == (400, "bad-cursor")


def test_a_cursor_that_was_changed_is_refused(library: Library, resource: Resource, cursor: str) -> None:
    for at in (0, len(cursor) // 2, len(cursor) - 2):
        changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        answer = library.anonymous.get(f"/v1/{resource.name}?sort=slug&cursor={changed}")
        assert (answer.status_code, kind(answer), parameters(answer)) == (400, "bad-cursor", ["cursor"]), at


def test_what_is_no_cursor_is_refused(library: Library, resource: Resource) -> None:
    for made_up in ("", "x", "e30.x", "%00", "%F0%9F%A4%9D"):
        answer = library.anonymous.get(f"/v1/{resource.name}?cursor={made_up}")
        assert (answer.status_code, parameters(answer)) == (400, ["cursor"]), made_up


def test_an_export_refuses_a_cursor_as_the_list_does(library: Library, resource: Resource) -> None:
    answer = library.anonymous.get(f"/v1/{resource.name}?cursor=x&format=csv")
    assert (answer.status_code, kind(answer)) == (400, "bad-cursor")
