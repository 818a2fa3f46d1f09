"""PATCH is a JSON Merge Patch (RFC 7396) on the revision that the client has seen."""

from typing import Any

import httpx
import pytest

from app.core.resource import Resource
from tests.support.problems import kind, pointers
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.heavy

STAMPS = {"revision", "updated_at"}


@pytest.fixture
def made(samples: Samples, resource: Resource) -> Sample:
    return samples.create(resource)


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in {*STAMPS, *names}}


def test_what_is_named_changes_and_the_rest_stays(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    change = samples.change_of(made)
    answer = editor.patch(made.path, json=change, headers=made.seen)
    assert answer.status_code == 200
    assert answer.headers["content-location"] == made.path
    record = answer.json()
    assert {name: record[name] for name in change} == change
    assert without(record, *change) == without(made.record, *change)
    assert record["revision"] == 2
    assert record["updated_at"] > made.record["updated_at"] == record["created_at"]
    assert answer.headers["etag"].startswith('"2-')
    assert editor.get(made.path).content == answer.content


def test_each_field_can_be_changed_by_itself(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    for name, value in samples.changes_of(made).items():
        answer = editor.patch(made.path, json={name: value}, headers={"If-Match": "*"})
        assert answer.status_code == 200, f"{name}: {answer.text}"
    assert editor.get(made.path).json()["created_at"] == made.record["created_at"]


def test_null_puts_a_field_back_to_its_default(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    """A record of which everything optional was put back is as one that never had it."""
    resource = made.resource
    required = {name: made.sent[name] for name, info in resource.create.model_fields.items() if info.is_required()}
    untouched = {"slug", "state", *required, *(inline.field for inline in resource.inline)}
    reset = {name: None for name in resource.create.model_fields if name not in untouched}
    answer = editor.patch(made.path, json=reset, headers=made.seen)
    assert answer.status_code == 200, answer.text
    bare = editor.post(f"/v1/{resource.name}", json={**required, "slug": f"{made.slug}-bare"})
    assert bare.status_code == 201, bare.text
    own = ("id", "slug", "created_at", *(each.field for each in resource.relations if each.field not in made.sent))
    assert without(answer.json(), *own) == without(bare.json(), *own)


def test_null_is_refused_where_a_field_is_required(editor: httpx.Client, made: Sample) -> None:
    for name, info in made.resource.create.model_fields.items():
        if info.is_required():
            answer = editor.patch(made.path, json={name: None}, headers=made.seen)
            assert (answer.status_code, kind(answer), pointers(answer)) == (422, "invalid-body", [f"/{name}"])
    assert editor.get(made.path).json() == made.record


def test_a_patch_that_changes_nothing_makes_no_revision(editor: httpx.Client, made: Sample) -> None:
    given_inside = {inline.field for inline in made.resource.inline}
    same = {name: value for name, value in made.sent.items() if name not in given_inside}
    for patch in ({}, same):
        answer = editor.patch(made.path, json=patch, headers=made.seen)
        assert (answer.status_code, answer.headers["etag"]) == (200, made.tag)
        assert answer.content == made.answer.content


def test_a_flaw_in_one_field_changes_none(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    answer = editor.patch(made.path, json={**samples.change_of(made), "nonsense": 1}, headers=made.seen)
    assert (answer.status_code, pointers(answer)) == (422, ["/nonsense"])
    assert editor.get(made.path).json() == made.record


def test_a_patch_without_if_match_is_refused(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    answer = editor.patch(made.path, json=samples.change_of(made))
    assert (answer.status_code, kind(answer)) == (428, "precondition-required")
    assert editor.get(made.path).json() == made.record


def test_a_patch_on_a_revision_that_is_past_is_refused(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    first, second = samples.change_of(made), samples.change_of(made)
    assert editor.patch(made.path, json=first, headers=made.seen).status_code == 200
    answer = editor.patch(made.path, json=second, headers=made.seen)
    assert (answer.status_code, kind(answer)) == (412, "precondition-failed")
    assert {name: editor.get(made.path).json()[name] for name in first} == first


def test_if_match_must_name_the_present_revision(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    for tag in ("", "nonsense", '""', '"0"', '"11-abc"', 'W/"x"', "1"):
        answer = editor.patch(made.path, json=samples.change_of(made), headers={"If-Match": tag})
        assert (answer.status_code, kind(answer)) == (412, "precondition-failed"), tag


def test_if_match_can_name_the_revision_in_several_ways(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    for revision, form in enumerate(("*", '"{0}"', '"{0}-{1}-gzip"', '"7-x", "{0}-{1}"', 'W/"{0}-{1}"'), 1):
        tag = form.format(revision, "f" * 24)
        answer = editor.patch(made.path, json=samples.change_of(made), headers={"If-Match": tag})
        assert answer.status_code == 200, tag
        assert answer.json()["revision"] == revision + 1


def test_a_patch_is_taken_as_json_too(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    for media_type in ("application/merge-patch+json", "application/json", "Application/JSON; charset=UTF-8"):
        headers = {"If-Match": "*", "Content-Type": media_type}
        content = httpx.Request("POST", "http://x", json=samples.change_of(made)).content
        assert editor.patch(made.path, content=content, headers=headers).status_code == 200, media_type


def test_a_patch_by_id_is_the_same(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    change = samples.change_of(made)
    answer = editor.patch(f"/v1/{made.resource.name}/{made.id}", json=change, headers=made.seen)
    assert answer.status_code == 200
    assert answer.headers["content-location"] == made.path


def test_what_is_given_inside_cannot_be_patched(editor: httpx.Client, samples: Samples, made: Sample) -> None:
    for inline in made.resource.inline:
        items = samples.inline_items(inline, made.resource)
        answer = editor.patch(made.path, json={inline.field: items}, headers=made.seen)
        assert (answer.status_code, pointers(answer)) == (422, [f"/{inline.field}"])


def test_there_is_nothing_to_patch_where_there_is_no_record(editor: httpx.Client, resource: Resource) -> None:
    answer = editor.patch(f"/v1/{resource.name}/there-is-no-such-record", json={}, headers={"If-Match": "*"})
    assert (answer.status_code, kind(answer)) == (404, "not-found")
