"""Vocabularies: every enumeration of the API with labels, definitions and the standard it comes from."""

import inspect
import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.core.answer import json_answer
from app.core.context import context_of
from app.core.negotiation import choose
from app.core.query import nearest, view_parameters
from app.core.resource import Catalogue
from app.core.vocabulary import Vocabulary
from app.errors import BadQuery, Forbidden, NotAcceptable, NotFound, Unauthorized, Unavailable, documented

router = APIRouter()

_READS: dict[str, Any] = {"security": [{}, {"bearer": []}]}


class TermOut(BaseModel):
    """A term of a vocabulary."""

    value: str = Field(description="The term as it stands in a record.")
    label: str = Field(description="The term as a person reads it.")
    definition: str = Field(description="What it means.")


class StandardOut(BaseModel):
    """A standard."""

    name: str = Field(description="Its name, and the part of it.")
    url: str = Field(description="Where it is defined.")


class VocabularyOut(BaseModel):
    """A closed list of terms."""

    name: str = Field(description="Its name.")
    description: str = Field(description="What it is for.")
    standard: StandardOut | None = Field(description="The standard its terms come from; null: our own.")
    fields: list[str] = Field(description="The fields that take its terms, as `resource.field`.")
    terms: list[TermOut] = Field(description="Its terms, in the order of their meaning.")


class VocabularyList(BaseModel):
    """Every vocabulary."""

    data: list[VocabularyOut] = Field(description="By name.")


def _within(annotation: Any) -> Iterator[type[Vocabulary]]:
    """The vocabularies that a type is made of."""
    if inspect.isclass(annotation) and issubclass(annotation, Vocabulary):
        yield annotation
    elif inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        for info in annotation.model_fields.values():
            yield from _within(info.annotation)
    for inner in get_args(annotation):
        yield from _within(inner)


def every(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """The vocabularies by name, gathered from the read models of all resources."""
    found: dict[str, tuple[type[Vocabulary], list[str]]] = {}
    for resource in catalogue:
        for field, info in resource.read.model_fields.items():
            for vocabulary in _within(info.annotation):
                fields = found.setdefault(_name(vocabulary), (vocabulary, []))[1]
                if f"{resource.name}.{field}" not in fields:
                    fields.append(f"{resource.name}.{field}")
    return {name: _shown(name, *found[name]) for name in sorted(found)}


def _name(vocabulary: type[Vocabulary]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", vocabulary.__name__).lower()


def _shown(name: str, vocabulary: type[Vocabulary], fields: list[str]) -> dict[str, Any]:
    standard = vocabulary.standard()
    return {
        "name": name,
        "description": inspect.cleandoc(vocabulary.__doc__ or ""),
        "standard": {"name": standard.name, "url": standard.url} if standard else None,
        "fields": fields,
        "terms": [{"value": term.value, "label": term.label, "definition": term.definition} for term in vocabulary],
    }


_FAILS = documented(BadQuery, Unauthorized, Forbidden, NotAcceptable, Unavailable)


def _content(model: str) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": f"#/components/schemas/{model}"}
    return {200: {"description": "The answer.", "content": {"application/json": {"schema": schema}}}}


@router.get(
    "/vocabularies", operation_id="list_vocabularies", summary="Every vocabulary", response_model=None,
    responses={**_content("VocabularyList"), **_FAILS}, openapi_extra=_READS,
)  # fmt: skip
def list_vocabularies(request: Request) -> Response:
    """Every enumeration with labels, definitions and the standard it comes from."""
    context = context_of(request)
    viewer = context.authenticate(request)
    asked, _ = view_parameters(("json",), request.query_params.multi_items())
    choose(asked, request.headers.get("accept"), ("json",))
    return json_answer({"data": list(every(context.catalogue).values())}, viewer)


Name = Annotated[str, Path(description="The vocabulary's name.", examples=["completion"])]


@router.get(
    "/vocabularies/{name}", operation_id="get_vocabulary", summary="One vocabulary", response_model=None,
    responses={**_content("VocabularyOut"), **_FAILS, **documented(NotFound)}, openapi_extra=_READS,
)  # fmt: skip
def get_vocabulary(request: Request, name: Name) -> Response:
    """One enumeration with labels, definitions and the standard it comes from."""
    context = context_of(request)
    viewer = context.authenticate(request)
    asked, _ = view_parameters(("json",), request.query_params.multi_items())
    choose(asked, request.headers.get("accept"), ("json",))
    known = every(context.catalogue)
    if name not in known:
        raise NotFound(f"There is no such vocabulary.{nearest(name, known)}")
    return json_answer(known[name], viewer)
