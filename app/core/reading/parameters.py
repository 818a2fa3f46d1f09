"""Reading the parameters of a request by a pydantic model, made once, which documents them as well.

A parameter that is a list takes repetition; one marked by :func:`names` takes commas too. Every flaw is told at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from app.core.field_types import unstorable
from app.core.flaws import MAX_FLAWS, nearest, sentence, wrong_name
from app.core.reading.list_query import MAX_LIMIT
from app.core.reading.other_names import right_name
from app.core.reading.value_types import Moment, unwrap, whole_number
from app.core.vocabulary import Vocabulary
from app.errors import BadQuery, Flaw

Model = TypeVar("Model", bound=BaseModel)

NOT_EXPLODED: dict[str, Any] = {"style": "form", "explode": False}
"""How OpenAPI says that a parameter takes its values in one, separated by commas."""

SearchText = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def names(
    known: Sequence[str], description: str, *, least: int = 0, most: int | None = None, examples: Any = None
) -> Any:
    """The definition of a parameter that takes names out of those known, separated by commas or repeated.

    It is required where it takes at least one.
    """
    item: Any = Literal[tuple(known)] if known else Annotated[str, StringConstraints(pattern="^$")]
    said: dict[str, Any] = {"description": description, "examples": examples, "json_schema_extra": dict(NOT_EXPLODED)}
    if least:
        return (list[item], Field(min_length=least, max_length=most, **said))
    return (list[item], Field(default_factory=list, max_length=most, **said))


def limit_parameter(description: str, most: int = MAX_LIMIT) -> Any:
    """The definition of the parameter that says how many at most."""
    return (whole_number(1, most) | None, Field(default=None, description=description))


def cursor_parameter() -> Any:
    """The definition of the parameter that says where to go on."""
    text = Annotated[str, StringConstraints(max_length=2000)]
    return (text | None, Field(default=None, description="Where to go on, as given in `next` or `next_cursor`."))


AS_OF: Any = (
    Moment | None,
    Field(
        default=None,
        description=(
            "The register as it stood at this moment, such as `2026-11-30T00:00:00Z`: what was visible then, with what "
            "it referred to and what was computed then. A moment that is still to come shows it as it now is, reckoned "
            "for that day. What was withdrawn since is not shown."
        ),
    ),
)
"""The definition of the parameter that asks for the past."""


class ParameterSet(BaseModel):
    """The query of a path: its parameters, and no others; by itself that of a path that takes none."""

    model_config = ConfigDict(extra="forbid")

    elsewhere: ClassVar[Mapping[str, str]] = {}
    """What is to be said to a client that gives a parameter here which belongs to another path."""


def parameter_model(
    name: str, definitions: dict[str, Any], elsewhere: Mapping[str, str] | None = None
) -> type[ParameterSet]:
    """A model of parameters; ``elsewhere`` says where others belong."""
    model = create_model(name, __base__=ParameterSet, **definitions)
    model.elsewhere = elsewhere or {}
    return model


def read_parameters(model: type[Model], pairs: Sequence[tuple[str, str]]) -> Model:
    """Validate the parameters of a request, or raise a :class:`BadQuery` that names each that is wrong."""
    given, flaws = _gathered(model, pairs)
    try:
        found = model.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        wrong = {flaw.get("parameter") for flaw in flaws}
        for each in details[:MAX_FLAWS]:
            flaw = _flaw(model, each, given)
            if flaw not in flaws and flaw.get("parameter") not in wrong:
                flaws.append(flaw)
    else:
        flaws += _repetitions(model, found)
    if flaws:
        raise bad_query(flaws)
    return found


def bad_query(flaws: Sequence[Flaw]) -> BadQuery:
    """The problem that names these flaws."""
    first = flaws[0]
    more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
    return BadQuery(f"{first.get('parameter')}: {first['detail']}{more}", errors=flaws[:MAX_FLAWS])


def refused(parameter: str, detail: str) -> BadQuery:
    """The problem of one parameter."""
    return bad_query([{"parameter": parameter, "detail": detail}])


@contextmanager
def flaws_together() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Several readings of one query, each within what this gives: what is wrong with any of them is named at once."""
    problems: list[BadQuery] = []

    @contextmanager
    def reading() -> Iterator[None]:
        try:
            yield
        except BadQuery as problem:
            problems.append(problem)

    yield reading
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise bad_query([flaw for problem in problems for flaw in problem.errors])


