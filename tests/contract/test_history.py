"""Nothing that was ever said is lost: every record and every list can be read as it stood at any moment."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.core.resource import Resource
from tests.support.grammar import grammar_of
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.mechanics

Record = dict[str, Any]


@pytest.fixture
def created(samples: Samples, resource: Resource) -> Sample:
    """A record that everybody sees."""
    return samples.published(resource, full=False)


def as_of(client: httpx.Client, path: str, moment: str, **requested: str) -> httpx.Response:
    return client.get(path, params={**requested, "as_of": moment})


def edited_sample(editor: httpx.Client, samples: Samples, resource: Resource) -> tuple[Sample, Record, Record]:
    """A draft that was edited, with both of its states; whatever the resource, a draft can be."""
    created = samples.create(resource, full=False)
    response = editor.patch(created.path, json=samples.change_of(created), headers=created.if_match)
    assert response.status_code == 200, response.text
    return created, created.record, response.json()


def test_each_change_is_a_revision_that_can_be_read(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    created, before, after = edited_sample(editor, samples, resource)
    reported = editor.get(f"{created.path}/revisions").json()["data"]
    assert [(each["revision"], each["action"], each["state"]) for each in reported] == [
        (2, "update", "draft"),
        (1, "create", "draft"),
    ]
    assert reported[0]["seq"] > reported[1]["seq"]
    assert reported[0]["actor"] == "admin"
    for each, record in zip(reported, (after, before), strict=True):
        assert editor.get(each["url"]).json() == record
    for number in (0, 3, 2**31):
        assert editor.get(f"{created.path}/revisions/{number}").status_code == 404


def test_a_record_reads_as_it_did_then(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    created, before, after = edited_sample(editor, samples, resource)
    for key in (created.slug, created.id):
        path = f"/v1/{resource.name}/{key}"
        assert as_of(editor, path, before["updated_at"]).json() == before
        assert as_of(editor, path, after["updated_at"]).json() == after
        assert as_of(editor, path, "2026-01-01T00:00:00Z").status_code == 404
        assert as_of(editor, path, "9999-12-31T00:00:00Z").status_code == 200, "what is to come is as it is now"


def test_what_differs_is_told_field_by_field(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    created, before, after = edited_sample(editor, samples, resource)
    apart = {name for name in before if before[name] != after[name]} - {"revision", "updated_at"}
    assert apart
    for path in ("diff", "diff?against=1"):
        diff = editor.get(f"{created.path}/revisions/2/{path}").json()
        assert {each["field"]: (each["before"], each["after"]) for each in diff["changes"]} == {
            name: (before[name], after[name]) for name in apart
        }
    back = editor.get(f"{created.path}/revisions/1/diff?against=2").json()
    assert {each["field"]: (each["before"], each["after"]) for each in back["changes"]} == {
        name: (after[name], before[name]) for name in apart
    }
    first = editor.get(f"{created.path}/revisions/1/diff").json()
    assert all(each["before"] is None for each in first["changes"])
    assert editor.get(f"{created.path}/revisions/2/diff?against=7").status_code == 404
    assert editor.get(f"{created.path}/revisions/2/diff?against=x").status_code == 400


def test_going_back_is_a_revision_of_its_own(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    created, before, _ = edited_sample(editor, samples, resource)
    path = f"{created.path}/revisions/1/revert"
    assert editor.post(path).status_code == 428
    assert editor.post(path, headers=created.if_match).status_code == 412
    back = editor.post(path, headers={"If-Match": "*"})
    assert back.status_code == 200, back.text
    counted = ("revision", "updated_at")
    shown = {name: value for name, value in back.json().items() if name not in counted}
    assert shown == {name: value for name, value in before.items() if name not in counted}
    assert back.json()["revision"] == 3
    latest = editor.get(f"{created.path}/revisions").json()["data"][0]
    assert (latest["action"], latest["note"]) == ("update", "Reverted to revision 1.")


def test_a_list_reads_as_it_did_then(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    """With the same filters, order, facets and count; what was withdrawn since is shown to editors alone."""
    one, two = (samples.published(resource, full=False) for _ in range(2))
    facets = ",".join(grammar_of(resource).facetable)
    requested = {"sort": "-slug", "count": "true", "limit": "200", **({"facets": facets} if facets else {})}
    both = [("slug", one.slug), ("slug", two.slug)]
    then = editor.get(f"/v1/{resource.name}", params=[*requested.items(), *both])
    assert then.json()["total"] == 2
    public = anonymous.get(f"/v1/{resource.name}", params=[*requested.items(), ("slug", two.slug)])
    moment = max(each.record["updated_at"] for each in (one, two))
    assert editor.delete(one.path, headers={"If-Match": "*"}).status_code == 204
    renamed = f"renamed-{uuid4().hex}"
    editor.patch(two.path, json={"slug": renamed}, headers={"If-Match": "*"})
    query = [*requested.items(), *both, ("as_of", moment)]
    assert editor.get(f"/v1/{resource.name}", params=query).json() == then.json()
    assert anonymous.get(f"/v1/{resource.name}", params=query).json() == public.json()
    assert anonymous.get(f"/v1/{resource.name}", params=both).json()["data"] == []
    for format_ in ("csv", "jsonl"):
        query = [*both, ("as_of", moment)]
        assert one.slug in editor.get(f"/v1/{resource.name}.{format_}", params=query).text
        assert one.slug not in anonymous.get(f"/v1/{resource.name}.{format_}", params=query).text


def test_what_was_withdrawn_can_be_read_as_it_was_by_editors_alone(
    anonymous: httpx.Client, editor: httpx.Client, created: Sample
) -> None:
    moment = created.record["updated_at"]
    then = editor.get(created.path).json()
    editor.post(f"{created.path}/withdraw", json={"note": "A mistake."}, headers={"If-Match": "*"})
    assert anonymous.get(created.path).status_code == 410
    assert as_of(editor, created.path, moment).json() == then
    assert as_of(anonymous, created.path, moment).status_code == 410
    assert anonymous.get(f"{created.path}/revisions").status_code == 410


def test_a_former_slug_is_good_for_its_time(anonymous: httpx.Client, editor: httpx.Client, created: Sample) -> None:
    moment = created.record["updated_at"]
    renamed = f"renamed-{uuid4().hex}"
    response = editor.patch(created.path, json={"slug": renamed}, headers={"If-Match": "*"})
    if response.status_code == 409:
        return  # what is published of this resource keeps its name
    assert as_of(anonymous, created.path, moment).json()["slug"] == created.slug
    now = anonymous.get(created.path, params={"as_of": response.json()["updated_at"]}, follow_redirects=False)
    assert now.status_code == 308
    assert "as_of=" in now.headers["location"]


def test_the_public_sees_of_the_history_what_it_could_see_then(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    created, drafted, _ = edited_sample(editor, samples, resource)
    published = editor.post(f"{created.path}/publish", json={"note": "Checked."}).json()
    reported = anonymous.get(f"{created.path}/revisions").json()["data"]
    assert [(each["revision"], each["action"], each["note"]) for each in reported][-1] == (3, "publish", "Checked.")
    assert {each["actor"] for each in reported} == {None}
    for number in (1, 2):
        for path in ("", "/diff"):
            assert anonymous.get(f"{created.path}/revisions/{number}{path}").status_code == 404
    assert anonymous.get(f"{created.path}/revisions/3/diff?against=1").status_code == 404
    assert anonymous.get(f"{created.path}/revisions/3").json()["slug"] == created.slug
    assert as_of(anonymous, created.path, drafted["updated_at"]).status_code == 404
    assert as_of(anonymous, created.path, published["updated_at"]).status_code == 200


def test_a_moment_that_is_none_is_refused(anonymous: httpx.Client, resource: Resource) -> None:
    for moment in ("yesterday", "2026-11-22", "2026-11-22T00:00:00", "9999-12-31T23:59:59-12:00", ""):
        for path in (f"/v1/{resource.name}", f"/v1/{resource.name}/{resource.examples['key']}"):
            assert as_of(anonymous, path, moment).status_code == 400
