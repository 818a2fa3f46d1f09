"""Rate limits: how many requests an address or a key may make, and saying to clients how they stand.

A request without a credential is counted by its address, before the framework. One with a credential is counted by its
key once that is known to be good, and otherwise by its address. Ready-made responses lie between the two layers here:
they are not counted, and are given to everybody.
"""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from anyio import from_thread
from fastapi import Request
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.clients import COUNT
from app.api.problems import problem_response, request_id_of
from app.core.visibility import Viewer
from app.errors import TooManyRequests
from app.middleware.request_counts import Counter, LimitStatus, MemoryCounter, Policy
from app.settings import Settings

EXEMPT = frozenset(("/healthz", "/readyz", "/metrics"))
"""The paths of those who look after the server."""

_SAFE = ("GET", "HEAD", "OPTIONS")


@lru_cache(maxsize=4096)
def client_of(host: str) -> str:
    """Who an address belongs to: itself, or the /64 of an IPv6 address, within which a client has all others too."""
    try:
        address = ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


def with_mapped(networks: list[IPv4Network | IPv6Network]) -> list[str]:
    """Networks, and their IPv4 ones as they look to a socket that takes both kinds."""
    mapped = [
        f"::ffff:{each.network_address}/{96 + each.prefixlen}" for each in networks if isinstance(each, IPv4Network)
    ]
    return [*(str(each) for each in networks), *mapped]


class RequestCount:
    """What is known of one request so far: whom to count, and how they stand once it was counted."""

    __slots__ = ("address", "counted", "key", "status")

    def __init__(self, address: str) -> None:
        """Begin with the address; it is believed."""
        self.address = address
        self.key: str | None = None
        self.counted = False
        self.status: LimitStatus | None = None


class RateLimits:
    """The policies of this server, and its counts."""

    def __init__(self, settings: Settings) -> None:
        """Read the policies. The store is not used yet."""
        self.by_address = Policy.read("address", settings.rate_limit)
        self.by_key = Policy.read("key", settings.key_rate_limit)
        self._counter = _counter(settings.limits_url)

    async def count_once(self, count: RequestCount) -> LimitStatus | None:
        """Count a request, once, against its key where that is known, and otherwise against its address."""
        if not count.counted:
            count.counted = True
            if count.key is not None and self.by_key is not None:
                count.status = await self._counter.hit(self.by_key, f"key/{count.key}")
            elif count.key is None and self.by_address is not None:
                count.status = await self._counter.hit(self.by_address, f"address/{count.address}")
        return count.status

    def add_fields(self, count: RequestCount, headers: list[tuple[bytes, bytes]]) -> None:
        """Add the header fields that say how a client stands."""
        policy = self.by_address if count.key is None else self.by_key
        if policy is None:
            return
        headers.append((b"ratelimit-policy", policy.field))
        if count.status is not None:
            headers.append((b"ratelimit", count.status.field))
        elif not count.counted and (field := self._counter.look(policy, f"address/{count.address}")) is not None:
            headers.append((b"ratelimit", field))

    def standing(self, address: str) -> bytes | None:
        """How whoever has this address stands, with nothing counted: the value of RateLimit, where it can be told."""
        return self._counter.look(self.by_address, f"address/{address}") if self.by_address is not None else None

    def counting(self, authenticate: Callable[[Request], Viewer]) -> Callable[[Request], Viewer]:
        """The same authentication, which counts a request against the key that it finds to be good.

        It raises TooManyRequests where there were too many. Called in a worker thread, as it should be, it does so
        before anything is done; on the event loop it cannot wait, and the request is counted when it is answered.
        """

        def viewer_of(request: Request) -> Viewer:
            viewer = authenticate(request)
            if not viewer.public:
                self.verified(request, viewer.actor)
            return viewer

        return viewer_of

    def verified(self, request: Request, key: str) -> None:
        """Count a request against a key that is good, rather than against its address."""
        count: RequestCount | None = request.scope.get("state", {}).get(COUNT)
        if count is None or count.counted:
            return
        count.key = key
        try:
            status = from_thread.run(self.count_once, count)
        except RuntimeError:  # this is no worker thread
            return
        if status is not None and status.refused:
            raise TooManyRequests(retry_after=status.seconds)

    async def close(self) -> None:
        """Let go of the store."""
        await self._counter.close()


def _counter(url: SecretStr) -> Counter:
    if not url.get_secret_value():
        return MemoryCounter()
    # Its client takes a good part of a second to import, which only those who use it shall wait for.
    from app.middleware.shared_counts import SharedCounter

    return SharedCounter(url)


class RateLimitFields:
    """ASGI layer that says in each response, ready-made or not, how the client stands."""

    def __init__(self, app: ASGIApp, limits: RateLimits) -> None:
        """Wrap whatever responds."""
        self.app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with something to note its count on."""
        if scope["type"] != "http" or scope["path"] in EXEMPT:
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        count = RequestCount(client_of(client[0]) if client else "unknown")
        scope.setdefault("state", {})[COUNT] = count

        async def with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                self._limits.add_fields(count, headers)
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, with_fields)


class RateLimit:
    """ASGI layer that counts a request, and refuses it where there were too many."""

    def __init__(self, app: ASGIApp, limits: RateLimits) -> None:
        """Wrap what costs something."""
        self.app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count by address what has no credential; leave the rest to the one who knows good ones from bad ones."""
        count: RequestCount | None = scope.get("state", {}).get(COUNT)
        if count is None:
            await self.app(scope, receive, send)
            return
        if any(name == b"authorization" for name, _ in scope["headers"]):
            await self.app(scope, receive, _CountedAtLast(self._limits, count, scope, send).send)
            return
        status = await self._limits.count_once(count)
        if status is not None and status.refused:
            await _refuse(scope, send, status)
            return
        await self.app(scope, receive, send)


class _CountedAtLast:
    """Sends the response to a request with a credential, after counting it where nobody has.

    That is so for every bad credential, and for every path that needs none: it is counted against the address.
    """

    def __init__(self, limits: RateLimits, count: RequestCount, scope: Scope, send: Send) -> None:
        self._limits = limits
        self._request_count = count
        self._scope = scope
        self._send = send
        self._refused = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self._request_count.counted:
            status = await self._limits.count_once(self._request_count)
            # Of a change that was made, the client has to know.
            withheld = message["status"] >= 400 or self._scope["method"] in _SAFE
            if status is not None and status.refused and withheld:
                self._refused = True
                await _refuse(self._scope, self._send, status)
        if not self._refused:
            await self._send(message)


async def _refuse(scope: Scope, send: Send, status: LimitStatus) -> None:
    response = problem_response(TooManyRequests(retry_after=status.seconds), request_id_of(Request(scope)))
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": bytes(response.body)})
