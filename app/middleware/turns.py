"""Turns: nobody holds up everybody.

A request that reads takes one of as many turns as there are threads for reading, or learns within 2 s that there is
none; those who wait get one client after the other (``fair_turns.py``). Requests that write take one turn after the
other, in a queue of their own, which goes round among clients as well: however long a writer waits for the database, it
takes no thread from readers, and those behind it are not kept waiting for nothing. Whoever still sends its body has no
turn. The time that a writer has spent in the queue is taken off the time it waits for the lock of another process
(``LOCK_WAIT``). Files, which can take seconds before their first byte, leave a turn to everything else.
"""

import asyncio
from collections.abc import Sequence

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.clients import address_of, key_or_address_of
from app.api.problems import problem_response, request_id_of
from app.api.write_request import LOCK_WAIT
from app.errors import Overloaded
from app.middleware.body_deadline import has_body
from app.middleware.fair_turns import FairTurns, Waiting
from app.middleware.rate_limits import EXEMPT

WAIT_SECONDS = 1.8
"""How long a reader waits for its turn, and a writer for a queue that does not move."""

MAX_SECONDS = 10.0
"""How long a writer waits in a queue that moves."""

MAX_QUEUE = 100

_MIN_LOCK_WAIT = 0.1

_SAFE = ("GET", "HEAD", "OPTIONS")
_LONG = "/import"
"""The end of the paths of what takes long to read before it changes anything: it waits for the database itself, and
takes no turn meanwhile. No record can have this name."""
_ONLY_READ = ("/mcp",)
"""Paths that take a POST and change nothing."""


class WriteQueue:
    """One turn, given to one client after the other. Who comes when it is full takes a place of whoever has most.

    Only changes that were made move the queue: where the database takes none, everybody in it learns so at once.
    """

    def __init__(self, *, length: int = MAX_QUEUE, stalled: float = WAIT_SECONDS, longest: float = MAX_SECONDS) -> None:
        """Let so many wait, and for so long, in seconds: while nothing moves, and altogether."""
        self._length = length
        self._stalled = stalled
        self._longest = longest
        self._taken = False
        self._moved = 0.0
        self._waiting = Waiting()

    async def enter(self, client: str, waited: float = 0.0) -> float:
        """Wait for the turn; says for how long whoever has it may still wait for the database.

        ``waited`` was waited before. Raises Overloaded where the turn does not come in time.
        """
        if not self._taken:
            self._taken = True
            return self._stalled - waited
        if len(self._waiting) >= self._length:
            displaced = self._waiting.last_of_most(client)
            if displaced is None:
                raise _full()
            displaced.set_exception(_full())
        loop = asyncio.get_running_loop()
        turn, arrived = self._waiting.add(client), loop.time() - waited
        try:
            while not turn.done():
                end = self._end(arrived)
                if loop.time() >= end:
                    raise Overloaded("Other changes take too long to be made. Nothing was changed.")
                await asyncio.wait((turn,), timeout=end - loop.time())
        except BaseException:
            if not turn.done():
                self._waiting.remove(client, turn)
            elif turn.exception() is None:
                self.leave(moved=False)
            raise
        turn.result()
        return self._end(arrived) - loop.time()

    def _end(self, arrived: float) -> float:
        """Until when somebody waits who came then."""
        return min(max(arrived, self._moved) + self._stalled, arrived + self._longest)

    def leave(self, *, moved: bool) -> None:
        """Give the turn to the next; say whether a change was made, or refused for what it says."""
        if moved:
            self._moved = asyncio.get_running_loop().time()
        if turn := self._waiting.next():
            turn.set_result(None)
        else:
            self._taken = False


def _full() -> Overloaded:
    return Overloaded("Too many changes are waiting to be made. Nothing was changed.")


class Turns:
    """ASGI layer that lets requests through in their turn."""

    def __init__(self, app: ASGIApp, readers: int) -> None:
        """Let so many read at once."""
        self.app = app
        self._readers = FairTurns(readers)
        self._files = FairTurns(max(1, readers - 1))
        self._writers = WriteQueue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on when its turn has come, or refuse it."""
        if scope["type"] != "http" or scope["method"] == "OPTIONS" or not _uses_database(scope["path"]):
            await self.app(scope, receive, send)
            return
        writes = _may_write(scope)
        readers = [self._readers] if writes or not _is_file(scope["path"]) else [self._files, self._readers]
        writers = None if scope["path"].endswith(_LONG) else self._writers
        request = _Request(scope, readers, writers, writes=writes)
        try:
            try:
                await request.begin()
            except Overloaded as problem:
                await problem_response(problem, request_id_of(Request(scope)))(scope, receive, send)
                return

            async def receive_body() -> Message:
                return await request.receive(receive)

            async def send_response(message: Message) -> None:
                if message["type"] == "http.response.start":
                    # The rest is the client's business, and how fast it reads.
                    request.end(message["status"])
                await send(message)

            await self.app(scope, receive_body, send_response)
        finally:
            request.end(503)


class _Request:
    """The turn of one request: that of a reader, and that of the writer once its body is whole."""

    def __init__(self, scope: Scope, readers: Sequence[FairTurns], writers: WriteQueue | None, *, writes: bool) -> None:
        self._scope = scope
        self._readers = readers
        self._writers = writers if writes else None
        self._writes = writes
        self._has_body = has_body(scope)
        self._waited = 0.0
        self._held: list[FairTurns] = []
        self._writing = False
        self._ended = False

    async def begin(self) -> None:
        """Take the first turn: with a body, that of a reader, to see who it is; it ends when the body is read."""
        if self._writers is not None and not self._has_body:
            await self._take_writer(self._writers)
        else:
            await self._take_reader()

    async def receive(self, receive: Receive) -> Message:
        """Pass on a part of the body; while it comes, the client has no turn, and after its end the one it needs."""
        if not self._has_body or self._ended:
            return await receive()
        self._leave_readers()
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            # What is waited for from now on is that the client leaves.
            self._has_body = False
            if self._writers is not None:
                await self._take_writer(self._writers)
            elif not self._writes:
                await self._take_reader()
        return message

    def end(self, status: int) -> None:
        """Give back what is held."""
        self._ended = True
        self._leave_readers()
        if self._writing and self._writers is not None:
            self._writing = False
            self._writers.leave(moved=status != 503)

    async def _take_writer(self, writers: WriteQueue) -> None:
        seconds_left = await writers.enter(key_or_address_of(self._scope), self._waited)
        self._writing = True
        self._scope[LOCK_WAIT] = max(seconds_left, _MIN_LOCK_WAIT)

    async def _take_reader(self) -> None:
        begun, client = asyncio.get_running_loop().time(), address_of(self._scope)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                for each in self._readers:
                    await each.acquire(client)
                    self._held.append(each)
        except TimeoutError:
            self._leave_readers()
            raise Overloaded() from None
        self._waited = asyncio.get_running_loop().time() - begun

    def _leave_readers(self) -> None:
        while self._held:
            self._held.pop().release()


def _is_file(path: str) -> bool:
    """Whether a path is that of a file, which may be of any length: /v1/export.zip, /v1/commitments.xlsx."""
    return path.startswith("/v1/") and "." in path.rpartition("/")[2]


def _uses_database(path: str) -> bool:
    return path not in EXEMPT and not path.startswith("/static/")


def _may_write(scope: Scope) -> bool:
    """Whether a request may come to change something: without a credential it is refused before."""
    if scope["method"] in _SAFE or scope["path"] in _ONLY_READ:
        return False
    return any(name == b"authorization" for name, _ in scope["headers"])
