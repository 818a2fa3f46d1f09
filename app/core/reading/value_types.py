"""What the values of parameters must be, and which operators a field takes: both follow from the field's type."""

import re
import types
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo

from app.core.field_types import PartialDate
from app.core.reading.operators import ORDERED
from app.core.vocabulary import Vocabulary


def _boolean(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("must be true or false")


Flag = Annotated[bool, BeforeValidator(_boolean)]


def _calendar_day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must be a date as YYYY-MM-DD")
    return value


_DATETIME = TypeAdapter(datetime)
_NO_INSTANT = "must be a time as RFC 3339 has it, such as 2026-01-31T00:00:00Z"


def _instant(value: Any) -> Any:
    """Text as a moment. Done before a strict model sees it, which takes a moment and no text from here."""
    if not isinstance(value, str):
        return value
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", value):
        raise ValueError(_NO_INSTANT)
    try:
        return _DATETIME.validate_python(value)
    except ValidationError:
        raise ValueError(_NO_INSTANT) from None


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range in UTC") from None


def digits(value: Any) -> Any:
    """Refuse what pydantic would take for an integer and is none as it is written: ``1_0``, ``+1``, ``1.0``."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]+", value):
        raise ValueError("must be a whole number in digits")
    return value


def _decimal(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", value):
        raise ValueError("must be a number in digits")
    return value


Day = Annotated[date, BeforeValidator(_calendar_day)]


def _partial(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", value):
        raise ValueError("it should be a date as YYYY, YYYY-MM or YYYY-MM-DD")
    return value


QueryDate = Annotated[PartialDate, BeforeValidator(_partial)]
"""A date known to the year, the month or the day, as a parameter."""

Moment = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_in_utc)]
Fragment = Annotated[str, StringConstraints(min_length=1, max_length=200)]
WholeNumber = Annotated[int, Field(ge=-(2**31), le=2**31 - 1), BeforeValidator(digits)]
"""An integer as the columns of both databases hold it (four bytes)."""


def whole_number(least: int, most: int) -> Any:
    """The type of an integer parameter between two bounds."""
    return Annotated[int, Field(ge=least, le=most), BeforeValidator(digits)]


def unwrap(annotation: Any) -> tuple[Any, Any]:
    """A field's own type without its ``None``, as it was annotated and bare: what a value of it must be."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [each for each in get_args(annotation) if each is not type(None)]
        if len(inner) == 1:
            return unwrap(inner[0])
        return annotation, annotation
    if get_origin(annotation) is Annotated:
        return annotation, unwrap(get_args(annotation)[0])[1]
    return annotation, annotation


def is_partial_date(info: FieldInfo) -> bool:
    """Whether a field holds dates known to the year, the month or the day."""
    annotated, _ = unwrap(info.annotation)
    return any(marker in get_args(PartialDate)[1:] for marker in (*info.metadata, *get_args(annotated)[1:]))


def kind_of(info: FieldInfo) -> tuple[Any, tuple[str, ...]]:
    """The type a filter's value must have, and the operators that make sense for it."""
    _, bare = unwrap(info.annotation)
    if is_partial_date(info):
        return QueryDate, ORDERED
    if not isinstance(bare, type):
        return Fragment, ("", "ne", "contains")
    for base, (value, operators) in _KINDS.items():
        if issubclass(bare, base):
            return value or bare, operators
    return Fragment, ("", "ne", "contains")


_KINDS: dict[type, tuple[Any, tuple[str, ...]]] = {
    Vocabulary: (None, ("", "ne")),
    bool: (Flag, ("",)),
    datetime: (Moment, ("lt", "lte", "gt", "gte")),
    date: (Day, ORDERED),
    int: (WholeNumber, ORDERED),
    float: (Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_decimal)], ORDERED),
    Decimal: (Annotated[Decimal, Field(allow_inf_nan=False), BeforeValidator(_decimal)], ORDERED),
}
"""The value's type (None: the field's own) and the operators, by what the field's type is derived from."""
