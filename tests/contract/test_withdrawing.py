"""DELETE withdraws: the record is gone from every list, and its address says so."""

import httpx
import pytest

from app.core.relations import AnyOne, Many
from app.core.resource import Resource
from app.resources import ALL, CATALOGUE
from tests.support.problems import kind, pointers
from tests.support.samples import Sample, Samples
from tests.support.walk import slugs

pytestmark = pytest.mark.heavy


@pytest.fixture
def made(samples: Samples, resource: Resource) -> Sample:
    return samples.published(resource)


@pytest.fixture
def gone(editor: httpx.Client, made: Sample) -> Sample:
    answer = editor.delete(made.path, headers=made.seen)
    assert (answer.status_code, answer.content) == (204, b"")
    return made


def test_a_withdrawn_record_is_gone_for_everybody(anonymous: httpx.Client, editor: httpx.Client, gone: Sample) -> None:
    for client in (anonymous, editor):
        for key in (gone.slug, gone.id):
            answer = client.get(f"/v1/{gone.resource.name}/{key}")
            assert (answer.status_code, kind(answer)) == (410, "gone")
            assert client.head(f"/v1/{gone.resource.name}/{key}").status_code == 410


def test_a_withdrawn_record_is_in_no_list(anonymous: httpx.Client, editor: httpx.Client, gone: Sample) -> None:
    path = f"/v1/{gone.resource.name}"
    for client in (anonymous, editor):
        assert gone.slug not in slugs(client, path)
        for asked in ({"slug": gone.slug}, {"state": "withdrawn"}, {"slug": gone.slug, "state": "withdrawn"}):
            page = client.get(path, params={**asked, "count": "true"}).json()
            assert (page["data"], page["total"]) == ([], 0)


def test_nothing_can_be_done_to_a_withdrawn_record(editor: httpx.Client, samples: Samples, gone: Sample) -> None:
    body = samples.body(gone.resource, full=False, slug=gone.slug)
    for method, json in (("PATCH", {}), ("PUT", body), ("DELETE", None)):
        answer = editor.request(method, gone.path, json=json, headers={"If-Match": "*"})
        assert (answer.status_code, kind(answer)) == (410, "gone"), method


def test_the_slug_of_a_withdrawn_record_stays_its_own(editor: httpx.Client, samples: Samples, gone: Sample) -> None:
    body = samples.body(gone.resource, full=False, slug=gone.slug)
    answer = editor.post(f"/v1/{gone.resource.name}", json=body)
    assert (answer.status_code, pointers(answer)) == (409, ["/slug"])


def test_withdrawing_without_if_match_is_refused(anonymous: httpx.Client, editor: httpx.Client, made: Sample) -> None:
    answer = editor.delete(made.path)
    assert (answer.status_code, kind(answer)) == (428, "precondition-required")
    assert anonymous.get(made.path).status_code == 200


def test_withdrawing_a_revision_that_is_past_is_refused(
    anonymous: httpx.Client, editor: httpx.Client, made: Sample
) -> None:
    answer = editor.delete(made.path, headers={"If-Match": '"7-x"'})
    assert (answer.status_code, kind(answer)) == (412, "precondition-failed")
    assert anonymous.get(made.path).status_code == 200


def test_a_withdrawn_draft_was_never_there_for_the_public(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    draft = samples.create(resource)
    assert editor.delete(draft.path, headers=draft.seen).status_code == 204
    assert anonymous.get(draft.path).status_code == 404
    assert editor.get(draft.path).status_code == 410


def test_what_others_rest_on_cannot_be_withdrawn(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    """Neither published records nor drafts are left with a reference that they cannot be without."""
    for other, relation in CATALOGUE.dependents(resource):
        if isinstance(relation, AnyOne):
            continue
        for state in ("published", "draft"):
            made = samples.published(resource, full=False)
            resting = samples.create(other, full=False, state=state, **{relation.field: made.slug})
            answer = editor.delete(made.path, headers=made.seen)
            assert (answer.status_code, kind(answer)) == (409, "conflict"), f"{state} {other.singular}"
            assert other.singular in answer.json()["detail"]
            assert editor.delete(resting.path, headers=resting.seen).status_code == 204
            assert editor.delete(made.path, headers={"If-Match": "*"}).status_code == 204


def test_what_others_rest_on_cannot_become_a_draft_again(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    for other, relation in CATALOGUE.dependents(resource):
        if isinstance(relation, AnyOne):
            continue
        made = samples.published(resource, full=False)
        samples.published(other, full=False, **{relation.field: made.slug})
        answer = editor.patch(made.path, json={"state": "draft"}, headers=made.seen)
        assert (answer.status_code, kind(answer)) == (409, "conflict")


def test_records_given_inside_go_with_the_record_they_are_for(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    for inline in resource.inline:
        (owner,) = (each for each in inline.resource.relations if isinstance(each, AnyOne))
        for state in ("published", "draft"):
            items = samples.inline_items(inline, resource)
            made = samples.create(resource, full=False, state=state, **{inline.field: items})
            path = f"/v1/{inline.resource.name}"
            inner = editor.get(path, params={owner.field: made.slug}).json()["data"]
            assert len(inner) == len(items)
            assert editor.delete(made.path, headers=made.seen).status_code == 204
            for record in inner:
                assert editor.get(f"{path}/{record['slug']}").status_code == 410


def test_a_withdrawn_record_leaves_the_records_that_mentioned_it(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, made: Sample
) -> None:
    """A reference that a record can be without disappears from it; the record itself stays."""
    for other in ALL:
        for relation in other.relations:
            if isinstance(relation, AnyOne) or relation.target is not made.resource.table or other.required(relation):
                continue
            if isinstance(relation, Many) and (not relation.writable or relation.item):
                continue
            target = samples.published(made.resource, full=False, number=0)
            value: object = [target.slug] if isinstance(relation, Many) else target.slug
            mentioning = samples.published(other, full=False, number=0, **{relation.field: value})
            assert anonymous.get(mentioning.path).json()[relation.field]
            assert editor.delete(target.path, headers=target.seen).status_code == 204
            assert not anonymous.get(mentioning.path).json()[relation.field]
