"""What a streamed format is."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.core.resource import Resource


class Format(Protocol):
    """Writes records, part by part."""

    media_type: str

    def __init__(self, resource: Resource, fields: Sequence[str] | None) -> None:
        """Take the shape of the records."""

    def head(self) -> bytes:
        """What comes before the first record."""

    def write(self, records: Sequence[Mapping[str, Any]]) -> bytes:
        """Some records."""
