"""The end of the server, made known to those who respond for as long as it lasts.

Requests in flight are finished before the server ends. A response without an end, such as a stream of events, never
would be: it waits for this signal beside its events, and ends itself. New requests still come for a moment after it,
over connections that are open.
"""

import asyncio


class Shutdown:
    """Whether the server is about to stop. Belongs to the event loop: waited for and set there."""

    def __init__(self) -> None:
        """Say that it is not."""
        self._event = asyncio.Event()

    @property
    def begun(self) -> bool:
        """Whether the server is about to stop."""
        return self._event.is_set()

    def begin(self) -> None:
        """Make known that the server is about to stop; doing it again changes nothing."""
        self._event.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait until the server is about to stop, or for a time. Says whether it is.

        A stream with nothing to send waits here between two heartbeats: ``while not await shutdown.wait(15): …``.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        return True
