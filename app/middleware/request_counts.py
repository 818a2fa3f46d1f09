"""What requests are counted against, and where the counts are kept: in memory, or in a Redis that processes share.

The counting is that of the ``limits`` library: a sliding window, weighted between the last and the present one.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from math import floor
from typing import Protocol

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

_MAX_CLIENTS = 100_000


@dataclass(frozen=True, slots=True)
class Policy:
    """How many requests are taken in which time."""

    name: bytes
    """What is counted by: what the responses call it."""
    rate: RateLimitItem
    window: int
    """The time, in seconds."""
    field: bytes
    """The value of RateLimit-Policy."""

    @classmethod
    def read(cls, name: str, text: str) -> "Policy | None":
        """A policy from a setting such as 100/minute; None where it is empty."""
        if not text:
            return None
        rate = parse(text)
        window = rate.get_expiry()
        return cls(name.encode(), rate, window, f'"{name}";q={rate.amount};w={window}'.encode())


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """How a client stands."""

    policy: Policy
    refused: bool
    remaining: int
    """Requests that are left."""
    seconds: int
    """Within this time the requests that are left can be made; where none is, after it there is one again."""

    @property
    def field(self) -> bytes:
        """The value of RateLimit."""
        return _field(self.policy, self.remaining, self.seconds)


def _field(policy: Policy, remaining: int, seconds: int) -> bytes:
    return b'"%b";r=%d;t=%d' % (policy.name, remaining, seconds)


class Counter(Protocol):
    """Counts requests."""

    async def hit(self, policy: Policy, who: str) -> LimitStatus | None:
        """Count a request, unless there were too many already. None: nobody could count it."""

    def look(self, policy: Policy, who: str) -> bytes | None:
        """How a client stands, as the value of RateLimit, with nothing counted. None where it costs more to know."""

    async def close(self) -> None:
        """Let go of what was opened."""


async def status_of(
    limiter: SlidingWindowCounterRateLimiter, policy: Policy, who: str, *, refused: bool = False
) -> LimitStatus:
    stats = await limiter.get_window_stats(policy.rate, who)
    remaining = 0 if refused else stats.remaining
    # The window slides, so it is never "reset": what is left can be used within a whole window, and where nothing is
    # left, the time tells when the next request will be taken.
    seconds = policy.window if remaining else max(1, floor(stats.reset_time - time.time()) + 1)
    return LimitStatus(policy, refused, remaining, seconds)


class _Windows(MemoryStorage):
    """Counts in memory, as many as there is room for: those that made no request for the longest are forgotten first.

    The library's own storage looks through all its counts at each request, and keeps as many as clients can make up.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._counts: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def _counted(self, key: str, window: int) -> tuple[int, int]:
        """The counts of the last and of the present window."""
        number, before, current = self._counts.get(key, (window, 0, 0))
        if number == window:
            return before, current
        return (current, 0) if number == window - 1 else (0, 0)

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a request, unless it would be one too many."""
        window, passed = divmod(time.time(), expiry)
        before, current = self._counted(key, int(window))
        if floor(before * (expiry - passed) / expiry + current) + amount > limit:
            return False
        self._counts[key] = (int(window), before, current + amount)
        self._counts.move_to_end(key)
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The count of the last window and how long it still bears, and the same of the present one."""
        window, passed = divmod(time.time(), expiry)
        before, current = self._counted(key, int(window))
        return before, (expiry - passed) if before else 0.0, current, 2 * expiry - passed

    def weight(self, key: str, expiry: int) -> float:
        """What a client's count weighs at this moment, over both windows."""
        if key not in self._counts:
            return 0
        window, passed = divmod(time.time(), expiry)
        before, current = self._counted(key, int(window))
        return before * (expiry - passed) / expiry + current

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget a count."""
        self._counts.pop(key, None)


class MemoryCounter:
    """Counts of this process alone."""

    def __init__(self, most: int = _MAX_CLIENTS) -> None:
        """Keep at most this many clients in mind."""
        self._windows = _Windows(most)
        self._limiter = SlidingWindowCounterRateLimiter(self._windows)

    async def hit(self, policy: Policy, who: str) -> LimitStatus | None:
        """Count a request, unless there were too many already."""
        taken = await self._limiter.hit(policy.rate, who)
        return await status_of(self._limiter, policy, who, refused=not taken)

    def look(self, policy: Policy, who: str) -> bytes | None:
        """How a client stands, with nothing counted: by the count alone, as ready-made responses do not wait."""
        weight = self._windows.weight(policy.rate.key_for(who), policy.window)
        return _field(policy, max(0, policy.rate.amount - floor(weight)), policy.window)

    async def close(self) -> None:
        """Nothing was opened."""
