"""POST makes a record: a draft, unless it is told to publish."""

from uuid import UUID, uuid4

import httpx
import pytest

from app.core.relations import AnyOne, Many, Relation
from app.core.resource import Resource
from app.resources import CATALOGUE
from tests.support.problems import kind, pointers
from tests.support.samples import Samples, writable_relations

pytestmark = pytest.mark.mechanics


def test_a_created_record_is_answered_and_then_read_the_same(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    created = samples.create(resource)
    assert created.response.status_code == 201
    assert created.response.headers["location"] == created.path
    read = editor.get(created.path)
    assert read.content == created.response.content
    for name in ("etag", "last-modified", "content-type", "cache-control"):
        assert read.headers[name] == created.response.headers[name], name
    assert editor.get(f"/v1/{resource.name}/{created.id}").content == read.content


def test_a_new_record_is_a_draft_at_revision_one(samples: Samples, resource: Resource) -> None:
    record = samples.create(resource).record
    assert (record["state"], record["revision"]) == ("draft", 1)
    assert record["created_at"] == record["updated_at"]
    assert UUID(record["id"]).version == 7


def test_what_was_sent_is_what_is_read(samples: Samples, resource: Resource) -> None:
    for full in (True, False):
        created = samples.create(resource, full=full)
        for name, value in created.sent.items():
            if name in resource.read.model_fields and name not in resource.by_field:
                assert _covers(created.record[name], value), name


def _covers(shown: object, sent: object) -> bool:
    """Whether what is shown says all that was sent; of an object it may say more, as what was left out is unset."""
    if isinstance(sent, dict) and isinstance(shown, dict):
        return all(_covers(shown.get(name), value) for name, value in sent.items())
    return shown == sent


def test_references_can_be_written_by_slug_or_by_id(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    created = samples.create(resource, number=2)
    body = {**created.sent, "slug": f"{created.slug}-again"}
    for relation in writable_relations(resource):
        if relation.field in body:
            body[relation.field] = by_id(relation, created.record[relation.field])
    response = editor.post(f"/v1/{resource.name}", json=body)
    assert response.status_code == 201, response.text
    for relation in writable_relations(resource):
        assert response.json()[relation.field] == created.record[relation.field]


def by_id(relation: Relation, shown: object) -> object:
    """A relation that was read, written by id."""
    if isinstance(relation, AnyOne):
        return {"type": shown["type"], "slug": shown["id"]}  # type: ignore[index]
    if not isinstance(relation, Many):
        return shown["id"]  # type: ignore[index]
    if relation.item is None:
        return [each["id"] for each in shown]  # type: ignore[attr-defined]
    return [{**each, relation.item: each[relation.item]["id"]} for each in shown]  # type: ignore[attr-defined]


def test_several_references_keep_the_order_they_were_given_in(samples: Samples, resource: Resource) -> None:
    for relation in resource.linking:
        info = resource.create.model_fields[relation.field]
        keys = samples.key_for(relation, info, number=2)
        created = samples.create(resource, number=2, **{relation.field: list(reversed(keys))})
        shown = [each[relation.item] if relation.item else each for each in created.record[relation.field]]
        sent = [each[relation.item] if relation.item else each for each in reversed(keys)]
        assert [each["slug"] for each in shown] == sent


def test_a_slug_is_made_where_none_is_given(samples: Samples, resource: Resource) -> None:
    first, second = (samples.create(resource, number=0, slug=None, **_same_label(resource)) for _ in range(2))
    assert first.slug != second.slug
    assert second.slug.startswith(first.slug) or resource.describe is not None
    assert samples.client.get(first.path).json()["id"] == first.id
    assert samples.client.get(second.path).json()["id"] == second.id


def _same_label(resource: Resource) -> dict[str, str]:
    return (
        {resource.label: "Añadir CAFÉ: the (second) title"}
        if resource.label in resource.create.model_fields and (resource.label != "slug")
        else {}
    )


def test_a_slug_is_taken_once(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    created = samples.create(resource)
    response = editor.post(f"/v1/{resource.name}", json={**created.sent, "slug": created.slug})
    assert (response.status_code, kind(response), pointers(response)) == (409, "conflict", ["/slug"])


def test_a_slug_has_one_form(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    body = samples.body(resource, full=False)
    for slug in ("Upper", "two--hyphens", "-x", "x-", "a b", "ä", "", "x" * 121, "a/b", str(uuid4())):
        response = editor.post(f"/v1/{resource.name}", json={**body, "slug": slug})
        assert (response.status_code, kind(response), pointers(response)) == (422, "invalid-body", ["/slug"]), slug


def test_what_is_required_must_be_there(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    response = editor.post(f"/v1/{resource.name}", json={})
    required = [f"/{name}" for name, info in resource.create.model_fields.items() if info.is_required()]
    assert (response.status_code, kind(response)) == (422, "invalid-body")
    assert sorted(pointers(response)) == sorted(required)


def test_a_reference_must_lead_somewhere(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    for relation in writable_relations(resource):
        created = samples.key_for(relation, resource.create.model_fields[relation.field], number=1)
        nowhere, place = _nowhere(relation, created)
        response = editor.post(f"/v1/{resource.name}", json={**samples.body(resource), relation.field: nowhere})
        assert (response.status_code, kind(response)) == (422, "invalid-body")
        assert place in pointers(response)


def _nowhere(relation: Relation, created: object) -> tuple[object, str]:
    """The same with a key that no record has, and where that stands."""
    slug = "there-is-no-such-record"
    if isinstance(relation, AnyOne):
        return {**created, "slug": slug}, f"/{relation.field}/slug"  # type: ignore[dict-item]
    if not isinstance(relation, Many):
        return slug, f"/{relation.field}"
    if relation.item is None:
        return [slug], f"/{relation.field}/0"
    return [{**created[0], relation.item: slug}], f"/{relation.field}/0/{relation.item}"  # type: ignore[index]


def test_the_same_reference_cannot_be_given_twice(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    for relation in resource.linking:
        (key,) = samples.key_for(relation, resource.create.model_fields[relation.field], number=1)
        response = editor.post(f"/v1/{resource.name}", json={**samples.body(resource), relation.field: [key, key]})
        assert response.status_code == 422
        assert f"/{relation.field}/1" in pointers(response)


def test_records_given_inside_become_records_of_their_own(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    for inline in resource.inline:
        items = samples.inline_items(inline, resource)
        created = samples.create(resource, full=False, **{inline.field: items})
        (owner,) = (each for each in inline.resource.relations if isinstance(each, AnyOne))
        found = editor.get(f"/v1/{inline.resource.name}", params={owner.field: created.slug}).json()["data"]
        assert len(found) == len(items)
        for record in found:
            assert record[owner.field]["id"] == created.id
            assert record["state"] == created.record["state"]


def test_a_flaw_inside_is_pointed_at_and_nothing_is_made(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    for inline in resource.inline:
        good, bad = samples.inline_items(inline, resource)
        for relation in writable_relations(inline.resource):
            if relation.field not in bad:
                continue
            wrong, place = _nowhere(relation, bad[relation.field])
            body = {**samples.body(resource, full=False), inline.field: [good, {**bad, relation.field: wrong}]}
            response = editor.post(f"/v1/{resource.name}", json=body)
            assert response.status_code == 422
            assert pointers(response) == [f"/{inline.field}/1{place}"]
            assert editor.get(f"/v1/{resource.name}/{body['slug']}").status_code == 404


def test_publishing_needs_that_what_it_rests_on_is_published(
    editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    for relation in writable_relations(resource):
        if isinstance(relation, Many) or not resource.required(relation):
            continue
        if isinstance(relation, AnyOne):
            singular = samples.body(resource)[relation.field]["type"]
            target = CATALOGUE.by_singular[singular]
            draft: object = {"type": singular, "slug": samples.create(target, full=False).slug}
        else:
            draft = samples.create(CATALOGUE.of(relation.target), full=False).slug
        body = samples.body(resource, full=False, **{relation.field: draft})
        response = editor.post(f"/v1/{resource.name}", json={**body, "state": "published"})
        assert (response.status_code, pointers(response)) == (422, [f"/{relation.field}"])
        assert editor.post(f"/v1/{resource.name}", json=body).status_code == 201
