"""The paths of lists, as they stand in what is read: where a list goes on, or shows the records behind a number."""

from collections.abc import Sequence
from urllib.parse import urlencode

from app.core.resource import Resource


def list_path(resource: Resource, pairs: Sequence[tuple[str, str]]) -> str:
    """The path of a resource's list with a query."""
    query = f"?{urlencode(pairs)}" if pairs else ""
    return f"/v1/{resource.name}{query}"
