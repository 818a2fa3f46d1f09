"""The columns of a table that is sent to us: named as in :mod:`app.formats.columns`, read back into what a body has.

A cell is read as text first, whatever a spreadsheet made of it: ``2030`` may be a number there, and a day a date. An
empty cell puts a field back to nothing where a field can be nothing; elsewhere it says nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, partial
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.core.reading.value_types import is_partial_date, unwrap
from app.core.relations import AnyOne, Many, One
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary
from app.formats.columns import columns_of

Convert = Callable[[str], Any]
LEFT_OUT = object()
"""What an empty cell says of a field that cannot be nothing."""

STAMPS = ("id", "revision")
"""What the register gave, and an edited export brings back: which record it is, and which version of it was edited."""


@dataclass(frozen=True)
class InputColumn:
    """A column that can be filled in."""

    name: str
    path: tuple[str, ...]
    """Where its value stands in a body."""
    description: str
    convert: Convert
    """Makes a value of JSON of a text that is not empty. What it cannot read it gives back, to be refused."""
    empty: Any = None
    """What an empty cell says."""
    required: bool = False
    vocabulary: type[Vocabulary] | None = None
    """What can be chosen."""
    relation: One | Many | None = None
    """What it refers to."""

    @property
    def pointer(self) -> str:
        """Where its value stands in a body, as a JSON Pointer."""
        return "".join(f"/{name}" for name in self.path)


@cache
def input_columns(resource: Resource) -> Mapping[str, InputColumn]:
    """The columns that a table of a resource can have, by name; those that are required first."""
    found = [
        column for name, info in resource.create.model_fields.items() for column in _of_field(resource, name, info)
    ]
    return {
        column.name: column for column in sorted(found, key=lambda column: (not column.required, _is_common(column)))
    }


@cache
def ignored_columns(resource: Resource) -> frozenset[str]:
    """The columns of an export that cannot be written: they may stay in a table, and say nothing."""
    exported = {column.name for column in columns_of(resource, None, labels=True)}
    return frozenset(exported - input_columns(resource).keys() - set(STAMPS))


def _is_common(column: InputColumn) -> bool:
    return column.name in ("slug", "state", "citations")


def as_text(cell: Any) -> str:
    """What a cell says, as text."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 2**53:
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


# -- one field ---------------------------------------------------------------------------------------------------


def _of_field(resource: Resource, name: str, info: FieldInfo) -> Iterator[InputColumn]:
    _, bare = unwrap(info.annotation)
    about = _about(resource, name, info)
    match resource.by_field.get(name):
        case AnyOne():
            for inner, convert in (("type", _trimmed), ("slug", _trimmed)):
                yield InputColumn(f"{name}.{inner}", (name, inner), about, convert, LEFT_OUT, info.is_required())
        case One() as one:
            empty = LEFT_OUT if info.is_required() else None
            yield InputColumn(name, (name,), about, _trimmed, empty, info.is_required(), relation=one)
        case Many() as many:
            one_of: Convert = _trimmed if many.item is None else partial(_linked, many)
            yield InputColumn(name, (name,), f"{about} {_joined(many)}", partial(_several, one_of), [], relation=many)
        case _ if name == "citations":
            text = "The sources that say so, by slug, joined by semicolons; `slug=p. 3` says where in it."
            yield InputColumn(name, (name,), text, partial(_several, _citation), LEFT_OUT)
        case _ if get_origin(bare) is list:
            models = any(isinstance(each, type) and issubclass(each, BaseModel) for each in get_args(get_args(bare)[0]))
            each_of: Convert = _author if models else _trimmed
            empty = LEFT_OUT if info.is_required() else []
            text = f"{about} Joined by semicolons."
            yield InputColumn(name, (name,), text, partial(_several, each_of), empty, info.is_required())
        case _ if isinstance(bare, type) and issubclass(bare, BaseModel):
            for inner, its in bare.model_fields.items():
                yield _plain((name, inner), its)
        case _:
            yield _plain((name,), info)


def _about(resource: Resource, name: str, info: FieldInfo) -> str:
    read = resource.read.model_fields.get(name)
    return info.description or (read.description if read else None) or ""


def _joined(many: Many) -> str:
    if many.item is None:
        return "Slugs, joined by semicolons."
    return f"`{'='.join([*many.extras, many.item])}`, joined by semicolons."


def _plain(path: tuple[str, ...], info: FieldInfo) -> InputColumn:
    _, bare = unwrap(info.annotation)
    nothing = type(None) in get_args(info.annotation)
    vocabulary = bare if isinstance(bare, type) and issubclass(bare, Vocabulary) else None
    convert: Convert
    if vocabulary is not None:
        convert = partial(_term, vocabulary)
    elif is_partial_date(info) or (isinstance(bare, type) and issubclass(bare, date)):
        convert = _trimmed
    else:
        convert = {bool: _boolean, int: _whole, float: _number}.get(bare, str)
    required = info.is_required() and len(path) == 1
    empty = None if nothing else LEFT_OUT
    return InputColumn(".".join(path), path, info.description or "", convert, empty, required, vocabulary)


# -- one value ---------------------------------------------------------------------------------------------------


def _trimmed(text: str) -> str:
    return text.strip()


def _term(vocabulary: type[Vocabulary], text: str) -> str:
    """A term by its code or by what it is called."""
    wanted = text.strip().casefold()
    return next((str(term.value) for term in vocabulary if wanted in (term.value, term.label.casefold())), text.strip())


def _boolean(text: str) -> bool | str:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
        text.strip().casefold(), text
    )


def _whole(text: str) -> int | str:
    return int(text) if re.fullmatch(r"\s*-?[0-9]{1,18}\s*", text) else text


def _number(text: str) -> float | int | str:
    if not re.fullmatch(r"\s*-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?\s*", text):
        return text
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _several(one_of: Convert, text: str) -> list[Any]:
    """The items of a list: joined by semicolons, with a backslash before a semicolon or a backslash of an item."""
    items = re.findall(r"(?:[^;\\]|\\.)+", text, re.DOTALL)
    return [one_of(re.sub(r"\\(.)", r"\1", item, flags=re.DOTALL).strip()) for item in items if item.strip()]


def _linked(many: Many, text: str) -> Any:
    parts = [part.strip() for part in text.split("=", len(many.extras))]
    assert many.item is not None
    if len(parts) != len(many.extras) + 1:
        return text
    return {**{extra: part.lower() for extra, part in zip(many.extras, parts, strict=False)}, many.item: parts[-1]}


def _citation(text: str) -> dict[str, str]:
    source, _, locator = text.partition("=")
    return {"source": source.strip(), **({"locator": locator.strip()} if locator.strip() else {})}


def _author(text: str) -> dict[str, str]:
    """A name as an export writes it: ``Family, Given``, or the name of a body, in braces where it has a comma."""
    if text.startswith("{"):
        family, found, given = text[1:].partition("}, ")
        return {"family": family, "given": given} if found else {"literal": text[1:].removesuffix("}")}
    family, found, given = text.partition(",")
    return {"family": family.strip(), "given": given.strip()} if found else {"literal": text}
