"""Streaming: all records of a list in a format other than JSON, read part by part within one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from fastapi.responses import StreamingResponse

from app.core.answer import VARY, cache_control
from app.core.context import Context
from app.core.format import Format
from app.core.query import Ask, Grammar
from app.core.visibility import Viewer

PART = 500


def parts(context: Context, grammar: Grammar, ask: Ask, viewer: Viewer) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The records that a list asks for, without end where it sets no limit, all as of one moment."""
    left = ask.limit
    # The transaction belongs to the stream: it opens with the first part, and ends with the last.
    with context.database.reading(seconds=0) as connection:
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

    def pieces() -> Iterator[bytes]:
        head = writer.head()
        for records in parts(context, grammar, ask, viewer):
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
    return StreamingResponse(chain([first], every), headers=headers, media_type=kind.media_type)
