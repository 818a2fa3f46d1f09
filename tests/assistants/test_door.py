"""The door of assistants: what a message must be, who may come in, and what is told of the rest."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from app.assistants.tools import TOOLS
from tests.support.databases import Databases
from tests.support.register import Register, application

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
OVERVIEW = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "overview"}}


def post(register: Register, message: Any, **headers: str) -> Any:
    raw = message if isinstance(message, bytes) else orjson.dumps(message)
    return register.request("POST", "/mcp", content=raw, headers=JSON | headers)


@pytest.mark.parametrize(
    ("message", "code", "reported"),
    [
        (b"{", -32700, "not JSON"),
        (b"", -32700, "not JSON"),
        (b'{"jsonrpc": "2.0", "id": NaN, "method": "ping"}', -32700, "NaN is not JSON"),
        (b'{"jsonrpc": "2.0", "id": 1e999, "method": "ping"}', -32700, "out of range"),
        (b'{"jsonrpc": "2.0", "id": 18446744073709551616, "method": "ping"}', -32700, "out of range"),
        (
            b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": '
            b'{"name": "search", "arguments": {"q": "trade", "limit": 99999999999999999999}}}',
            -32700,
            "out of range",
        ),
        (b'{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}', -32700, "U+D800"),
        (b'{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "ping"}', -32700, "given twice"),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}', -32700, "not UTF-8"),
        (b"[" * 50 + b"]" * 50, -32700, "nested too deeply"),
        (b"[]", -32600, "one JSON-RPC message"),
        ([PING, PING], -32600, "one JSON-RPC message"),
        ({"id": 1, "method": "ping"}, -32600, "one JSON-RPC message"),
        ({"jsonrpc": "2.0", "id": 1}, -32600, "`method`"),
        ({"jsonrpc": "2.0", "id": {}, "method": "ping"}, -32600, "`id`"),
        ({"jsonrpc": "2.0", "id": True, "method": "ping"}, -32600, "`id`"),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}, -32600, "`params`"),
    ],
)
def test_what_is_no_message_is_told_why(register: Register, message: Any, code: int, reported: str) -> None:
    response = post(register, message)
    assert response.status_code == 400
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["id"] is None
    assert response.json()["error"]["code"] == code
    assert reported in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({**PING, "method": "tools/delete"}, -32601),
        ({**PING, "method": "logging/setLevel", "params": {"level": "debug"}}, -32601),
        ({**PING, "method": "tools/call"}, -32602),
        ({**PING, "method": "tools/call", "params": {"name": "overview", "arguments": []}}, -32602),
        ({**PING, "method": "tools/call", "params": {"name": "drop_table"}}, -32602),
        ({**PING, "method": "resources/read", "params": {"uri": "file:///etc/passwd"}}, -32602),
        ({**PING, "method": "prompts/get", "params": {"name": "unknown"}}, -32602),
    ],
)
def test_a_message_that_asks_for_what_there_is_not_gets_an_error(register: Register, message: Any, code: int) -> None:
    response = post(register, message)
    assert response.status_code == 200
    assert response.json()["id"] == 1
    assert response.json()["error"]["code"] == code


def test_each_message_is_answered_by_itself(register: Register) -> None:
    answer = post(register, OVERVIEW)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "mcp-session-id" not in answer.headers
    assert answer.json()["result"]["structuredContent"]["partnerships"]
    notified = post(register, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert notified.status_code == 202


def test_a_body_must_be_json_and_small(register: Register) -> None:
    assert post(register, PING, **{"Content-Type": "text/plain"}).status_code == 415
    assert post(register, PING, **{"Content-Encoding": "gzip"}).status_code == 415
    refused = post(register, {**PING, "params": {"padding": "x" * 70_000}})
    assert refused.status_code == 413
    assert "at most 64 KiB" in refused.json()["detail"]
    assert post(register, PING, Accept="text/html").status_code == 406


def test_there_is_nothing_to_listen_to(register: Register) -> None:
    listening = register.get("/mcp", headers={"Accept": "text/event-stream"})
    assert listening.status_code == 405
    assert "POST" in listening.headers["allow"]
    assert listening.headers["cache-control"] == "no-store"
    assert "POST" in listening.json()["detail"]
    for accept in ("*/*", "application/json, text/event-stream", "image/png", "nonsense;;"):
        assert register.get("/mcp", headers={"Accept": accept}).status_code == 405, accept
    assert register.request("DELETE", "/mcp").status_code == 405


def test_a_browser_is_led_to_a_page_that_says_what_it_is(register: Register) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    led = register.get("/mcp", headers={"Accept": browser})
    assert (led.status_code, led.headers["location"]) == (303, "/assistants")
    assert "Accept" in led.headers["vary"]
    page = register.get("/assistants", headers={"Accept": browser})
    assert page.status_code == 200
    assert "/mcp</code>" in page.text
    assert all(f"<code>{tool.name}</code>" in page.text for tool in TOOLS)
    # One answer is not taken for the other out of the cache.
    assert register.get("/mcp", headers={"Accept": "text/event-stream"}).status_code == 405
    assert register.get("/mcp", headers={"Accept": browser}).status_code == 303


def test_a_key_shows_no_more_and_a_bad_one_is_refused(register: Register) -> None:
    with_key = post(register, OVERVIEW, **register.authorization)
    assert with_key.json() == post(register, OVERVIEW).json()
    assert post(register, OVERVIEW, Authorization="Bearer nonsense").status_code == 401


@pytest.fixture(scope="module")
def guarded(databases: Databases) -> Iterator[Register]:
    """A register that knows its host names, and counts requests."""
    settings = databases.bundled("sqlite").model_copy(
        update={"assistant_hosts": "register.example, www.register.example", "rate_limit": "12/hour"}
    )
    with application(settings) as register:
        yield register


def test_host_and_origin_are_those_that_are_set_and_requests_are_counted(guarded: Register) -> None:
    def status(host: str, **headers: str) -> int:
        answer: int = post(guarded, PING, Host=host, **headers).status_code
        return answer

    assert status("register.example") == 200
    assert status("www.register.example:8443") == 200
    assert status("evil.example") == 421
    assert status("register.example.evil.example") == 421
    assert status("register.example", Origin="https://register.example") == 200
    assert status("register.example", Origin="https://evil.example") == 403
    while status("register.example") == 200:
        continue
    refused = post(guarded, PING, Host="register.example")
    assert refused.status_code == 429
    assert "retry-after" in refused.headers


def test_any_host_reaches_a_register_that_names_none(register: Register) -> None:
    assert post(register, PING, Host="whatever.example", Origin="https://anywhere.example").status_code == 200


@pytest.mark.parametrize("hosts", ["https://register.example", "register.example/mcp", "register.example:80", "a b"])
def test_host_names_are_names(hosts: str, databases: Databases) -> None:
    from app.settings import Settings

    with pytest.raises(ValueError, match="must be host names"):
        Settings(_env_file=None, assistant_hosts=hosts)
