"""What a file format is: a name, a media type, and one generator that writes records."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.core.resource import Resource

ROWS_SCHEMA: Mapping[str, Any] = {"type": "array", "items": {"type": "object"}}
"""The schema of a format that is an array of objects."""

PROSE = ("summary", "statement", "narrative", "description", "note")
"""The fields that hold running text, the one that says most first."""

_ANY_REGISTER = UUID(int=0)

Records = Sequence[Mapping[str, Any]]
"""Records as the API reads them: references as ``{"id", "slug", "title"}``, days as dates, moments in UTC."""


@dataclass(frozen=True)
class File:
    """What a file is to hold, beside the records themselves.

    ``fields`` are the fields the client chose, in its order; None: all of them. ``options`` are the format's own
    options that the client switched on, ``choices`` what it chose where the format leaves a choice. ``path`` is where
    the file was found, query included. ``base`` is the public address of the register without a slash at its end,
    empty where none is set: addresses are then paths. ``licence`` is the address of the licence of the data,
    ``register`` what tells this register from every other.
    """

    resource: Resource
    fields: tuple[str, ...] | None = None
    options: frozenset[str] = frozenset()
    choices: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    base: str = ""
    licence: str = ""
    register: UUID = _ANY_REGISTER


@dataclass(frozen=True)
class Choice:
    """A parameter of a format that takes one of several values."""

    values: tuple[str, ...]
    """What it can be; the first where the client does not say."""
    description: str


@dataclass(frozen=True, eq=False)
class Format:
    """A representation of records as a file.

    ``name`` is the ending of its paths (``/v1/commitments.csv``). ``write`` gives the bytes piece by piece and takes
    the records part by part; it asks for the first part before it gives the first byte, so that what fails until then
    can still be reported as a problem.
    """

    name: str
    media_type: str
    description: str
    write: Callable[[File, Iterable[Records]], Iterator[bytes]]
    title: str = ""
    """What pages call it; empty: its ending."""
    other_media_types: tuple[str, ...] = ()
    """Other media types by which ``Accept`` may ask for it."""
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    """What such a file is, in the document."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Boolean parameters of this format alone, each with its description."""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    """Parameters of this format alone that take one of several values."""
    resources: frozenset[str] | None = None
    """The resources whose lists have it; None: every one."""
    takes_fields: bool = True
    """Whether the client can choose the fields."""
    takes_sort: bool = True
    """Whether the client can choose the order."""
    page: bool = False
    """Whether it is a page to look at: a browser shows it, and the list's own path never gives it by ``Accept``."""
    of_record: bool = False
    """Whether a single record, of any resource, has it too (``/v1/sources/{slug}.bib``)."""
    sort: tuple[str, ...] = ()
    """The order where the client names none; empty: the list's own."""
    limit: int | None = None
    """How many records it holds where the client names no limit; None: all of them."""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or self.name

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types that mean it, without parameters; the first is what it is sent as."""
        return (self.media_type.partition(";")[0], *self.other_media_types)

    def is_of(self, resource: str) -> bool:
        """Whether the lists of a resource have it."""
        return self.resources is None or resource in self.resources
