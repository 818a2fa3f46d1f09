"""A body may say what the resource takes, and nothing else."""

import httpx
import pytest

from app.core.resource import Resource
from tests.support.problems import kind, pointers
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.mechanics

MAX_BODY_BYTES = 2 * 1024 * 1024


@pytest.fixture
def created(samples: Samples, resource: Resource) -> Sample:
    return samples.create(resource, full=False)


def attempts(editor: httpx.Client, created: Sample, more: dict[str, object]) -> dict[str, httpx.Response]:
    """The answers to the three ways in which a body can come, each with something added that does not belong there."""
    whole = {**created.sent, **more}
    new = {**whole, "slug": f"{created.slug}-new"}
    return {
        "POST": editor.post(f"/v1/{created.resource.name}", json=new),
        "PUT": editor.put(created.path, json=whole, headers=created.if_match),
        "PATCH": editor.patch(created.path, json=more, headers=created.if_match),
    }


def test_an_unknown_field_is_refused_where_it_stands(editor: httpx.Client, created: Sample) -> None:
    for method, response in attempts(editor, created, {"nonsense": 1}).items():
        assert (response.status_code, kind(response), pointers(response)) == (422, "invalid-body", ["/nonsense"]), (
            method
        )


def test_what_the_register_decides_cannot_be_written(editor: httpx.Client, created: Sample) -> None:
    resource = created.resource
    fixed = [name for name in resource.read.model_fields if name not in resource.create.model_fields]
    assert {"id", "revision", "created_at", "updated_at"} <= set(fixed)
    for name in (*fixed, "created_by"):
        value = created.record.get(name)
        for method, response in attempts(editor, created, {name: value}).items():
            if method == "PATCH" and value is None:
                continue
            assert (response.status_code, pointers(response)) == (422, [f"/{name}"]), f"{method} {name}"
    assert editor.get(created.path).json() == created.record


def test_a_state_that_a_body_cannot_ask_for_is_refused(editor: httpx.Client, created: Sample) -> None:
    for state in ("withdrawn", "public", "", 1, ["published"]):
        for method, response in attempts(editor, created, {"state": state}).items():
            assert (response.status_code, pointers(response)) == (422, ["/state"]), f"{method} {state}"


def test_a_body_is_an_object(editor: httpx.Client, created: Sample) -> None:
    headers = {**created.if_match, "Content-Type": "application/json"}
    for body in ("[]", "1", '"x"', "null", "true"):
        for method, path in (("POST", f"/v1/{created.resource.name}"), ("PUT", created.path), ("PATCH", created.path)):
            response = editor.request(method, path, content=body, headers=headers)
            assert (response.status_code, kind(response)) == (422, "invalid-body"), f"{method} {body}"


def test_a_body_of_another_media_type_is_refused(editor: httpx.Client, created: Sample) -> None:
    for media_type in ("text/plain", "application/xml", "multipart/form-data; boundary=x", None):
        headers = {**created.if_match, **({"Content-Type": media_type} if media_type else {})}
        for method, path in (("POST", f"/v1/{created.resource.name}"), ("PUT", created.path), ("PATCH", created.path)):
            response = editor.request(method, path, content=b"{}", headers=headers)
            assert (response.status_code, kind(response)) == (415, "unsupported-media-type"), f"{method} {media_type}"
            assert "application/json" in response.json()["detail"]


def test_a_body_that_is_too_large_is_refused(editor: httpx.Client, created: Sample) -> None:
    json = {"Content-Type": "application/json"}
    for method, path in (("POST", f"/v1/{created.resource.name}"), ("PUT", created.path), ("PATCH", created.path)):
        response = editor.request(
            method, path, content=b" " * (MAX_BODY_BYTES + 1), headers={**created.if_match, **json}
        )
        assert (response.status_code, kind(response)) == (413, "content-too-large"), method


def test_a_body_that_grows_too_large_on_the_way_is_refused(editor: httpx.Client, created: Sample) -> None:
    parts = (b" " * 65536 for _ in range(MAX_BODY_BYTES // 65536 + 1))
    response = editor.post(f"/v1/{created.resource.name}", content=parts, headers={"Content-Type": "application/json"})
    assert (response.status_code, kind(response)) == (413, "content-too-large")


def test_no_error_repeats_what_was_sent(editor: httpx.Client, created: Sample) -> None:
    secret = "never-to-be-repeated"
    wrong = {name: {secret: secret} for name in created.resource.create.model_fields}
    response = editor.post(f"/v1/{created.resource.name}", json=wrong)
    assert response.status_code == 422
    assert secret not in response.text.replace(f"/{secret}", "")
