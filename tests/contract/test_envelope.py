"""A list answers in one envelope, a page at a time."""

import re
from uuid import UUID

import httpx
import pytest

from app.core.resource import Resource
from tests.support.library import Library
from tests.support.problems import kind, parameters

pytestmark = pytest.mark.mechanics

ENVELOPE = ["data", "next", "next_cursor", "total", "facets"]


def test_a_list_has_the_same_five_keys_whatever_is_asked(library: Library, resource: Resource) -> None:
    for query in ("", "?limit=1", "?count=true", "?slug=there-is-no-such-slug"):
        assert list(library.anonymous.get(f"/v1/{resource.name}{query}").json()) == ENVELOPE
    plain = library.anonymous.get(f"/v1/{resource.name}").json()
    assert (plain["total"], plain["facets"]) == (None, None)


def test_a_list_without_a_record_is_a_list(library: Library, resource: Resource) -> None:
    response = library.anonymous.get(f"/v1/{resource.name}?slug=there-is-no-such-slug")
    assert response.json() == {"data": [], "next": None, "next_cursor": None, "total": None, "facets": None}
    assert "next" not in response.links


def test_a_page_has_25_records_unless_told_otherwise(library: Library, resource: Resource) -> None:
    page = library.anonymous.get(f"/v1/{resource.name}").json()
    there_are = len(library.records(resource))
    assert len(page["data"]) == min(25, there_are)
    assert (page["next"] is None) == (there_are <= 25)


def test_limit_is_the_length_of_a_page(library: Library, resource: Resource) -> None:
    for limit in (1, 2, 200):
        page = library.anonymous.get(f"/v1/{resource.name}?limit={limit}").json()
        assert len(page["data"]) == min(limit, len(library.records(resource)))


def test_a_limit_out_of_bounds_is_refused_by_name(library: Library, resource: Resource) -> None:
    for limit in ("0", "201", "-1", "abc", "", "1.5", "9999999999999999999999"):
        response = library.anonymous.get(f"/v1/{resource.name}", params={"limit": limit})
        assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", ["limit"]), limit


def test_the_next_page_stands_in_the_body_and_in_the_link_header(library: Library, resource: Resource) -> None:
    response = library.anonymous.get(f"/v1/{resource.name}?limit=1")
    following = response.json()["next"]
    assert following.startswith(f"/v1/{resource.name}?limit=1&cursor=")
    assert response.links["next"]["url"] == following
    assert httpx.QueryParams(following.partition("?")[2])["cursor"] == response.json()["next_cursor"]


def test_the_last_page_names_no_next(library: Library, resource: Resource) -> None:
    some = [("slug", record["slug"]) for record in library.records(resource)[:3]]
    response = library.anonymous.get(f"/v1/{resource.name}", params=[*some, ("limit", "3")])
    assert len(response.json()["data"]) == 3
    assert response.json()["next"] is None
    assert "next" not in response.links


def test_the_host_header_never_comes_back(library: Library, resource: Resource) -> None:
    response = library.anonymous.get(f"/v1/{resource.name}?limit=1", headers={"Host": "elsewhere.example"})
    assert response.status_code == 200
    assert "elsewhere" not in response.text
    assert "elsewhere" not in str(response.headers)


def test_every_record_says_what_it_is_and_when_it_changed(library: Library, resource: Resource) -> None:
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
    for record in library.records(resource):
        assert UUID(record["id"]).version == 7
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", record["slug"])
        assert len(record["slug"]) <= 120
        assert record["state"] == "published"
        assert record["revision"] >= 1
        assert moment.fullmatch(record["created_at"])
        assert moment.fullmatch(record["updated_at"])
        assert record["created_at"] <= record["updated_at"]
