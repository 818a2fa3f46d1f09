"""A renamed record answers at its old address with the way to the new one, for ever."""

import httpx
import pytest

from app.core.resource import Resource
from tests.support.problems import pointers
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.heavy


@pytest.fixture
def moved(editor: httpx.Client, samples: Samples, resource: Resource) -> Sample:
    """A published record, as it was before it was renamed."""
    made = samples.published(resource, full=False)
    answer = editor.patch(made.path, json={"slug": f"{made.slug}-new"}, headers=made.seen)
    assert answer.status_code == 200
    assert answer.json()["slug"] == f"{made.slug}-new"
    assert answer.headers["content-location"] == f"{made.path}-new"
    return made


def test_an_old_address_leads_to_the_new_one(anonymous: httpx.Client, moved: Sample) -> None:
    for query in ("", "?fields=slug"):
        answer = anonymous.get(f"{moved.path}{query}")
        assert (answer.status_code, answer.headers["location"]) == (308, f"{moved.path}-new{query}")
        followed = anonymous.get(f"{moved.path}{query}", follow_redirects=True)
        assert (followed.status_code, followed.json()["slug"]) == (200, f"{moved.slug}-new")
    assert anonymous.get(f"/v1/{moved.resource.name}/{moved.id}").status_code == 200


def test_an_old_address_leads_on_for_every_method(editor: httpx.Client, samples: Samples, moved: Sample) -> None:
    body = samples.body(moved.resource, full=False)
    del body["slug"]
    for method, json in (("HEAD", None), ("PATCH", {}), ("PUT", body), ("DELETE", None)):
        answer = editor.request(method, moved.path, json=json, headers={"If-Match": "*"})
        assert (answer.status_code, answer.headers["location"]) == (308, f"{moved.path}-new"), method
    assert editor.get(f"{moved.path}-new").json()["revision"] == 2


def test_a_redirect_is_not_kept_longer_than_the_record(anonymous: httpx.Client, moved: Sample) -> None:
    """A record can be renamed back; a redirect that browsers keep would then lead round in a circle."""
    answer = anonymous.get(moved.path)
    assert "max-age=0" in answer.headers["cache-control"]


def test_an_old_slug_stays_taken(editor: httpx.Client, samples: Samples, moved: Sample) -> None:
    body = samples.body(moved.resource, full=False, slug=moved.slug)
    answer = editor.post(f"/v1/{moved.resource.name}", json=body)
    assert (answer.status_code, pointers(answer)) == (409, ["/slug"])
    other = samples.create(moved.resource, full=False)
    answer = editor.patch(other.path, json={"slug": moved.slug}, headers=other.seen)
    assert (answer.status_code, pointers(answer)) == (409, ["/slug"])


def test_a_record_can_have_its_old_slug_again(anonymous: httpx.Client, editor: httpx.Client, moved: Sample) -> None:
    answer = editor.patch(f"{moved.path}-new", json={"slug": moved.slug}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    assert anonymous.get(moved.path).status_code == 200
    assert anonymous.get(f"{moved.path}-new").headers["location"] == moved.path


def test_every_former_slug_leads_straight_to_the_present_one(
    anonymous: httpx.Client, editor: httpx.Client, moved: Sample
) -> None:
    answer = editor.patch(f"{moved.path}-new", json={"slug": f"{moved.slug}-newer"}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    for path in (moved.path, f"{moved.path}-new"):
        assert anonymous.get(path).headers["location"] == f"{moved.path}-newer"


def test_a_former_slug_of_a_withdrawn_record_leads_nowhere(
    anonymous: httpx.Client, editor: httpx.Client, moved: Sample
) -> None:
    assert editor.delete(f"{moved.path}-new", headers={"If-Match": "*"}).status_code == 204
    assert anonymous.get(f"{moved.path}-new").status_code == 410
    assert anonymous.get(moved.path).status_code in (404, 410)


def test_a_slug_that_the_public_never_saw_leads_nowhere_for_it(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    draft = samples.create(resource, full=False)
    change = {"slug": f"{draft.slug}-new", "state": "published"}
    assert editor.patch(draft.path, json=change, headers=draft.seen).status_code == 200
    assert anonymous.get(f"{draft.path}-new").status_code == 200
    assert anonymous.get(draft.path).status_code == 404
    assert editor.get(draft.path).status_code == 308
