"""Where a request comes from: what a proxy says is believed of those that are named, and of nobody else."""

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.middleware.rate_limits import client_of, with_mapped
from app.settings import Settings
from tests.support.asgi import call

TRUSTED = "127.0.0.1, 10.0.0.0/8, 2001:db8:ff::/48"


class From:
    """A client's address, as the server sees it, before an application that notes what it is told of it."""

    def __init__(self, peer: str, trusted: str) -> None:
        self.peer = peer
        self.client = ""
        networks = Settings(_env_file=None, trusted_proxies=trusted).trusted_networks
        self._app: ASGIApp = ProxyHeadersMiddleware(self._note, trusted_hosts=with_mapped(networks))  # type: ignore[assignment,arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "client": (self.peer, 50000)}, receive, send)

    async def _note(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.client = client_of(scope["client"][0])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        # One proxy, and two of them.
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("10.1.2.3", "192.0.2.7:4711", "192.0.2.7"),
        ("::ffff:10.1.2.3", "192.0.2.7", "192.0.2.7"),
        ("2001:db8:ff::1", "[2001:db8:1:2::3]:4711, ::ffff:10.0.0.9", "2001:db8:1:2::/64"),
        # What a client says of itself stands further left, and is not reached.
        ("127.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "10.9.9.9, 192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1, 192.0.2.7", "192.0.2.7"),
        # Nobody's word is taken who is not named.
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),
        ("11.0.0.1", "127.0.0.1", "11.0.0.1"),
        ("::ffff:11.0.0.1", "203.0.113.9", "11.0.0.1"),
        # What is no address is not passed over in favour of what stands left of it.
        ("127.0.0.1", "203.0.113.9, unknown", "unknown"),
        ("127.0.0.1", "203.0.113.9, 192.0.2.7; drop", "unknown"),
        ("127.0.0.1", "203.0.113.9, " + "9" * 5000, "unknown"),
        ("127.0.0.1", "203.0.113.9, [::1", "unknown"),
        # A proxy that asks for itself.
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_no_proxy_of_ours_has(peer: str, forwarded: str, client: str) -> None:
    app = From(peer, TRUSTED)
    call(app, x_forwarded_for=forwarded)
    assert app.client == client


@pytest.mark.parametrize("header", ["forwarded", "x_real_ip", "x_client_ip", "true_client_ip", "cf_connecting_ip"])
def test_no_other_header_is_believed_even_from_a_proxy(header: str) -> None:
    app = From("127.0.0.1", TRUSTED)
    call(app, **{header: "for=203.0.113.9" if header == "forwarded" else "203.0.113.9", "x_forwarded_for": "192.0.2.7"})
    assert app.client == "192.0.2.7"


def test_by_default_nobody_is_believed() -> None:
    app = From("127.0.0.1", "")
    call(app, x_forwarded_for="203.0.113.9")
    assert app.client == "127.0.0.1"
