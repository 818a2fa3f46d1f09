"""JSON Lines: one record a line, as it stands in a JSON list."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from app.core.answer import dump
from app.core.resource import Resource


class JsonLinesFormat:
    """Writes records as lines of JSON."""

    media_type = "application/jsonl"

    def __init__(self, resource: Resource, fields: Sequence[str] | None) -> None:
        """Take the shape of the records; every line says it anew."""

    def head(self) -> bytes:
        """Nothing comes before the first record."""
        return b""

    def write(self, records: Sequence[Mapping[str, Any]]) -> bytes:
        """Some records, each on its line."""
        return b"".join(dump(record) + b"\n" for record in records)


def read(text: bytes) -> list[Any]:
    """The records of a JSON Lines document."""
    return [orjson.loads(line) for line in text.splitlines() if line.strip()]
