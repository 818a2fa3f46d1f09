"""Both databases give the same answers, byte for byte, to everything that the bundled register can be asked.

Ids, the moment of loading, and what is made from them (cursors, entity tags) differ, and are left out.
"""

import re
from collections.abc import Iterator

import httpx
import pytest

from app.core.resource import Resource
from app.resources import ALL
from tests.support.databases import require_backend
from tests.support.grammar import grammar_of
from tests.support.lanes import some_first
from tests.support.paging import MAX_PAGES
from tests.support.register import Register

SEARCHES = (
    "india",
    "KOREA",
    "semiconductor trade",
    '"special strategic"',
    "한국",
    "modi's",
    "5g",
    "2030",
    "café",
    "co-op",
)
WRONG = ("limit=0", "nonsense=1", "sort=nonsense", "cursor=x", "facets=x", "fields=slug", "q=%22%22", "limit=1&limit=2")
DIFFERENT = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
    r"|cursor=[\w.%-]+"
    r"|(?<=\"next_cursor\":\")[\w.%-]+"
    r"|urn:request:[0-9a-f]+"
)
OF_EACH_REGISTER = ("id", "created_at", "updated_at")
LEFT_OUT = {"etag", "last-modified", "x-request-id", "content-length", "link"}

pytestmark = pytest.mark.postgresql

EVERY = pytest.mark.parametrize("resource", some_first(ALL))
"""Every resource, most of them in the slow lane."""


@pytest.fixture(params=["small_registers", pytest.param("registers", marks=pytest.mark.slow)])
def both(request: pytest.FixtureRequest) -> list[Register]:
    """A part of the bundled registers on each database, and in the slow lane all of them."""
    require_backend("postgresql")
    registers: dict[str, Register] = request.getfixturevalue(request.param)
    return [registers["sqlite"], registers["postgresql"]]


def comparable(response: httpx.Response) -> tuple[int, dict[str, str], str]:
    """What must be alike: the status, the headers, and the body to the last byte."""
    headers = {name: value for name, value in response.headers.items() if name not in LEFT_OUT}
    return response.status_code, headers, DIFFERENT.sub("…", response.text)


def assert_same(both: list[Register], url: str, **headers: str) -> None:
    first, second = (comparable(register.get(url, headers=headers)) for register in both)
    assert first == second, url


def lists(resource: Resource, register: Register) -> Iterator[str]:
    """Queries that use everything a list can be asked, with values that its records have."""
    grammar = grammar_of(resource)
    for name in grammar.sortable:
        yield from (f"sort={name}&limit=200", f"sort=-{name}&limit=200")
    for words in SEARCHES:
        yield f"q={words}&limit=200&count=true"
    if grammar.facetable:
        yield f"facets={','.join(grammar.facetable)}&limit=1&count=true"
    if grammar.include:
        yield f"include={','.join(grammar.include)}&limit=50"
    records = register.get(f"/v1/{resource.name}?limit=200").json()["data"]
    for name, filter_ in grammar.filters.items():
        if filter_.operator == "isnull":
            yield from (f"{name}=true&limit=200", f"{name}=false&limit=200")
        elif filter_.how == "field" and filter_.target not in OF_EACH_REGISTER:
            values = sorted(
                {str(record[filter_.target]) for record in records if record.get(filter_.target) is not None}
            )
            for value in values[:: max(1, len(values) // 2)]:
                if 0 < len(value) <= 200:
                    requested = httpx.QueryParams({name: value.lower() if value in ("True", "False") else value})
                    yield f"{requested}&limit=200"
    yield from WRONG


@pytest.mark.slow
@EVERY
def test_lists_are_alike(both: list[Register], resource: Resource) -> None:
    for query in lists(resource, both[0]):
        assert_same(both, f"/v1/{resource.name}?{query}")
    for ending in ("json", "jsonl", "csv"):
        assert_same(both, f"/v1/{resource.name}.{ending}")


@EVERY
def test_page_walks_are_alike(both: list[Register], resource: Resource) -> None:
    urls = [f"/v1/{resource.name}?limit=90"] * 2
    for _ in range(MAX_PAGES):
        first, second = (register.get(url) for register, url in zip(both, urls, strict=True))
        assert comparable(first) == comparable(second)
        if first.json()["next"] is None:
            return
        urls = [first.json()["next"], second.json()["next"]]


@EVERY
def test_records_are_alike(both: list[Register], resource: Resource) -> None:
    slugs = [each["slug"] for each in both[0].get(f"/v1/{resource.name}?limit=200").json()["data"]]
    include = ",".join(grammar_of(resource).include)
    for slug in (*slugs[:: max(1, len(slugs) // 8)], "there-is-no-such-record"):
        assert_same(both, f"/v1/{resource.name}/{slug}")
        if include:
            assert_same(both, f"/v1/{resource.name}/{slug}?include={include}")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/v1", "/openapi.json", "/problems", "/.well-known/api-catalog", "/nonsense"])
def test_everything_else_is_alike(both: list[Register], path: str) -> None:
    assert_same(both, path, Accept="application/json")
