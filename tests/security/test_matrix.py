"""Who may do what: every role at every route of the application, on what it may see and what it may not.

The routes come from the application, the fields from the declarations: a new one is in here without being named. A
route that no rule below knows fails.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.core.resource import Resource
from app.resources import ALL
from tests.support.problems import pointers
from tests.support.register import Register
from tests.support.routes import Route, routes_of
from tests.support.samples import Sample, Samples
from tests.support.server import Server

ROLES = ("anonymous", "contributor", "editor", "admin")
STEPS = ("/publish", "/withdraw")
READ_BY_POST = ("/mcp",)
"""Protocols that send what they ask for as a body, and change nothing."""
KNOWN = ("/v1/keys", "/v1/webhooks", "/v1/import", *READ_BY_POST)
"""Routes of no resource that take more than GET."""


@dataclass
class People:
    """A client of each role, with what each has made."""

    clients: dict[str, httpx.Client]
    samples: dict[str, Samples]

    def fresh(self, resource: Resource, whose: str, state: str) -> Sample:
        """A record of somebody's; what is published was published by the editor."""
        return self.samples[whose].create(resource, full=False, state=state)


@pytest.fixture(scope="module")
def people(backend: str, small_servers: dict[str, Server]) -> Iterator[People]:
    server = small_servers[backend]
    with ExitStack() as until_end:
        admin = until_end.enter_context(server.client(**server.authorization))
        clients = {"anonymous": until_end.enter_context(server.client())}
        for role in ROLES[1:]:
            created = admin.post("/v1/keys", json={"name": f"The {role} of a test", "role": role})
            header = {"Authorization": f"Bearer {created.json()['token']}"}
            clients[role] = until_end.enter_context(server.client(**header))
        samples = {role: Samples(clients[role]) for role in ("editor", "admin")}
        # What a contributor's record refers to is the editor's.
        samples["contributor"] = Samples(clients["contributor"], publisher=samples["editor"])
        yield People(clients, samples)


@pytest.fixture(scope="module")
def routes(register: Register) -> list[Route]:
    return routes_of(register.app)


def call(client: httpx.Client, route: Route, key: str, body: Any = None) -> httpx.Response:
    """Ask for something as somebody who has seen the record would."""
    named = route.method in ("PUT", "PATCH", "DELETE") or route.path.endswith(("/revert", "/withdraw"))
    headers = {"If-Match": "*"} if named else {}
    return client.request(route.method, route.at(key, number="1", format="bib"), json=body, headers=headers)


# -- credentials -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_bad_credential_is_refused_at_every_route_but_the_servers_own(people: People, routes: list[Route]) -> None:
    for route in routes:
        if route.path not in ("/healthz", "/readyz", "/metrics", "/.well-known/api-catalog"):
            for credential in ("Bearer wrong", f"Bearer ft_{'a' * 12}_{'0' * 64}", "Basic x"):
                url = route.at("x", number="1", name="completion", format="bib")
                response = people.clients["anonymous"].request(route.method, url, headers={"Authorization": credential})
                assert response.status_code == 401, (route, response.text)


def test_nothing_is_written_without_a_credential(people: People, routes: list[Route]) -> None:
    for route in routes:
        if route.method not in ("GET", "HEAD", "OPTIONS") and route.path not in READ_BY_POST:
            response = call(people.clients["anonymous"], route, "x", {})
            assert response.status_code == 401, (route, response.text)
            assert "www-authenticate" in response.headers


def test_every_route_is_known(routes: list[Route]) -> None:
    """What the tests of this file take each route to be; add a rule before adding another kind."""
    for route in routes:
        if route.method != "GET":
            assert route.resource is not None or route.path.startswith(KNOWN), route
    assert len(routes) > len(ALL) * 10


# -- records -----------------------------------------------------------------------------------------------------------


def expected(role: str, route: Route, record: str) -> set[int]:
    """How a role is answered at a route of a record: a published one, its own draft, or somebody else's draft."""
    done = {200, 204}
    if route.after_key == "/restore":
        # None of these records is withdrawn.
        return {"anonymous": {401}, "contributor": {403}}.get(role, {409})
    if record == "others" and role not in ("editor", "admin"):
        # A PUT that expects a record there is told that there is none.
        missing = 412 if route.method == "PUT" else 404
        return {missing} if role == "contributor" or route.method == "GET" else {401}
    if record == "own" and role == "anonymous":
        return {404} if route.method == "GET" else {401}
    if route.method == "GET" or role in ("editor", "admin"):
        return done
    if role == "anonymous":
        return {401}
    if record == "published":
        return {403}
    return {403} if route.after_key in STEPS[:1] else done


