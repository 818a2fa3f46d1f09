"""The paths of lists, as they stand in what is read: where a list goes on, or shows the records behind a number."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from app.core.resource import Resource


def list_path(resource: Resource, pairs: Sequence[tuple[str, str]]) -> str:
    """The path of a resource's list with a query."""
    query = f"?{urlencode(pairs)}" if pairs else ""
    return f"/v1/{resource.name}{query}"


class ListPaths:
    """The paths of many lists of one resource, whose queries begin alike. Each pair is encoded once."""

    def __init__(self, resource: Resource, pairs: Sequence[tuple[str, str]]) -> None:
        """Say what all of them begin with."""
        self._begin = list_path(resource, pairs)
        self._begin += "&" if pairs else "?"
        self._encoded: dict[tuple[str, str], str] = {}

    def ending_in(self, pairs: Iterable[tuple[str, str]]) -> str:
        """The path of the list whose query ends in these pairs."""
        return self._begin + "&".join([self._encoded.get(pair) or self._encode(pair) for pair in pairs])

    def _encode(self, pair: tuple[str, str]) -> str:
        encoded = self._encoded[pair] = urlencode([pair])
        return encoded
