"""Following what a view names to its records, as a client does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.register import Register

Record = dict[str, Any]


@dataclass
class Lists:
    """The lists of a register, each read once."""

    register: Register
    headers: dict[str, str] = field(default_factory=dict)
    _read: dict[str, list[Record]] = field(default_factory=dict)
    _totals: dict[str, int] = field(default_factory=dict)

    def json(self, url: str) -> Any:
        """What an address answers."""
        response = self.register.get(url, headers=self.headers)
        assert response.status_code == 200, f"{url}: {response.text}"
        return response.json()

    def records(self, url: str) -> list[Record]:
        """Every record of a list."""
        if url not in self._read:
            found: list[Record] = []
            page: str | None = f"{url}{'&' if '?' in url else '?'}limit=200"
            while page is not None:
                shown = self.json(page)
                found += shown["data"]
                page = shown["next"]
            self._read[url] = found
        return self._read[url]

    def parts(self, url: str, limit: int) -> list[Any]:
        """The parts of a view in their order; each but the last is as long as was asked for."""
        found: list[Any] = []
        following: str | None = f"{url}?limit={limit}"
        while following is not None:
            found.append(self.json(following))
            following = found[-1]["next"]
            assert len(found[-1]["data"]) == limit or following is None
        return found

    def total(self, url: str) -> int:
        """How many records a list says that it has."""
        if url not in self._totals:
            total: int = self.json(f"{url}{'&' if '?' in url else '?'}count=true&limit=1")["total"]
            self._totals[url] = total
        return self._totals[url]


def figures(document: Any, path: str = "") -> Iterator[tuple[str, Record]]:
    """Every figure of a document, wherever it stands, with its place."""
    if isinstance(document, dict):
        if {"value", "definition", "list"} <= document.keys():
            yield path, document
            return
        for name, value in document.items():
            yield from figures(value, f"{path}/{name}")
    elif isinstance(document, list):
        for place, value in enumerate(document):
            yield from figures(value, f"{path}/{place}")
