"""Streaming: all records of a list in a format other than JSON, read part by part within one transaction."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain
from threading import Semaphore
from typing import Any

from anyio import CancelScope, to_thread
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.core.answer import VARY, cache_control
from app.core.context import Context
from app.core.format import Format
from app.core.query import Ask, Grammar
from app.core.visibility import Viewer
from app.errors import Overloaded

PART = 500


@contextmanager
def _released(held: Semaphore) -> Iterator[None]:
    try:
        yield
    finally:
        held.release()


def parts(context: Context, grammar: Grammar, ask: Ask, viewer: Viewer) -> Generator[Sequence[Mapping[str, Any]]]:
    """The records that a list asks for, without end where it sets no limit, all as of one moment."""
    left = ask.limit
    # How long a stream lasts is up to its client. Streams must not use up the connections that other requests need.
    if not context.database.streams.acquire(blocking=False):
        raise Overloaded("As many lists are being taken away as the server serves at once.")
    # The transaction belongs to the stream: it opens with the first part, and ends with the last.
    with _released(context.database.streams), context.database.reading(seconds=0) as connection:
        reader = context.reader(connection, viewer, ask.as_of)
        while left is None or left > 0:
            page = reader.page(grammar, ask, context.cursors, limit=PART if left is None else min(PART, left))
            yield page.records
            if page.after is None:
                return
            left = None if left is None else left - len(page.records)
            ask = replace(ask, cursor=context.cursors.write(grammar.resource.name, ask, page.after))


def stream(
    kind: type[Format], context: Context, grammar: Grammar, ask: Ask, viewer: Viewer, name: str
) -> StreamingResponse:
    """The answer that streams a list in a format."""
    ask = replace(ask, count=False, facets=(), include=())
    if ask.cursor is not None:
        context.cursors.read(grammar.resource.name, ask)
    writer = kind(grammar.resource, ask.fields)

    def pieces() -> Generator[bytes]:
        head = writer.head()
        with closing(parts(context, grammar, ask, viewer)) as found:
            for records in found:
                yield head + writer.write(records)
                head = b""

    # The first part is read before the answer begins: what fails by then can still be told as a problem.
    every = pieces()
    first = next(every)
    headers = {
        "Cache-Control": cache_control(viewer),
        "Vary": VARY,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return _Ended(first, every, headers=headers, media_type=kind.media_type)


class _Ended(StreamingResponse):
    """A streamed answer whose source is ended with it, whether it came to its end or its client left."""

    def __init__(self, first: bytes, rest: Generator[bytes], headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(chain([first], rest), headers=headers, media_type=media_type)
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Otherwise its transaction would last until the garbage collector happens upon it.
            with CancelScope(shield=True):
                await to_thread.run_sync(self._rest.close)
