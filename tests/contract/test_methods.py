"""HEAD wherever GET; OPTIONS and 405 name every method that a path takes."""

import httpx
import pytest

from app.core.resource import Resource
from tests.support.library import Library
from tests.support.problems import kind
from tests.support.register import Register
from tests.support.spec import Specification

pytestmark = pytest.mark.mechanics

LEFT_OUT = {"date", "x-request-id", "transfer-encoding"}
"""What differs with each answer, and how a body is cut up where there is one."""
OTHER_PATHS = (
    "/v1",
    "/healthz",
    "/readyz",
    "/metrics",
    "/.well-known/api-catalog",
    "/openapi.json",
    "/docs",
    "/",
    "/problems",
)
TRIED = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY")


def paths(library: Library, resource: Resource) -> dict[str, str]:
    """Addresses of a resource, each with the template it is documented under."""
    one = library.records(resource)[0]
    record = f"/v1/{resource.name}/{{slug}}"
    return {
        f"/v1/{resource.name}": f"/v1/{resource.name}",
        f"/v1/{resource.name}/{one['slug']}": record,
        f"/v1/{resource.name}/{one['id']}": record,
        f"/v1/{resource.name}/there-is-no-such-record": record,
    }


def allowed(response: httpx.Response) -> set[str]:
    return set(response.headers["allow"].split(", "))


def assert_head_is_get(client: httpx.Client, path: str, **headers: str) -> None:
    get, head = (client.request(method, path, headers=headers) for method in ("GET", "HEAD"))
    assert head.status_code == get.status_code
    assert head.content == b""
    # How long a file is, is known only when it has been made.
    left_out = LEFT_OUT | ({"content-length"} if "content-disposition" in get.headers else set())
    said = [{k: v for k, v in each.headers.items() if k not in left_out} for each in (get, head)]
    assert said[0] == said[1], path


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_says_what_get_says(library: Library, resource: Resource, coding: str) -> None:
    for path in paths(library, resource):
        for client in (library.anonymous, library.editor):
            assert_head_is_get(client, path, **{"Accept-Encoding": coding})
    for query in ("?limit=1&count=true", "?limit=0", ".csv?limit=3", ".jsonl?limit=3", ".json"):
        assert_head_is_get(library.anonymous, f"/v1/{resource.name}{query}", **{"Accept-Encoding": coding})


@pytest.mark.parametrize("path", sorted({*OTHER_PATHS} - {"/metrics"}))  # which grows with each request
def test_head_says_what_get_says_everywhere(library: Library, path: str) -> None:
    assert_head_is_get(library.anonymous, path)


def test_options_lists_every_method(library: Library, resource: Resource, specification: Specification) -> None:
    for path, template in paths(library, resource).items():
        response = library.anonymous.options(path)
        assert (response.status_code, response.content) == (204, b"")
        assert allowed(response) == {*specification.methods(template), "HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_options_lists_every_method_everywhere(library: Library, path: str) -> None:
    response = library.anonymous.options(path)
    assert (response.status_code, allowed(response)) == (204, {"GET", "HEAD", "OPTIONS"})


def test_what_a_path_does_not_take_is_refused_with_what_it_takes(
    library: Library, resource: Resource, specification: Specification
) -> None:
    for path, template in paths(library, resource).items():
        takes = specification.methods(template)
        for method in set(TRIED) - takes:
            for client in (library.anonymous, library.editor):
                response = client.request(method, path)
                assert (response.status_code, kind(response)) == (405, "method-not-allowed"), method
                assert allowed(response) == {*takes, "HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_what_is_read_only_says_so(library: Library, path: str) -> None:
    for method in set(TRIED) - {"GET"}:
        response = library.anonymous.request(method, path)
        assert (response.status_code, kind(response)) == (405, "method-not-allowed"), method
        assert allowed(response) == {"GET", "HEAD", "OPTIONS"}


def test_there_is_nothing_at_an_unknown_path(library: Library, resource: Resource) -> None:
    record = f"/v1/{resource.name}/{library.records(resource)[0]['slug']}"
    for path in (f"{record}/a/b/c", f"/v2/{resource.name}", "/nonsense"):
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            response = library.anonymous.request(method, path)
            assert (response.status_code, kind(response)) == (404, "not-found"), f"{method} {path}"


def test_a_slash_at_the_end_leads_to_the_path_without(library: Library, resource: Resource) -> None:
    """Whatever host the request names, the redirect leads to the same one."""
    record = f"/v1/{resource.name}/{library.records(resource)[0]['slug']}"
    for path in (f"/v1/{resource.name}", record, "/v1"):
        for method in ("GET", "POST", "DELETE"):
            response = library.anonymous.request(method, f"{path}/?limit=1", headers={"Host": "elsewhere.example"})
            assert (response.status_code, response.headers["location"]) == (308, f"{path}?limit=1")


def test_an_address_of_its_own_takes_nothing_that_a_record_takes(small_registers: dict[str, Register]) -> None:
    register = small_registers["sqlite"]
    assert allowed(register.request("OPTIONS", "/v1/sources/import")) == {"POST", "OPTIONS"}
    assert allowed(register.request("OPTIONS", "/v1/sources/counts")) == {"GET", "HEAD", "OPTIONS"}
    assert "PATCH" in allowed(register.request("OPTIONS", "/v1/sources/ipsc-kashyap"))
