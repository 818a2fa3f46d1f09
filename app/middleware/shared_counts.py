"""Counts of requests in a Redis or Valkey that processes share. Its client is imported only where there is one."""

import asyncio
import logging
import time

from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.middleware.request_counts import LimitStatus, Policy, status_of

log = logging.getLogger("followthrough.limits")

_STORE_SECONDS = 0.5
_REQUEST_SECONDS = 2 * _STORE_SECONDS
"""For everything that a request wants of the store: several commands, the first of which may have to connect."""
_SECONDS_BETWEEN_TRIES = 1.0
_SECONDS_BETWEEN_WARNINGS = 60.0


class SharedCounter:
    """Counts in a Redis or Valkey. While it is out of reach nothing is counted, and so everything is let through."""

    def __init__(self, url: SecretStr) -> None:
        """Prepare to connect."""
        # Valkey speaks the protocol of Redis, and the client knows it by that name.
        address = url.get_secret_value().replace("valkey", "redis", 1)
        self._pool = BlockingConnectionPool.from_url(
            address,
            max_connections=32,
            timeout=_STORE_SECONDS,
            socket_timeout=_STORE_SECONDS,
            socket_connect_timeout=_STORE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        storage = RedisStorage(
            "redis://",
            implementation="redispy",
            connection_pool=self._pool,  # type: ignore[arg-type] # taken, though its type leaves it out
            key_prefix="followthrough",
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._try_again_at = 0.0
        self._warn_again_at = 0.0

    async def hit(self, policy: Policy, who: str) -> LimitStatus | None:
        """Count a request, unless there were too many already. None while the store is out of reach."""
        if time.monotonic() < self._try_again_at:
            return None
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                taken = await self._limiter.hit(policy.rate, who)
                return await status_of(self._limiter, policy, who, refused=not taken)
        except Exception as error:
            # Whatever is the matter with the store: it is no reason to fail a request that needs nothing from it.
            self._store_unreachable(error)
            return None

    def look(self, policy: Policy, who: str) -> bytes | None:
        """Not worth a request over the network."""
        return None

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()

    def _store_unreachable(self, error: Exception) -> None:
        now = time.monotonic()
        self._try_again_at = now + _SECONDS_BETWEEN_TRIES
        if now >= self._warn_again_at:
            self._warn_again_at = now + _SECONDS_BETWEEN_WARNINGS
            # By its kind only: what an error says may repeat the address, and a password in it.
            log.warning("requests are not counted: the store of limits fails (%s)", type(error).__name__)
