"""Every answer is what the OpenAPI document says it is."""

import httpx
import pytest

from app.core.resource import Resource
from tests.support.grammar import grammar_of
from tests.support.library import Library
from tests.support.samples import Samples
from tests.support.spec import Specification

pytestmark = pytest.mark.mechanics


def everything(resource: Resource) -> dict[str, str]:
    """All that a list can be asked to show beside its records."""
    grammar = grammar_of(resource)
    requested = {"count": "true", "facets": ",".join(grammar.facetable), "include": ",".join(grammar.include)}
    return {name: value for name, value in requested.items() if value}


def test_every_list_is_as_documented(library: Library, resource: Resource, specification: Specification) -> None:
    path = f"/v1/{resource.name}"
    for client in (library.anonymous, library.editor):
        for query in ({}, {"q": "india"}, {"slug": "there-is-none"}, everything(resource)):
            response = client.get(path, params={"limit": "5", **query})
            assert specification.flaws("GET", path, response)[:3] == []


def test_every_record_in_a_list_is_as_documented(
    library: Library, resource: Resource, specification: Specification
) -> None:
    path = f"/v1/{resource.name}"
    following: str | None = f"{path}?limit=200"
    while following:
        response = library.editor.get(following)
        assert specification.flaws("GET", path, response)[:3] == []
        following = response.json()["next"]


def test_every_record_can_be_read_and_is_as_in_the_list(
    library: Library, resource: Resource, specification: Specification
) -> None:
    """Each one of them, bundled and made for the test, published and draft."""
    template = f"/v1/{resource.name}/{{slug}}"
    for place, record in enumerate(library.records(resource, drafts=True)):
        response = library.editor.get(f"/v1/{resource.name}/{record['slug']}")
        assert response.json() == record
        assert place > 5 or specification.flaws("GET", template, response)[:3] == []
    include = {name: names for name, names in everything(resource).items() if name == "include"}
    for record in library.records(resource)[:3]:
        response = library.anonymous.get(f"/v1/{resource.name}/{record['slug']}", params=include)
        assert specification.flaws("GET", template, response)[:3] == []


def test_every_answer_to_a_change_is_as_documented(
    editor: httpx.Client, samples: Samples, resource: Resource, specification: Specification
) -> None:
    for full in (True, False):
        created = samples.create(resource, full=full)
        one = f"/v1/{resource.name}/{{slug}}"
        assert specification.flaws("POST", f"/v1/{resource.name}", created.response) == []
        patched = editor.patch(created.path, json=samples.change_of(created), headers=created.if_match)
        assert specification.flaws("PATCH", one, patched) == []
        body = samples.body(resource, full=False, slug=created.slug)
        put = editor.put(created.path, json=body, headers={"If-Match": patched.headers["etag"]})
        assert (put.status_code, specification.flaws("PUT", one, put)) == (200, [])
        new = editor.put(f"{created.path}-new", json={**body, "slug": f"{created.slug}-new"})
        assert (new.status_code, specification.flaws("PUT", one, new)) == (201, [])


def test_every_field_of_a_record_is_documented(resource: Resource, specification: Specification) -> None:
    schemas = specification.document["components"]["schemas"]
    schema = schemas[resource.read.__name__.removesuffix("Read")]
    assert set(schema["properties"]) == set(resource.fields)
    assert set(schema["required"]) == set(resource.fields), "a record always has all of its fields"
    for name, field in schema["properties"].items():
        assert field.get("description") or "$ref" in field, name
