"""A draft is invisible to everybody who may not edit it, through every door."""

import io
import zipfile
from uuid import uuid4

import httpx
import pytest

from app.core.relations import AnyOne, Many, Relation
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary
from app.formats import FORMATS
from app.resources import ALL, CATALOGUE
from tests.support.grammar import grammar_of
from tests.support.paging import slugs
from tests.support.problems import kind
from tests.support.samples import Sample, Samples, writable_relations
from tests.support.values import model_of

pytestmark = pytest.mark.mechanics

MENTIONS = [
    pytest.param(other, relation, id=f"{other.name}-{relation.field}")
    for other in ALL
    for relation in writable_relations(other)
    if not isinstance(relation, AnyOne) and not other.required(relation) and relation.field not in other.binds
]
"""The places in which a published record can mention one that may be a draft."""


@pytest.fixture
def draft(samples: Samples, resource: Resource) -> Sample:
    return samples.create(resource)


def test_a_draft_answers_as_what_does_not_exist(anonymous: httpx.Client, draft: Sample) -> None:
    for key, other in ((draft.slug, f"no-{uuid4().hex}"), (draft.id, str(uuid4()))):
        responses = [anonymous.get(f"/v1/{draft.resource.name}/{each}") for each in (key, other)]
        bodies = [response.json() for response in responses]
        assert all(body.pop("instance") for body in bodies)
        assert bodies[0] == bodies[1]
        assert responses[0].status_code == responses[1].status_code == 404
        left_out = {"x-request-id", "date"}
        heads = [{k: v for k, v in response.headers.items() if k not in left_out} for response in responses]
        assert heads[0] == heads[1]
        assert anonymous.head(f"/v1/{draft.resource.name}/{key}").status_code == 404


def test_a_draft_is_in_no_list(anonymous: httpx.Client, editor: httpx.Client, draft: Sample) -> None:
    path = f"/v1/{draft.resource.name}"
    assert draft.slug in slugs(editor, path)
    assert draft.slug not in slugs(anonymous, path)
    for requested in ({"slug": draft.slug}, {"state": "draft"}, {"slug": draft.slug, "state": "draft"}):
        for query in ({"count": "true"}, {"facets": ",".join(grammar_of(draft.resource).facetable)}):
            if query == {"facets": ""}:
                continue
            page = anonymous.get(path, params={**requested, **query}).json()
            assert page["data"] == []
            assert page["total"] in (0, None)
            assert not any((page["facets"] or {}).values())


def test_a_draft_changes_no_count_and_no_facet(anonymous: httpx.Client, samples: Samples, resource: Resource) -> None:
    names = ",".join(grammar_of(resource).facetable)
    query = {"count": "true", **({"facets": names} if names else {})}
    samples.body(resource)  # makes what the draft refers to
    before = anonymous.get(f"/v1/{resource.name}", params=query).json()
    samples.create(resource, number=0)
    assert anonymous.get(f"/v1/{resource.name}", params=query).json() == before


def test_a_draft_is_in_no_file(anonymous: httpx.Client, editor: httpx.Client, draft: Sample) -> None:
    for format_ in FORMATS.values():
        if format_.resources is None or draft.resource.name in format_.resources:
            path = f"/v1/{draft.resource.name}.{format_.name}"
            assert draft.slug not in text_of(anonymous.get(path)), path
            # A record without a date is in no calendar.
            assert draft.slug in text_of(editor.get(path)) or format_.name == "ics", path
        if format_.of_record:
            path = f"{draft.path}.{format_.name}"
            assert (anonymous.get(path).status_code, editor.get(path).status_code) == (404, 200), path


def text_of(response: httpx.Response) -> str:
    """All text in a file; a workbook is a package of several."""
    assert response.status_code == 200
    if not response.content.startswith(b"PK"):
        return response.text
    with zipfile.ZipFile(io.BytesIO(response.content)) as package:
        return "".join(package.read(name).decode() for name in package.namelist())


