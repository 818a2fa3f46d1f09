"""JSON as a file: a bare array of records, as pandas, R and jq read it."""

from collections.abc import Iterable, Iterator

from app.core.strict_json import dump
from app.formats.format import ROWS_SCHEMA, File, Format, Records


def array(parts: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """One JSON array of items, each written already, an item a line."""
    before = b"["
    for items in parts:
        piece = b""
        for item in items:
            piece += before + item
            before = b",\n"
        yield piece
    yield b"[]\n" if before == b"[" else b"]\n"


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """One array, a record a line."""
    return array((dump(record) for record in records) for records in parts)


JSON = Format(
    name="json",
    media_type="application/json",
    description="A bare array of records.",
    write=write,
    title="JSON (all)",
    schema=ROWS_SCHEMA,
)
