"""The grammar of queries: which parameters a list takes, what they mean, and how a wrong one is answered.

The parameters of a resource follow from its ``Listing`` and the types of its fields. They are gathered once in a
pydantic model, which validates every request and documents the parameters in OpenAPI.
"""

import difflib
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    create_model,
)
from pydantic.fields import FieldInfo

from app.core.relations import AnyOne, Many, One
from app.core.resource import Catalogue, Resource, Through
from app.core.search import phrases
from app.core.text import Key, PartialDate, unstorable
from app.core.vocabulary import Vocabulary
from app.errors import BadQuery, Flaw

LIMIT = 25
LIMIT_MOST = 200
TERMS_MOST = 50
FLAWS_MOST = 20
"""An answer names this many flaws and no more: to look for the right name of each takes time."""

FORMATS = ("json", "csv", "jsonl")

COMMON_SORT = ("slug", "created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Operator:
    """A way to compare a field: the suffix of the parameter, and what it says of the records that are kept."""

    suffix: str
    meaning: str
    many: bool = False


EQUAL = Operator("", "is any of the values given", many=True)
OPERATORS = {
    operator.suffix: operator
    for operator in (
        EQUAL,
        Operator("ne", "is none of the values given", many=True),
        Operator("lt", "is before or below the value"),
        Operator("lte", "is at or below the value"),
        Operator("gt", "is after or above the value"),
        Operator("gte", "is at or above the value"),
        Operator("contains", "contains the text, in any case"),
        Operator("isnull", "is not set (`true`), or is set (`false`)"),
    )
}

_SHARE = {"": "at least one of them", "ne": "every one of them"}
"""How many of several values a comparison must hold for."""

_ORDERED = ("", "ne", "lt", "lte", "gt", "gte")


def _boolean(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("must be true or false")


Flag = Annotated[bool, BeforeValidator(_boolean)]


def _calendar_day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("must be a date as YYYY-MM-DD")
    return value


def _instant(value: Any) -> Any:
    if isinstance(value, str) and not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", value):
        raise ValueError("must be a time as RFC 3339 has it, such as 2026-01-31T00:00:00Z")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range in UTC") from None


def _digits(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]+", value):
        raise ValueError("must be a whole number in digits")
    return value


Day = Annotated[date, BeforeValidator(_calendar_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_in_utc)]
Fragment = Annotated[str, StringConstraints(min_length=1, max_length=200)]
WholeNumber = Annotated[int, Field(ge=-(2**53), le=2**53), BeforeValidator(_digits)]


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


def _kind(info: FieldInfo) -> tuple[Any, tuple[str, ...]]:
    """The type a filter's value must have, and the operators that make sense for it."""
    _, bare = unwrap(info.annotation)
    if is_partial_date(info):
        return PartialDate, _ORDERED
    if isinstance(bare, type):
        if issubclass(bare, Vocabulary):
            return bare, ("", "ne")
        if issubclass(bare, bool):
            return Flag, ("",)
        if issubclass(bare, datetime):
            return Moment, ("lt", "lte", "gt", "gte")
        if issubclass(bare, date):
            return Day, _ORDERED
        if issubclass(bare, int):
            return WholeNumber, _ORDERED
        if issubclass(bare, (float, Decimal)):
            return Annotated[bare, Field(allow_inf_nan=False)], _ORDERED
    return Fragment, ("", "ne", "contains")


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that keeps some records: the field, member list or relation it looks at, and how."""

    parameter: str
    target: str
    operator: str
    how: Literal["field", "related", "members", "through"]


@dataclass(frozen=True)
class Term:
    """A filter with the values of one request."""

    filter: Filter
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Ask:
    """What one request asks of a list, validated."""

    terms: tuple[Term, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    """Field names, each with whether it descends. Ties end on the id."""
    limit: int | None = None
    cursor: str | None = None
    count: bool = False
    fields: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    q: str | None = None
    as_of: datetime | None = None
    """The moment whose register is asked for; None for the present."""
    format: str | None = None


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the right name, where one is close."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


def read_parameters(
    model: type[BaseModel], pairs: Sequence[tuple[str, str]], many: frozenset[str] = frozenset()
) -> BaseModel:
    """Validate the parameters of a request, or raise a :class:`BadQuery` that names each that is wrong."""
    flaws: list[Flaw] = []
    given: dict[str, Any] = {}
    for name, value in pairs:
        if len(flaws) == FLAWS_MOST:
            break
        if name not in model.model_fields:
            shown = name if unstorable(name) is None and len(name) <= 100 else "?"
            flaws.append(
                {
                    "parameter": shown,
                    "detail": f"There is no such parameter.{nearest(name, model.model_fields)}",
                }
            )
        elif "\ufffd" in value:
            # What the framework puts for bytes that are no text; a filter for it would find nothing, and not say why.
            flaws.append({"parameter": name, "detail": "The value is not UTF-8."})
        elif reason := unstorable(value):
            flaws.append({"parameter": name, "detail": f"The value cannot be used: {reason}."})
        elif name in many:
            given.setdefault(name, []).append(value)
        elif name in given:
            flaws.append({"parameter": name, "detail": "It takes one value, and was given more than once."})
        else:
            given[name] = value
    if not flaws:
        try:
            return model.model_validate(given)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            for each in found[:FLAWS_MOST]:
                name = str(each["loc"][0])
                hint = ""
                if each["type"] in ("enum", "literal_error"):
                    value = given[name][int(each["loc"][1])] if name in many else given[name]
                    hint = nearest(value, _terms_of(model, name))
                flaws.append({"parameter": name, "detail": f"{sentence(each['msg'])}{hint}"})
    raise BadQuery(_summary(flaws), errors=flaws)


def view_parameters(
    formats: tuple[str, ...], pairs: Sequence[tuple[str, str]], *, past: bool = False
) -> tuple[str | None, datetime | None]:
    """The format and the moment asked for, where those are the only parameters."""
    fields: dict[str, Any] = {"format": (Literal[formats] | None, None)}
    if past:
        fields["as_of"] = (Moment | None, None)
    model = create_model("ViewParameters", __config__=ConfigDict(extra="forbid"), **fields)
    found = read_parameters(model, pairs).__dict__
    return found["format"], found.get("as_of")


def _terms_of(model: type[BaseModel], name: str) -> list[str]:
    annotation = model.model_fields[name].annotation
    found: list[str] = []
    for each in (annotation, *get_args(annotation), *(x for y in get_args(annotation) for x in get_args(y))):
        if isinstance(each, type) and issubclass(each, Vocabulary):
            found += [term.value for term in each]
        elif isinstance(each, str):
            found.append(each)
    return found


def sentence(message: str) -> str:
    """A validator's message as a sentence of ours."""
    text = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    text = text.replace("Input should", "It should").replace("String should", "It should")
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def _summary(flaws: Sequence[Flaw]) -> str:
    first = flaws[0]
    more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
    return f"{first.get('parameter')}: {first['detail']}{more}"


class Grammar:
    """The parameters of one resource's list and records, derived from its declaration."""

    def __init__(self, resource: Resource, catalogue: Catalogue) -> None:
        """Derive filters, sortable fields, facets and includable resources."""
        self.resource = resource
        self.catalogue = catalogue
        self.filters: dict[str, Filter] = {}
        self._definitions: dict[str, Any] = {}
        self.include = self._includable()
        listing = resource.listing
        label = (resource.label,) if resource.label in resource.fields else ()
        self.sortable = tuple(dict.fromkeys((*label, *listing.sort, *COMMON_SORT)))
        self.order = self._sort("sort", ",".join(listing.order) or ",".join(label) or "created_at")
        for name in dict.fromkeys((*label, *listing.filters, "slug", "state", "created_at", "updated_at")):
            self._filter_field(name)
        for parameter, target in listing.members.items():
            self._filter_members(parameter, target)
        for parameter, target in listing.related.items():
            self._filter_related(parameter, target)
        for parameter, through in listing.through.items():
            self._filter_through(parameter, through)
        self._many = frozenset(name for name, each in self.filters.items() if OPERATORS[each.operator].many)

    def _includable(self) -> tuple[str, ...]:
        targets = {target.name for target in self.catalogue.targets(self.resource)}
        for relation in self.resource.relations:
            if isinstance(relation, AnyOne):
                targets |= {each.name for each in self.catalogue if "sources" in each.by_field}
        return tuple(each.name for each in self.catalogue if each.name in targets)

    def _add(self, filter_: Filter, value: Any, text: str) -> None:
        operator = OPERATORS[filter_.operator]
        value = Flag if filter_.operator == "isnull" else value
        description = f"Keep records whose {text} {operator.meaning}."
        if operator.many:
            self._definitions[filter_.parameter] = (list[value], Field(default_factory=list, description=description))
        else:
            self._definitions[filter_.parameter] = (value | None, Field(default=None, description=description))
        self.filters[filter_.parameter] = filter_

    def _filter_field(self, name: str) -> None:
        info = self.resource.read.model_fields[name]
        value, operators = _kind(info)
        if type(None) in get_args(info.annotation):
            operators = (*operators, "isnull")
        for operator in operators:
            parameter = f"{name}__{operator}" if operator else name
            self._add(Filter(parameter, name, operator, "field"), value, f"`{name}`")

    def _filter_members(self, parameter: str, target: str) -> None:
        (item,) = get_args(unwrap(self.resource.read.model_fields[target].annotation)[1])
        for operator in ("", "ne"):
            name = f"{parameter}__{operator}" if operator else parameter
            value = item if isinstance(item, type) else Annotated[item, None]
            self._add(Filter(name, target, operator, "members"), value, f"`{target}`, {_SHARE[operator]},")

    def _filter_through(self, parameter: str, through: Through) -> None:
        relation = self.resource.by_field[through.relation]
        assert not isinstance(relation, AnyOne)
        info = self.catalogue.of(relation.target).read.model_fields[through.field]
        value, _ = _kind(info)
        for operator in ("", "ne"):
            name = f"{parameter}__{operator}" if operator else parameter
            text = f"`{through.relation}`, {_SHARE[operator]}, has a `{through.field}` that"
            self._add(Filter(name, parameter, operator, "through"), value, text)

    def _filter_related(self, parameter: str, target: str) -> None:
        first, _, rest = target.partition(".")
        relation = self.resource.by_field[first]
        owner = self.resource
        while rest:
            assert isinstance(relation, One)
            owner = self.catalogue.of(relation.target)
            first, _, rest = rest.partition(".")
            relation = owner.by_field[first]
        kind = "record" if isinstance(relation, AnyOne) else self.catalogue.of(relation.target).singular
        operators = ["", "ne"]
        if "." not in target and (isinstance(relation, Many) or not self.resource.required(relation)):
            operators.append("isnull")
        for operator in operators:
            name = f"{parameter}__{operator}" if operator else parameter
            text = f"`{target}` ({'an' if kind[0] in 'aeiou' else 'a'} {kind}, by slug or id)"
            self._add(Filter(name, target, operator, "related"), Key, text)
        if isinstance(relation, AnyOne):
            kinds = unwrap(owner.read.model_fields[relation.field].annotation)[1].model_fields["type"].annotation
            for operator in ("", "ne"):
                name = f"{relation.type_column}__{operator}" if operator else relation.type_column
                self._add(Filter(name, relation.type_column, operator, "field"), kinds, f"`{target}` is of a type that")

    @cached_property
    def facetable(self) -> tuple[str, ...]:
        """What can be counted by."""
        return self.resource.listing.facets

    @cached_property
    def selecting(self) -> type[BaseModel]:
        """The parameters of a request for one record."""
        return create_model(
            f"{self.resource.read.__name__.removesuffix('Read')}Selection",
            __config__=ConfigDict(extra="forbid"),
            **self._shape_parameters(formats=("json",)),
        )

    @cached_property
    def listing(self) -> type[BaseModel]:
        """The parameters of a request for a list."""
        definitions: dict[str, Any] = {
            "q": (
                Annotated[str, StringConstraints(min_length=1, max_length=200)] | None,
                Field(
                    default=None,
                    description=(
                        "Full text: records that have every word, in any case and with or without accents; the start "
                        "of a word is enough, and words in double quotes must stand together. Sorted by relevance "
                        "unless `sort` is given."
                    ),
                ),
            ),
            **self._definitions,
            "sort": (
                str | None,
                Field(
                    default=None,
                    description=(
                        "Order by these fields, each descending with a leading `-`: "
                        f"{', '.join(f'`{name}`' for name in self.sortable)}. Unset values come last."
                    ),
                    examples=[",".join(f"-{name}" if down else name for name, down in self.order)],
                ),
            ),
            "limit": (
                Annotated[int, Field(ge=1, le=LIMIT_MOST), BeforeValidator(_digits)] | None,
                Field(
                    default=None,
                    description=f"At most this many records; {LIMIT} by default, all for `csv` and `jsonl`.",
                ),
            ),
            "cursor": (
                Annotated[str, StringConstraints(max_length=2000)] | None,
                Field(default=None, description="Where to go on, as given in `next`."),
            ),
            "count": (
                Flag | None,
                Field(default=None, description="Whether to count all records that match, in `total`."),
            ),
            "facets": (
                str | None,
                Field(
                    default=None,
                    description=(
                        "Count the matching records by each value of these, separated by commas: "
                        f"{', '.join(f'`{name}`' for name in self.facetable)}."
                    ),
                    examples=[",".join(self.facetable[:2])] if self.facetable else None,
                ),
            ),
            **self._shape_parameters(formats=FORMATS),
        }
        return create_model(
            f"{self.resource.read.__name__.removesuffix('Read')}Query",
            __config__=ConfigDict(extra="forbid"),
            **definitions,
        )

    def _shape_parameters(self, formats: tuple[str, ...]) -> dict[str, Any]:
        shape: dict[str, Any] = {
            "fields": (
                str | None,
                Field(
                    default=None,
                    description="Show only these fields of each record, separated by commas.",
                    examples=[",".join(dict.fromkeys(("slug", self.resource.label)))],
                ),
            )
        }
        if self.include:
            shape["include"] = (
                str | None,
                Field(
                    default=None,
                    description=(
                        "Add the full records that are referred to, once each, under `included`. Separated by commas: "
                        f"{', '.join(f'`{name}`' for name in self.include)}."
                    ),
                    examples=[self.include[0]],
                ),
            )
        shape["as_of"] = (
            Moment | None,
            Field(
                default=None,
                description=(
                    "The register as it stood at this moment, such as `2026-11-30T00:00:00Z`: what was visible then, "
                    "with what it referred to and what was computed then. A moment that is still to come shows it as "
                    "it now is, reckoned for that day."
                ),
            ),
        )
        shape["format"] = (
            Literal[formats] | None,
            Field(default=None, description="The format of the answer; goes before the `Accept` header."),
        )
        return shape

    def ask(self, pairs: Sequence[tuple[str, str]]) -> Ask:
        """Read the parameters of a list."""
        query = read_parameters(self.listing, pairs, self._many)
        terms: list[Term] = []
        for name in query.model_fields_set & self.filters.keys():
            value = getattr(query, name)
            values = tuple(value) if isinstance(value, list) else (value,)
            terms.append(Term(self.filters[name], values))
        if sum(len(term.values) for term in terms) > TERMS_MOST:
            raise BadQuery(f"A query takes at most {TERMS_MOST} filter values.")
        terms.sort(key=lambda term: term.filter.parameter)
        get: Mapping[str, Any] = query.__dict__
        if get["q"] is not None:
            phrases(get["q"])
            if get["as_of"] is not None:
                detail = "Full text searches the present only; leave out one of the two."
                raise BadQuery(f"as_of: {detail}", errors=[{"parameter": "as_of", "detail": detail}])
        return Ask(
            terms=tuple(terms),
            sort=self._sort("sort", get["sort"]) if get["sort"] is not None else (),
            limit=get["limit"],
            cursor=get["cursor"],
            count=bool(get["count"]),
            facets=self._names("facets", get["facets"], self.facetable),
            q=get["q"],
            format=get["format"],
            **self._shape(get),
        )

    def select(self, pairs: Sequence[tuple[str, str]]) -> Ask:
        """Read the parameters of a single record."""
        get = read_parameters(self.selecting, pairs).__dict__
        return Ask(format=get["format"], **self._shape(get))

    def _shape(self, get: Mapping[str, Any]) -> dict[str, Any]:
        fields = self._names("fields", get["fields"], self.resource.fields)
        return {
            "fields": fields if get["fields"] is not None else None,
            "include": self._names("include", get.get("include"), self.include),
            "as_of": get["as_of"],
        }

    def _names(self, parameter: str, value: str | None, known: Sequence[str]) -> tuple[str, ...]:
        if value is None:
            return ()
        names = value.split(",")
        flaws: list[Flaw] = []
        for name in dict.fromkeys(names):
            if len(flaws) == FLAWS_MOST:
                break
            if name not in known:
                flaws.append(
                    {
                        "parameter": parameter,
                        "detail": f"{_shown(name)} is not one of its names.{nearest(name, known)}",
                    }
                )
            elif names.count(name) > 1:
                flaws.append({"parameter": parameter, "detail": f"{name} is named twice."})
        if flaws:
            raise BadQuery(_summary(flaws), errors=flaws)
        return tuple(names)

    def _sort(self, parameter: str, value: str) -> tuple[tuple[str, bool], ...]:
        descending = tuple(each.startswith("-") for each in value.split(","))
        names = self._names(parameter, ",".join(each.removeprefix("-") for each in value.split(",")), self.sortable)
        return tuple(zip(names, descending, strict=True))


def _shown(name: str) -> str:
    return name[:60] if name else "An empty name"
