"""What a page reads. It goes through the API's own reader and grammar, so a page shows what the API would return."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from app.api.read_request import ReadRequest
from app.core.reading.list_query import ListQuery
from app.core.reading.listing import Page
from app.core.resource import Resource

Record = Mapping[str, Any]

_TERMS_A_QUERY = 50


@dataclass(frozen=True)
class Listed:
    """Some records of a list, how many there are, and the page that shows all of them."""

    name: str
    records: Sequence[Record]
    total: int
    path: str
    included: Mapping[str, Sequence[Record]]

    @property
    def more(self) -> int:
        """How many there are beside those that are shown."""
        return self.total - len(self.records)


class Register:
    """The register as it is, or as it stood at a moment, for one request."""

    def __init__(self, read: ReadRequest, as_of: datetime | None = None) -> None:
        """Read on behalf of whoever made the request."""
        self.context = read.context
        self.reader = read.reader(as_of)
        self._as_of = [("as_of", as_of.isoformat())] if as_of is not None else []

    def resource(self, name: str) -> Resource:
        """The resource of a name."""
        return self.context.catalogue.by_name[name]

    def page(self, resource: Resource, query: ListQuery) -> Page:
        """A page of a list."""
        return self.reader.page(self.context.grammar(resource), query, self.context.cursors)

    def path(self, name: str, *pairs: tuple[str, str]) -> str:
        """The page of a list, at the same moment."""
        query = urlencode([*pairs, *self._as_of])
        return f"/{name}?{query}" if query else f"/{name}"

    def list(
        self,
        name: str,
        *pairs: tuple[str, str],
        limit: int = 200,
        include: str = "",
        fields: tuple[str, ...] | None = None,
    ) -> Listed:
        """The first records that match, in the list's order or that of a ``sort`` among the pairs.

        With ``fields`` they have these alone, and no more is read.
        """
        resource = self.resource(name)
        query = self.context.grammar(resource).list_query([*pairs, ("count", "true"), ("limit", str(limit))])
        page = self.page(resource, replace(query, include=tuple(include.split(",")) if include else (), fields=fields))
        return Listed(name, page.records, page.total or 0, self.path(name, *pairs), page.included or {})

    def records(
        self, name: str, *pairs: tuple[str, str], limit: int = 200, fields: tuple[str, ...] | None = None
    ) -> Sequence[Record]:
        """The same where nobody asks how many there are."""
        resource = self.resource(name)
        query = self.context.grammar(resource).list_query([*pairs, ("limit", str(limit))])
        return self.page(resource, replace(query, fields=fields)).records

    def counted(self, name: str, *pairs: tuple[str, str]) -> Listed:
        """How many records match, and the page that shows them; none of them is read."""
        return Listed(name, (), self.total(name, *pairs), self.path(name, *pairs), {})

    def total(self, name: str, *pairs: tuple[str, str]) -> int:
        """How many records match."""
        grammar = self.context.grammar(self.resource(name))
        return self.reader.total(grammar, grammar.list_query(pairs))

    def facet(self, name: str, facet: str, *pairs: tuple[str, str]) -> dict[str, int]:
        """How many records match by each value of a facet."""
        resource = self.resource(name)
        query = self.context.grammar(resource).list_query([*pairs, ("facets", facet), ("limit", "1")])
        return dict((self.page(resource, replace(query, fields=("slug",))).facets or {})[facet])

    def titles(self, name: str, slugs: Collection[str]) -> dict[str, str]:
        """The titles of some records, by slug."""
        wanted = sorted(slugs)
        found: dict[str, str] = {}
        for start in range(0, len(wanted), _TERMS_A_QUERY):
            part = [("slug", slug) for slug in wanted[start : start + _TERMS_A_QUERY]]
            found |= {each["slug"]: each["title"] for each in self.records(name, *part, fields=("slug", "title"))}
        return found
