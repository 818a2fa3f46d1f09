"""PUT creates the record of a slug, or gives it exactly the values of the body."""

from uuid import uuid4

import httpx
import pytest

from app.core.resource import Resource
from tests.support.problems import kind, pointers
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.mechanics


@pytest.fixture
def created(samples: Samples, resource: Resource) -> Sample:
    return samples.create(resource)


def body_of(samples: Samples, resource: Resource) -> dict[str, object]:
    """A body with what is required alone, and no slug: it stands in the path."""
    body = samples.body(resource, full=False)
    del body["slug"]
    return body


def new_path(resource: Resource) -> str:
    return f"/v1/{resource.name}/put-{uuid4().hex}"


def test_put_creates_where_there_is_nothing(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    path = new_path(resource)
    response = editor.put(path, json=body_of(samples, resource))
    assert response.status_code == 201
    assert response.headers["location"] == path
    record = response.json()
    assert (record["slug"], record["state"], record["revision"]) == (path.rpartition("/")[2], "draft", 1)
    assert editor.get(path).content == response.content


def test_put_can_publish(anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    path = new_path(resource)
    assert editor.put(path, json={**body_of(samples, resource), "state": "published"}).status_code == 201
    assert anonymous.get(path).status_code == 200


def test_put_replaces_what_there_is(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    """What the body leaves out goes back to its default, so the record is as one that was made with this body."""
    body = body_of(samples, created.resource)
    response = editor.put(created.path, json=body, headers=created.if_match)
    assert response.status_code == 200, response.text
    record = response.json()
    assert (record["id"], record["slug"], record["revision"]) == (created.id, created.slug, 2)
    assert record["created_at"] == created.record["created_at"] < record["updated_at"]
    bare = editor.post(f"/v1/{created.resource.name}", json=body).json()
    derived = {each.field for each in created.resource.relations} - created.resource.create.model_fields.keys()
    named = {"html_url", *(["title"] if created.resource.label == "slug" else [])}
    own = {"id", "slug", "revision", "created_at", "updated_at", *named, *derived}
    assert {name: record[name] for name in record.keys() - own} == {name: bare[name] for name in bare.keys() - own}


def test_put_of_the_same_again_makes_no_revision(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    body = body_of(samples, created.resource)
    first = editor.put(created.path, json=body, headers=created.if_match)
    again = editor.put(created.path, json=body, headers={"If-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (200, first.content)


def test_put_leaves_the_state_unless_it_says_one(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    path = new_path(resource)
    body = body_of(samples, resource)
    first = editor.put(path, json=body)
    second = editor.put(path, json={**body, "state": "published"}, headers={"If-Match": first.headers["etag"]})
    assert second.json()["state"] == "published"
    third = editor.put(path, json=body, headers={"If-Match": second.headers["etag"]})
    assert third.json()["state"] == "published"
    assert anonymous.get(path).status_code == 200


def test_put_on_a_record_without_if_match_is_refused(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    response = editor.put(created.path, json=body_of(samples, created.resource))
    assert (response.status_code, kind(response)) == (428, "precondition-required")
    assert editor.get(created.path).json() == created.record


def test_put_on_a_revision_that_is_past_is_refused(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    assert (
        editor.put(created.path, json=body_of(samples, created.resource), headers=created.if_match).status_code == 200
    )
    response = editor.put(created.path, json=body_of(samples, created.resource), headers=created.if_match)
    assert (response.status_code, kind(response)) == (412, "precondition-failed")


def test_put_only_if_there_is_nothing(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    path, only_new = new_path(resource), {"If-None-Match": "*"}
    assert editor.put(path, json=body_of(samples, resource), headers=only_new).status_code == 201
    before = editor.get(path).json()
    response = editor.put(path, json=body_of(samples, resource), headers=only_new)
    assert (response.status_code, kind(response)) == (412, "precondition-failed")
    assert editor.get(path).json() == before


def test_put_only_if_there_is_something(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    path = new_path(resource)
    response = editor.put(path, json=body_of(samples, resource), headers={"If-Match": "*"})
    assert (response.status_code, kind(response)) == (412, "precondition-failed")
    assert editor.get(path).status_code == 404


def test_the_slug_of_the_body_must_be_that_of_the_path(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    body = {**body_of(samples, created.resource), "slug": "another-slug"}
    for path, headers in ((new_path(created.resource), {}), (created.path, created.if_match)):
        response = editor.put(path, json=body, headers=headers)
        assert (response.status_code, pointers(response)) == (422, ["/slug"])


def test_put_by_id_replaces_and_never_creates(editor: httpx.Client, samples: Samples, created: Sample) -> None:
    body = body_of(samples, created.resource)
    path = f"/v1/{created.resource.name}"
    assert editor.put(f"{path}/{created.id}", json=body, headers=created.if_match).status_code == 200
    response = editor.put(f"{path}/{uuid4()}", json=body)
    assert (response.status_code, kind(response)) == (404, "not-found")


def test_put_creates_nothing_under_what_is_no_slug(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    body = body_of(samples, resource)
    for slug in ("Upper", "a--b", "-a", "x" * 121, "%F0%9F%A4%9D", "a%00b"):
        response = editor.put(f"/v1/{resource.name}/{slug}", json=body)
        assert (response.status_code, kind(response)) == (404, "not-found"), slug
