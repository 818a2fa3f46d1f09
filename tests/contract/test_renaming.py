"""A renamed record answers at its old address with the way to the new one, for ever."""

import httpx
import pytest

from app.core.resource import Resource
from tests.support.problems import pointers
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.mechanics


@pytest.fixture
def moved(editor: httpx.Client, samples: Samples, resource: Resource) -> Sample:
    """A published record, as it was before it was renamed."""
    created = samples.published(resource, full=False)
    response = editor.patch(created.path, json={"slug": f"{created.slug}-new"}, headers=created.if_match)
    assert response.status_code == 200
    assert response.json()["slug"] == f"{created.slug}-new"
    assert response.headers["content-location"] == f"{created.path}-new"
    return created


def test_an_old_address_leads_to_the_new_one(anonymous: httpx.Client, moved: Sample) -> None:
    for query in ("", "?as_of=2999-01-01T00:00:00Z"):
        response = anonymous.get(f"{moved.path}{query}")
        assert (response.status_code, response.headers["location"]) == (308, f"{moved.path}-new{query}")
        followed = anonymous.get(f"{moved.path}{query}", follow_redirects=True)
        assert (followed.status_code, followed.json()["slug"]) == (200, f"{moved.slug}-new")
    assert anonymous.get(f"/v1/{moved.resource.name}/{moved.id}").status_code == 200


def test_an_old_address_leads_on_for_every_method(editor: httpx.Client, samples: Samples, moved: Sample) -> None:
    body = samples.body(moved.resource, full=False)
    del body["slug"]
    for method, json in (("HEAD", None), ("PATCH", {}), ("PUT", body), ("DELETE", None)):
        response = editor.request(method, moved.path, json=json, headers={"If-Match": "*"})
        assert (response.status_code, response.headers["location"]) == (308, f"{moved.path}-new"), method
    assert editor.get(f"{moved.path}-new").json()["revision"] == 2


def test_a_redirect_is_not_kept_longer_than_the_record(anonymous: httpx.Client, moved: Sample) -> None:
    """A record can be renamed back; a redirect that browsers keep would then lead round in a circle."""
    response = anonymous.get(moved.path)
    assert "max-age=0" in response.headers["cache-control"]


def test_an_old_slug_stays_taken(editor: httpx.Client, samples: Samples, moved: Sample) -> None:
    body = samples.body(moved.resource, full=False, slug=moved.slug)
    response = editor.post(f"/v1/{moved.resource.name}", json=body)
    assert (response.status_code, pointers(response)) == (409, ["/slug"])
    other = samples.create(moved.resource, full=False)
    response = editor.patch(other.path, json={"slug": moved.slug}, headers=other.if_match)
    assert (response.status_code, pointers(response)) == (409, ["/slug"])


def test_a_record_can_have_its_old_slug_again(anonymous: httpx.Client, editor: httpx.Client, moved: Sample) -> None:
    response = editor.patch(f"{moved.path}-new", json={"slug": moved.slug}, headers={"If-Match": "*"})
    assert response.status_code == 200
    assert anonymous.get(moved.path).status_code == 200
    assert anonymous.get(f"{moved.path}-new").headers["location"] == moved.path


def test_every_former_slug_leads_straight_to_the_present_one(
    anonymous: httpx.Client, editor: httpx.Client, moved: Sample
) -> None:
    response = editor.patch(f"{moved.path}-new", json={"slug": f"{moved.slug}-newer"}, headers={"If-Match": "*"})
    assert response.status_code == 200
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
    assert editor.patch(draft.path, json=change, headers=draft.if_match).status_code == 200
    assert anonymous.get(f"{draft.path}-new").status_code == 200
    assert anonymous.get(draft.path).status_code == 404
    assert editor.get(draft.path).status_code == 308
