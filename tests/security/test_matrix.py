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

pytestmark = pytest.mark.heavy

ROLES = ("anonymous", "contributor", "editor", "admin")
STEPS = ("/publish", "/withdraw")


@dataclass
class People:
    """A client of each role, with what each has made."""

    clients: dict[str, httpx.Client]
    samples: dict[str, Samples]

    def fresh(self, resource: Resource, whose: str, state: str) -> Sample:
        """A record of somebody's; what is published was published by the editor."""
        return self.samples[whose].create(resource, full=False, state=state)


@pytest.fixture(scope="module")
def people(server: Server) -> Iterator[People]:
    with ExitStack() as until_end:
        admin = until_end.enter_context(server.client(**server.authorization))
        clients = {"anonymous": until_end.enter_context(server.client())}
        for role in ROLES[1:]:
            made = admin.post("/v1/keys", json={"name": f"The {role} of a test", "role": role})
            header = {"Authorization": f"Bearer {made.json()['token']}"}
            clients[role] = until_end.enter_context(server.client(**header))
        samples = {role: Samples(clients[role]) for role in ("editor", "admin")}
        # What a contributor's record refers to is the editor's.
        samples["contributor"] = Samples(clients["contributor"], publisher=samples["editor"])
        yield People(clients, samples)


@pytest.fixture(scope="module")
def routes(register: Register) -> list[Route]:
    return routes_of(register.app)


def ask(client: httpx.Client, route: Route, key: str, body: Any = None) -> httpx.Response:
    """Ask for something as somebody who has seen the record would."""
    headers = {"If-Match": "*"} if route.method in ("PUT", "PATCH", "DELETE") or "revert" in route.path else {}
    return client.request(route.method, route.at(key, number="1"), json=body, headers=headers)


# -- credentials -------------------------------------------------------------------------------------------------------


def test_a_bad_credential_is_refused_at_every_route_but_the_servers_own(people: People, routes: list[Route]) -> None:
    for route in routes:
        if route.path not in ("/healthz", "/readyz", "/metrics", "/.well-known/api-catalog"):
            for credential in ("Bearer wrong", f"Bearer ft_{'a' * 12}_{'0' * 64}", "Basic x"):
                url = route.at("x", number="1", name="completion")
                answer = people.clients["anonymous"].request(route.method, url, headers={"Authorization": credential})
                assert answer.status_code == 401, (route, answer.text)


def test_nothing_is_written_without_a_credential(people: People, routes: list[Route]) -> None:
    for route in routes:
        if route.method not in ("GET", "HEAD", "OPTIONS"):
            answer = ask(people.clients["anonymous"], route, "x", {})
            assert answer.status_code == 401, (route, answer.text)
            assert "www-authenticate" in answer.headers


def test_every_route_is_known(routes: list[Route]) -> None:
    """What the tests of this file take each route to be; add a rule before adding another kind."""
    for route in routes:
        if route.method != "GET":
            assert route.resource is not None or route.path.startswith("/v1/keys"), route
    assert len(routes) > len(ALL) * 10


# -- records -----------------------------------------------------------------------------------------------------------


def expected(role: str, route: Route, record: str) -> set[int]:
    """How a role is answered at a route of a record: a published one, its own draft, or somebody else's draft."""
    done = {200, 204}
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


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_each_role_reaches_as_far_as_it_should(people: People, routes: list[Route], resource: Resource) -> None:
    own = [route for route in routes if route.resource is resource and route.after_key is not None]
    assert own
    kept: dict[str, Sample] = {}
    for route in own:
        for role in ROLES:
            for record in ("published", "own", "others"):
                allowed = expected(role, route, record)
                # What a request changes is made anew for the next.
                changes = route.method != "GET" and 200 in allowed
                if record not in kept or changes:
                    whose = {"published": "editor", "own": "contributor", "others": "admin"}[record]
                    kept[record] = people.fresh(resource, whose, "published" if record == "published" else "draft")
                made = kept.pop(record) if changes else kept[record]
                body = _body(people, resource, made, route)
                answer = ask(people.clients[role], route, made.slug, body)
                if resource.name == "updates" and record == "published" and route.method in ("PUT", "PATCH"):
                    allowed = allowed | {409}  # the log is only added to
                assert answer.status_code in allowed, (route, role, record, answer.status_code, answer.text)
                if answer.status_code in (404, 412):
                    # What somebody may not see answers as what is not there, to the byte.
                    missing = ask(people.clients[role], route, f"no-{uuid4().hex}", body)
                    assert _apart(missing) == _apart(answer)


def _body(people: People, resource: Resource, made: Sample, route: Route) -> Any:
    if route.method == "PATCH":
        return people.samples["editor"].change_of(made)
    if route.method == "PUT":
        return {**made.sent, **people.samples["editor"].change_of(made)}
    return None


def _apart(answer: httpx.Response) -> tuple[Any, ...]:
    """An answer but for the name that this very request has."""
    body = {name: value for name, value in answer.json().items() if name != "instance"}
    heads = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date", "ratelimit")}
    return answer.status_code, body, heads


# -- fields ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_nobody_sets_what_is_not_theirs_to_set(people: People, resource: Resource) -> None:
    """Every field that is read but not written, and every column, in every way of writing, by every role."""
    writable = set(resource.create.model_fields)
    fields = sorted(({*resource.read.model_fields, *resource.rows.c.keys()}) - writable)
    assert {"id", "revision", "created_at", "updated_at", "created_by"} <= set(fields)
    made = people.fresh(resource, "contributor", "draft")
    fresh = people.samples["editor"].fresh_body(resource, full=False)
    values = {**made.record, "created_by": "admin", "revision": 9}
    given = {name: values.get(name) or "x" for name in fields}
    for role in ROLES[1:]:
        client = people.clients[role]
        for answer in (
            client.post(f"/v1/{resource.name}", json={**fresh, **given}),
            client.put(f"/v1/{resource.name}/{fresh['slug']}", json={**fresh, **given}),
            client.patch(made.path, json=given, headers={"If-Match": "*"}),
        ):
            assert answer.status_code == 422, (role, answer.text)
            assert sorted(pointers(answer)) == [f"/{name}" for name in fields], (role, answer.text)
    assert people.clients["editor"].get(made.path).json() == made.record


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_a_state_beyond_the_role_is_refused(people: People, resource: Resource) -> None:
    made = people.fresh(resource, "contributor", "draft")
    fresh = people.samples["editor"].fresh_body(resource, full=False)
    for role, state in (("contributor", "published"), ("contributor", "withdrawn"), ("editor", "withdrawn"),
                        ("admin", "withdrawn"), ("admin", "deleted")):  # fmt: skip
        client = people.clients[role]
        for answer in (
            client.post(f"/v1/{resource.name}", json={**fresh, "state": state}),
            client.put(f"/v1/{resource.name}/{fresh['slug']}", json={**fresh, "state": state}),
            client.patch(made.path, json={"state": state}, headers={"If-Match": "*"}),
            client.put(made.path, json={**made.sent, "state": state}, headers={"If-Match": "*"}),
        ):
            assert (answer.status_code, pointers(answer)) == (422, ["/state"]), (role, state, answer.text)
