"""Tokens of a real identity provider at a real server, on both databases."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest

from tests.support.databases import Databases
from tests.support.identity_provider import (
    AUDIENCE,
    CONFIGURATION,
    KEYS,
    SECONDS,
    IdentityProvider,
    ec_key,
    identity_provider,
    rsa_key,
    send,
)
from tests.support.problems import assert_problem
from tests.support.register import application
from tests.support.server import Server, free_port, running
from tests.support.tokens import part


@pytest.fixture(scope="module")
def open_provider() -> Iterator[IdentityProvider]:
    """An issuer for the servers of this file."""
    with identity_provider(rsa_key("rsa-1"), ec_key("ec-1")) as created:
        yield created


@pytest.fixture(scope="module")
def server(backend: str, databases: Databases, open_provider: IdentityProvider) -> Iterator[Server]:
    """A real server that accepts the tokens of that issuer."""
    more = {"oidc_issuer": open_provider.url, "oidc_audience": AUDIENCE}
    with running(databases.excerpt(backend).model_copy(update=more)) as started:
        yield started


Client = Callable[..., httpx.Client]


@pytest.fixture
def client(server: Server, open_provider: IdentityProvider) -> Iterator[Client]:
    """Makes clients that show a token with these claims."""
    created: list[httpx.Client] = []

    def make(token: str | None = None, **claims: Any) -> httpx.Client:
        shown = token or open_provider.token(**claims)
        created.append(server.client(Authorization=f"Bearer {shown}"))
        return created[-1]

    yield make
    for each in created:
        each.close()


def theme(name: str) -> dict[str, str]:
    """A theme to be created."""
    return {"name": name, "slug": name}


def test_many_clients_at_once_ask_the_issuer_once(server: Server, open_provider: IdentityProvider) -> None:
    """The first of the tests over HTTP: the server has not met its issuer before."""
    before = len(open_provider.requests)
    token = open_provider.token()

    def call(_: int) -> int:
        with server.client(Authorization=f"Bearer {token}") as one:
            return one.get("/v1/vocabularies").status_code + one.patch("/v1/themes/trade", json={}).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(call, range(32))) == {200 + 428}
    assert open_provider.requests[before:] == [CONFIGURATION, KEYS]


def test_a_contributor_drafts_and_an_editor_publishes(client: Client, server: Server) -> None:
    name = "draft-of-a-person"
    contributor = client(sub="a-person", followthrough_role="contributor")
    assert contributor.post("/v1/themes", json=theme(name)).status_code == 201
    assert contributor.post(f"/v1/themes/{name}/publish").status_code == 403
    stranger = client(sub="another-person", followthrough_role="contributor")
    with server.client() as everybody:
        assert [each.get(f"/v1/themes/{name}").status_code for each in (contributor, stranger, everybody)] == [
            200,
            404,
            404,
        ]
        editor = client(sub="an-editor", followthrough_role=["editor"])
        assert editor.post(f"/v1/themes/{name}/publish").status_code == 200
        assert everybody.get(f"/v1/themes/{name}").status_code == 200
    actors = [each["actor"] for each in editor.get(f"/v1/themes/{name}/revisions").json()["data"]]
    assert [actor.rpartition(":")[2] for actor in actors] == ["an-editor", "a-person"]
    assert client(followthrough_role="admin").get("/v1/themes").headers["cache-control"].startswith("private")


@pytest.mark.parametrize("path", ["/v1/themes", "/v1/themes/trade", "/v1/vocabularies", "/v1/themes.csv"])
def test_a_bad_token_is_never_anonymous(client: Client, open_provider: IdentityProvider, path: str) -> None:
    now = int(time.time())
    good, unsigned = open_provider.token(), f"{part({'alg': 'none'})}.e30."
    tokens = {
        401: [open_provider.token(exp=now - 60), open_provider.token(aud="x"), good[:-6], unsigned],
        403: [open_provider.token(followthrough_role=None)],
    }
    for status, shown in tokens.items():
        for token in shown:
            response = client(token).get(path)
            assert response.status_code == status
            assert_problem(response)
            assert 'error="' in response.headers["www-authenticate"]
            assert not any(each in response.text for each in token.split(".") if len(each) > 3)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_writes_with_a_bad_token(client: Client, open_provider: IdentityProvider, method: str) -> None:
    path = "/v1/themes" if method == "POST" else "/v1/themes/trade"
    expired = open_provider.token(exp=int(time.time()) - 60)
    roleless = open_provider.token(followthrough_role="reader")
    assert client(expired).request(method, path, content=b"not json").status_code == 401
    assert client(roleless).request(method, path, content=b"not json").status_code == 403


def test_the_token_of_the_server_still_counts(server: Server) -> None:
    with server.client(**server.authorization) as admin:
        assert admin.get("/v1/themes").headers["cache-control"].startswith("private")
    with server.client(Authorization="Bearer something-else") as nobody:
        assert nobody.get("/v1/themes").status_code == 401


def test_no_token_is_in_the_log(client: Client, server: Server, open_provider: IdentityProvider) -> None:
    tokens = [open_provider.token(), open_provider.token(aud="x"), open_provider.token(header={"kid": "unknown-kid"})]
    for token in tokens:
        client(token).get("/v1/themes")
    log = server.log_file.read_text()
    assert not any(each in log for token in tokens for each in token.split("."))


def test_reading_needs_no_issuer(databases: Databases) -> None:
    """With the issuer out of reach everybody reads on, and whoever shows a token is told to come back."""
    down = IdentityProvider(f"http://127.0.0.1:{free_port()}", [rsa_key("rsa-1")])
    more = {"oidc_issuer": down.url, "oidc_audience": AUDIENCE}
    with running(databases.excerpt("sqlite").model_copy(update=more)) as server, server.client() as client:
        assert client.get("/readyz").status_code == 200
        assert client.get("/v1/themes").status_code == 200
        assert client.get("/v1/themes", headers=server.authorization).status_code == 200
        response = client.get("/v1/themes", headers={"Authorization": f"Bearer {down.token()}"})
        assert response.status_code == 503
        assert_problem(response)
        assert 1 <= int(response.headers["retry-after"]) <= 30
        assert "cannot be read" in server.log()


def test_an_issuer_that_hangs_holds_up_nobody_else(databases: Databases) -> None:
    """Many show a token while the issuer does not answer: they wait, and whoever shows none or another key reads on."""
    answered = threading.Event()

    def hold(handler: BaseHTTPRequestHandler) -> None:
        assert answered.wait(SECONDS)
        send(handler, json.dumps({"keys": [key.published for key in provider.keys]}).encode())

    with identity_provider(rsa_key("rsa-1")) as provider, ThreadPoolExecutor(12) as pool:
        provider.responses[KEYS] = hold
        more = {"oidc_issuer": provider.url, "oidc_audience": AUDIENCE, "threads": 2, "cache_bytes": 0}
        with application(databases.excerpt("sqlite").model_copy(update=more)) as register:
            token = {"Authorization": f"Bearer {provider.token()}"}
            waiting = [pool.submit(register.get, "/v1/themes?limit=1", headers=token) for _ in range(12)]
            provider.wait_for(KEYS)
            for headers in ({}, register.authorization) * 5:
                assert register.get("/v1/themes?limit=1", headers=headers).status_code == 200
            assert not any(each.done() for each in waiting)
            answered.set()
            assert {each.result(SECONDS).status_code for each in waiting} == {200}
