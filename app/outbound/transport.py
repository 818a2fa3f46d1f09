"""The transport: a name is looked up once, every answer is checked, and the checked address itself is dialled.

The name stays what the certificate is checked against, and what ``Host`` says. As the check stands where a connection
is made, nothing can go past it: not another spelling of an address, not a redirect, not a name that is given another
address in between. A connection is used again only for the name that it was made for.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import anyio
import httpcore
import httpx

from app.outbound.addresses import Address, Network, is_allowed
from app.outbound.failures import NoResponse, NotPublic

Resolve = Callable[[str], Awaitable[Sequence[Address]]]
"""Looks up a host, and gives its addresses in the order in which to try them. Raises NoResponse."""

Dial = Callable[[Address, int], Awaitable[httpcore.AsyncNetworkStream]]
"""Connects to an address and a port."""

_MAX_TRIES = 4
_CONNECT_SECONDS = 5.0
_CONNECTIONS = 20


async def resolve(host: str) -> Sequence[Address]:
    """Ask the system, which also reads other spellings of an address: 2130706433, 0x7f.1."""
    try:
        found = await _looked_up(host)
    except socket.gaierror as error:
        passing = error.errno == socket.EAI_AGAIN
        raise NoResponse(
            "its name cannot be looked up" if passing else "its name is not known", passing=passing
        ) from None
    except (OSError, UnicodeError):
        raise NoResponse("its name is not known", passing=False) from None
    return list(dict.fromkeys(ip_address(place[0]) for _, _, _, _, place in found))


async def _looked_up(host: str) -> list[Any]:
    """What the system says of a host, from a thread that whoever has waited long enough leaves to itself.

    The system has a time of its own, such as 30 s, and cannot be told to end. The threads of the loop would be waited
    for when the loop ends, be it only that of one request.
    """
    looking: Future[list[Any]] = Future()
    looking.set_running_or_notify_cancel()

    def look() -> None:
        try:
            # In bytes: what Python makes of a text is not for us to have looked up.
            looking.set_result(list(socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)))
        except BaseException as error:
            looking.set_exception(error)

    threading.Thread(target=look, name="look-up", daemon=True).start()
    return await asyncio.wrap_future(looking)


async def dial(address: Address, port: int) -> httpcore.AsyncNetworkStream:
    """Connect over the network."""
    return await httpcore.AnyIOBackend().connect_tcp(str(address), port, timeout=_CONNECT_SECONDS)


@cache
def certificates() -> SSLContext:
    """Whom to trust: certifi's list, or what SSL_CERT_FILE or SSL_CERT_DIR name. Slow to read: 20 ms."""
    return httpx.create_ssl_context()


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Makes connections, to addresses that may be reached and to no others."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolve, dial: Dial) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the signature is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of a host that answers. One that may not be reached spoils the whole host."""
        addresses = await self._resolve(host)
        if not all(is_allowed(each, self._allowed) for each in addresses):
            raise NotPublic()
        failed: Exception = NoResponse("its name is not known", passing=False)
        for address in addresses[:_MAX_TRIES]:
            try:
                return await self._dial(address, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 (the signature is httpcore's)
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """There is nothing public behind a socket of this machine."""
        raise NotPublic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)


class Transport(httpx.AsyncBaseTransport):
    """httpx over connections that were checked."""

    def __init__(self, allowed: Sequence[Network] = (), resolve: Resolve = resolve, dial: Dial = dial) -> None:
        """Allow networks beside the public one."""
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=certificates(),
            max_connections=_CONNECTIONS,
            keepalive_expiry=5.0,
            network_backend=_CheckedNetwork(allowed, resolve, dial),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        # Of the extensions only the timeouts: another name for the certificate is none of them.
        extensions = {"timeout": request.extensions.get("timeout", {})}
        with _failures():
            response = await self._pool.handle_async_request(
                httpcore.Request(
                    request.method, target, headers=request.headers.raw, content=request.stream, extensions=extensions
                )
            )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    """The body of a response, as it comes."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _failures():
            async for piece in self._response.aiter_stream():
                yield piece

    async def aclose(self) -> None:
        await self._response.aclose()


@contextmanager
def _failures() -> Iterator[None]:
    """Say what goes wrong in words of ours."""
    try:
        yield
    except httpcore.TimeoutException:
        raise NoResponse("it takes too long", passing=True) from None
    except httpcore.ConnectError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise NoResponse("its certificate is not valid", passing=False) from None
        secure = "SSL" in str(error) or "TLS" in str(error)
        message = "no secure connection could be made" if secure else "the connection failed"
        raise NoResponse(message, passing=not secure) from None
    except (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError):
        raise NoResponse("it is not an address that can be asked", passing=False) from None
    except httpcore.RemoteProtocolError:
        raise NoResponse("it does not speak HTTP, or ended in the middle", passing=True) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise NoResponse("the connection was lost", passing=True) from None