def test_a_draft_is_found_by_no_search(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, resource: Resource
) -> None:
    word = f"z{uuid4().hex}"
    for name in resource.searchable:
        if name in resource.create.model_fields and model_of(resource.create.model_fields[name].annotation) is None:
            info = resource.create.model_fields[name]
            if isinstance(info.annotation, type) and issubclass(info.annotation, Vocabulary):
                continue
            value: object = [word] if str(info.annotation).startswith("list") else f"About {word}"
            created = samples.create(resource, **{name: value})
            assert created.slug in slugs(editor, f"/v1/{resource.name}", [("q", word)])
            assert slugs(anonymous, f"/v1/{resource.name}", [("q", word)]) == []


@pytest.mark.parametrize(("other", "relation"), MENTIONS)
def test_a_draft_is_not_mentioned(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, other: Resource, relation: Relation
) -> None:
    assert not isinstance(relation, AnyOne)
    draft = samples.create(CATALOGUE.of(relation.target), full=False, number=0)
    value = _mention(other, relation, draft)
    created = samples.published(other, full=False, number=0, **{relation.field: value})
    assert draft.slug in editor.get(created.path).text
    for query in ("", f"?include={relation.target.plural}"):
        assert draft.slug not in anonymous.get(f"{created.path}{query}").text
        assert draft.id not in anonymous.get(f"{created.path}{query}").text
    page = anonymous.get(f"/v1/{other.name}", params={"slug": created.slug, "include": relation.target.plural})
    assert draft.slug not in page.text.replace(created.slug, "")
    assert page.json()["included"] == {relation.target.plural: []}
    assert draft.slug not in anonymous.get(f"/v1/{other.name}.csv", params={"slug": created.slug}).text


@pytest.mark.parametrize(("other", "relation"), MENTIONS)
def test_a_draft_cannot_be_asked_for_through_what_mentions_it(
    anonymous: httpx.Client, editor: httpx.Client, samples: Samples, other: Resource, relation: Relation
) -> None:
    """A filter by a draft is refused as a filter by what does not exist."""
    assert not isinstance(relation, AnyOne)
    draft = samples.create(CATALOGUE.of(relation.target), full=False, number=0)
    created = samples.published(other, full=False, number=0, **{relation.field: _mention(other, relation, draft)})
    for parameter in (name for name, path in other.listing.related.items() if path == relation.field):
        for key in (draft.slug, draft.id):
            assert slugs(editor, f"/v1/{other.name}", [(parameter, key)]) == [created.slug]
            for name in (parameter, f"{parameter}__ne"):
                hidden, missing = (
                    anonymous.get(f"/v1/{other.name}", params={name: each}) for each in (key, "zz-not-there")
                )
                assert (hidden.status_code, missing.status_code) == (400, 400)
                assert hidden.json()["detail"] == missing.json()["detail"].replace("zz-not-there", key)
        unset = anonymous.get(f"/v1/{other.name}", params={f"{parameter}__isnull": "true", "slug": created.slug}).json()
        assert len(unset["data"]) == 1
        if parameter in other.listing.facets:
            page = anonymous.get(f"/v1/{other.name}", params={"facets": parameter, "slug": created.slug}).json()
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
    for state, current in (("published", True), ("draft", False), ("published", True)):
        response = editor.patch(draft.path, json={"state": state}, headers={"If-Match": "*"})
        if state == "draft" and response.status_code == 409 and kind(response) == "append-only":
            return  # what stands in a log stays in it
        assert response.status_code == 200
        assert (draft.slug in slugs(anonymous, path)) == current
        assert anonymous.get(draft.path).status_code == (200 if current else 404)
        assert anonymous.get(path, params={"slug": draft.slug, "count": "true"}).json()["total"] == int(current)


def test_a_draft_cannot_be_told_from_its_slug_being_taken(anonymous: httpx.Client, draft: Sample) -> None:
    """Whoever may not write learns nothing from trying."""
    for slug in (draft.slug, f"no-{uuid4().hex}"):
        for method, path in (("POST", f"/v1/{draft.resource.name}"), ("PUT", f"/v1/{draft.resource.name}/{slug}")):
            response = anonymous.request(method, path, json={"slug": slug})
            assert (response.status_code, kind(response)) == (401, "unauthorized")
