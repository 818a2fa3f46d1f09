"""The keys of an identity provider, over time: kept, rotated, withdrawn, and when it is out of reach."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from select import select
from typing import Any

import pytest

from app.core.visibility import Role
from app.errors import Problem, Unauthorized, Unavailable
from app.security import issuer_keys
from app.security.tokens import Issuer
from tests.support.identity_provider import (
    CONFIGURATION,
    KEYS,
    SECONDS,
    IdentityProvider,
    identity_provider,
    rsa_key,
    send,
    sending,
)
from tests.support.server import free_port
from tests.support.tokens import Clock, accepting, part, refused
from tests.support.waiting import LATE


def test_nothing_is_asked_before_the_first_token(provider: IdentityProvider, issuer: Issuer) -> None:
    assert not provider.requests
    for _ in range(3):
        issuer.viewer(provider.token())
    assert provider.requests == [CONFIGURATION, KEYS]


def test_many_at_once_ask_once(provider: IdentityProvider, issuer: Issuer, clock: Clock) -> None:
    many, opened = 24, threading.Event()

    def hold(handler: Any) -> None:
        assert opened.wait(SECONDS)
        send(handler, json.dumps({"keys": [key.published for key in provider.keys]}).encode())

    provider.responses[KEYS] = hold
    token = provider.token()
    with ThreadPoolExecutor(many) as pool:
        requested = [pool.submit(issuer.viewer, token) for _ in range(many // 2)]
        provider.wait_for(KEYS)
        # One reading at a time, however long it takes.
        clock.now += issuer_keys.PAUSE + 1
        requested += [pool.submit(issuer.viewer, token) for _ in range(many // 2)]
        clock.wait_for(many)  # each looks at the clock once on its way in
        opened.set()
        assert {each.result(SECONDS).role for each in requested} == {Role.editor}
    assert provider.requests == [CONFIGURATION, KEYS]


def test_a_new_key_is_found_without_a_restart(provider: IdentityProvider, issuer: Issuer, clock: Clock) -> None:
    issuer.viewer(provider.token())
    provider.keys.insert(0, rsa_key("rsa-2"))
    clock.now += issuer_keys.PAUSE
    assert issuer.viewer(provider.token()).role is Role.editor
    assert provider.count(KEYS) == 2


def test_made_up_keys_do_not_burden_the_issuer(provider: IdentityProvider, issuer: Issuer, clock: Clock) -> None:
    issuer.viewer(provider.token())
    for number in range(50):
        refused(issuer, provider.token(header={"kid": f"made-up-{number}"}))
    assert provider.count(KEYS) == 1
    for _ in range(5):
        clock.now += issuer_keys.PAUSE
        for number in range(20):
            refused(issuer, provider.token(header={"kid": f"made-up-{number}"}))
    assert provider.count(KEYS) == 6
    assert issuer.viewer(provider.token()).role is Role.editor


def test_a_withdrawn_key_ends(provider: IdentityProvider, issuer: Issuer, clock: Clock) -> None:
    token = provider.token()
    issuer.viewer(token)
    del provider.keys[0]
    assert issuer.viewer(token).role is Role.editor
    clock.now += issuer_keys.FRESH + 1
    assert "does not list" in refused(issuer, token).detail
    assert issuer.viewer(provider.token()).role is Role.editor


def test_all_keys_can_be_withdrawn(provider: IdentityProvider, issuer: Issuer, clock: Clock) -> None:
    token = provider.token()
    issuer.viewer(token)
    provider.keys.clear()
    clock.now += issuer_keys.FRESH + 1
    refused(issuer, token)


def test_keys_that_grow_old_are_asked_for_behind_the_requests(
    provider: IdentityProvider, issuer: Issuer, clock: Clock
) -> None:
    """A busy server never waits for its issuer."""
    token = provider.token()
    issuer.viewer(token)
    opened = threading.Event()

    def hold(handler: Any) -> None:
        assert opened.wait(SECONDS)
        send(handler, b"{}", 503)

    provider.responses[KEYS] = hold
    clock.now += issuer_keys.AHEAD + 1
    for _ in range(3):
        assert issuer.viewer(token).role is Role.editor
    provider.wait_for(KEYS, 2)
    opened.set()
    assert provider.count(KEYS) == 2


# -- an issuer in trouble --------------------------------------------------------------------------------------------


def eventually(issuer: Issuer, token: str, expected: type[Problem] | Role) -> None:
    """Ask until what is being read behind the requests is there; the issuer's own clock stands still meanwhile."""
    deadline = time.monotonic() + SECONDS
    current: Any = None
    while current is not expected and time.monotonic() < deadline:
        try:
            current = issuer.viewer(token).role
        except Problem as problem:
            current = type(problem)
    assert current is expected


