"""What every answer says of itself: who may keep it, who asked for it, and who may read it in a browser."""

import re

import pytest

from app.core.resource import Resource
from tests.support.library import Library
from tests.support.problems import kind
from tests.support.samples import Samples
from tests.support.waiting import eventually

pytestmark = pytest.mark.mechanics

EXPOSED = {"ETag", "Link", "Location", "Retry-After", "RateLimit"}
BAD = ("Bearer wrong", "Bearer", "Basic YTpi", "nonsense", "", "Bearer ft_1_x")


@pytest.fixture
def paths(library: Library, resource: Resource) -> list[str]:
    slug = library.records(resource)[0]["slug"]
    return [f"/v1/{resource.name}", f"/v1/{resource.name}/{slug}", f"/v1/{resource.name}.csv?limit=1"]


def test_what_everybody_sees_anybody_may_keep(library: Library, paths: list[str]) -> None:
    for path in paths:
        response = library.anonymous.get(path)
        assert response.headers["cache-control"].startswith("public, max-age=0, s-maxage=")
        assert {"Accept", "Authorization"} <= set(response.headers["vary"].split(", "))


def test_what_a_token_sees_nobody_may_keep(library: Library, paths: list[str]) -> None:
    for path in paths:
        response = library.editor.get(path)
        assert response.headers["cache-control"] == "private, no-store"
        assert {"Accept", "Authorization"} <= set(response.headers["vary"].split(", "))


def test_what_was_written_nobody_may_keep(samples: Samples, resource: Resource) -> None:
    assert samples.published(resource).response.headers["cache-control"] == "private, no-store"


def test_a_bad_credential_is_refused_even_where_none_is_needed(library: Library, paths: list[str]) -> None:
    for path in paths:
        for credential in BAD:
            response = library.anonymous.get(path, headers={"Authorization": credential})
            assert (response.status_code, kind(response)) == (401, "unauthorized"), credential
            assert response.headers["www-authenticate"].startswith("Bearer")


def test_writing_needs_a_credential(library: Library, samples: Samples, resource: Resource) -> None:
    body = samples.body(resource)
    record = f"/v1/{resource.name}/{library.records(resource)[0]['slug']}"
    for method, path in (("POST", f"/v1/{resource.name}"), ("PUT", record), ("PATCH", record), ("DELETE", record)):
        for headers in ({}, *({"Authorization": credential} for credential in BAD)):
            json = None if method == "DELETE" else body
            response = library.anonymous.request(method, path, json=json, headers={"If-Match": "*", **headers})
            assert (response.status_code, kind(response)) == (401, "unauthorized"), method
            assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_browser_may_read_from_anywhere(library: Library, paths: list[str]) -> None:
    for path in (*paths, f"{paths[0]}?nonsense=1", f"{paths[0]}/there-is-no-such-record"):
        response = library.anonymous.get(path, headers={"Origin": "https://elsewhere.example"})
        assert response.headers["access-control-allow-origin"] == "*"
        assert set(response.headers["access-control-expose-headers"].split(", ")) >= EXPOSED


def test_a_browser_may_write_from_anywhere(library: Library, paths: list[str]) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        requested = {
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization, if-match, idempotency-key, content-type",
        }
        response = library.anonymous.options(paths[1], headers=requested)
        assert response.status_code == 200
        assert method in response.headers["access-control-allow-methods"]
        for name in ("authorization", "if-match", "idempotency-key", "content-type"):
            assert name in response.headers["access-control-allow-headers"].lower()


def test_an_answer_carries_the_id_of_its_request(library: Library, paths: list[str]) -> None:
    for path in (*paths, f"{paths[0]}/there-is-no-such-record", f"{paths[0]}?nonsense=1"):
        response = library.anonymous.get(path, headers={"X-Request-Id": "my.own_id-7"})
        assert response.headers["x-request-id"] == "my.own_id-7"
        if response.status_code >= 400:
            assert response.json()["instance"] == "urn:request:my.own_id-7"


def test_a_request_without_an_id_is_given_one(library: Library, paths: list[str]) -> None:
    ids = {library.anonymous.get(path).headers["x-request-id"] for path in paths for _ in range(2)}
    assert len(ids) == 2 * len(paths)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in ids)


def test_an_id_that_could_do_harm_is_replaced(library: Library, paths: list[str]) -> None:
    for malformed in (b"two words", b"x" * 129, b"a/b", b"<script>", b"\xff"):
        response = library.anonymous.get(paths[0], headers={b"X-Request-Id": malformed})
        assert re.fullmatch(r"[0-9a-f]{32}", response.headers["x-request-id"]), malformed


def test_no_browser_guesses_what_an_answer_is(library: Library, paths: list[str]) -> None:
    for path in (*paths, "/", "/docs", "/problems/not-found", f"{paths[0]}?nonsense=1"):
        assert library.anonymous.get(path).headers["x-content-type-options"] == "nosniff"


def test_no_answer_says_what_serves_it(library: Library, paths: list[str]) -> None:
    for path in paths:
        assert "server" not in library.anonymous.get(path).headers


def test_the_log_names_the_request(library: Library, paths: list[str]) -> None:
    library.anonymous.get(paths[0], headers={"X-Request-Id": "told-in-the-log"})
    eventually(lambda: "told-in-the-log" in library.server.log())


def test_clients_share_nothing(library: Library, paths: list[str]) -> None:
    """An answer to an editor is never what the next anonymous client gets, nor the other way round."""
    for path in paths[:2]:
        for client in (library.editor, library.anonymous, library.editor, library.anonymous):
            kept_by = "private" if client is library.editor else "public"
            assert client.get(path).headers["cache-control"].startswith(kept_by)
