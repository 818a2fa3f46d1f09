"""Credentials: a good one counts, a bad one is never taken for none, and neither is ever repeated."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.requests import Request

from app.core.visibility import ANONYMOUS, Role, Viewer
from app.errors import Unauthorized
from app.operations.prepare import migrate
from app.security.credentials import authenticator, demand_writer
from app.security.keys import Keys
from app.settings import Settings
from tests.support.databases import Databases, opened
from tests.support.generated import examples
from tests.support.server import Server

TOKEN = "the-token-of-the-editors"


def settings(token: str = TOKEN) -> Settings:
    """Settings with this token and nothing from the environment."""
    return Settings(_env_file=None, admin_token=SecretStr(token))


def request(*headers: str) -> Request:
    """A request with these Authorization headers."""
    given = [(b"authorization", header.encode("latin-1")) for header in headers]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": given})


@pytest.fixture(scope="module")
def keys(databases: Databases) -> Iterator[Keys]:
    """The keys of a register that has none."""
    with opened(databases.empty("sqlite")) as database:
        migrate(database)
        yield Keys(database)


@pytest.fixture
def viewer(keys: Keys) -> Callable[..., Viewer]:
    """Says on whose behalf a request with some Authorization headers comes."""

    def found(*headers: str, token: str = TOKEN) -> Viewer:
        return authenticator(settings(token), keys)(request(*headers))

    return found


def test_no_credential_is_everybody(viewer: Callable[..., Viewer]) -> None:
    assert viewer() == ANONYMOUS


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN} "])
def test_the_token_may_do_everything(viewer: Callable[..., Viewer], header: str) -> None:
    assert viewer(header).role is Role.admin


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        f"Bearer {TOKEN} {TOKEN}",
        "Bearer \xff\xfe",
        f"Token {TOKEN}",
    ],
)
def test_a_bad_credential_is_refused_and_not_repeated(viewer: Callable[..., Viewer], header: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        viewer(header)
    assert TOKEN not in refused.value.detail
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer")


@given(st.text(st.characters(codec="latin-1"), max_size=40))
@examples(200)
def test_any_other_token_is_refused(keys: Keys, token: str) -> None:
    with pytest.raises(Unauthorized):
        authenticator(settings(), keys)(request(f"Bearer {token}"))


@pytest.mark.parametrize("header", ["Bearer ", "Bearer", 'Bearer ""'])
def test_without_a_token_nobody_has_it(viewer: Callable[..., Viewer], header: str) -> None:
    """An empty setting must not make the empty token the right one."""
    with pytest.raises(Unauthorized):
        viewer(header, token="")


def test_who_may_write_nothing_is_told_why(keys: Keys) -> None:
    with pytest.raises(Unauthorized, match="Bearer"):
        demand_writer(ANONYMOUS, settings(), keys)
    with pytest.raises(Unauthorized, match=r"read-only.*FOLLOWTHROUGH_ADMIN_TOKEN"):
        demand_writer(ANONYMOUS, settings(""), keys)
    with pytest.raises(Unauthorized, match="Bearer"):
        demand_writer(ANONYMOUS, settings("").model_copy(update={"oidc_issuer": "https://login.example.org"}), keys)
    demand_writer(Viewer(Role.contributor, "key"), settings(), keys)


# -- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/challenges", "/v1/challenges/trade-imbalance", "/v1/challenges.csv"])
@pytest.mark.parametrize("header", ["Bearer wrong", "Basic dXNlcjpwYXNz", ""])
def test_a_bad_credential_is_not_read_over_even_where_none_is_needed(
    anonymous: httpx.Client, path: str, header: str
) -> None:
    response = anonymous.get(path, headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/themes"), ("PUT", "/v1/themes/x"), ("PATCH", "/v1/themes/trade"), ("DELETE", "/v1/themes/trade")],
)
def test_nobody_writes_without_a_credential(anonymous: httpx.Client, method: str, path: str) -> None:
    """And is told so before the body is looked at, so that a body tells nothing and costs nothing."""
    for body in (b"{}", b"not json"):
        response = anonymous.request(method, path, content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == 401


def test_the_token_is_never_shown(editor: httpx.Client, server: Server) -> None:
    """In no answer, and not in the log."""
    responses: list[Any] = [editor.get("/v1/challenges"), editor.get("/v1/nothing"), editor.post("/v1/themes", json={})]
    for response in responses:
        assert server.token not in response.text
        assert server.token not in str(response.headers)
    assert server.token not in server.log_file.read_text()
