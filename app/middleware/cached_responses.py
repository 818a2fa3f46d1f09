"""Ready-made public responses, as they are kept: in memory, within a bound, and right until something changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from starlette.datastructures import Headers

from app.core.clock import Clock, now

Key = tuple[str, bytes, str, str | None, tuple[str, bool]]
"""What was asked for: path, query, ``Accept``, content coding, and the language with whether the query says it."""

Version = tuple[Hashable, date | None]
"""What must be as it was for a response to hold: the register, and the day that computed fields are for."""

_STATIC: Version = ("static", None)
"""The version of what changes only with the program."""


class Freshness(Protocol):
    """Knows whether the register has changed."""

    def version(self) -> Hashable | None:
        """A value that is different after every change; None while that cannot be known."""

    def is_at(self, version: Hashable, number: int) -> bool:
        """Whether a version is that of the register at this number of a change."""


@dataclass(slots=True)
class Figures:
    """How a cache fares."""

    entries: int = 0
    """How many responses it holds."""
    size: int = 0
    """The memory they take, as it is reckoned against the limit."""
    hits: int = 0
    """How many requests it has answered."""
    misses: int = 0
    """How many it could have answered and had to pass on."""


@dataclass(slots=True, eq=False)
class CachedResponse:
    """A response that everybody gets."""

    version: Version
    status: int
    headers: list[tuple[bytes, bytes]]
    """With the length of the body, as they are sent."""
    body: bytes
    size: int
    route: str | None
    request_id: bytes | None
    """What the body names the request by, where it does: each request has its own put in its place."""

    @property
    def tags(self) -> Headers:
        """Where its entity tag is."""
        return Headers(raw=self.headers)


def _nothing_to_forget(response: CachedResponse) -> None:
    pass


class CachedResponses:
    """Responses by what was asked for; those that were not used for longest go first."""

    def __init__(
        self, freshness: Freshness, most_bytes: int, clock: Clock = now, figures: Figures | None = None
    ) -> None:
        """Keep at most this many bytes; how it fares is said in the figures."""
        self.most_bytes = most_bytes
        self.figures = figures if figures is not None else Figures()
        self.dropped: Callable[[CachedResponse], None] = _nothing_to_forget
        """Told of each response that is no longer kept."""
        self._freshness = freshness
        self._clock = clock
        self._stored: OrderedDict[Key, CachedResponse] = OrderedDict()
        self._size = 0

    def version(self, path: str) -> Version | None:
        """What a response to a path is right for at this moment; None while that cannot be known."""
        return _STATIC if path.startswith("/static/") else self._now()

    def find(self, key: Key, version: Version) -> CachedResponse | None:
        """The response to what is asked for, where there is one of this version."""
        stored = self._stored.get(key)
        if stored is None or stored.version != version:
            self.figures.misses += 1
            return None
        self._used(key)
        return stored

    def find_again(self, key: Key, response: CachedResponse) -> bool:
        """Whether a response that is kept is still right; it is used then."""
        version = response.version
        if version is not _STATIC and version != self._now():
            return False
        self._used(key)
        return True

    def holds(self, key: Key, response: CachedResponse) -> bool:
        """Whether a response is kept."""
        return self._stored.get(key) is response

    def made_at(self, version: Version, numbers: Iterable[int]) -> bool:
        """Whether all that was read for a response, from snapshots of these numbers, is of a version."""
        return all(self._freshness.is_at(version[0], each) for each in numbers)

    def keep(self, key: Key, fresh: CachedResponse) -> None:
        """Keep a response, in place of an earlier one."""
        before = self._stored.pop(key, None)
        if before is not None:
            self._drop(before)
        self._stored[key] = fresh
        self._grown(fresh.size)

    def enlarge(self, response: CachedResponse, size: int) -> None:
        """Reckon more for a response that is kept."""
        response.size += size
        self._grown(size)

    def _now(self) -> Version | None:
        version = self._freshness.version()
        return None if version is None else (version, self._clock().date())

    def _used(self, key: Key) -> None:
        self._stored.move_to_end(key)
        self.figures.hits += 1

    def _drop(self, response: CachedResponse) -> None:
        self._size -= response.size
        self.dropped(response)

    def _grown(self, size: int) -> None:
        self._size += size
        while self._size > self.most_bytes and self._stored:
            self._drop(self._stored.popitem(last=False)[1])
        self.figures.entries, self.figures.size = len(self._stored), self._size
