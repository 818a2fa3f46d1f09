"""Which filters a resource's list takes: derived from its declaration and the types of its fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from app.core.field_types import UUID_PATTERN, SlugOrId
from app.core.listing import Through
from app.core.reading.list_query import Filter
from app.core.reading.operators import OPERATORS
from app.core.reading.value_types import Flag, kind_of, unwrap
from app.core.relations import AnyOne, Many, One, Relation
from app.core.resource import Catalogue, Resource

COMMON_FILTERS = ("slug", "state", "created_at", "updated_at")

_HOW_MANY = {"": "at least one of them", "ne": "every one of them"}
"""How many of several values a comparison must hold for."""

Id = Annotated[
    str,
    StringConstraints(pattern=f"^{UUID_PATTERN}$"),
    AfterValidator(UUID),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
"""A record's id, as it is written."""


@dataclass(frozen=True)
class DeclaredFilter:
    """A filter, with the definition of its parameter as pydantic takes it."""

    filter: Filter
    definition: tuple[Any, Any]


def declared_filters(resource: Resource, catalogue: Catalogue) -> Iterator[DeclaredFilter]:
    """Every filter of a resource's list, in the order in which they are documented."""
    listing = resource.listing
    label = (resource.label,) if resource.label in resource.fields else ()
    for name in dict.fromkeys((*label, *listing.filters, *COMMON_FILTERS)):
        yield from _of_field(resource, name)
    yield _declared(Filter("id", "id", "", "field"), Id, "`id`")
    for parameter, target in listing.members.items():
        yield from _of_members(resource, parameter, target)
    for parameter, target in listing.related.items():
        yield from _of_relation(resource, catalogue, parameter, target)
    for parameter, through in listing.through.items():
        yield from _through_relation(resource, catalogue, parameter, through)


def _declared(filter_: Filter, value: Any, text: str, more: str = "") -> DeclaredFilter:
    operator = OPERATORS[filter_.operator]
    value = Flag if filter_.operator == "isnull" else value
    if value is Flag and filter_.operator == "":
        description = f"Keep records whose {text} is the value given.{more}"
    else:
        description = f"Keep records whose {text} {operator.meaning}.{more}"
    if operator.many and value is not Flag:
        return DeclaredFilter(filter_, (list[value], Field(default_factory=list, description=description)))
    return DeclaredFilter(filter_, (value | None, Field(default=None, description=description)))


def _named(parameter: str, operator: str) -> str:
    return f"{parameter}__{operator}" if operator else parameter


def _of_field(resource: Resource, name: str) -> Iterator[DeclaredFilter]:
    info = resource.read.model_fields[name]
    value, operators = kind_of(info)
    if type(None) in get_args(info.annotation):
        operators = (*operators, "isnull")
    for operator in operators:
        filter_ = Filter(_named(name, operator), name, operator, "field")
        # From its name alone nobody knows how a fact is computed.
        computed = operator == "" and (info.description or "").startswith("Computed: ")
        yield _declared(filter_, value, f"`{name}`", f" {info.description}" if computed else "")


def _of_members(resource: Resource, parameter: str, target: str) -> Iterator[DeclaredFilter]:
    (item,) = get_args(unwrap(resource.read.model_fields[target].annotation)[1])
    value = item if isinstance(item, type) else Annotated[item, None]
    for operator in ("", "ne"):
        text = f"`{target}`, {_HOW_MANY[operator]},"
        yield _declared(Filter(_named(parameter, operator), target, operator, "members"), value, text)


def _through_relation(
    resource: Resource, catalogue: Catalogue, parameter: str, through: Through
) -> Iterator[DeclaredFilter]:
    relation = resource.by_field[through.relation]
    assert not isinstance(relation, AnyOne)
    value, _ = kind_of(catalogue.of(relation.target).read.model_fields[through.field])
    for operator in ("", "ne"):
        text = f"`{through.relation}`, {_HOW_MANY[operator]}, has a `{through.field}` that"
        yield _declared(Filter(_named(parameter, operator), parameter, operator, "through"), value, text)


def relation_at(resource: Resource, catalogue: Catalogue, path: str) -> tuple[Resource, Relation]:
    """The relation at the end of a path such as ``commitment.partnership``, and the resource that has it."""
    first, _, rest = path.partition(".")
    relation = resource.by_field[first]
    if not rest:
        return resource, relation
    if isinstance(relation, AnyOne):
        # Those that it leads to are asked for the same; all of them end at the same resource.
        other, beyond = next(beyond_any(catalogue, rest))
        return relation_at(other, catalogue, beyond)
    assert isinstance(relation, One)
    return relation_at(catalogue.of(relation.target), catalogue, rest)


def beyond_any(catalogue: Catalogue, parameter: str) -> Iterator[tuple[Resource, str]]:
    """The citable resources whose lists take a filter by relation, each with the path that it follows there."""
    for other in catalogue:
        if other.citable and parameter in other.listing.related:
            yield other, other.listing.related[parameter]


def _of_relation(resource: Resource, catalogue: Catalogue, parameter: str, path: str) -> Iterator[DeclaredFilter]:
    _, relation = relation_at(resource, catalogue, path)
    kind = "record" if isinstance(relation, AnyOne) else catalogue.of(relation.target).singular
    operators = ["", "ne"]
    if "." not in path and (isinstance(relation, Many) or not resource.required(relation)):
        operators.append("isnull")
    for operator in operators:
        text = f"`{path}` ({'an' if kind[0] in 'aeiou' else 'a'} {kind}, by slug or id)"
        yield _declared(Filter(_named(parameter, operator), path, operator, "related"), SlugOrId, text)
    if isinstance(relation, AnyOne):
        kinds: Any = Literal[tuple(each.singular for each in catalogue if each.citable)]
        for operator in ("", "ne"):
            name, text = _named(relation.type_column, operator), f"`{path}` is of a type that"
            yield _declared(Filter(name, relation.type_column, operator, "field"), kinds, text)
