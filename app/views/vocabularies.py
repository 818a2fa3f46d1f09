"""Vocabularies: every enumeration of the API with labels, definitions and the standard it comes from."""

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.documentation import (
    response,
)
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read, ReadRequest
from app.api.responses import json_response
from app.core.flaws import nearest
from app.core.reading.parameters import ParameterSet
from app.core.resource import Catalogue
from app.core.translations import LanguageTag
from app.core.vocabulary import Vocabulary
from app.errors import NotFound
from app.languages.choice import current, in_language
from app.languages.terms import context_of, definition_of, label_of
from app.languages.texts import gettext


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


class VocabularyParameters(ParameterSet):
    """The query of vocabularies."""

    lang: LanguageTag | None = Field(
        default=None, description="The language of labels and definitions: `en`, `ko` or `hi`.", examples=["ko"]
    )


def _within(annotation: Any) -> Iterator[type[Vocabulary]]:
    """The vocabularies that a type is made of."""
    if inspect.isclass(annotation) and issubclass(annotation, Vocabulary):
        yield annotation
    elif inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        for info in annotation.model_fields.values():
            yield from _within(info.annotation)
    for inner in get_args(annotation):
        yield from _within(inner)


def declared(catalogue: Catalogue) -> dict[str, tuple[type[Vocabulary], list[str]]]:
    """The vocabularies by name with the fields that take their terms, from the read models of all resources."""
    found: dict[str, tuple[type[Vocabulary], list[str]]] = {}
    for resource in catalogue:
        for field, info in resource.read.model_fields.items():
            for vocabulary in _within(info.annotation):
                fields = found.setdefault(context_of(vocabulary), (vocabulary, []))[1]
                if f"{resource.name}.{field}" not in fields:
                    fields.append(f"{resource.name}.{field}")
    return {name: found[name] for name in sorted(found)}


def every(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """The vocabularies by name, in the language of the request."""
    return _every(catalogue, current())


@cache
def _every(catalogue: Catalogue, language: str) -> dict[str, dict[str, Any]]:
    with in_language(language):
        return {name: _shown(name, *found) for name, found in declared(catalogue).items()}


def _shown(name: str, vocabulary: type[Vocabulary], fields: list[str]) -> dict[str, Any]:
    standard = vocabulary.standard()
    return {
        "name": name,
        "description": gettext(inspect.cleandoc(vocabulary.__doc__ or "")),
        "standard": {"name": standard.name, "url": standard.url} if standard else None,
        "fields": fields,
        "terms": [
            {"value": term.value, "label": label_of(term), "definition": definition_of(term)} for term in vocabulary
        ],
    }


Name = Annotated[str, Path(description="The vocabulary's name.", examples=["completion"])]


class VocabularyRoutes:
    """Every enumeration of the API."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Serve the vocabularies that the resources of a catalogue use."""
        self.catalogue = catalogue

    def list_vocabularies(self, read: Read) -> Response:
        """Every enumeration with labels, definitions and the standard it comes from."""
        self._check(read)
        return json_response({"data": list(every(self.catalogue).values())}, read.viewer)

    def get_vocabulary(self, read: Read, name: Name) -> Response:
        """One enumeration with labels, definitions and the standard it comes from."""
        self._check(read)
        found = every(self.catalogue)
        if name not in found:
            raise NotFound(f"There is no such vocabulary.{nearest(name, found)}")
        return json_response(found[name], read.viewer)

    def _check(self, read: ReadRequest) -> None:
        read.parameters(VocabularyParameters)
        read.choose("json")

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        routes = DocumentedRouter(router)
        routes.read(
            "/vocabularies",
            self.list_vocabularies,
            summary="List vocabularies",
            shows=response(200, "The vocabularies.", VocabularyList),
            query=VocabularyParameters,
        )
        routes.read(
            "/vocabularies/{name}",
            self.get_vocabulary,
            summary="Get a vocabulary",
            shows=response(200, "The vocabulary.", VocabularyOut),
            fails=(NotFound,),
            query=VocabularyParameters,
        )