def test_an_issuer_that_is_down_at_the_start(clock: Clock) -> None:
    """The answer is 503 and when to come back; and once it is up, all is well by itself."""
    port = free_port()
    down = IdentityProvider(f"http://127.0.0.1:{port}", [rsa_key("rsa-1")])
    issuer = Issuer(accepting(down), clock=clock)
    assert refused(issuer, down.token(), Unavailable).headers["Retry-After"] == "30"
    clock.now += 12
    assert refused(issuer, down.token(), Unavailable).headers["Retry-After"] == "18"
    with identity_provider(rsa_key("rsa-1"), port=port) as up:
        refused(issuer, up.token(), Unavailable)
        assert not up.requests
        clock.now += issuer_keys.PAUSE
        eventually(issuer, up.token(), Role.editor)
        assert up.requests == [CONFIGURATION, KEYS]


def test_what_can_be_told_without_the_issuer_is_told(clock: Clock) -> None:
    down = IdentityProvider(f"http://127.0.0.1:{free_port()}", [rsa_key("rsa-1")])
    issuer = Issuer(accepting(down), clock=clock)
    refused(issuer, "a.b.c")
    refused(issuer, f"{part({'alg': 'none'})}.e30.")


def test_the_last_keys_serve_for_a_day(provider: IdentityProvider, issuer: Issuer, clock: Clock) -> None:
    token = provider.token()
    issuer.viewer(token)
    provider.responses[CONFIGURATION] = sending(b"{}", 500)
    began = clock.now
    for hours in (0.2, 1, 12, 23.9):
        clock.now = began + hours * 3600
        assert issuer.viewer(token).role is Role.editor
    # With the issuer out of reach nobody knows whether it has a new key.
    refused(issuer, provider.token(header={"kid": "new"}), Unavailable)
    clock.now = began + 24 * 3600 + 1
    refused(issuer, token, Unavailable)
    del provider.responses[CONFIGURATION]
    clock.now += issuer_keys.PAUSE
    eventually(issuer, token, Role.editor)


def test_a_key_withdrawn_during_an_outage_ends_with_it(
    provider: IdentityProvider, issuer: Issuer, clock: Clock
) -> None:
    token = provider.token()
    issuer.viewer(token)
    provider.responses[KEYS] = sending(b"{}", 503)
    clock.now += issuer_keys.FRESH + 1
    assert issuer.viewer(token).role is Role.editor
    del provider.responses[KEYS], provider.keys[0]
    clock.now += issuer_keys.PAUSE
    eventually(issuer, token, Unauthorized)


def test_an_outage_does_not_burden_the_issuer(provider: IdentityProvider, issuer: Issuer, clock: Clock) -> None:
    provider.responses[CONFIGURATION] = sending(b"{}", 500)
    for _ in range(20):
        refused(issuer, provider.token(), Unavailable)
    assert provider.count(CONFIGURATION) == 1


def drip(handler: Any) -> None:
    """An answer that never ends, in bytes that come soon enough after one another."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.rfile.closed:
        handler.wfile.write(b" ")
        select([], [], [], 0.02)


def silence(handler: Any) -> None:
    """No answer, until the client goes."""
    handler.connection.recv(1)


@pytest.mark.parametrize("slow", [drip, silence])
@pytest.mark.parametrize("path", [CONFIGURATION, KEYS])
def test_a_slow_issuer_holds_nobody_for_long(
    provider: IdentityProvider, clock: Clock, slow: Callable[[Any], None], path: str
) -> None:
    issuer = Issuer(accepting(provider), clock=clock, seconds=0.3)
    provider.responses[path] = slow
    begun = time.monotonic()
    refused(issuer, provider.token(), Unavailable)
    assert time.monotonic() - begun < LATE
    # From then on nobody waits, not even for another attempt: there are few threads.
    clock.now += issuer_keys.PAUSE
    begun = time.monotonic()
    for _ in range(50):
        refused(issuer, provider.token(), Unavailable)
    assert time.monotonic() - begun < 50 * 0.3, "they waited"
