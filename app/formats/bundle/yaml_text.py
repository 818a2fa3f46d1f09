"""Bundles as YAML, as far as a register needs it.

Texts, whole numbers, numbers, true, false, null, lists and objects; each key once; no tags, and no aliases, which can
make a small file expand into more than fits into memory. A file is read event by event, and held one record at a time.
"""

import re
from collections.abc import Container, Iterator, Mapping
from typing import IO, Any

import yaml

from app.core.importing import Unreadable
from app.core.strict_json import MAX_DEPTH, whole

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")
_END = object()


def read(source: IO[bytes] | bytes, lists: Container[str]) -> Iterator[tuple[str, int, Any]]:
    """The members of the one object of a file: its key, the line, and the value.

    The members of ``lists`` are given entry by entry where they are lists, so that none is held as a whole. Raises
    Unreadable.
    """
    try:
        yield from _Events(yaml.parse(source, Loader=yaml.CSafeLoader)).members(lists)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        row = mark.line + 1 if mark else None
        raise Unreadable(f"It is not YAML: {error.problem or error.context}.", row=row) from None
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"It is not YAML: {str(error).splitlines()[0]}.") from None


class _Events:
    """Builds values from the events of YAML's parser, which by itself holds nothing in memory."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events

    def members(self, lists: Container[str]) -> Iterator[tuple[str, int, Any]]:
        documents = 0
        for event in self._events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            documents += 1
            if documents > 1:
                raise Unreadable("A second document begins.", row=_line(event))
            first = next(self._events)
            self._refuse(first, 0)
            if not isinstance(first, yaml.MappingStartEvent):
                raise Unreadable("It is not a bundle: it must be an object, whose first line is its `format`.", row=1)
            yield from self._top(lists)

    def _top(self, lists: Container[str]) -> Iterator[tuple[str, int, Any]]:
        known_keys: set[str] = set()
        for event in self._events:
            key = self._value(event, 1)
            if key is _END:
                return
            self._demand_new(event, key, known_keys)
            known_keys.add(key)
            first = next(self._events)
            if key in lists and isinstance(first, yaml.SequenceStartEvent):
                self._refuse(first, 1)
                for entry in self._events:
                    if isinstance(entry, yaml.SequenceEndEvent):
                        break
                    yield key, _line(entry), self._value(entry, 2)
            else:
                value = self._value(first, 1)
                yield key, _line(first), _NotAList(value) if key in lists else value

    @staticmethod
    def _demand_new(event: yaml.Event, key: Any, known_keys: Container[str]) -> None:
        if not isinstance(key, str):
            raise Unreadable("A key is not a text.", row=_line(event))
        if key in known_keys:
            raise Unreadable(f"The key {key} is given twice.", row=_line(event))

    @staticmethod
    def _refuse(event: yaml.Event, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("Aliases are not taken; write the value out.", row=_line(event))
        if getattr(event, "tag", None) is not None:
            raise Unreadable("Tags are not taken.", row=_line(event))
        if depth > MAX_DEPTH:
            raise Unreadable("It is nested too deeply.", row=_line(event))

    def _value(self, event: yaml.Event, depth: int) -> Any:
        self._refuse(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._object(depth)
        return _END

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while (value := self._value(next(self._events), depth + 1)) is not _END:
            found.append(value)
        return found

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self._events:
            key = self._value(event, depth + 1)
            if key is _END:
                break
            self._demand_new(event, key, found)
            found[key] = self._value(next(self._events), depth + 1)
        return found


class _NotAList:
    """A value that stands where a list belongs."""

    def __init__(self, value: Any) -> None:
        self.value = value


def is_list(value: Any) -> bool:
    """Whether a member of ``lists`` was given as one."""
    return not isinstance(value, _NotAList)


def is_null(value: Any) -> bool:
    """Whether a member of ``lists`` was given as nothing at all."""
    return isinstance(value, _NotAList) and value.value is None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> Any:
    """What a scalar says: a quoted one is a text, a plain one may be a number, true, false or null."""
    text: str = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        try:
            return whole(text)
        except ValueError:
            raise Unreadable("A number is out of range.", row=_line(event)) from None
    return float(text) if _NUMBER.fullmatch(text) else text


# -- writing -------------------------------------------------------------------------------------------------------


_Library: type[yaml.SafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The one in C takes a fifth of the time; PyYAML can be built without it."""

_AS_OTHERS_READ = re.compile(r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
"""What YAML 1.2 has for numbers: PyYAML, which keeps to 1.1, takes some of it for text, such as 1.5e3 and 08."""


class _Dumper(_Library):  # type: ignore[misc, valid-type]
    """Puts a text into quotes that reads as a number, here or in the programs of others."""


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _AS_OTHERS_READ, list("-+.0123456789"))


def write_head(head: Mapping[str, Any]) -> str:
    """What a bundle says of itself, at its beginning."""
    return _dumped(dict(head))


def write_record(record: Mapping[str, Any]) -> str:
    """A record as it stands in the list of its resource."""
    text = _dumped([record])
    # Not by splitlines(), which also ends lines where a text has U+2028 or the like.
    return "".join(f"  {line}\n" for line in text.removesuffix("\n").split("\n"))


def _dumped(value: Any) -> str:
    """Block style, with long texts folded."""
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return text
