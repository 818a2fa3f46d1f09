"""Every error says in one form what is wrong, and links to a page that says what to do."""

from html import unescape

import httpx
import pytest

from app import errors
from app.core.resource import Resource
from tests.support.library import Library
from tests.support.problems import kind
from tests.support.spec import Specification

pytestmark = pytest.mark.mechanics

READ = {"400", "401", "406", "429", "503"}
FOUND = {"308", "404", "410"}
WRITTEN = {"400", "401", "403", "429", "503"}
BODY = {"408", "413", "415", "422"}
CHANGED = {"409", "412", "428"}


@pytest.mark.parametrize("problem", errors.ALL, ids=lambda problem: problem.name)
def test_every_type_leads_to_a_page(anonymous: httpx.Client, problem: type[errors.Problem]) -> None:
    for accept, media_type in (
        ("text/html", "text/html"),
        ("application/json", "application/json"),
        ("*/*", "text/html"),
    ):
        response = anonymous.get(f"/problems/{problem.name}", headers={"Accept": accept})
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(media_type)
        assert problem.title in unescape(response.text)


def test_there_is_no_page_for_what_is_no_problem(anonymous: httpx.Client) -> None:
    assert anonymous.get("/problems/none-of-these").status_code == 404


def provoked(library: Library, resource: Resource) -> dict[str, httpx.Response]:
    """Errors that reading can meet."""
    path = f"/v1/{resource.name}"
    record = f"{path}/{library.records(resource)[0]['slug']}"
    get = library.anonymous.get
    return {
        "bad-query": get(f"{path}?nonsense=1"),
        "bad-cursor": get(f"{path}?cursor=x"),
        "unauthorized": get(path, headers={"Authorization": "Bearer wrong"}),
        "not-found": get(f"{path}/there-is-no-such-record"),
        "not-acceptable": get(record, headers={"Accept": "image/png"}),
        "method-not-allowed": library.anonymous.delete(path),
    }


def test_an_error_is_of_the_kind_it_should_be(library: Library, resource: Resource) -> None:
    for name, response in provoked(library, resource).items():
        assert kind(response) == name
        assert library.anonymous.get(response.json()["type"]).status_code == 200


def test_an_error_is_as_documented(library: Library, resource: Resource, specification: Specification) -> None:
    for name, response in provoked(library, resource).items():
        if name != "method-not-allowed":
            key = "" if "{" in str(response.url) else "/{slug}" if response.url.path.count("/") == 3 else ""
            assert specification.flaws("GET", f"/v1/{resource.name}{key}", response) == []


def test_every_error_that_can_be_met_is_documented(resource: Resource, specification: Specification) -> None:
    many, one = f"/v1/{resource.name}", f"/v1/{resource.name}/{{slug}}"
    expected = {
        ("GET", many): {"200", *READ},
        ("GET", one): {"200", *READ, *FOUND},
        ("POST", many): {"201", *WRITTEN, *BODY, "409"},
        ("PUT", one): {"200", "201", *WRITTEN, *FOUND, *BODY, *CHANGED},
        ("PATCH", one): {"200", *WRITTEN, *FOUND, *BODY, *CHANGED},
        ("DELETE", one): {"204", *WRITTEN, *FOUND, *CHANGED},
    }
    for (method, template), statuses in expected.items():
        assert set(specification.operation(method, template)["responses"]) >= statuses, f"{method} {template}"


def test_a_format_that_there_is_not_is_refused_with_those_there_are(library: Library, resource: Resource) -> None:
    record = f"/v1/{resource.name}/{library.records(resource)[0]['slug']}"
    for accept in ("image/png", "text/html", "application/xml, image/*", "application/json;q=0"):
        for path, known in ((f"/v1/{resource.name}", ("json", "csv", "jsonl")), (record, ("json",))):
            if accept.startswith("application/json") and len(known) > 1:
                continue
            response = library.anonymous.get(path, headers={"Accept": accept})
            assert (response.status_code, kind(response)) == (406, "not-acceptable"), accept
            for name in known:
                assert name in response.json()["detail"]


def test_json_is_what_whoever_does_not_mind_gets(library: Library, resource: Resource) -> None:
    record = f"/v1/{resource.name}/{library.records(resource)[0]['slug']}"
    for accept in ("*/*", "application/*", "application/json", "text/html, */*;q=0.1", ""):
        for path in (f"/v1/{resource.name}", record):
            response = library.anonymous.get(path, headers={"Accept": accept})
            assert (response.status_code, response.headers["content-type"]) == (200, "application/json"), accept
