"""Idempotency-Key: whoever is not sure that a POST arrived can send it again."""

from uuid import uuid4

import httpx
import pytest

from app.core.resource import Resource
from app.resources import ALL
from tests.support.paging import slugs
from tests.support.problems import kind
from tests.support.samples import Samples

pytestmark = pytest.mark.mechanics


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": f"key-{uuid4()}"}


def test_a_repeated_request_has_the_first_answer_again(
    editor: httpx.Client, samples: Samples, resource: Resource, key: dict[str, str]
) -> None:
    body = samples.body(resource, full=False)
    first = editor.post(f"/v1/{resource.name}", json=body, headers=key)
    again = editor.post(f"/v1/{resource.name}", json=body, headers=key)
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    for name in ("location", "etag", "content-type", "last-modified", "cache-control"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


def test_a_repeated_request_makes_one_record(
    editor: httpx.Client, samples: Samples, resource: Resource, key: dict[str, str]
) -> None:
    """Also where the record has its slug from the register, so that a second one would find another."""
    body = samples.fresh_body(resource, full=False)
    del body["slug"]
    before = set(slugs(editor, f"/v1/{resource.name}"))
    for _ in range(3):
        assert editor.post(f"/v1/{resource.name}", json=body, headers=key).status_code == 201
    assert len(set(slugs(editor, f"/v1/{resource.name}")) - before) == 1


def test_the_first_answer_is_given_whatever_became_of_the_record(
    editor: httpx.Client, samples: Samples, resource: Resource, key: dict[str, str]
) -> None:
    body = samples.body(resource, full=False)
    first = editor.post(f"/v1/{resource.name}", json=body, headers=key)
    editor.delete(first.headers["location"], headers={"If-Match": "*"})
    again = editor.post(f"/v1/{resource.name}", json=body, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert editor.get(first.headers["location"]).status_code == 410


def test_a_key_serves_one_request_only(
    editor: httpx.Client, samples: Samples, resource: Resource, key: dict[str, str]
) -> None:
    body = samples.body(resource, full=False)
    assert editor.post(f"/v1/{resource.name}", json=body, headers=key).status_code == 201
    for path, other in (
        (resource.name, {**body, "slug": f"{body['slug']}-b"}),
        (ALL[ALL.index(resource) - 1].name, body),
    ):
        response = editor.post(f"/v1/{path}", json=other, headers=key)
        assert response.status_code == 422
        if path == resource.name:
            assert kind(response) == "idempotency-key-reused"
            assert editor.get(f"/v1/{path}/{other['slug']}").status_code == 404


def test_a_request_that_failed_can_be_mended_under_the_same_key(
    editor: httpx.Client, samples: Samples, resource: Resource, key: dict[str, str]
) -> None:
    body = samples.body(resource, full=False)
    assert editor.post(f"/v1/{resource.name}", json={**body, "nonsense": 1}, headers=key).status_code == 422
    assert editor.post(f"/v1/{resource.name}", json=body, headers=key).status_code == 201


def test_a_malformed_key_is_refused(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    body = samples.body(resource, full=False)
    for malformed in (b"", b"two words", b"x" * 256, "ключ".encode()):
        response = editor.post(f"/v1/{resource.name}", json=body, headers={b"Idempotency-Key": malformed})
        assert (response.status_code, kind(response)) == (400, "malformed-request"), malformed
