"""Turns that go round among clients: who asks for much at once waits for it, and others do not wait for all of it."""

import asyncio
from collections import deque


class FairTurns:
    """So many turns at once. Of those who wait, one client after the other gets one; its own requests keep their order.

    In the order of arrival alone, eight slow requests of one client would let everybody else wait for all eight.
    """

    def __init__(self, number: int) -> None:
        """Give so many turns at once."""
        self._free = number
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """Who waits, by client; the one whose turn comes next first."""

    async def acquire(self, client: str) -> None:
        """Wait for a turn."""
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except BaseException:
            if not turn.cancelled():
                # It came just as its client left.
                self.release()
            raise

    def release(self) -> None:
        """Give a turn back: to the next client, if any waits."""
        while self._waiting:
            client = next(iter(self._waiting))
            requests = self._waiting.pop(client)
            turn = requests.popleft()
            if requests:
                self._waiting[client] = requests
            # Who has left meanwhile waits no more.
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
