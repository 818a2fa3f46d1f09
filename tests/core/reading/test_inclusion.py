"""What a single record includes: what it refers to, and what refers to it, as the lists have them."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.core.reading import inclusion
from app.core.relations import AnyOne
from app.core.resource import Resource
from app.resources import ALL
from tests.support.databases import BACKENDS, Databases
from tests.support.grammar import grammar_of
from tests.support.register import Register, application

RECORDS = 3


@pytest.fixture(scope="module", params=BACKENDS)
def register(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Register]:
    with application(databases.excerpt(request.param)) as register:
        yield register


def richest(register: Register, resource: Resource) -> list[dict[str, Any]]:
    """The records that say most, which are the likeliest to be referred to."""
    records: list[dict[str, Any]] = register.get(f"/v1/{resource.name}?limit=200").json()["data"]
    return sorted(records, key=lambda record: len(str(record)))[-RECORDS:]


def list_of(resource: Resource, name: str, slug: str) -> str:
    """The list of those of another resource that refer to a record."""
    parameter = grammar_of(resource).referring[name]
    other = grammar_of(resource).catalogue.by_name[name]
    any_one = isinstance(other.by_field.get(other.listing.related[parameter]), AnyOne)
    return f"/v1/{name}?{parameter}={slug}" + (f"&{parameter}_type={resource.singular}" if any_one else "")


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_what_refers_to_a_record_is_included_as_its_list_has_it(register: Register, resource: Resource) -> None:
    grammar = grammar_of(resource)
    for record in richest(register, resource):
        for name in grammar.referring:
            page = register.get(f"{list_of(resource, name, record['slug'])}&limit=200").json()
            shown = register.get(f"/v1/{resource.name}/{record['slug']}?include={name}").json()
            inside = shown["included"][name]
            assert inside[len(inside) - len(page["data"]) :] == page["data"], (record["slug"], name)
            ahead = {each["slug"] for each in inside[: len(inside) - len(page["data"])]}
            assert not ahead or name in grammar.include
            assert ("included_more" in shown) == (page["next"] is not None)


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_a_list_that_goes_on_can_be_followed(
    register: Register, resource: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    for record in richest(register, resource)[-1:]:
        for name in grammar_of(resource).referring:
            everything = register.get(f"{list_of(resource, name, record['slug'])}&limit=200").json()["data"]
            monkeypatch.setattr(inclusion, "MAX_INCLUDED", 1)
            # By its id: what was given for the slug may be stored.
            shown = register.get(f"/v1/{resource.name}/{record['id']}?include={name}").json()
            monkeypatch.undo()
            assert ("included_more" in shown) == (len(everything) > 1)
            if len(everything) > 1:
                rest = register.get(shown["included_more"][name].replace("limit=1&", "limit=200&")).json()["data"]
                assert rest[: len(everything) - 1] == everything[1:]


def test_one_request_gives_a_promise_with_its_log_and_every_source(register: Register) -> None:
    path = "/v1/commitments/trade-target-50bn-2030"
    shown = register.get(f"{path}?include=updates,milestones,citations,sources").json()
    updates, citations = shown["included"]["updates"], shown["included"]["citations"]
    assert updates
    assert citations
    needed = {source["slug"] for each in (shown, *updates) for source in each["sources"]}
    needed |= {each["source"]["slug"] for each in citations}
    assert {source["slug"] for source in shown["included"]["sources"]} == needed
    now = register.get(f"{path}?include=updates,milestones,citations,sources&as_of=2099-01-01T00:00:00Z").json()
    assert now["included"].keys() == shown["included"].keys()
    assert len(now["included"]["updates"]) == len(updates)


def test_what_cannot_be_included_is_refused_with_all_that_can(register: Register) -> None:
    response = register.request("GET", "/v1/commitments/trade-target-50bn-2030?include=updats,partnership")
    assert response.status_code == 400
    first, second = response.json()["errors"]
    assert "Did you mean updates?" in first["detail"]
    for name in grammar_of(next(each for each in ALL if each.name == "commitments")).record_include:
        assert name in second["detail"]
