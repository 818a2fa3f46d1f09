"""A record as a row: one flat column a value, named as a body names it.

A dot goes into an object (``sets.completion``, ``subject.slug``). A reference is its slug, a list is joined by
``; `` with a backslash before a semicolon or a backslash of its items, participants are written ``role=stakeholder``,
authors ``Family, Given`` (the name of a body that holds a comma stands in braces, as BibTeX has it).
"""

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.core.field_types import WebAddress
from app.core.reading.value_types import is_partial_date, unwrap
from app.core.relations import AnyOne, Many, One
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary

Cell = str | bool | int | float | date | datetime | None
Kind = Literal["text", "number", "boolean", "day", "partial_date", "moment", "web_address", "path"]


@dataclass(frozen=True)
class Column:
    """A column: its name, what its cells are, what they mean, and how a record gives one."""

    name: str
    kind: Kind
    description: str
    value: Callable[[Mapping[str, Any]], Cell]


def columns_of(resource: Resource, fields: Sequence[str] | None, *, labels: bool = False) -> tuple[Column, ...]:
    """The columns for some fields, in their order, or for all; ``labels`` puts what codes and slugs mean beside."""
    return tuple(
        column
        for name in (resource.fields if fields is None else fields)
        for column in _of_field(resource, name, labels)
    )


def _of_field(resource: Resource, name: str, labels: bool) -> Iterator[Column]:
    info = resource.read.model_fields[name]
    about = info.description or ""
    _, bare = unwrap(info.annotation)
    match resource.by_field.get(name):
        case One():
            yield Column(name, "text", about, partial(_at, (name, "slug")))
            if labels:
                yield Column(f"{name}.title", "text", f"{about} Its title.", partial(_at, (name, "title")))
        case AnyOne():
            yield Column(f"{name}.type", "text", f"{about} Its resource.", partial(_at, (name, "type")))
            yield Column(f"{name}.slug", "text", about, partial(_at, (name, "slug")))
            if labels:
                yield Column(f"{name}.title", "text", f"{about} Its title.", partial(_at, (name, "title")))
        case Many() as relation:
            yield Column(
                name, "text", f"{about} Joined by semicolons.", partial(_joined, name, partial(_linked, relation))
            )
        case _ if get_origin(bare) is list:
            written = _author if _is_model(get_args(bare)[0]) else str
            yield Column(name, "text", f"{about} Joined by semicolons.", partial(_joined, name, written))
        case _ if _is_model(bare):
            yield from _of_model((name,), bare, labels)
        case _:
            yield from _plain((name,), info, labels)


def _of_model(path: tuple[str, ...], model: type[BaseModel], labels: bool) -> Iterator[Column]:
    """The columns of an object, and of the objects in it."""
    for name, info in model.model_fields.items():
        _, bare = unwrap(info.annotation)
        if _is_model(bare):
            yield from _of_model((*path, name), bare, labels)
        else:
            yield from _plain((*path, name), info, labels)


def _plain(path: tuple[str, ...], info: FieldInfo, labels: bool) -> Iterator[Column]:
    name, about = ".".join(path), info.description or ""
    _, bare = unwrap(info.annotation)
    yield Column(name, "path" if name == "html_url" else _kind(info), about, partial(_at, path))
    if labels and isinstance(bare, type) and issubclass(bare, Vocabulary):
        yield Column(f"{name}.label", "text", f"{about} In words.", partial(_label, path, bare))


def _kind(info: FieldInfo) -> Kind:
    annotated, bare = unwrap(info.annotation)
    if is_partial_date(info):
        return "partial_date"
    if any(marker in get_args(WebAddress)[2:3] for marker in (*info.metadata, *get_args(annotated)[1:])):
        return "web_address"
    kinds: Mapping[type, Kind] = {bool: "boolean", int: "number", float: "number", datetime: "moment", date: "day"}
    return next((kind for base, kind in kinds.items() if isinstance(bare, type) and issubclass(bare, base)), "text")


def _is_model(annotation: Any) -> bool:
    """Whether a value is an object: of one model, or of one of several."""
    if get_origin(annotation) in (Union, types.UnionType):
        return all(_is_model(each) for each in get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _at(path: Iterable[str], record: Mapping[str, Any]) -> Cell:
    value: Any = record
    for name in path:
        if value is None:
            return None
        # What is not translated is left out.
        value = value.get(name)
    return str(value) if isinstance(value, UUID) else value


def _label(path: Iterable[str], vocabulary: type[Vocabulary], record: Mapping[str, Any]) -> Cell:
    code = _at(path, record)
    return None if code is None else vocabulary(str(code)).label


def _joined(name: str, written: Callable[[Any], str], record: Mapping[str, Any]) -> str:
    items = (written(item).replace("\\", "\\\\").replace(";", "\\;") for item in record[name])
    return "; ".join(items)


def _linked(relation: Many, item: Mapping[str, Any]) -> str:
    if relation.item is None:
        return str(item["slug"])
    return "=".join([*(str(item[extra]) for extra in relation.extras), str(item[relation.item]["slug"])])


def _author(name: Mapping[str, str]) -> str:
    if "literal" in name:
        literal = name["literal"]
        return f"{{{literal}}}" if "," in literal or literal.startswith("{") else literal
    family = name["family"]
    return f"{{{family}}}, {name['given']}" if "," in family else f"{family}, {name['given']}"
