"""PATCH is a JSON Merge Patch (RFC 7396) on the revision that the client has seen."""

from typing import Any

import httpx
import pytest

from app.core.resource import Resource
from tests.support.problems import kind, pointers
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.mechanics

STAMPS = {"revision", "updated_at"}


@pytest.fixture
def created(samples: Samples, resource: Resource) -> Sample:
    return samples.create(resource)


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in {*STAMPS, *names}}


def test_what_is_named_changes_and_the_rest_stays(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    change = samples.change_of(created)
    response = editor.patch(created.path, json=change, headers=created.if_match)
    assert response.status_code == 200
    assert response.headers["content-location"] == created.path
    record = response.json()
    assert {name: record[name] for name in change} == change
    # A title is what the record is named by, and may follow from other fields.
    assert without(record, "title", *change) == without(created.record, "title", *change)
    assert record["title"] == record[created.resource.label] or created.resource.make_title is not None
    assert record["revision"] == 2
    assert record["updated_at"] > created.record["updated_at"] == record["created_at"]
    assert response.headers["etag"].startswith('"2-')
    assert editor.get(created.path).content == response.content


def test_each_field_can_be_changed_by_itself(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    for name, value in samples.changes_of(created).items():
        response = editor.patch(created.path, json={name: value}, headers={"If-Match": "*"})
        assert response.status_code == 200, f"{name}: {response.text}"
    assert editor.get(created.path).json()["created_at"] == created.record["created_at"]


def test_null_puts_a_field_back_to_its_default(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    """A record of which everything optional was put back is as one that never had it."""
    resource = created.resource
    required = {name: created.sent[name] for name, info in resource.create.model_fields.items() if info.is_required()}
    untouched = {"slug", "state", *required, *(inline.field for inline in resource.inline)}
    reset = {name: None for name in resource.create.model_fields if name not in untouched}
    response = editor.patch(created.path, json=reset, headers=created.if_match)
    assert response.status_code == 200, response.text
    bare = editor.post(f"/v1/{resource.name}", json={**required, "slug": f"{created.slug}-bare"})
    assert bare.status_code == 201, bare.text
    named = ("html_url", *(["title"] if resource.label == "slug" else []))
    own = (
        "id",
        "slug",
        *named,
        "created_at",
        *(each.field for each in resource.relations if each.field not in created.sent),
    )
    assert without(response.json(), *own) == without(bare.json(), *own)


def test_null_is_refused_where_a_field_is_required(editor: httpx.Client, created: Sample) -> None:
    for name, info in created.resource.create.model_fields.items():
        if info.is_required():
            response = editor.patch(created.path, json={name: None}, headers=created.if_match)
            assert (response.status_code, kind(response), pointers(response)) == (422, "invalid-body", [f"/{name}"])
    assert editor.get(created.path).json() == created.record


def test_a_patch_that_changes_nothing_makes_no_revision(editor: httpx.Client, created: Sample) -> None:
    given_inside = {inline.field for inline in created.resource.inline}
    same = {name: value for name, value in created.sent.items() if name not in given_inside}
    for patch in ({}, same):
        response = editor.patch(created.path, json=patch, headers=created.if_match)
        assert (response.status_code, response.headers["etag"]) == (200, created.tag)
        assert response.content == created.response.content


def test_a_flaw_in_one_field_changes_none(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    response = editor.patch(created.path, json={**samples.change_of(created), "nonsense": 1}, headers=created.if_match)
    assert (response.status_code, pointers(response)) == (422, ["/nonsense"])
    assert editor.get(created.path).json() == created.record


def test_a_patch_without_if_match_is_refused(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    response = editor.patch(created.path, json=samples.change_of(created))
    assert (response.status_code, kind(response)) == (428, "precondition-required")
    assert editor.get(created.path).json() == created.record


def test_a_patch_on_a_revision_that_is_past_is_refused(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    first, second = samples.change_of(created), samples.change_of(created)
    assert editor.patch(created.path, json=first, headers=created.if_match).status_code == 200
    response = editor.patch(created.path, json=second, headers=created.if_match)
    assert (response.status_code, kind(response)) == (412, "precondition-failed")
    assert {name: editor.get(created.path).json()[name] for name in first} == first


def test_if_match_must_name_the_present_revision(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    for tag in ("", "nonsense", '""', '"0"', '"11-abc"', 'W/"x"', "1"):
        response = editor.patch(created.path, json=samples.change_of(created), headers={"If-Match": tag})
        assert (response.status_code, kind(response)) == (412, "precondition-failed"), tag


def test_if_match_can_name_the_revision_in_several_ways(
    editor: httpx.Client, samples: Samples, created: Sample
) -> None:
    for revision, form in enumerate(("*", '"{0}"', '"{0}-{1}-gzip"', '"7-x", "{0}-{1}"', 'W/"{0}-{1}"'), 1):
        tag = form.format(revision, "f" * 24)
        response = editor.patch(created.path, json=samples.change_of(created), headers={"If-Match": tag})
        assert response.status_code == 200, tag
        assert response.json()["revision"] == revision + 1


def test_a_patch_is_taken_as_json_too(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    for media_type in ("application/merge-patch+json", "application/json", "Application/JSON; charset=UTF-8"):
        headers = {"If-Match": "*", "Content-Type": media_type}
        content = httpx.Request("POST", "http://x", json=samples.change_of(created)).content
        assert editor.patch(created.path, content=content, headers=headers).status_code == 200, media_type


def test_a_patch_by_id_is_the_same(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    change = samples.change_of(created)
    response = editor.patch(f"/v1/{created.resource.name}/{created.id}", json=change, headers=created.if_match)
    assert response.status_code == 200
    assert response.headers["content-location"] == created.path


def test_what_is_given_inside_is_replaced_as_a_whole(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    """The same again changes nothing; what is no longer given is withdrawn."""
    for inline in created.resource.inline:
        subject = {"subject": created.slug, "subject_type": created.resource.singular}

        def stored(inline_path: str = f"/v1/{inline.resource.name}", of: dict[str, str] = subject) -> list[str]:
            return [each["slug"] for each in editor.get(inline_path, params=of).json()["data"]]

        items = samples.inline_items(inline, created.resource)
        for _ in range(2):
            response = editor.patch(created.path, json={inline.field: items}, headers={"If-Match": "*"})
            assert (response.status_code, response.json()["revision"]) == (200, 1), response.text
            first = stored()
            assert len(first) == len(items)
        editor.patch(created.path, json={}, headers={"If-Match": "*"}).raise_for_status()
        assert stored() == first
        editor.patch(created.path, json={inline.field: items[:1]}, headers={"If-Match": "*"}).raise_for_status()
        assert len(stored()) == 1
        editor.patch(created.path, json={inline.field: []}, headers={"If-Match": "*"}).raise_for_status()
        assert stored() == []


def test_there_is_nothing_to_patch_where_there_is_no_record(editor: httpx.Client, resource: Resource) -> None:
    response = editor.patch(f"/v1/{resource.name}/there-is-no-such-record", json={}, headers={"If-Match": "*"})
    assert (response.status_code, kind(response)) == (404, "not-found")
