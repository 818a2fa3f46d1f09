"""A draft is invisible to everybody who may not edit it, through every door."""

from uuid import uuid4

import httpx
import pytest

from app.core.relations import AnyOne, Many, Relation
from app.core.resource import Resource
from app.resources import ALL, CATALOGUE
from tests.support.grammar import grammar_of
from tests.support.problems import kind
from tests.support.samples import Sample, Samples, writable_relations
from tests.support.values import model_of
from tests.support.walk import slugs

pytestmark = pytest.mark.heavy

MENTIONS = [
    pytest.param(other, relation, id=f"{other.name}-{relation.field}")
    for other in ALL
    for relation in writable_relations(other)
    if not isinstance(relation, AnyOne) and not other.required(relation)
]
"""The places in which a published record can mention one that may be a draft."""


@pytest.fixture
def draft(samples: Samples, resource: Resource) -> Sample:
    return samples.create(resource)


def test_a_draft_answers_as_what_does_not_exist(anonymous: httpx.Client, draft: Sample) -> None:
    for key, other in ((draft.slug, f"no-{uuid4().hex}"), (draft.id, str(uuid4()))):
        answers = [anonymous.get(f"/v1/{draft.resource.name}/{each}") for each in (key, other)]
        bodies = [answer.json() for answer in answers]
        assert all(body.pop("instance") for body in bodies)
        assert bodies[0] == bodies[1]
        assert answers[0].status_code == answers[1].status_code == 404
        left_out = {"x-request-id", "date"}
        heads = [{k: v for k, v in answer.headers.items() if k not in left_out} for answer in answers]
        assert heads[0] == heads[1]
        assert anonymous.head(f"/v1/{draft.resource.name}/{key}").status_code == 404


def test_a_draft_is_in_no_list(anonymous: httpx.Client, editor: httpx.Client, draft: Sample) -> None:
    path = f"/v1/{draft.resource.name}"
    assert draft.slug in slugs(editor, path)
    assert draft.slug not in slugs(anonymous, path)
    for asked in ({"slug": draft.slug}, {"state": "draft"}, {"slug": draft.slug, "state": "draft"}):
        for query in ({"count": "true"}, {"facets": ",".join(grammar_of(draft.resource).facetable)}):
            if query == {"facets": ""}:
                continue
            page = anonymous.get(path, params={**asked, **query}).json()
            assert page["data"] == []
            assert page["total"] in (0, None)
            assert not any((page["facets"] or {}).values())


def test_a_draft_changes_no_count_and_no_facet(anonymous: httpx.Client, samples: Samples, resource: Resource) -> None:
    names = ",".join(grammar_of(resource).facetable)
    query = {"count": "true", "fields": "slug", **({"facets": names} if names else {})}
    samples.body(resource)  # makes what the draft refers to
    before = anonymous.get(f"/v1/{resource.name}", params=query).json()
    samples.create(resource, number=0)
    assert anonymous.get(f"/v1/{resource.name}", params=query).json() == before


def test_a_draft_is_in_no_export(anonymous: httpx.Client, editor: httpx.Client, draft: Sample) -> None:
    for format_ in ("csv", "jsonl"):
        path = f"/v1/{draft.resource.name}?format={format_}"
        assert draft.id not in anonymous.get(path).text
        assert draft.id in editor.get(path).text