@pytest.mark.slow
@pytest.mark.mechanics
@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_each_role_reaches_as_far_as_it_should(people: People, routes: list[Route], resource: Resource) -> None:
    own = [route for route in routes if route.resource is resource and route.after_key is not None]
    assert own
    stored: dict[str, Sample] = {}
    for route in own:
        for role in ROLES:
            for record in ("published", "own", "others"):
                allowed = expected(role, route, record)
                # What a request changes is made anew for the next.
                changes = route.method != "GET" and 200 in allowed
                if record not in stored or changes:
                    whose = {"published": "editor", "own": "contributor", "others": "admin"}[record]
                    stored[record] = people.fresh(resource, whose, "published" if record == "published" else "draft")
                created = stored.pop(record) if changes else stored[record]
                body = _body(people, resource, created, route)
                response = call(people.clients[role], route, created.slug, body)
                if resource.name == "updates" and record == "published" and route.method in ("PUT", "PATCH"):
                    allowed = allowed | {409}  # the log is only added to
                assert response.status_code in allowed, (route, role, record, response.status_code, response.text)
                if response.status_code in (404, 412):
                    # What somebody may not see answers as what is not there, to the byte.
                    missing = call(people.clients[role], route, f"no-{uuid4().hex}", body)
                    assert _apart(missing) == _apart(response)


def _body(people: People, resource: Resource, created: Sample, route: Route) -> Any:
    if route.method == "PATCH":
        return people.samples["editor"].change_of(created)
    if route.method == "PUT":
        return {**created.sent, **people.samples["editor"].change_of(created)}
    return None


def _apart(response: httpx.Response) -> tuple[Any, ...]:
    """An answer but for the name that this very request has."""
    body = {name: value for name, value in response.json().items() if name != "instance"}
    heads = {
        name: value for name, value in response.headers.items() if name not in ("x-request-id", "date", "ratelimit")
    }
    return response.status_code, body, heads


# -- fields ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_nobody_sets_what_is_not_theirs_to_set(people: People, resource: Resource) -> None:
    """Every field that is read but not written, and every column, in every way of writing, by every role."""
    writable = set(resource.create.model_fields)
    fields = sorted(({*resource.read.model_fields, *resource.rows.c.keys()}) - writable)
    assert {"id", "revision", "created_at", "updated_at", "created_by"} <= set(fields)
    created = people.fresh(resource, "contributor", "draft")
    fresh = people.samples["editor"].fresh_body(resource, full=False)
    values = {**created.record, "created_by": "admin", "revision": 9}
    given = {name: values.get(name) or "x" for name in fields}
    for role in ROLES[1:]:
        client = people.clients[role]
        for response in (
            client.post(f"/v1/{resource.name}", json={**fresh, **given}),
            client.put(f"/v1/{resource.name}/{fresh['slug']}", json={**fresh, **given}),
            client.patch(created.path, json=given, headers={"If-Match": "*"}),
        ):
            assert response.status_code == 422, (role, response.text)
            assert sorted(pointers(response)) == [f"/{name}" for name in fields], (role, response.text)
    assert people.clients["editor"].get(created.path).json() == created.record


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_a_state_beyond_the_role_is_refused(people: People, resource: Resource) -> None:
    created = people.fresh(resource, "contributor", "draft")
    fresh = people.samples["editor"].fresh_body(resource, full=False)
    for role, state in (
        ("contributor", "published"),
        ("contributor", "withdrawn"),
        ("editor", "withdrawn"),
        ("admin", "withdrawn"),
        ("admin", "deleted"),
    ):
        client = people.clients[role]
        for response in (
            client.post(f"/v1/{resource.name}", json={**fresh, "state": state}),
            client.put(f"/v1/{resource.name}/{fresh['slug']}", json={**fresh, "state": state}),
            client.patch(created.path, json={"state": state}, headers={"If-Match": "*"}),
            client.put(created.path, json={**created.sent, "state": state}, headers={"If-Match": "*"}),
        ):
            assert (response.status_code, pointers(response)) == (422, ["/state"]), (role, state, response.text)
