"""A change can be tried without being made, and answered without a body."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.core.resource import Resource
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.mechanics

TRIED = {"dry_run": "true"}
MINIMAL = {"Prefer": "return=minimal"}

Write = Callable[[httpx.Client, Sample, dict[str, Any], dict[str, str], dict[str, str]], httpx.Response]

WRITES: dict[str, Write] = {
    "patch": lambda client, created, body, params, headers: client.patch(
        created.path, json=body, params=params, headers={**created.if_match, **headers}
    ),
    "put": lambda client, created, body, params, headers: client.put(
        created.path, json={**created.sent, **body}, params=params, headers={**created.if_match, **headers}
    ),
    "publish": lambda client, created, body, params, headers: client.post(
        f"{created.path}/publish", params=params, headers=headers
    ),
    "revert": lambda client, created, body, params, headers: client.post(
        f"{created.path}/revisions/1/revert", params=params, headers={"If-Match": "*", **headers}
    ),
}
"""What changes a record and shows it as it then is."""


@pytest.mark.parametrize("name", WRITES)
def test_a_change_that_is_tried_is_answered_and_not_made(
    editor: httpx.Client, samples: Samples, resource: Resource, name: str
) -> None:
    created = samples.create(resource, full=False)
    body = samples.change_of(created)
    if name == "revert":
        assert WRITES["patch"](editor, created, body, {}, {}).status_code == 200
    before = editor.get(created.path)
    reported = editor.get(f"{created.path}/revisions").content
    tried = WRITES[name](editor, created, body, TRIED, {})
    assert tried.status_code == 200, tried.text
    assert "etag" not in tried.headers
    assert tried.headers["dry-run"] == "true"
    assert editor.get(created.path).content == before.content
    assert editor.get(f"{created.path}/revisions").content == reported
    done = WRITES[name](editor, created, body, {}, {})
    apart = ("updated_at",)
    assert "dry-run" not in done.headers
    shown = [{key: value for key, value in each.json().items() if key not in apart} for each in (tried, done)]
    assert shown[0] == shown[1], "what is tried is answered as what is done"


def test_a_new_record_that_is_tried_is_not_made(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    body = samples.fresh_body(resource)
    for tried in (
        editor.post(f"/v1/{resource.name}", json=body, params=TRIED, headers={"Idempotency-Key": str(uuid4())}),
        editor.put(f"/v1/{resource.name}/{body['slug']}", json=body, params=TRIED),
    ):
        assert tried.status_code == 200, tried.text
        assert tried.json()["slug"] == body["slug"]
        assert tried.headers["dry-run"] == "true"
        assert "location" not in tried.headers
        assert editor.get(f"/v1/{resource.name}/{body['slug']}").status_code == 404
        assert editor.get(f"/v1/{resource.name}/{tried.json()['id']}").status_code == 404


def test_a_withdrawal_that_is_tried_takes_nothing_back(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    created = samples.create(resource)
    for tried in (
        editor.delete(created.path, params=TRIED, headers=created.if_match),
        editor.post(f"{created.path}/withdraw", params=TRIED, headers={"If-Match": "*"}),
    ):
        assert (tried.status_code, tried.headers.get("dry-run")) == (204, "true")
    assert editor.get(created.path).headers["etag"] == created.tag


def test_what_is_tried_is_checked_in_full(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    created = samples.create(resource)
    change = samples.change_of(created)
    assert editor.post(f"/v1/{resource.name}", json=created.sent, params=TRIED).status_code == 409, "the slug is taken"
    assert editor.post(f"/v1/{resource.name}", json={"no-such": 1}, params=TRIED).status_code == 422
    assert editor.patch(created.path, json=change, params=TRIED).status_code == 428
    assert editor.patch(created.path, json=change, params=TRIED, headers={"If-Match": '"9-x"'}).status_code == 412
    for value in ("yes", "1", ""):
        assert (
            editor.patch(created.path, json=change, params={"dry_run": value}, headers=created.if_match).status_code
            == 400
        )
    assert editor.get(created.path, params=TRIED).status_code == 400, "it is for writing"


def test_whoever_may_not_write_may_not_try(anonymous: httpx.Client, samples: Samples, resource: Resource) -> None:
    body = samples.body(resource, full=False)
    assert anonymous.post(f"/v1/{resource.name}", json=body, params=TRIED).status_code == 401


@pytest.mark.parametrize("name", WRITES)
def test_a_change_can_be_answered_without_a_body(
    editor: httpx.Client, samples: Samples, resource: Resource, name: str
) -> None:
    # Without what is optional: a verdict, for one, is published only with its evidence.
    created = samples.create(resource, full=False)
    response = WRITES[name](editor, created, samples.change_of(created), {}, MINIMAL)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["preference-applied"] == "return=minimal"
    assert response.headers["etag"] == editor.get(created.path).headers["etag"], "enough for the next change"
    assert "content-type" not in response.headers


def test_a_new_record_can_be_answered_without_a_body(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    body = samples.fresh_body(resource)
    key = {"Idempotency-Key": str(uuid4())}
    response = editor.post(f"/v1/{resource.name}", json=body, headers={**MINIMAL, **key})
    assert (response.status_code, response.content) == (201, b"")
    assert editor.get(response.headers["location"]).headers["etag"] == response.headers["etag"]
    again = editor.post(f"/v1/{resource.name}", json=body, headers=key)
    assert again.json()["slug"] == body["slug"], "what is kept for who repeats it is the whole answer"


def test_another_preference_is_left_aside(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    created = samples.create(resource, full=False)
    for preference in ("return=representation", "respond-async", "return=minimal2", "", "minimal"):
        response = editor.patch(
            created.path, json=samples.change_of(created), headers={"If-Match": "*", "Prefer": preference}
        )
        assert (response.status_code, response.json()["slug"]) == (200, created.slug)
        assert "preference-applied" not in response.headers
