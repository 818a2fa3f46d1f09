"""Reading bundles: whatever they are written as, they come as the same items."""

import io
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import IO, Any, cast

from app.core.flaws import nearest
from app.core.importing import Head, Item, Items, Place, Unreadable
from app.core.resource import Catalogue
from app.core.strict_json import parse
from app.errors import Invalid
from app.formats.bundle import FORMAT, HEAD
from app.formats.bundle.archives import MAX_UNPACKED_BYTES, open_zip, opened_member

MAX_LINE_BYTES = 2 * 1024 * 1024
"""The bytes of one record."""
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


class Kind(StrEnum):
    """What a bundle is written as."""

    jsonl = "jsonl"
    yaml = "yaml"
    zip = "zip"


def read_bundle(file: IO[bytes], kind: Kind, catalogue: Catalogue, *, max_unpacked: int = MAX_UNPACKED_BYTES) -> Items:
    """The items of a bundle. Going through them raises Unreadable where it is none, or is damaged."""
    items = Items((), whole=True)
    read = _Reading(catalogue, items)
    if kind is Kind.zip:
        items.every = read.zip(file, max_unpacked)
    else:
        items.every = read.jsonl(file, "") if kind is Kind.jsonl else read.yaml(file, "")
    return items


class _Reading:
    """One reading of a bundle, which fills in what the items say of themselves when that is read."""

    def __init__(self, catalogue: Catalogue, items: Items) -> None:
        self._catalogue = catalogue
        self._items = items

    def zip(self, file: IO[bytes], most: int) -> Iterator[Item]:
        archive = open_zip(file, max_unpacked=most)
        known: dict[str, Callable[[IO[bytes], str], Iterator[Item]]] = {
            "bundle.jsonl": self.jsonl,
            "bundle.yaml": self.yaml,
        }
        name = next((name for name in archive.namelist() if name in known), None)
        if name is None:
            raise Unreadable("The zip has no bundle.jsonl.")
        with opened_member(archive, name, most=most) as member:
            yield from known[name](member, name)

    # -- JSON Lines -----------------------------------------------------------------------------------------------

    def jsonl(self, file: IO[bytes], name: str) -> Iterator[Item]:
        """The items of JSON Lines: the head, then a record a line."""
        headed = False
        for number, line in enumerate(_lines(file, name), 1):
            if not line.strip():
                continue
            try:
                value = parse(line)
            except Invalid as problem:
                detail = "; ".join(flaw["detail"] for flaw in problem.errors) or problem.detail
                raise Unreadable(detail, file=name, row=number) from None
            if not headed:
                self._take_head(value if isinstance(value, dict) else {}, name, number)
                headed = True
                continue
            yield self._line(value, Place(name, number))
        if not headed:
            raise Unreadable(_NO_HEAD, file=name, row=1)

    def _line(self, value: Any, place: Place) -> Item:
        if not isinstance(value, dict) or not isinstance(value.get("resource"), str):
            detail = 'Each line after the first is a record, and says of which resource: {"resource": "themes", …}.'
            raise Unreadable(detail, file=place.file, row=place.row)
        resource = self._catalogue.by_name.get(value.pop("resource"))
        if resource is None:
            raise Unreadable(self._unknown(), file=place.file, row=place.row)
        return Item(resource, value, place)

    # -- YAML -----------------------------------------------------------------------------------------------------

    def yaml(self, file: IO[bytes], name: str) -> Iterator[Item]:
        """The items of YAML: the head, then a list for each resource."""
        # With its library, of which a server that reads no YAML need not wait for the import.
        from app.formats.bundle import yaml_text

        start = file.read(4)
        if start.startswith(_MARKS):
            raise Unreadable("It is not UTF-8.", file=name, row=1)
        head: dict[str, Any] = {}
        found = yaml_text.read(cast(IO[bytes], _Rejoined(start, file)), self._catalogue.by_name)
        try:
            for key, line, value in found:
                if key in self._catalogue.by_name:
                    self._demand_head(head, name)
                    if yaml_text.is_null(value):
                        continue
                    if not yaml_text.is_list(value):
                        raise Unreadable(f"{key}: must be a list of records.", file=name, row=line)
                    fields = value if isinstance(value, dict) else {}
                    if fields.get("resource") == key:
                        del fields["resource"]
                    yield Item(self._catalogue.by_name[key], fields, Place(name, line))
                elif key in HEAD:
                    head[key] = value
                else:
                    self._demand_head(head, name)
                    raise Unreadable(self._unknown(key), file=name, row=line)
        except Unreadable as problem:
            problem.file = problem.file or name
            raise
        self._demand_head(head, name)
        self._take_head(head, name, 1)

    # -- the head -------------------------------------------------------------------------------------------------

    def _demand_head(self, head: dict[str, Any], name: str) -> None:
        if head.get("format") != FORMAT:
            raise Unreadable(_NO_HEAD, file=name, row=1)

    def _take_head(self, head: dict[str, Any], name: str, line: int) -> None:
        self._demand_head(head, name)
        for key in head:
            if key not in HEAD:
                raise Unreadable(f"The head has a key that is not known.{nearest(key, HEAD)}", file=name, row=line)
        # Null is as good as left out. All else must be what it should: `false` for "no scope" might mean anything.
        for key, (kind, should) in _HEAD_VALUES.items():
            if not isinstance(head.get(key), kind | None):
                raise Unreadable(f"`{key}` is {should}.", file=name, row=line)
        partnerships = head.get("scope") or []
        if not all(isinstance(each, str) for each in partnerships):
            raise Unreadable(f"`scope` is {_HEAD_VALUES['scope'][1]}.", file=name, row=line)
        title, as_of = head.get("title") or "", head.get("as_of") or ""
        self._items.head = Head(title, bool(head.get("drafts")), tuple(partnerships), as_of)

    def _unknown(self, name: str = "") -> str:
        known = ", ".join(self._catalogue.by_name)
        shown = f" {name}" if name.isprintable() and 0 < len(name) <= 60 else ""
        return f"There is no resource{shown}; known are {known}."


_HEAD_VALUES: dict[str, tuple[type, str]] = {
    "title": (str, "a text"),
    "licence": (str, "a text"),
    "drafts": (bool, "true or false"),
    "scope": (list, "a list of slugs of partnerships"),
    "as_of": (str, "a text: a date or a time"),
}
_MAX_LINES = 500_000
"""Twice as many as the records that one import takes: empty lines by the million cost as much as records."""
_NO_HEAD = f"It is not a bundle: it must begin with `format: {FORMAT}`."


def _lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    """The lines of a text in UTF-8, none longer than a record may be, without the mark that some begin with."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number > _MAX_LINES:
            raise Unreadable(f"It has more than {_MAX_LINES:,} lines; import it in parts.", file=name, row=number)
        if len(line) > MAX_LINE_BYTES:
            raise Unreadable(f"The line has more than {MAX_LINE_BYTES // 2**20} MiB.", file=name, row=number)
        if number == 1:
            if line.startswith(_MARKS):
                raise Unreadable("It is not UTF-8.", file=name, row=1)
            line = line.removeprefix(b"\xef\xbb\xbf")
        yield line


class _Rejoined(io.RawIOBase):
    """A stream of which the first bytes were read already."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start, self._rest = start, rest

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        start, self._start = self._start, b""
        if size < 0:
            return start + self._rest.read()
        if len(start) > size:
            self._start = start[size:]
            return start[:size]
        return start + self._rest.read(size - len(start))
