"""DELETE withdraws: the record is gone from every list, and its address says so."""

import httpx
import pytest

from app.core.relations import AnyOne, Many, One
from app.core.resource import Resource
from app.resources import ALL, CATALOGUE
from tests.support.paging import slugs
from tests.support.problems import kind, pointers
from tests.support.samples import Sample, Samples

pytestmark = pytest.mark.mechanics


@pytest.fixture
def created(samples: Samples, resource: Resource) -> Sample:
    return samples.published(resource)


@pytest.fixture
def gone(editor: httpx.Client, created: Sample) -> Sample:
    response = editor.delete(created.path, headers=created.if_match)
    assert (response.status_code, response.content) == (204, b"")
    return created


def test_a_withdrawn_record_is_gone_for_everybody(anonymous: httpx.Client, editor: httpx.Client, gone: Sample) -> None:
    for client in (anonymous, editor):
        for key in (gone.slug, gone.id):
            response = client.get(f"/v1/{gone.resource.name}/{key}")
            assert (response.status_code, kind(response)) == (410, "gone")
            assert client.head(f"/v1/{gone.resource.name}/{key}").status_code == 410


def test_a_withdrawn_record_is_in_no_list_but_that_of_what_was_withdrawn(
    anonymous: httpx.Client, editor: httpx.Client, gone: Sample
) -> None:
    path = f"/v1/{gone.resource.name}"
    for client in (anonymous, editor):
        assert gone.slug not in slugs(client, path)
        page = client.get(path, params={"slug": gone.slug, "count": "true"}).json()
        assert (page["data"], page["total"]) == ([], 0)
    wanted = {"slug": gone.slug, "state": ["draft", "withdrawn"], "count": "true"}
    assert anonymous.get(path, params=wanted).json()["total"] == 0
    shown = editor.get(path, params=wanted).json()
    assert [(record["slug"], record["state"]) for record in shown["data"]] == [(gone.slug, "withdrawn")]
    assert shown["total"] == 1


def test_an_editor_brings_a_withdrawn_record_back_as_a_draft(
    anonymous: httpx.Client, editor: httpx.Client, gone: Sample
) -> None:
    tried = editor.post(f"{gone.path}/restore", params={"dry_run": "true"})
    assert (tried.status_code, tried.json()["state"]) == (200, "draft")
    assert editor.get(gone.path).status_code == 410
    restored = editor.post(f"{gone.path}/restore", json={"note": "It was no mistake after all."})
    assert (restored.status_code, restored.json()["state"]) == (200, "draft")
    assert editor.get(gone.path).json() == restored.json()
    assert anonymous.get(gone.path).status_code in (404, 410)
    again = editor.post(f"{gone.path}/restore")
    assert (again.status_code, kind(again)) == (409, "conflict")
    assert anonymous.post(f"{gone.path}/restore").status_code == 401


def test_a_withdrawal_with_a_note_names_the_revision_too(editor: httpx.Client, created: Sample) -> None:
    response = editor.post(f"{created.path}/withdraw", json={"note": "A mistake."})
    assert (response.status_code, kind(response)) == (428, "precondition-required")
    response = editor.post(f"{created.path}/withdraw", headers={"If-Match": '"99"'})
    assert (response.status_code, kind(response)) == (412, "precondition-failed")


def test_nothing_can_be_done_to_a_withdrawn_record(editor: httpx.Client, samples: Samples, gone: Sample) -> None:
    body = samples.body(gone.resource, full=False, slug=gone.slug)
    for method, json in (("PATCH", {}), ("PUT", body), ("DELETE", None)):
        response = editor.request(method, gone.path, json=json, headers={"If-Match": "*"})
        assert (response.status_code, kind(response)) == (410, "gone"), method


def test_the_slug_of_a_withdrawn_record_stays_its_own(editor: httpx.Client, samples: Samples, gone: Sample) -> None:
    body = samples.body(gone.resource, full=False, slug=gone.slug)
    response = editor.post(f"/v1/{gone.resource.name}", json=body)
    assert (response.status_code, pointers(response)) == (409, ["/slug"])