def _gathered(model: type[BaseModel], pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], list[Flaw]]:
    """The values by parameter, and what is wrong with how they were given."""
    given: dict[str, Any] = {}
    flaws: list[Flaw] = []
    many, commas = _lists_of(model)
    unknown: set[str] = set()
    for name, value in pairs:
        # The right name is looked for once: that takes long, and one name can be sent thousands of times.
        if name in unknown:
            continue
        if MAX_FLAWS in (len(flaws), len(unknown)):
            break
        if name not in model.model_fields:
            unknown.add(name)
            shown = name if unstorable(name) is None and len(name) <= 100 else "?"
            elsewhere = getattr(model, "elsewhere", {})
            hint = f" {elsewhere[name]}" if name in elsewhere else right_name(name[:100], model.model_fields)
            flaw: Flaw = {"parameter": shown, "detail": f"There is no such parameter.{hint}"}
            flaws += [] if flaw in flaws else [flaw]
        elif reason := _unreadable(value):
            flaws.append({"parameter": name, "detail": reason})
        elif name in commas:
            given.setdefault(name, []).extend(value.split(","))
        elif name in many:
            given.setdefault(name, []).append(value)
        elif name in given:
            flaws.append({"parameter": name, "detail": "It takes one value, and was given more than once."})
        else:
            given[name] = value
    return given, flaws


def _unreadable(value: str) -> str | None:
    if "\ufffd" in value:
        # What the framework puts for bytes that are no text; a filter for it would find nothing, and not say why.
        return "The value is not UTF-8."
    reason = unstorable(value)
    return f"The value cannot be used: {reason}." if reason else None


@cache
def _lists_of(model: type[BaseModel]) -> tuple[frozenset[str], frozenset[str]]:
    """The parameters that take several values, and those of them that take commas."""
    fields = model.model_fields.items()
    many = frozenset(name for name, field in fields if _is_list(field))
    return many, frozenset(name for name in many if takes_commas(model.model_fields[name]))


def _is_list(field: FieldInfo) -> bool:
    bare = unwrap(field.annotation)[1]
    return getattr(bare, "__origin__", None) is list


def takes_commas(field: FieldInfo) -> bool:
    """Whether a parameter takes its values separated by commas."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("explode") is False


def _flaw(model: type[BaseModel], each: ErrorDetails, given: dict[str, Any]) -> Flaw:
    name = str(each["loc"][0])
    field = model.model_fields[name]
    if each["type"] not in ("enum", "literal_error"):
        if takes_commas(field) and each["type"] == "string_pattern_mismatch":
            return {"parameter": name, "detail": wrong_name(given[name][int(each["loc"][1])], ())}
        if each["type"] == "missing" and takes_commas(field):
            return {"parameter": name, "detail": f"It is required. It takes: {', '.join(_terms_of(field.annotation))}."}
        if each["type"] == "too_long":
            return {"parameter": name, "detail": f"It takes at most {_most(field)}."}
        return {"parameter": name, "detail": sentence(each["msg"])}
    value = given[name][int(each["loc"][1])] if isinstance(given[name], list) else given[name]
    known = _terms_of(field.annotation)
    if takes_commas(field):
        descending = any(term.startswith("-") for term in known)
        listed = [term for term in known if not term.startswith("-")]
        detail = wrong_name(value, known, listed=listed)
        return {"parameter": name, "detail": detail + (" A leading - descends." if descending else "")}
    return {"parameter": name, "detail": f"{sentence(each['msg'])}{nearest(value, known)}"}


def _most(field: FieldInfo) -> int:
    """How many values a parameter takes at most."""
    return next(int(rule.max_length) for rule in field.metadata if getattr(rule, "max_length", None) is not None)


def _terms_of(annotation: Any) -> list[str]:
    """The terms of a vocabulary or a literal, wherever in the annotation it stands."""
    if isinstance(annotation, type) and issubclass(annotation, Vocabulary):
        return [term.value for term in annotation]
    if isinstance(annotation, str):
        return [annotation]
    return [term for each in get_args(annotation) for term in _terms_of(each)]


def _repetitions(model: type[BaseModel], found: BaseModel) -> list[Flaw]:
    """Names that are given twice where each is taken once."""
    flaws: list[Flaw] = []
    for name in _lists_of(model)[1] & found.model_fields_set:
        plain = [each.removeprefix("-") for each in getattr(found, name)]
        twice = [each for each in dict.fromkeys(plain) if plain.count(each) > 1]
        flaws += [{"parameter": name, "detail": f"{each} is named twice."} for each in twice]
    return flaws
