"""Items: the records of a file as they were read, each with where it stands there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.resource import Resource
from app.errors import Flaw


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in what was sent."""

    file: str = ""
    """The file's name, where there are several, as in an archive."""
    row: int | None = None
    """The line of a text, or the row of a sheet; the first is 1."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The column of a table that each part of the record comes from, by JSON Pointer (``/sets/completion``)."""

    def column(self, pointer: str) -> str | None:
        """The column that a flaw is in: that of the pointer, or of what it points into."""
        while pointer:
            if pointer in self.columns:
                return self.columns[pointer]
            pointer = pointer.rpartition("/")[0]
        return None


@dataclass(frozen=True, slots=True)
class Item:
    """A record as it was read: its fields as JSON has them, named as a body names them, and its stamps.

    A bundle's record is whole, and has a slug. A ``partial`` one may lack a slug, which is then derived, and changes
    only the fields that it has. ``flaws`` are what the reader found wrong with it: it is refused for them.
    """

    resource: Resource
    fields: Mapping[str, Any]
    place: Place = Place()
    partial: bool = False
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself: which part of a register it holds."""

    title: str = ""
    drafts: bool = False
    """Whether it holds what is not published as well."""
    partnerships: tuple[str, ...] = ()
    """The partnerships that it is limited to; none: it holds them all."""
    as_of: str = ""
    """The moment whose register it holds; empty: the one of its making."""


@dataclass
class Items:
    """The items of a file, to be gone through once. Going through them may raise Unreadable, and fills in the head."""

    every: Iterable[Item]
    head: Head = Head()
    whole: bool = False
    """Whether they are a whole register, as a bundle is: what it does not hold can be withdrawn."""


class Unreadable(Exception):
    """A file that cannot be read on: says where and why. Nothing of it is taken."""

    def __init__(self, detail: str, *, file: str = "", row: int | None = None, column: str | None = None) -> None:
        """Say what is wrong, and where as far as that is known."""
        super().__init__(detail)
        self.detail = detail
        self.file = file
        self.row = row
        self.column = column