def test_withdrawing_without_if_match_is_refused(
    anonymous: httpx.Client, editor: httpx.Client, created: Sample
) -> None:
    response = editor.delete(created.path)
    assert (response.status_code, kind(response)) == (428, "precondition-required")
    assert anonymous.get(created.path).status_code == 200


def test_withdrawing_a_revision_that_is_past_is_refused(
    anonymous: httpx.Client, editor: httpx.Client, created: Sample
) -> None:
    response = editor.delete(created.path, headers={"If-Match": '"7-x"'})
    assert (response.status_code, kind(response)) == (412, "precondition-failed")
    assert anonymous.get(created.path).status_code == 200


def test_a_withdrawn_draft_was_never_there_for_the_public(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    draft = samples.create(resource)
    assert editor.delete(draft.path, headers=draft.if_match).status_code == 204
    assert anonymous.get(draft.path).status_code == 404
    assert editor.get(draft.path).status_code == 410


def shared(other: Resource, created: Sample) -> dict[str, str]:
    """What a record must refer to as the one it rests on does: a step and its update belong to one promise."""
    both = {each.field for each in other.relations if isinstance(each, One) and other.required(each)}
    return {each.field: created.record[each.field]["slug"] for each in created.resource.relations if each.field in both}


def test_what_others_rest_on_cannot_be_withdrawn(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    """Neither published records nor drafts are left with a reference that they cannot be without."""
    for other, relation in CATALOGUE.dependents(resource):
        if isinstance(relation, AnyOne):
            continue
        for state in ("published", "draft"):
            created = samples.published(resource, full=False)
            resting = samples.create(
                other, full=False, state=state, **shared(other, created), **{relation.field: created.slug}
            )
            response = editor.delete(created.path, headers=created.if_match)
            assert (response.status_code, kind(response)) == (409, "conflict"), f"{state} {other.singular}"
            assert other.singular in response.json()["detail"]
            assert editor.delete(resting.path, headers=resting.if_match).status_code == 204
            assert editor.delete(created.path, headers={"If-Match": "*"}).status_code == 204


def test_what_others_rest_on_cannot_become_a_draft_again(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    for other, relation in CATALOGUE.dependents(resource):
        if isinstance(relation, AnyOne):
            continue
        created = samples.published(resource, full=False)
        samples.published(other, full=False, **shared(other, created), **{relation.field: created.slug})
        response = editor.patch(created.path, json={"state": "draft"}, headers=created.if_match)
        assert (response.status_code, kind(response)) == (409, "conflict")


def test_records_given_inside_go_with_the_record_they_are_for(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    for inline in resource.inline:
        (owner,) = (each for each in inline.resource.relations if isinstance(each, AnyOne))
        for state in ("published", "draft"):
            items = samples.inline_items(inline, resource)
            created = samples.create(resource, full=False, state=state, **{inline.field: items})
            path = f"/v1/{inline.resource.name}"
            inner = editor.get(path, params={owner.field: created.slug}).json()["data"]
            assert len(inner) == len(items)
            assert editor.delete(created.path, headers=created.if_match).status_code == 204
            for record in inner:
                assert editor.get(f"{path}/{record['slug']}").status_code == 410


def test_a_withdrawn_record_leaves_the_records_that_mentioned_it(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, created: Sample
) -> None:
    """A reference that a record can be without disappears from it, and the record itself stays; one that binds it keeps
    what it leads to."""
    for other in ALL:
        for relation in other.relations:
            if (
                isinstance(relation, AnyOne)
                or relation.target is not created.resource.table
                or other.required(relation)
            ):
                continue
            if isinstance(relation, Many) and (not relation.writable or relation.item):
                continue
            target = samples.published(created.resource, full=False, number=0)
            value: object = [target.slug] if isinstance(relation, Many) else target.slug
            mentioning = samples.published(
                other, full=False, number=0, **shared(other, target), **{relation.field: value}
            )
            assert anonymous.get(mentioning.path).json()[relation.field]
            response = editor.delete(target.path, headers=target.if_match)
            assert response.status_code == (409 if other.binding(relation) else 204), f"{other.name}: {relation.field}"
            assert bool(anonymous.get(mentioning.path).json()[relation.field]) == other.binding(relation)
