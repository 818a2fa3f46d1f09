"""What becomes of a record when it is published, renamed, moved and withdrawn, and what nobody may learn by it."""

from uuid import uuid4

import httpx
import pytest

from app.core.relations import One
from app.core.resource import Resource
from app.resources import ALL
from tests.support.problems import pointers
from tests.support.samples import Samples

pytestmark = pytest.mark.mechanics

CITED = [resource for resource in ALL if resource.inline]
BELONGING = [resource for resource in ALL if isinstance(resource.by_field.get("partnership"), One)]
NESTING = [
    pytest.param(resource, relation.field, id=f"{resource.name}-{relation.field}")
    for resource in ALL
    for relation in resource.relations
    if isinstance(relation, One) and relation.target is resource.table
]


@pytest.mark.parametrize("cited", CITED, ids=lambda resource: resource.name)
def test_a_record_is_published_together_with_the_citations_it_was_posted_with(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, cited: Resource
) -> None:
    body = {**samples.body(cited, full=False), "citations": [{"source": "aaj-2026"}]}
    created = editor.post(f"/v1/{cited.name}", json=body)
    assert created.status_code == 201, created.text
    path = created.headers["location"]
    first = editor.get(f"{path}/revisions/1")
    assert first.json() == created.json(), "a revision has what came with it"
    later = {"type": cited.singular, "slug": created.json()["slug"]}
    apart = editor.post("/v1/citations", json={"subject": later, "source": "ipsc-kashyap"})
    assert apart.status_code == 201
    assert editor.post(f"{path}/publish").status_code == 200
    shown = anonymous.get(path).json()["sources"]
    assert "aaj-2026" in [each["slug"] for each in shown]
    reported = anonymous.get(
        "/v1/citations", params={"subject_type": cited.singular, "subject": created.json()["slug"]}
    ).json()
    assert "aaj-2026" in [each["source"]["slug"] for each in reported["data"]]


@pytest.mark.parametrize("resource", BELONGING, ids=lambda resource: resource.name)
def test_the_partnership_of_a_record_is_settled_when_it_is_published(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    field = "partnership"
    elsewhere = samples.published(next(each for each in ALL if each.singular == field), full=False).slug
    draft = samples.create(resource, full=False)
    assert editor.patch(draft.path, json={field: elsewhere}, headers={"If-Match": "*"}).status_code == 200
    created = samples.published(resource, full=False)
    response = editor.patch(created.path, json={field: elsewhere}, headers={"If-Match": "*"})
    assert (response.status_code, pointers(response)) == (422, [f"/{field}"])


@pytest.mark.parametrize(("resource", "field"), NESTING)
def test_nothing_leads_back_to_itself(editor: httpx.Client, samples: Samples, resource: Resource, field: str) -> None:
    one, two = (samples.create(resource, full=False, number=0) for _ in range(2))
    assert editor.patch(two.path, json={field: one.slug}, headers={"If-Match": "*"}).status_code == 200
    for created, target in ((one, two), (one, one), (two, two)):
        response = editor.patch(created.path, json={field: target.slug}, headers={"If-Match": "*"})
        assert (response.status_code, pointers(response)) == (422, [f"/{field}"])


def test_a_former_address_is_gone_with_the_record(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    created = samples.published(resource, full=False)
    renamed = f"renamed-{uuid4().hex}"
    if editor.patch(created.path, json={"slug": renamed}, headers={"If-Match": "*"}).status_code == 409:
        return  # what is published of this resource keeps its name
    assert anonymous.get(created.path).status_code == 308
    assert editor.delete(f"/v1/{resource.name}/{renamed}", headers={"If-Match": "*"}).status_code == 204
    for slug in (created.slug, renamed):
        assert anonymous.get(f"/v1/{resource.name}/{slug}").status_code == 410


def test_a_name_that_only_a_draft_had_is_nobody_elses_to_know(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    key = editor.post("/v1/keys", json={"name": "Another desk", "role": "contributor"}).json()["token"]
    draft = samples.create(resource, full=False)
    public = f"public-{uuid4().hex}"
    assert editor.patch(draft.path, json={"slug": public}, headers=draft.if_match).status_code == 200
    assert editor.post(f"/v1/{resource.name}/{public}/publish").status_code == 200
    assert anonymous.get(draft.path).status_code == 404
    assert anonymous.get(draft.path, headers={"Authorization": f"Bearer {key}"}).status_code == 404
    assert editor.get(draft.path).status_code == 308


def test_a_body_is_taken_as_it_is(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    body = samples.fresh_body(resource, full=False)
    path = f"/v1/{resource.name}"
    assert editor.post(path, json=body, headers={"Content-Encoding": "gzip"}).status_code == 415
    twice = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    assert editor.post(path, json=body, headers=twice).status_code == 400
    assert editor.post(path, json=body, headers={"Content-Encoding": "identity"}).status_code == 201
