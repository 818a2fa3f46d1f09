"""Turns that go round among clients: who asks for much at once waits for it, and others do not wait for all of it."""

import asyncio
from collections import deque

Turn = asyncio.Future[None]


class Waiting:
    """Those who wait: one client after the other has its turn; the requests of one keep their order.

    In the order of arrival alone, eight slow requests of one client would let everybody else wait for all eight.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._turns: dict[str, deque[Turn]] = {}
        """Who waits, by client; the one whose turn comes next first."""

    def __len__(self) -> int:
        """How many requests wait."""
        return sum(map(len, self._turns.values()))

    def add(self, client: str) -> Turn:
        """Wait from now on."""
        turn = asyncio.get_running_loop().create_future()
        self._turns.setdefault(client, deque()).append(turn)
        return turn

    def next(self) -> Turn | None:
        """Take out who comes next, if anybody waits."""
        while self._turns:
            client = next(iter(self._turns))
            turns = self._turns.pop(client)
            turn = turns.popleft()
            if turns:
                self._turns[client] = turns
            # Who has left meanwhile waits no more.
            if not turn.done():
                return turn
        return None

    def remove(self, client: str, turn: Turn) -> None:
        """Take out who does not wait for its turn."""
        turns = self._turns[client]
        turns.remove(turn)
        if not turns:
            del self._turns[client]

    def last_of_most(self, client: str) -> Turn | None:
        """Take out the last request of whoever has most of them, where that is more than this client would have."""
        most = max(self._turns, key=lambda each: len(self._turns[each]))
        if len(self._turns[most]) <= len(self._turns.get(client, ())) + 1:
            return None
        return self._turns[most].pop()


class FairTurns:
    """So many turns at once."""

    def __init__(self, number: int) -> None:
        """Give so many turns at once."""
        self._free = number
        self._waiting = Waiting()

    async def acquire(self, client: str) -> None:
        """Wait for a turn."""
        if self._free:
            self._free -= 1
            return
        turn = self._waiting.add(client)
        try:
            await turn
        except BaseException:
            if not turn.cancelled():
                # It came just as its client left.
                self.release()
            raise

    def release(self) -> None:
        """Give a turn back: to the next client, if any waits."""
        if turn := self._waiting.next():
            turn.set_result(None)
        else:
            self._free += 1
