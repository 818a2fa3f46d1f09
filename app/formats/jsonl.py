"""JSON Lines: one record a line, as it stands in a JSON list."""

from collections.abc import Iterable, Iterator

from app.core.strict_json import dump
from app.formats.format import File, Format, Records


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """Each record on its line."""
    for records in parts:
        yield b"".join(dump(record) + b"\n" for record in records)


JSON_LINES = Format(
    name="jsonl",
    media_type="application/jsonl",
    description="One record a line, as JSON.",
    write=write,
    title="JSON Lines",
    other_media_types=("application/x-ndjson", "application/x-jsonlines"),
)
