"""Nothing that was ever said is lost: every record and every list can be read as it stood at any moment."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.core.resource import Resource
from tests.support.grammar import grammar_of
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.heavy

Record = dict[str, Any]


@pytest.fixture
def made(samples: Samples, resource: Resource) -> Sample:
    """A record that everybody sees."""
    return samples.published(resource, full=False)


def as_of(client: httpx.Client, path: str, moment: str, **asked: str) -> httpx.Response:
    return client.get(path, params={**asked, "as_of": moment})


def edited_sample(editor: httpx.Client, samples: Samples, resource: Resource) -> tuple[Sample, Record, Record]:
    """A draft that was edited, with both of its states; whatever the resource, a draft can be."""
    made = samples.create(resource, full=False)
    answer = editor.patch(made.path, json=samples.change_of(made), headers=made.seen)
    assert answer.status_code == 200, answer.text
    return made, made.record, answer.json()


def test_each_change_is_a_revision_that_can_be_read(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    made, before, after = edited_sample(editor, samples, resource)
    told = editor.get(f"{made.path}/revisions").json()["data"]
    assert [(each["revision"], each["action"], each["state"]) for each in told] == [
        (2, "update", "draft"), (1, "create", "draft"),
    ]  # fmt: skip
    assert told[0]["seq"] > told[1]["seq"]
    assert told[0]["actor"] == "admin"
    for each, record in zip(told, (after, before), strict=True):
        assert editor.get(each["url"]).json() == record
    for number in (0, 3, 2**31):
        assert editor.get(f"{made.path}/revisions/{number}").status_code == 404


def test_a_record_reads_as_it_did_then(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    made, before, after = edited_sample(editor, samples, resource)
    for key in (made.slug, made.id):
        path = f"/v1/{resource.name}/{key}"
        assert as_of(editor, path, before["updated_at"]).json() == before
        assert as_of(editor, path, after["updated_at"]).json() == after
        assert as_of(editor, path, "2026-01-01T00:00:00Z").status_code == 404
        assert as_of(editor, path, "9999-12-31T00:00:00Z").status_code == 200, "what is to come is as it is now"


def test_what_differs_is_told_field_by_field(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    made, before, after = edited_sample(editor, samples, resource)
    apart = {name for name in before if before[name] != after[name]} - {"revision", "updated_at"}
    assert apart
    for path in ("diff", "diff?against=1"):
        diff = editor.get(f"{made.path}/revisions/2/{path}").json()
        assert {each["field"]: (each["before"], each["after"]) for each in diff["changes"]} == {
            name: (before[name], after[name]) for name in apart
        }
    back = editor.get(f"{made.path}/revisions/1/diff?against=2").json()
    assert {each["field"]: (each["before"], each["after"]) for each in back["changes"]} == {
        name: (after[name], before[name]) for name in apart
    }
    first = editor.get(f"{made.path}/revisions/1/diff").json()
    assert all(each["before"] is None for each in first["changes"])
    assert editor.get(f"{made.path}/revisions/2/diff?against=7").status_code == 404
    assert editor.get(f"{made.path}/revisions/2/diff?against=x").status_code == 400


def test_going_back_is_a_revision_of_its_own(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    made, before, _ = edited_sample(editor, samples, resource)
    path = f"{made.path}/revisions/1/revert"
    assert editor.post(path).status_code == 428
    assert editor.post(path, headers=made.seen).status_code == 412
    back = editor.post(path, headers={"If-Match": "*"})
    assert back.status_code == 200, back.text
    counted = ("revision", "updated_at")
    shown = {name: value for name, value in back.json().items() if name not in counted}
    assert shown == {name: value for name, value in before.items() if name not in counted}
    assert back.json()["revision"] == 3
    latest = editor.get(f"{made.path}/revisions").json()["data"][0]
    assert (latest["action"], latest["note"]) == ("update", "Reverted to revision 1.")


def test_a_list_reads_as_it_did_then(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    """With the same filters, order, facets and count; what was withdrawn since is still in it."""
    one, two = (samples.published(resource, full=False) for _ in range(2))
    facets = ",".join(grammar_of(resource).facetable)
    asked = {"sort": "-slug", "count": "true", "limit": "200", **({"facets": facets} if facets else {})}
    both = [("slug", one.slug), ("slug", two.slug)]
    then = anonymous.get(f"/v1/{resource.name}", params=[*asked.items(), *both])
    assert then.json()["total"] == 2
    moment = max(each.record["updated_at"] for each in (one, two))
    assert editor.delete(one.path, headers={"If-Match": "*"}).status_code == 204
    renamed = f"renamed-{uuid4().hex}"
    editor.patch(two.path, json={"slug": renamed}, headers={"If-Match": "*"})
    again = anonymous.get(f"/v1/{resource.name}", params=[*asked.items(), *both, ("as_of", moment)])
    shown = again.json()
    assert shown == then.json()
    assert anonymous.get(f"/v1/{resource.name}", params=both).json()["data"] == []
    for format_ in ("csv", "jsonl"):
        past = anonymous.get(f"/v1/{resource.name}", params=[*both, ("as_of", moment), ("format", format_)])
        assert one.slug in past.text


def test_what_was_withdrawn_can_be_read_as_it_was(anonymous: httpx.Client, editor: httpx.Client, made: Sample) -> None:
    moment = made.record["updated_at"]
    then = anonymous.get(made.path).json()
    editor.post(f"{made.path}/withdraw", json={"note": "A mistake."})
    assert anonymous.get(made.path).status_code == 410
    assert as_of(anonymous, made.path, moment).json() == then
    assert anonymous.get(f"{made.path}/revisions").status_code == 410


def test_a_former_slug_is_good_for_its_time(anonymous: httpx.Client, editor: httpx.Client, made: Sample) -> None:
    moment = made.record["updated_at"]
    renamed = f"renamed-{uuid4().hex}"
    answer = editor.patch(made.path, json={"slug": renamed}, headers={"If-Match": "*"})
    if answer.status_code == 409:
        return  # what is published of this resource keeps its name
    assert as_of(anonymous, made.path, moment).json()["slug"] == made.slug
    now = anonymous.get(made.path, params={"as_of": answer.json()["updated_at"]}, follow_redirects=False)
    assert now.status_code == 308
    assert "as_of=" in now.headers["location"]


def test_the_public_sees_of_the_history_what_it_could_see_then(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    made, drafted, _ = edited_sample(editor, samples, resource)
    published = editor.post(f"{made.path}/publish", json={"note": "Checked."}).json()
    told = anonymous.get(f"{made.path}/revisions").json()["data"]
    assert [(each["revision"], each["action"], each["note"]) for each in told][-1] == (3, "publish", "Checked.")
    assert {each["actor"] for each in told} == {None}
    for number in (1, 2):
        for path in ("", "/diff"):
            assert anonymous.get(f"{made.path}/revisions/{number}{path}").status_code == 404
    assert anonymous.get(f"{made.path}/revisions/3/diff?against=1").status_code == 404
    assert anonymous.get(f"{made.path}/revisions/3").json()["slug"] == made.slug
    assert as_of(anonymous, made.path, drafted["updated_at"]).status_code == 404
    assert as_of(anonymous, made.path, published["updated_at"]).status_code == 200


def test_a_moment_that_is_none_is_refused(anonymous: httpx.Client, resource: Resource) -> None:
    for moment in ("yesterday", "2026-11-22", "2026-11-22T00:00:00", "9999-12-31T23:59:59-12:00", ""):
        for path in (f"/v1/{resource.name}", f"/v1/{resource.name}/{resource.examples['key']}"):
            assert as_of(anonymous, path, moment).status_code == 400