def test_a_draft_is_found_by_no_search(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    word = f"z{uuid4().hex}"
    for name in resource.searchable:
        if name in resource.create.model_fields and model_of(resource.create.model_fields[name].annotation) is None:
            info = resource.create.model_fields[name]
            value: object = [word] if str(info.annotation).startswith("list") else f"About {word}"
            made = samples.create(resource, **{name: value})
            assert made.slug in slugs(editor, f"/v1/{resource.name}", [("q", word)])
            assert slugs(anonymous, f"/v1/{resource.name}", [("q", word)]) == []


@pytest.mark.parametrize(("other", "relation"), MENTIONS)
def test_a_draft_is_not_mentioned(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, other: Resource, relation: Relation
) -> None:
    assert not isinstance(relation, AnyOne)
    draft = samples.create(CATALOGUE.of(relation.target), full=False, number=0)
    value = _mention(other, relation, draft)
    made = samples.published(other, full=False, number=0, **{relation.field: value})
    assert draft.slug in editor.get(made.path).text
    for query in ("", f"?include={relation.target.plural}"):
        assert draft.slug not in anonymous.get(f"{made.path}{query}").text
        assert draft.id not in anonymous.get(f"{made.path}{query}").text
    page = anonymous.get(f"/v1/{other.name}", params={"slug": made.slug, "include": relation.target.plural})
    assert draft.slug not in page.text.replace(made.slug, "")
    assert page.json()["included"] == {relation.target.plural: []}
    assert draft.slug not in anonymous.get(f"/v1/{other.name}", params={"slug": made.slug, "format": "csv"}).text


@pytest.mark.parametrize(("other", "relation"), MENTIONS)
def test_a_draft_cannot_be_asked_for_through_what_mentions_it(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, other: Resource, relation: Relation
) -> None:
    """A filter by a draft answers as a filter by what does not exist."""
    assert not isinstance(relation, AnyOne)
    draft = samples.create(CATALOGUE.of(relation.target), full=False, number=0)
    made = samples.published(other, full=False, number=0, **{relation.field: _mention(other, relation, draft)})
    for parameter in (name for name, path in other.listing.related.items() if path == relation.field):
        for key in (draft.slug, draft.id):
            assert slugs(editor, f"/v1/{other.name}", [(parameter, key)]) == [made.slug]
            assert slugs(anonymous, f"/v1/{other.name}", [(parameter, key)]) == []
            kept = anonymous.get(f"/v1/{other.name}", params={f"{parameter}__ne": key, "slug": made.slug}).json()
            assert len(kept["data"]) == 1
        unset = anonymous.get(f"/v1/{other.name}", params={f"{parameter}__isnull": "true", "slug": made.slug}).json()
        assert len(unset["data"]) == 1
        if parameter in other.listing.facets:
            page = anonymous.get(f"/v1/{other.name}", params={"facets": parameter, "slug": made.slug}).json()
            assert page["facets"] == {parameter: {}}


def _mention(other: Resource, relation: Relation, draft: Sample) -> object:
    if not isinstance(relation, Many):
        return draft.slug
    if relation.item is None:
        return [draft.slug]
    model = model_of(other.create.model_fields[relation.field].annotation)
    assert model is not None
    return [{**Samples.extras_of(model, relation), relation.item: draft.slug}]


def test_a_draft_is_seen_from_the_moment_it_is_published_until_it_is_not(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    draft, path = samples.create(resource, full=False), f"/v1/{resource.name}"
    for state, seen in (("published", True), ("draft", False), ("published", True)):
        answer = editor.patch(draft.path, json={"state": state}, headers={"If-Match": "*"})
        if state == "draft" and answer.status_code == 409 and kind(answer) == "append-only":
            return  # what stands in a log stays in it
        assert answer.status_code == 200
        assert (draft.slug in slugs(anonymous, path)) == seen
        assert anonymous.get(draft.path).status_code == (200 if seen else 404)
        assert anonymous.get(path, params={"slug": draft.slug, "count": "true"}).json()["total"] == int(seen)


def test_a_draft_cannot_be_told_from_its_slug_being_taken(anonymous: httpx.Client, draft: Sample) -> None:
    """Whoever may not write learns nothing from trying."""
    for slug in (draft.slug, f"no-{uuid4().hex}"):
        for method, path in (("POST", f"/v1/{draft.resource.name}"), ("PUT", f"/v1/{draft.resource.name}/{slug}")):
            answer = anonymous.request(method, path, json={"slug": slug})
            assert (answer.status_code, kind(answer)) == (401, "unauthorized")
