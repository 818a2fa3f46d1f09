"""No draft leaks: canary words in every text of drafts are found through no route, whatever is asked of it.

The routes come from the application, what can be asked of a list from its grammar. Whoever adds a route or a field has
it tested here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.core.relations import AnyOne, Many
from app.core.resource import Resource
from app.formats import FORMATS
from app.resources import ALL, CATALOGUE
from tests.support.databases import Databases
from tests.support.grammar import grammar_of
from tests.support.register import Register
from tests.support.routes import Route, routes_of
from tests.support.samples import Samples
from tests.support.server import Server, running

WORD = f"canary{uuid4().hex}"
"""Nothing but a draft has it."""


@dataclass
class Planted:
    """A register with drafts that nobody may see, and what would betray each."""

    server: Server
    drafts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    mentioning: dict[str, list[str]] = field(default_factory=dict)
    """Published records that refer to drafts, by resource."""

    @property
    def traces(self) -> list[str]:
        """What must be found nowhere: the word, and the id of every draft."""
        return [WORD, *(draft["id"] for drafts in self.drafts.values() for draft in drafts)]


def with_canaries(client: httpx.Client, samples: Samples, resource: Resource, **given: Any) -> dict[str, Any]:
    """A draft with the word in every text that takes it."""
    slug = f"{WORD}-{uuid4().hex[:8]}"
    plain = samples.body(resource, number=0, **given)
    body: dict[str, Any] = {**plain, "slug": slug}
    texts = [
        name for name in body if name not in {"slug", "state", *resource.by_field, *given} and _is_text(body[name])
    ]
    planted = {name: _planted(body[name]) for name in texts}
    while True:
        response = client.post(f"/v1/{resource.name}", json={**body, **planted})
        if response.status_code == 201:
            draft: dict[str, Any] = response.json()
            # A second revision, and a note, have it as well.
            client.post(f"/v1/{resource.name}/{slug}/revisions/1/revert", headers={"If-Match": "*"})
            return draft
        flawed = {flaw["pointer"].split("/")[1] for flaw in response.json().get("errors", ())}
        unfit = flawed & (planted.keys() | body.keys()) - given.keys()
        assert unfit, response.text
        for name in unfit:
            if planted.pop(name, None) is None:
                del body[name]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and bool(value) and isinstance(value[0], str))


def _planted(value: Any) -> Any:
    if isinstance(value, list):
        return [WORD]
    return f"https://{WORD}.example/{WORD}" if value.startswith("http") else f"{WORD} {WORD}"


@pytest.fixture(scope="module")
def planted(backend: str, databases: Databases) -> Iterator[Planted]:
    with running(databases.excerpt(backend)) as server, server.client(**server.authorization) as client:
        samples = Samples(client)
        found = Planted(server)
        for resource in ALL:
            drafts = [with_canaries(client, samples, resource)]
            for relation in resource.relations:
                if isinstance(relation, AnyOne):
                    # Drafts about what everybody sees: each is one step from the public.
                    subject = {"type": "partnership", "slug": "india-south-korea"}
                    drafts.append(with_canaries(client, samples, resource, **{relation.field: subject}))
                elif not isinstance(relation, Many) and relation.target.plural == "partnerships":
                    drafts.append(with_canaries(client, samples, resource, **{relation.field: "india-south-korea"}))
            found.drafts[resource.name] = drafts
        for resource in ALL:
            for relation in resource.writable_relations:
                if isinstance(relation, AnyOne) or resource.required(relation):
                    continue
                draft = found.drafts[relation.target.plural][0]["slug"]
                info = resource.create.model_fields[relation.field]
                value = samples.key_for(relation, info, 1)
                if isinstance(relation, Many) and relation.item:
                    value = [{**value[0], relation.item: draft}]
                else:
                    value = [draft] if isinstance(relation, Many) else draft
                body = samples.body(resource, full=False, state="published", **{relation.field: value})
                response = client.post(f"/v1/{resource.name}", json=body)
                if response.status_code == 201:
                    found.mentioning.setdefault(resource.name, []).append(response.json()["slug"])
        # What was published and is a draft again is one that everybody has seen; what was edited since, nobody has.
        created = samples.published(CATALOGUE.by_name["themes"], full=False)
        client.patch(created.path, json={"state": "draft"}, headers={"If-Match": "*"})
        client.patch(created.path, json={"name": WORD, "slug": f"{WORD}-again"}, headers={"If-Match": "*"})
        assert sum(len(each) for each in found.mentioning.values()) > 5
        yield found


def questions(route: Route, planted: Planted) -> Iterator[str]:
    """The paths in which somebody could look for a draft at a route."""
    resource = route.resource
    if route.after_key is not None and resource is not None:
        yield from questions_about_records(route, resource, planted)
    elif resource is not None and "{format}" in route.path:
        for name, each in FORMATS.items():
            if each.resources is None or resource.name in each.resources:
                yield f"{route.at(format=name)}?sort=-created_at"
    elif resource is not None and "/counts" in route.path:
        yield from (f"{route.path}?by={name}" for name in grammar_of(resource).facetable)
    elif resource is not None:
        grammar = grammar_of(resource)
        newest = "sort=-created_at&limit=200&count=true"
        more = {"include": grammar.include, "facets": grammar.facetable}
        yield "&".join([f"{route.path}?{newest}", *(f"{name}={','.join(each)}" for name, each in more.items() if each)])
        yield f"{route.path}?{newest}&as_of={{now}}"
        for name in grammar.sortable:
            yield f"{route.path}?sort=-{name}&limit=200"
    else:
        path = route.at("x", name="completion", number="1", path="x")
        yield f"{path}?q=trade&count=true&limit=50" if path.endswith("/search") else path
        if "changes" in path:
            for since in range(1900, 2600, 100):
                yield f"{path}?since={since}&limit=200"


def questions_about_records(route: Route, resource: Resource, planted: Planted) -> Iterator[str]:
    """The same at a route of one record."""
    keys = [*planted.mentioning.get(resource.name, [])[:3], resource.examples["key"]]
    includes = ",".join(grammar_of(resource).include)
    for key in keys:
        for number in ("1", "2"):
            path = route.at(key, number=number)
            if "{format}" in path:
                yield from (path.replace("{format}", name) for name, each in FORMATS.items() if each.of_record)
                continue
            yield path
            if route.after_key == "" and includes:
                yield f"{path}?include={includes}"
            if "{number}" not in route.path:
                break


@pytest.mark.slow
def test_no_route_shows_a_draft(planted: Planted, register: Register) -> None:
    requested = 0
    with planted.server.client() as everybody:
        now = everybody.get("/v1/themes?limit=1&sort=-created_at").json()["data"][0]["created_at"]
        for route in routes_of(register.app):
            if route.method != "GET":
                continue
            for url in questions(route, planted):
                response = everybody.get(url.replace("{now}", now))
                requested += 1
                # 405: /mcp takes messages by POST, and shows a page to a browser alone.
                assert response.status_code in (200, 308, 400, 401, 404, 405, 410), (url, response.text)
                reported = response.text + str(response.headers)
                assert not [trace for trace in planted.traces if trace in reported], url
    assert requested > len(ALL) * 15


def ways_to_ask_for(resource: Resource, draft: dict[str, Any], register: Register) -> Iterator[str]:
    """The paths that name a draft by its slug, its id or its words."""
    for route in routes_of(register.app):
        if route.method == "GET" and route.resource is resource and route.after_key is not None:
            yield from (route.at(key, number="1", format="bib") for key in (draft["slug"], draft["id"]))
    yield f"/v1/search?q={WORD}&count=true"
    yield f"/v1/{resource.name}?slug={draft['slug']}&count=true"
    yield f"/v1/changes?partnership={draft['slug']}&since=0"
    if resource.searchable:
        yield f"/v1/{resource.name}?q={WORD}&count=true"
    for name in grammar_of(resource).filters:
        if name.endswith("__contains"):
            yield f"/v1/{resource.name}?{name}={WORD}&count=true"


def filters_by(resource: Resource, planted: Planted) -> Iterator[tuple[str, dict[str, Any]]]:
    """Lists narrowed by a relation to a draft, each with that draft."""
    for name, path in resource.listing.related.items():
        target: Resource | None = resource
        for step in path.split("."):
            relation = target.by_field[step] if target is not None else None
            target = None if relation is None or isinstance(relation, AnyOne) else CATALOGUE.of(relation.target)
        if target is not None:
            draft = planted.drafts[target.name][0]
            for suffix, key in product(("", "__ne"), (draft["slug"], draft["id"])):
                yield f"/v1/{resource.name}?{name}{suffix}={key}&count=true&limit=1", draft


@pytest.mark.slow
def test_asking_for_a_draft_is_asking_for_nothing(planted: Planted, register: Register) -> None:
    """By its slug, its id or its words, at every route that takes one: answered as for what does not exist."""
    other = f"c{uuid4().hex[:5]}{uuid4().hex}"
    assert len(other) == len(WORD)
    with planted.server.client() as everybody:

        def alike(url: str, draft: dict[str, Any]) -> None:
            nothing = {WORD: other, draft["id"]: str(uuid4())}

            def anonymised(text: str) -> str:
                for hidden, unknown in nothing.items():
                    text = text.replace(hidden, unknown)
                # A cursor is bound to the query that it goes on with.
                return re.sub(r"cursor=[^\"&]+", "", text)

            pair = [everybody.get(each, headers={"X-Request-Id": "one"}) for each in (url, anonymised(url))]
            assert anonymised(pair[0].text) == anonymised(pair[1].text), url
            heads = [{name: value for name, value in each.headers.items() if name not in _OF_ITS_OWN} for each in pair]
            assert (pair[0].status_code, heads[0]) == (pair[1].status_code, heads[1]), url

        for resource in ALL:
            for draft in planted.drafts[resource.name]:
                for url in ways_to_ask_for(resource, draft, register):
                    alike(url, draft)
            for url, draft in filters_by(resource, planted):
                alike(url, draft)


_OF_ITS_OWN = ("date", "x-request-id", "etag", "ratelimit", "content-length", "link")
"""What differs between any two answers, or follows from their text."""
