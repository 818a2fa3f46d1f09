"""A client for what goes out: a request, a bounded time, a bounded response."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import anyio
import httpx

from app import __version__
from app.outbound.addresses import Network
from app.outbound.failures import NoResponse, TooLong
from app.outbound.transport import Dial, Resolve, Transport, dial, resolve


def agent(public_url: str = "") -> str:
    """How this server names itself to others: honestly, and with where it can be found."""
    return f"Followthrough/{__version__}" + (f" (+{public_url})" if public_url else "")


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By names of any case."""
    body: bytes
    """As far as it was read."""


class Outbound:
    """Asks others, within the rules. To be entered once, and used for any number of requests at the same time."""

    def __init__(
        self,
        user_agent: str,
        *,
        allowed: Sequence[Network] = (),
        resolve: Resolve = resolve,
        dial: Dial = dial,
    ) -> None:
        """Go by a name, and into the networks allowed beside the public one."""
        # Coded content could be small on the way and huge once decoded; so it is neither asked for nor taken.
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        # Without httpx's client above it, which keeps cookies, looks into redirects and takes passwords from addresses.
        self._transport = Transport(allowed, resolve, dial)

    async def __aenter__(self) -> Self:
        """Begin."""
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._transport.__aexit__(kind, error, trace)

    async def request(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        cut: bool = False,
    ) -> Reply:
        """Ask exactly this address: a redirect is a reply like any other.

        The time is that of everything, from looking up the host to the last byte. A body with more bytes than are
        taken raises TooLong, or is cut there. Raises OutboundError for all that goes wrong.
        """
        try:
            if httpx.URL(url).userinfo:
                raise httpx.InvalidURL("a user")
            with anyio.fail_after(seconds):
                return await self._request(method, url, headers, content, most_bytes, cut=cut)
        except TimeoutError:
            # Limits of single operations would let a server that sends a byte now and then hold us for ever.
            raise NoResponse(f"it did not answer within {seconds:g} s", passing=True) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            raise NoResponse("it is not an address that can be asked", passing=False) from None

    async def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        most_bytes: int,
        *,
        cut: bool,
    ) -> Reply:
        request = httpx.Request(method, url, headers={**self._headers, **(headers or {})}, content=content)
        response = await self._transport.handle_async_request(request)
        try:
            body = b"" if method == "HEAD" else await _body(response, most_bytes, cut=cut)
        finally:
            with anyio.CancelScope(shield=True):
                await response.aclose()
        return Reply(response.status_code, response.headers, body)


async def _body(response: httpx.Response, most_bytes: int, *, cut: bool) -> bytes:
    if not cut and response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise NoResponse("it answered in a coding that was not asked for", passing=False)
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > most_bytes and not cut:
            raise TooLong(most_bytes)
        if len(body) >= most_bytes and cut:
            break
    return bytes(body[:most_bytes])
