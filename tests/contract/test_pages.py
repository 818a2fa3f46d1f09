"""Walking a list by `next`: each record exactly once, in the order asked for; a cursor fits only its own query."""

import pytest

from app.core.resource import Resource
from app.resources import ALL
from tests.support.grammar import grammar_of
from tests.support.lanes import covering, kind_of_field
from tests.support.library import Library
from tests.support.oracle import Oracle
from tests.support.paging import pages
from tests.support.problems import kind, parameters

ORDERS = covering(((resource, name) for resource in ALL for name in grammar_of(resource).sortable), kind_of_field)
PAGES = 4
"""Roughly how many pages a walk has: enough for cursors to fall on equal, unset and last values."""


def paged(library: Library, resource: Resource, *pairs: tuple[str, str]) -> list[str]:
    """The slugs of all records in the order in which a walk meets them; every page but the last is full."""
    size = min(200, -(-len(library.records(resource)) // PAGES))
    requested = (*pairs, ("limit", str(size)))
    found = [page["data"] for page in pages(library.anonymous, f"/v1/{resource.name}", requested)]
    assert {len(page) for page in found[:-1]} <= {size}
    assert 1 <= len(found[-1]) <= size
    return [record["slug"] for page in found for record in page]


@pytest.mark.parametrize(("resource", "name"), ORDERS)
def test_a_walk_meets_every_record_once_in_order(library: Library, resource: Resource, name: str) -> None:
    for order, descending in ((name, False), (f"-{name}", True)):
        assert paged(library, resource, ("sort", order)) == Oracle(library, resource).sorted([(name, descending)])


@pytest.mark.mechanics
def test_a_walk_in_the_order_of_a_list_that_asks_for_none(library: Library, resource: Resource) -> None:
    order = [(name.removeprefix("-"), name.startswith("-")) for name in resource.listing.order]
    assert paged(library, resource) == Oracle(library, resource).sorted(order)


@pytest.mark.mechanics
def test_a_walk_in_an_order_of_several_fields(library: Library, resource: Resource) -> None:
    names = grammar_of(resource).sortable
    order = [(name, place % 2 == 0) for place, name in enumerate(reversed(names))]
    requested = ",".join(f"-{name}" if descending else name for name, descending in order)
    assert paged(library, resource, ("sort", requested)) == Oracle(library, resource).sorted(order)


@pytest.mark.mechanics
def test_a_walk_through_filtered_records(library: Library, resource: Resource) -> None:
    left_out = library.records(resource)[0]["slug"]
    rest = [record["slug"] for record in library.records(resource)[1:]]
    assert paged(library, resource, ("sort", "slug"), ("slug__ne", left_out)) == rest


@pytest.mark.mechanics
def test_an_editor_walks_through_drafts_too(library: Library, resource: Resource) -> None:
    found = [
        record["slug"]
        for page in pages(library.editor, f"/v1/{resource.name}?sort=slug&limit=70")
        for record in page["data"]
    ]
    assert found == [record["slug"] for record in library.records(resource, drafts=True)]


@pytest.fixture
def cursor(library: Library, resource: Resource) -> str:
    """Where the second page of a list by slug begins."""
    following: str = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=1").json()["next"]
    return following.partition("cursor=")[2]


@pytest.mark.mechanics
def test_a_page_can_have_another_size_than_the_one_before(library: Library, resource: Resource, cursor: str) -> None:
    page = library.anonymous.get(f"/v1/{resource.name}?sort=slug&limit=2&cursor={cursor}").json()
    assert page["data"] == library.records(resource)[1:3]


@pytest.mark.mechanics
def test_a_cursor_is_refused_under_another_query(library: Library, resource: Resource, cursor: str) -> None:
    for query in ("sort=-slug&", "sort=slug&slug__ne=x&", "sort=slug&q=x&", ""):
        response = library.anonymous.get(f"/v1/{resource.name}?{query}cursor={cursor}")
        assert (response.status_code, kind(response), parameters(response)) == (400, "bad-cursor", ["cursor"]), query


@pytest.mark.mechanics
def test_a_cursor_is_refused_by_another_resource(library: Library, resource: Resource, cursor: str) -> None:
    other = next(each for each in ALL if each is not resource)
    response = library.anonymous.get(f"/v1/{other.name}?sort=slug&cursor={cursor}")
    assert (response.status_code, kind(response)) == (400, "bad-cursor")


@pytest.mark.mechanics
def test_a_cursor_that_was_changed_is_refused(library: Library, resource: Resource, cursor: str) -> None:
    for at in (0, len(cursor) // 2, len(cursor) - 2):
        changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        response = library.anonymous.get(f"/v1/{resource.name}?sort=slug&cursor={changed}")
        assert (response.status_code, kind(response), parameters(response)) == (400, "bad-cursor", ["cursor"]), at


@pytest.mark.mechanics
def test_what_is_no_cursor_is_refused(library: Library, resource: Resource) -> None:
    for made_up in ("", "x", "e30.x", "%00", "%F0%9F%A4%9D"):
        response = library.anonymous.get(f"/v1/{resource.name}?cursor={made_up}")
        assert (response.status_code, parameters(response)) == (400, ["cursor"]), made_up


@pytest.mark.mechanics
def test_an_export_refuses_a_cursor_as_the_list_does(library: Library, resource: Resource) -> None:
    response = library.anonymous.get(f"/v1/{resource.name}.csv?cursor=x")
    assert (response.status_code, kind(response)) == (400, "bad-cursor")
