"""The spool: the items of a file, kept on disk until all are known, and returned each after those that it refers to.

In memory is only what puts them in order: the slug of each, where it is kept, and which of its own kind it refers to.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from tempfile import TemporaryFile
from types import TracebackType

import orjson

from app.core.importing.items import Item, Place, Unreadable
from app.core.importing.plan import Entry, Outcome, Refusal
from app.core.relations import One
from app.core.resource import Catalogue, Resource
from app.core.strict_json import dump

MAX_RECORDS = 250_000
"""The records that one import takes."""

TOO_MANY = f"It has more than {MAX_RECORDS:,} records; import it in parts."

_Columns = Mapping[str, str]


@dataclass(slots=True)
class _Stored:
    """Where an item is kept."""

    offset: int
    length: int
    file: str
    row: int | None
    columns: _Columns
    parents: tuple[str, ...]

    @property
    def place(self) -> Place:
        return Place(self.file, self.row, self.columns)


class Spool:
    """Items on disk."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Begin with none; the file ends with the spool."""
        self._file = TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._end = 0
        self._stored: dict[str, dict[str, _Stored]] = {resource.name: {} for resource in catalogue}
        self._catalogue = catalogue
        self._ids: dict[str, str] = {}
        self.refused: list[Entry] = []
        """The items that cannot be taken, whatever the register holds."""

    def __enter__(self) -> "Spool":
        """Keep items within the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is kept."""
        self._file.close()

    def take(self, items: Iterable[Item], look_up: Callable[[], None] = lambda: None) -> None:
        """Put items aside. Raises Unreadable where their file cannot be read on; ``look_up`` can end it before each."""
        for number, item in enumerate(items):
            look_up()
            if number == MAX_RECORDS:
                raise Unreadable(TOO_MANY, file=item.place.file)
            if (refusals := self._flaws(item)) or (refusals := self._store(item)):
                self.refuse(item, refusals)

    def refuse(self, item: Item, errors: list[Refusal]) -> None:
        """Note that an item cannot be taken."""
        slug = item.fields.get("slug")
        shown = slug if isinstance(slug, str) and slug.isprintable() and len(slug) <= 200 else None
        self.refused.append(Entry(item.resource.name, shown, Outcome.refused, item.place, errors=errors))

    @property
    def number(self) -> int:
        """How many items are kept."""
        return sum(map(len, self._stored.values()))

    def number_of(self, resource: Resource) -> int:
        """How many items of a resource are kept."""
        return len(self._stored[resource.name])

    def _flaws(self, item: Item) -> list[Refusal]:
        found: list[Refusal] = []
        for flaw in item.flaws:
            refusal: Refusal = {"detail": flaw["detail"]}
            if "pointer" in flaw:
                refusal["pointer"] = flaw["pointer"]
                if (column := item.place.column(flaw["pointer"])) is not None:
                    refusal["column"] = column
            found.append(refusal)
        return found

    def _store(self, item: Item) -> list[Refusal]:
        slug, place = item.fields.get("slug"), item.place
        if slug is None and item.partial:
            # Nothing can refer to it; it needs a name here that no slug has.
            slug = f"#{self._end}"
        if not slug or not isinstance(slug, str):
            detail = "Every record of a bundle needs a slug." if not slug else "It should be a text."
            return [self._pointed("/slug", detail, place)]
        stored = self._stored[item.resource.name]
        if slug in stored:
            return [
                self._pointed(
                    "/slug", f"The slug is given twice: this record is also {_at(stored[slug].place)}.", place
                )
            ]
        id_ = item.fields.get("id")
        if isinstance(id_, str) and self._ids.setdefault(id_.lower(), slug) != slug:
            return [self._pointed("/id", f"The id is given twice: {self._ids[id_.lower()]} has it as well.", place)]
        try:
            raw = dump([item.fields, item.partial])
        except (TypeError, orjson.JSONEncodeError) as error:
            return [{"detail": f"The record cannot be written as JSON: {error}."}]
        self._file.seek(self._end)
        self._file.write(raw)
        stored[slug] = _Stored(self._end, len(raw), place.file, place.row, place.columns, _parents(item))
        self._end += len(raw)
        return []

    @staticmethod
    def _pointed(pointer: str, detail: str, place: Place) -> Refusal:
        refusal: Refusal = {"pointer": pointer, "detail": detail}
        if (column := place.column(pointer)) is not None:
            refusal["column"] = column
        return refusal

    def in_order(self, resource: Resource) -> Iterator[Item]:
        """The items of a resource, those of its own kind that one refers to before it.

        Cycles are refused, and left out.
        """
        stored = self._stored[resource.name]
        for slug in self._ordered(resource, stored):
            here = stored[slug]
            self._file.seek(here.offset)
            fields, partial = orjson.loads(self._file.read(here.length))
            yield Item(resource, fields, here.place, partial)

    def _ordered(self, resource: Resource, stored: Mapping[str, _Stored]) -> Iterator[str]:
        done: set[str] = set()
        for first in stored:
            path: dict[str, Iterator[str]] = {}
            at = first
            while True:
                if at not in path and at not in done:
                    path[at] = iter(stored[at].parents)
                if at in done or (parent := next((p for p in path[at] if p in stored and p not in done), None)) is None:
                    if at not in done:
                        done.add(at)
                        yield at
                    path.pop(at, None)
                    if not path:
                        break
                    at = next(reversed(path))
                elif parent in path:
                    done.add(at)
                    self._refuse_cycle(resource, stored[at].place, at, [*path, parent])
                else:
                    at = parent

    def _refuse_cycle(self, resource: Resource, place: Place, slug: str, path: list[str]) -> None:
        circle = path[path.index(path[-1]) :]
        shown = circle if len(circle) <= 10 else [*circle[:5], "…", *circle[-4:]]
        detail = f"{' → '.join(shown)}: they refer to each other in a circle."
        self.refused.append(Entry(resource.name, slug, Outcome.refused, place, errors=[{"detail": detail}]))


def _parents(item: Item) -> tuple[str, ...]:
    """The records of its own kind that an item refers to, by what it calls them."""
    return tuple([value for name in _of_own_kind(item.resource) if isinstance(value := item.fields.get(name), str)])


@cache
def _of_own_kind(resource: Resource) -> tuple[str, ...]:
    """The fields in which a record refers to others of its resource."""
    own = (each for each in resource.relations if isinstance(each, One) and each.target is resource.table)
    return tuple(each.field for each in own)


def _at(place: Place) -> str:
    where = "in row" if place.columns else "at line"
    return f"{where} {place.row}" if place.row is not None else "earlier in the file"
