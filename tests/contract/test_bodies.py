"""A body may say what the resource takes, and nothing else."""

import httpx
import pytest

from app.core.resource import Resource
from tests.support.problems import kind, pointers
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.heavy

BIGGEST = 2 * 1024 * 1024


@pytest.fixture
def made(samples: Samples, resource: Resource) -> Sample:
    return samples.create(resource, full=False)


def attempts(editor: httpx.Client, made: Sample, more: dict[str, object]) -> dict[str, httpx.Response]:
    """The answers to the three ways in which a body can come, each with something added that does not belong there."""
    whole = {**made.sent, **more}
    new = {**whole, "slug": f"{made.slug}-new"}
    return {
        "POST": editor.post(f"/v1/{made.resource.name}", json=new),
        "PUT": editor.put(made.path, json=whole, headers=made.seen),
        "PATCH": editor.patch(made.path, json=more, headers=made.seen),
    }


def test_an_unknown_field_is_refused_where_it_stands(editor: httpx.Client, made: Sample) -> None:
    for method, answer in attempts(editor, made, {"nonsense": 1}).items():
        assert (answer.status_code, kind(answer), pointers(answer)) == (422, "invalid-body", ["/nonsense"]), method


def test_what_the_register_decides_cannot_be_written(editor: httpx.Client, made: Sample) -> None:
    resource = made.resource
    fixed = [name for name in resource.read.model_fields if name not in resource.create.model_fields]
    assert {"id", "revision", "created_at", "updated_at"} <= set(fixed)
    for name in (*fixed, "created_by"):
        value = made.record.get(name)
        for method, answer in attempts(editor, made, {name: value}).items():
            if method == "PATCH" and value is None:
                continue
            assert (answer.status_code, pointers(answer)) == (422, [f"/{name}"]), f"{method} {name}"
    assert editor.get(made.path).json() == made.record


def test_a_state_that_a_body_cannot_ask_for_is_refused(editor: httpx.Client, made: Sample) -> None:
    for state in ("withdrawn", "public", "", 1, ["published"]):
        for method, answer in attempts(editor, made, {"state": state}).items():
            assert (answer.status_code, pointers(answer)) == (422, ["/state"]), f"{method} {state}"


def test_a_body_is_an_object(editor: httpx.Client, made: Sample) -> None:
    headers = {**made.seen, "Content-Type": "application/json"}
    for body in ("[]", "1", '"x"', "null", "true"):
        for method, path in (("POST", f"/v1/{made.resource.name}"), ("PUT", made.path), ("PATCH", made.path)):
            answer = editor.request(method, path, content=body, headers=headers)
            assert (answer.status_code, kind(answer)) == (422, "invalid-body"), f"{method} {body}"


def test_a_body_of_another_media_type_is_refused(editor: httpx.Client, made: Sample) -> None:
    for media_type in ("text/plain", "application/xml", "multipart/form-data; boundary=x", None):
        headers = {**made.seen, **({"Content-Type": media_type} if media_type else {})}
        for method, path in (("POST", f"/v1/{made.resource.name}"), ("PUT", made.path), ("PATCH", made.path)):
            answer = editor.request(method, path, content=b"{}", headers=headers)
            assert (answer.status_code, kind(answer)) == (415, "unsupported-media-type"), f"{method} {media_type}"
            assert "application/json" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused(editor: httpx.Client, made: Sample) -> None:
    json = {"Content-Type": "application/json"}
    for method, path in (("POST", f"/v1/{made.resource.name}"), ("PUT", made.path), ("PATCH", made.path)):
        answer = editor.request(method, path, content=b" " * (BIGGEST + 1), headers={**made.seen, **json})
        assert (answer.status_code, kind(answer)) == (413, "content-too-large"), method


def test_a_body_that_grows_too_large_on_the_way_is_refused(editor: httpx.Client, made: Sample) -> None:
    parts = (b" " * 65536 for _ in range(BIGGEST // 65536 + 1))
    answer = editor.post(f"/v1/{made.resource.name}", content=parts, headers={"Content-Type": "application/json"})
    assert (answer.status_code, kind(answer)) == (413, "content-too-large")


def test_no_error_repeats_what_was_sent(editor: httpx.Client, made: Sample) -> None:
    secret = "never-to-be-repeated"
    wrong = {name: {secret: secret} for name in made.resource.create.model_fields}
    answer = editor.post(f"/v1/{made.resource.name}", json=wrong)
    assert answer.status_code == 422
    assert secret not in answer.text.replace(f"/{secret}", "")
