"""What the columns of a resource can hold, beside their type in SQL: it follows from the fields of its model.

Only the form of JSON is looked at, and not the limits of its texts: whatever has the form can be shown.
"""

from collections.abc import Callable, Iterable
from typing import Any, Union, get_args, get_origin

import sqlalchemy as sa
from pydantic import BaseModel

from app.core.reading.value_types import is_partial_date, unwrap
from app.core.resource import Resource
from app.core.storage.column_types import Document, Number, PartialDay, WholeNumber, YesOrNo
from app.core.vocabulary import Vocabulary

Fits = Callable[[Any], bool]

_CHECKED: tuple[tuple[type[sa.types.TypeEngine[Any]], type[sa.types.TypeEngine[Any]]], ...] = (
    (sa.Boolean, YesOrNo),
    (sa.Integer, WholeNumber),
    (sa.Float, Number),
)
"""The types of columns that give whatever is stored, and those that look at it."""


def prepare(resources: Iterable[Resource]) -> None:
    """Let the columns of partial dates, of numbers and of JSON give nothing else.

    Comes before their history is declared, which has the same columns.
    """
    for resource in resources:
        for name, info in resource.table.model_fields.items():
            column = resource.rows.c[name]
            if isinstance(column.type, Document):
                column.type = Document(fits(info.annotation))
            elif is_partial_date(info):
                column.type = PartialDay()
            else:
                column.type = next(
                    (checked() for kind, checked in _CHECKED if isinstance(column.type, kind)), column.type
                )


def fits(annotation: Any) -> Fits:
    """A function that tells whether a value from JSON has the form of a type."""
    _, bare = unwrap(annotation)
    if get_origin(bare) is list:
        return _list_of(fits(get_args(bare)[0]))
    if get_origin(bare) is Union or not isinstance(bare, type):
        choices = tuple(map(fits, get_args(bare)))
        return lambda value: any(each(value) for each in choices)
    if issubclass(bare, BaseModel):
        return _object_of(bare)
    if issubclass(bare, Vocabulary):
        terms = frozenset(term.value for term in bare)
        return lambda value: isinstance(value, str) and value in terms
    return lambda value: isinstance(value, bare)


def _list_of(item: Fits) -> Fits:
    return lambda value: isinstance(value, list) and all(map(item, value))


def _object_of(model: type[BaseModel]) -> Fits:
    fields = {name: fits(info.annotation) for name, info in model.model_fields.items()}
    required = frozenset(name for name, info in model.model_fields.items() if info.is_required())
    closed = model.model_config.get("extra") == "forbid"

    def has_form(value: Any) -> bool:
        if not isinstance(value, dict) or not required <= value.keys():
            return False
        for name, item in value.items():
            field = fields.get(name)
            if field is None:
                if closed:
                    return False
            elif item is None:
                if name in required:
                    return False
            elif not field(item):
                return False
        return True

    return has_form
