"""Following a list to its end, as a client does."""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx

MAX_PAGES = 2000


def pages(client: httpx.Client, url: str, pairs: Sequence[tuple[str, str]] = ()) -> Iterator[dict[str, Any]]:
    """Each page of a list, from the first to the one that names no next."""
    response = client.get(url, params=list(pairs) or None)
    for _ in range(MAX_PAGES):
        assert response.status_code == 200, f"{response.request.url}: {response.text}"
        page: dict[str, Any] = response.json()
        yield page
        if page["next"] is None:
            return
        response = client.get(page["next"])
    raise AssertionError(f"{url} does not end")


def records(client: httpx.Client, url: str, pairs: Sequence[tuple[str, str]] = ()) -> list[dict[str, Any]]:
    """Every record of a list, in its order."""
    return [record for page in pages(client, url, pairs) for record in page["data"]]


def slugs(client: httpx.Client, url: str, pairs: Sequence[tuple[str, str]] = ()) -> list[str]:
    """The slug of every record of a list, in its order."""
    return [record["slug"] for record in records(client, url, (*pairs, ("limit", "200")))]
