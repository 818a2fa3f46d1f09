"""What follows from a table's foreign keys and linking tables: relations, and the fields they are written and read by.

A reference is said once, as a foreign key: ``partnership_id`` with its description makes the field ``partnership``,
written as a slug or id, read as a reference, and a filter of that name.
"""

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, Field, create_model
from sqlmodel import SQLModel

from app.core.field_types import SlugOrId
from app.core.model import Link, Record, RecordRead, RecordWrite, Ref
from app.core.relations import Many, One, Relation, table_of

_MAX_ITEMS = 50
_MAX_OBJECTS = 200

Model = TypeVar("Model", bound=SQLModel)


def references_of(table: type[Record], binding: tuple[str, ...]) -> tuple[One, ...]:
    """The references to one record that the foreign keys of a table make."""
    found = []
    for column in table_of(table).columns:
        for key in column.foreign_keys:
            info = table.model_fields[column.name]
            field = column.name.removesuffix("_id")
            example = (info.examples or [None])[0]
            target = _record_of(key.target_fullname.partition(".")[0])
            found.append(One(field, target, field in binding, info.description or "", example))
    return tuple(found)


@dataclass(frozen=True)
class Linked:
    """References to several records through a linking table, whose first foreign key is that of the owner.

    Where the table has more columns, such as a role, each item is an object, written and read by the models given.
    """

    field: str
    table: type[Link]
    description: str
    example: Any = None
    item_write: type[BaseModel] | None = None
    item_read: type[BaseModel] | None = None

    def relation(self) -> Many:
        """The relation that the linking table makes."""
        columns = [column for column in table_of(self.table).columns if column.name != "position"]
        owner, via = (column for column in columns if column.foreign_keys)
        (key,) = via.foreign_keys
        extras = tuple(column.name for column in columns if not column.foreign_keys)
        return Many(
            self.field,
            _record_of(key.target_fullname.partition(".")[0]),
            self.table,
            owner=owner.name,
            via=via.name,
            item=via.name.removesuffix("_id") if extras else None,
            extras=extras,
            description=self.description,
            example=self.example,
            item_write=self.item_write,
            item_read=self.item_read,
        )


def parameters_of(relations: Iterable[Relation]) -> dict[str, str]:
    """The filters that relations make: each named after what it asks for."""
    return {
        (relation.via if isinstance(relation, Many) else relation.column).removesuffix("_id"): relation.field
        for relation in relations
        if isinstance(relation, One) or (isinstance(relation, Many) and relation.writable)
    }


def written_with(model: type[RecordWrite], table: type[Record], relations: Iterable[Relation]) -> type[RecordWrite]:
    """A model of bodies with a field for each relation; those that the model declares itself are left alone."""
    fields: dict[str, Any] = {}
    for relation in relations:
        text = f"{relation.description.removesuffix('.')}, by slug or id." if relation.description else None
        examples = [relation.example] if relation.example is not None else None
        if isinstance(relation, Many) and relation.writable:
            item: Any = relation.item_write or SlugOrId
            most = _MAX_OBJECTS if relation.item_write else _MAX_ITEMS
            shown = relation.description if relation.item_write else text
            info: Any = Field(default_factory=list, max_length=most, description=shown, examples=examples)
            fields[relation.field] = (list[item], info)
        elif isinstance(relation, One) and _is_required(table, relation):
            fields[relation.field] = (SlugOrId, Field(description=text, examples=examples))
        elif isinstance(relation, One):
            fields[relation.field] = (SlugOrId | None, Field(default=None, description=text, examples=examples))
    return _with_fields(model, fields)


def read_with(model: type[RecordRead], table: type[Record], relations: Iterable[Relation]) -> type[RecordRead]:
    """A model of records with a field for each relation; those that the model declares itself are left alone."""
    fields: dict[str, Any] = {}
    for relation in relations:
        if isinstance(relation, Many):
            item: Any = relation.item_read or Ref
            fields[relation.field] = (list[item], Field(description=relation.description))
        elif isinstance(relation, One) and _is_required(table, relation):
            fields[relation.field] = (Ref, Field(description=relation.description))
        elif isinstance(relation, One):
            fields[relation.field] = (Ref | None, Field(default=None, description=relation.description))
    return _with_fields(model, fields)


def _with_fields(model: type[Model], fields: Mapping[str, Any]) -> type[Model]:
    new = {name: field for name, field in fields.items() if name not in model.model_fields}
    if not new:
        return model
    created: type[Model] = create_model(
        model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **new
    )
    return created


def _is_required(table: type[Record], relation: One) -> bool:
    return not table_of(table).c[relation.column].nullable


def _record_of(table_name: str) -> type[Record]:
    """The class of a table of records."""
    return next(each for each in Record.__subclasses__() if each.__tablename__ == table_name)


def extended(model: type[Model], more: type[SQLModel]) -> type[Model]:
    """A model of the same name with more fields, after its own."""
    names = {"__module__": model.__module__, "__doc__": model.__doc__, "__qualname__": model.__qualname__}
    extended_model = types.new_class(model.__name__, (more, model), exec_body=lambda body: body.update(names))
    assert issubclass(extended_model, model)
    return extended_model
