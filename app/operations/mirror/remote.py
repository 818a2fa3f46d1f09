"""The other register, over HTTP: its feed, and its lists to compare with."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import anyio
import orjson

from app.core.storage.history import MAX_SEQ
from app.outbound import NoResponse, Outbound, OutboundError, Reply

_SECONDS = 30.0
_MAX_BYTES = 64 * 1024 * 1024
_PART = 200
_BUSY = (429, 500, 502, 503, 504)
_MAX_WAIT_SECONDS = 60.0
_REASON_LENGTH = 300
WAITS = (1.0, 3.0, 10.0, 30.0)
"""How long is waited before a request is made again that failed for the moment, in seconds."""


class RemoteError(Exception):
    """The other register cannot be read; says why."""


class Remote:
    """A register that is read."""

    def __init__(self, url: str, outbound: Outbound, waits: tuple[float, ...] = WAITS) -> None:
        """Read the register at an address, such as https://register.example."""
        self._base = url.rstrip("/")
        self._outbound = outbound
        self._waits = waits

    async def changes(self, since: int, progress: Callable[[int], None]) -> AsyncIterator[list[dict[str, Any]]]:
        """The entries of the feed after a number, to its end, a part at a time; tells the number it has come to."""
        path: str | None = f"/v1/changes?since={since}&limit={_PART}"
        while path is not None:
            part = await self._get(path)
            entries, following, seq = part.get("data"), part.get("next"), _number(part.get("seq"))
            if not isinstance(entries, list) or not isinstance(following, str | None) or seq < since:
                raise RemoteError("it has no feed of changes such as a register has")
            if following is not None and seq == since:
                raise RemoteError("its feed comes to no end")
            yield entries
            progress(seq)
            path, since = following, seq

    async def records(self, resource: str) -> AsyncIterator[list[dict[str, Any]]]:
        """Every record of a resource, a page at a time."""
        path: str | None = f"/v1/{resource}?limit={_PART}&sort=slug"
        begun: set[str] = set()
        while path is not None:
            page = await self._get(path)
            records, following = page.get("data"), page.get("next")
            if (
                not isinstance(records, list)
                or not isinstance(following, str | None)
                or not all(map(_is_record, records))
            ):
                raise RemoteError(f"it has no list of {resource}")
            first = records[0]["id"] if records else ""
            if following is not None and first in begun:
                raise RemoteError(f"its list of {resource} comes to no end")
            begun.add(first)
            yield records
            path = following

    async def _get(self, path: str) -> dict[str, Any]:
        """A JSON object, asked for again where that may help."""
        for wait in self._waits:
            try:
                reply = await self._request(path)
            except NoResponse as error:
                if not error.passing:
                    raise RemoteError(str(error)) from None
            else:
                if reply.status not in _BUSY:
                    return _object(reply)
                wait = max(wait, _retry_after(reply))
            await anyio.sleep(wait)
        try:
            return _object(await self._request(path))
        except OutboundError as error:
            raise RemoteError(str(error)) from None

    async def _request(self, path: str) -> Reply:
        # Where it leads is another path of the same register: never another host.
        address = self._base + urljoin("/", path) if path.startswith("/") and not path.startswith("//") else None
        if address is None:
            raise RemoteError("its feed leads to another address")
        try:
            return await self._outbound.request(
                "GET",
                address,
                headers={"Accept": "application/json"},
                seconds=_SECONDS,
                most_bytes=_MAX_BYTES,
            )
        except NoResponse:
            raise
        except OutboundError as error:
            raise RemoteError(str(error)) from None


def shown(text: str, most: int = 200) -> str:
    """What the other register says, as far as it can be shown on a line: not all that, and nothing that a terminal
    would obey.
    """
    return "".join(filter(str.isprintable, text[: 2 * most]))[:most]


def _number(found: Any) -> int:
    """The number of a change; less than any where it is none."""
    return found if type(found) is int and found <= MAX_SEQ else -1


def _is_record(found: Any) -> bool:
    try:
        return isinstance(found["slug"], str) and bool(UUID(found["id"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _reason(reply: Reply) -> str:
    """What a problem (RFC 9457) says, as far as it can be shown on a line."""
    try:
        problem = orjson.loads(reply.body)
        first, *_ = problem.get("errors") or [problem]
        detail = str(first["detail"])
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
        return ""
    return f' ("{shown(detail, _REASON_LENGTH)}")'


def _object(reply: Reply) -> dict[str, Any]:
    if reply.status in (301, 302, 303, 307, 308):
        raise RemoteError(f"it redirects to {reply.headers.get('location', 'another address')}; name that instead")
    if reply.status != 200:
        raise RemoteError(f"it answered {reply.status}{_reason(reply)}")
    try:
        found = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise RemoteError("it answered with something that is no JSON object")
    return found


def _retry_after(reply: Reply) -> float:
    text = reply.headers.get("retry-after", "")
    return min(float(text[:9]), _MAX_WAIT_SECONDS) if text.isascii() and text.isdigit() else 0.0
