"""Values for a field, found from what its model says of it: its type, its limits, its vocabulary, its examples."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Gt, Interval, Le, Lt, MinLen
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import to_json

from app.core.vocabulary import Vocabulary

FIRST_DAY = date(2019, 3, 1)
"""Long past, so that nothing made here lies ahead."""

DIFFERENT_DAYS = 40

OF_CHANGES = 1000
"""From this number on, values are those that replace others: their days are later than any of a first sample."""

PRECISIONS = (10, 7, 4)
"""Characters of a date that is known to the day, the month or the year."""

PHRASES = (
    "Plain words",
    "100% of it",
    "under_score and back\\slash",
    "Añadir café à la crème",
    "İstanbul, Straße, ÅNGSTRÖM",
    "한국과 인도",
    'It\'s "quoted", with <b>marks</b> & signs',
    "=1+1 is no formula",
    "emoji 🤝 and — dashes",
)
"""Texts that are told apart by whoever forgets to escape, fold or encode."""

KNOWN_FORMS = (
    *("IN", "KR", "JP", "DE"),
    *("en", "ko-KR"),
    *("2021", "2021-05", "2021-05-17", "2020-12"),
    *("https://example.org/a?b=c&d=%20#e", "http://example.com/한국"),
    *("10.1000/182", "10.5555/12345678"),
    *("Q668", "Q884"),
    "05apxxy63",
    *("summary", "description", "title", "name"),
    "a-slug",
)
"""Texts of the forms that patterns and checks ask for."""


@dataclass(frozen=True)
class Place:
    """Which value to make: the name and place of the field, and the number of the sample it is for."""

    name: str
    position: int
    number: int


def values_for(info: FieldInfo, place: Place) -> list[Any]:
    """Values that a field takes, JSON-ready, the fittest first; none where none of those known fits."""
    examples = [*(info.examples or ()), *_extra_examples(info)]
    annotation: Any = info.annotation
    adapter = _adapter(annotation, tuple(each for each in info.metadata if isinstance(each, Hashable)))
    found: list[Any] = []
    for value in (*_values(info.annotation, tuple(info.metadata), place), *examples):
        if value not in found and _fits(adapter, value):
            found.append(value)
    return found


def model_of(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as ``list[Model]`` or ``Model | None``, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := model_of(each)) is not None), None)


def object_for(model: type[BaseModel], place: Place, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object that a model takes, with every field that a value is known for."""
    created = dict(given or {})
    for position, (name, info) in enumerate(model.model_fields.items()):
        if name not in created and (values := values_for(info, Place(name, position, place.number))):
            created[name] = values[0]
    return created


def _extra_examples(info: FieldInfo) -> Iterable[Any]:
    extra = info.json_schema_extra
    return extra.get("examples", ()) if isinstance(extra, dict) else ()  # type: ignore[return-value]


@cache
def _adapter(annotation: Any, metadata: tuple[Hashable, ...]) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[annotation, *metadata] if metadata else annotation)


def _fits(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_json(to_json(value), strict=True)
    except ValidationError:
        return False
    return True


def _values(annotation: Any, metadata: tuple[Any, ...], place: Place) -> Iterator[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _values(arguments[0], (*arguments[1:], *metadata), place)
    elif origin in (Union, UnionType):
        branches = [each for each in arguments if each is not type(None)]
        for turn in range(len(branches)):
            yield from _values(branches[(place.number + turn) % len(branches)], metadata, place)
    elif origin is list:
        yield _list(arguments[0], metadata, place)
    elif isinstance(annotation, type):
        yield from _plain_values(annotation, metadata, place)


def _plain_values(kind: type, metadata: tuple[Any, ...], place: Place) -> Iterator[Any]:
    number = place.number
    if issubclass(kind, Vocabulary):
        terms = [term.value for term in kind]
        yield terms[(number + place.position) % len(terms)]
    elif issubclass(kind, bool):
        yield number % 2 == 0
    elif issubclass(kind, datetime):
        yield f"{_day(place).isoformat()}T12:00:00Z"
    elif issubclass(kind, date):
        yield _day(place).isoformat()
    elif issubclass(kind, int):
        yield _within(metadata, number)
    elif issubclass(kind, (float, Decimal)):
        yield _within(metadata, number) + (0.5 if number % 2 else 0)
    elif issubclass(kind, str):
        yield f"{PHRASES[number % len(PHRASES)]} ({place.name} {number})"
        yield _day(place).isoformat()[: PRECISIONS[number % len(PRECISIONS)]]
        yield from KNOWN_FORMS[number % 2 :]
        yield from KNOWN_FORMS
    elif issubclass(kind, BaseModel):
        yield object_for(kind, place)


def _list(kind: Any, metadata: tuple[Any, ...], place: Place) -> list[Any]:
    """Distinct items, as many as there must be and up to two more. The first are the same in every sample."""
    least = max((each.min_length for each in metadata if isinstance(each, MinLen)), default=0)
    info = FieldInfo(annotation=kind)
    items: list[Any] = []
    for number in range(least + place.number % 3):
        choices = values_for(info, Place(place.name, place.position, number))
        items += [value for value in choices if value not in items][:1]
    return items


def _day(place: Place) -> date:
    """Later fields have later days, as beginnings are told before ends."""
    turn = place.number % DIFFERENT_DAYS + (DIFFERENT_DAYS if place.number >= OF_CHANGES else 0)
    return FIRST_DAY + timedelta(days=turn * 20 + place.position)


def _within(metadata: tuple[Any, ...], number: int) -> int:
    """A whole number within the limits of a field."""
    lowest: Any = None
    highest: Any = None
    for each in metadata:
        if isinstance(each, Interval):
            metadata = (*metadata, *each)
    for each in metadata:
        if isinstance(each, Ge):
            lowest = each.ge
        elif isinstance(each, Gt):
            lowest = int(each.gt) + 1  # type: ignore[call-overload]
        elif isinstance(each, Le):
            highest = each.le
        elif isinstance(each, Lt):
            highest = int(each.lt) - 1  # type: ignore[call-overload]
    first = int(lowest) if lowest is not None else -3
    size = int(highest) - first + 1 if highest is not None else 1000
    return first + number * 7 % size
