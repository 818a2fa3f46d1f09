"""JSON, read strictly and written in one way.

Common readers take NaN, keep the last of two equal keys and turn "7" into 7; a register cannot.
"""

import json
from collections import Counter
from decimal import Decimal
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.core.field_types import unstorable
from app.core.flaws import MAX_FLAWS, nearest, sentence
from app.errors import Flaw, Invalid

MAX_DEPTH = 32
_UNKNOWN = "extra_forbidden"
_MAX_DIGITS = len(str(-(2**63)))

Model = TypeVar("Model", bound=BaseModel)


class _Doubled(dict[str, Any]):
    """An object in which a key is given twice. It is refused once it is known where it stands."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        self.shown = twice if unstorable(twice) is None and len(twice) <= 100 else "?"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Doubled(pairs)


def _number(text: str) -> Any:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is out of range")
    return value


def whole(text: str) -> int:
    """Digits as a number of 64 bits, which is what JSON can be written with again; ValueError for more.

    A field of decimal numbers that takes more has them as ``1e20``.
    """
    if len(text) > _MAX_DIGITS or not -(2**63) <= (value := int(text)) < 2**63:
        raise ValueError("a number is out of range")
    return value


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def parse(raw: bytes) -> Any:
    """JSON as RFC 8259 has it, and stricter where the RFC is loose: each key once, numbers in range, text storable."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_once,
            parse_float=_number,
            parse_int=whole,
            parse_constant=_constant,
        )
        check(value)
    except RecursionError:
        raise Invalid("The body is nested too deeply.") from None
    except UnicodeDecodeError:
        raise Invalid("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Invalid(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except ValueError as error:
        raise Invalid(f"The body is not JSON that can be taken: {error}.") from None
    return value


def check(value: Any) -> None:
    """Refuse what JSON can say and the register cannot store: raises Invalid, which points at the first such place."""
    if (found := _unfit(value, MAX_DEPTH)) is not None:
        raise Invalid(errors=[found])


def _unfit(value: Any, depth: int) -> Flaw | None:
    """The first flaw of a value; where it is, is put together only when there is one."""
    if depth < 0:
        raise Invalid("The body is nested too deeply.")
    if isinstance(value, str):
        if not value.isprintable() and (reason := unstorable(value)):
            return {"pointer": "", "detail": f"{reason[:1].upper()}{reason[1:]}."}
    elif isinstance(value, dict):
        if isinstance(value, _Doubled):
            return {"pointer": f"/{pointer_token(value.shown)}", "detail": "The key is given twice in one object."}
        for name, item in value.items():
            if not name.isprintable() or len(name) > 200:
                return {"pointer": "", "detail": "A key in it is not a name."}
            if (found := _unfit(item, depth - 1)) is not None:
                return {**found, "pointer": f"/{pointer_token(name)}{found['pointer']}"}
    elif isinstance(value, list):
        for place, item in enumerate(value):
            if (found := _unfit(item, depth - 1)) is not None:
                return {**found, "pointer": f"/{place}{found['pointer']}"}
    return None


def pointer_token(name: str) -> str:
    """A key as it stands in a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def flaws_of(error: ValidationError, model: type[BaseModel] | None = None) -> list[Flaw]:
    """Each flaw a model found, pointing into the body. The input itself is never repeated."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [_flaw(each, model or BaseModel) for each in _without_other_branches(found)[:MAX_FLAWS]]


def _without_other_branches(found: list[ErrorDetails]) -> list[ErrorDetails]:
    """What was found, but for branches of a union that were not meant: another has just the fields given."""
    placed = [(each, _branch_of(each)) for each in found]
    others = {branch for each, branch in placed if each["type"] in ("missing", _UNKNOWN)}
    meant = {branch[:-1] for _, branch in placed if branch and branch not in others}
    return [each for each, branch in placed if branch not in others or not branch or branch[:-1] not in meant]


def _branch_of(each: ErrorDetails) -> tuple[int | str, ...]:
    """Where a branch of a union begins that something is wrong within; nothing where that is in none."""
    place = each["loc"]
    steps = (step for step, part in enumerate(place[:-1], 1) if isinstance(part, str) and _is_branch(part))
    return place[: next(steps, 0)]


def _flaw(each: ErrorDetails, model: type[BaseModel]) -> Flaw:
    unknown = each["type"] == _UNKNOWN
    # A field that there is not can have any name, that of a branch as well.
    end = len(each["loc"]) - unknown
    place = [
        part for step, part in enumerate(each["loc"]) if step >= end or isinstance(part, int) or not _is_branch(part)
    ]
    pointer = "".join(f"/{pointer_token(str(part))}" for part in place)
    if unknown:
        hint = nearest(str(each["loc"][0]), model.model_fields) if len(each["loc"]) == 1 else ""
        return {"pointer": pointer, "detail": f"There is no such field, or it cannot be written.{hint}"}
    return {"pointer": pointer, "detail": sentence(each["msg"])}


def _is_branch(part: str) -> bool:
    """Whether a step of pydantic's location names a branch of a union rather than a place in the body."""
    return part[:1].isupper() or "[" in part


def validate(model: type[Model], raw: bytes) -> Model:
    """A body as its model, or Invalid with every flaw."""
    parse(raw)
    return validate_parsed(model, raw)


def validate_parsed(model: type[Model], raw: bytes) -> Model:
    """The same for what has been parsed, or was written by us."""
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise Invalid(errors=flaws_of(error, model)) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def dump(value: Any) -> bytes:
    """JSON: UTF-8, times in UTC with Z."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)
