"""How a file is sent: its records are read part by part, within one transaction that ends with the response."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from typing import Any

import sqlalchemy as sa
from anyio import CancelScope, to_thread
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app import __version__
from app.api import etag
from app.api.changes.feed import last_number
from app.api.clients import key_or_address_of
from app.api.read_request import ReadRequest
from app.core.reading.list_query import ListQuery
from app.core.resource import Resource
from app.core.storage.history import change_counter
from app.core.visibility import Viewer
from app.errors import Overloaded
from app.formats.format import File, Format

PART = 500
"""The records that are read at once."""


@contextmanager
def streaming(read: ReadRequest) -> Iterator[sa.Connection]:
    """The transaction of a stream: it opens with the first part, and ends with the last; raises Overloaded."""
    # How long a stream lasts is up to its client. Streams must not use up the connections that other requests need.
    database = read.context.database
    with database.streams.one(key_or_address_of(read.request.scope)) as found:
        if not found:
            raise Overloaded("As many files are being taken away as the server serves at once, or serves you.")
        with database.reading(seconds=0) as connection:
            yield connection


def last_change(connection: sa.Connection, viewer: Viewer) -> int:
    """The number of the last change that can show to a viewer. A draft's is none of what everybody sees."""
    if viewer.public:
        return last_number(connection)
    return int(connection.execute(sa.select(change_counter.c.seq)).scalar_one())


def tag_of(read: ReadRequest, number: int, *more: str) -> str:
    """The entity tag of a stream, from what decides its bytes: they are as of the last change of this number."""
    url, context = read.request.url, read.context
    # What is computed for the day may be in it, and addresses at the public one.
    day, base = context.clock().date(), context.public_url
    decisive = (__version__, number, day, base, read.viewer, *more, url.path, url.query)
    return etag.make(repr(decisive).encode())


def stored_response(read: ReadRequest, headers: Mapping[str, str], media_type: str, *more: str) -> Response | None:
    """The response to a client that has the stream already, by its tag; None where it is to be made.

    Of what type the stream is decides on what its encoding depends, so it is told; it is not sent.
    """
    if "if-none-match" not in read.request.headers:
        return None
    tag = tag_of(read, last_change(read.connection, read.viewer), *more)
    stored = etag.stored_by(read.request.headers, tag)
    return None if stored is None else Response(None, 304, {**headers, "ETag": stored}, media_type)


class RecordSource:
    """The records of a list, without end where it sets no limit, all as of one moment."""

    def __init__(self, read: ReadRequest, resource: Resource, query: ListQuery) -> None:
        self._read = read
        self._grammar = read.context.grammar(resource)
        self._query = query
        self.last_change = 0
        """The number of the last change that the records are as of, once the first part is read."""

    @property
    def is_one_part(self) -> bool:
        """Whether all the records are read at once."""
        return self._query.limit is not None and self._query.limit <= PART

    def parts(self) -> Generator[Sequence[Mapping[str, Any]]]:
        """The records, part by part."""
        context, viewer = self._read.context, self._read.viewer
        with streaming(self._read) as connection:
            self.last_change = last_change(connection, viewer)
            reader = context.reader(connection, viewer, self._query.as_of)
            yield from reader.parts(self._grammar, self._query, context.cursors, PART, self._query.limit)


class WholeFile(Response):
    """A file that was made at once, as its records were read: to change threads for each piece takes longer.

    It is sent as a longer one is, so that nobody has to tell the two apart.
    """

    def __init__(self, pieces: Generator[bytes], media_type: str) -> None:
        """Make all of it."""
        super().__init__(b"".join(pieces), media_type=media_type)
        del self.headers["content-length"]

    def end(self) -> None:
        """Nothing is left to be read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, and then that this was all."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class FileStream(StreamingResponse):
    """A streamed response whose source is ended with it, whether it came to its end or its client left."""

    def __init__(self, pieces: Generator[bytes], media_type: str) -> None:
        """Make the first piece before the response begins: what fails by then can still be told as a problem."""
        self._pieces = pieces
        super().__init__(chain([next(self._pieces)], self._pieces), media_type=media_type)

    def end(self) -> None:
        """Read no further."""
        self._pieces.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Otherwise its transaction would last until the garbage collector happens upon it.
            with CancelScope(shield=True):
                await to_thread.run_sync(self.end)


def pieces_of(source: RecordSource, format_: Format, file: File) -> Generator[bytes]:
    """A list as a file of some format, piece by piece."""
    with closing(source.parts()) as parts:
        yield from format_.write(file, parts)
