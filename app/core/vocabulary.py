"""Vocabularies: closed lists of terms, each with a definition and the standard it was taken from."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self, TypeVar

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Standard:
    """Where a vocabulary comes from: the standard's name and the page that defines it."""

    name: str
    url: str


class Vocabulary(str, Enum):  # noqa: UP042 (StrEnum takes no definitions)
    """A closed list of terms. Each member is declared as ``term = "term", "What it means."``.

    The order of declaration is the order of meaning (low before high): sorting by a field of this type follows it.
    """

    def __new__(cls, term: str, definition: str = "") -> Self:
        """Make a term that is its own text and carries its definition."""
        member = str.__new__(cls, term)
        member._value_ = term
        member.__doc__ = definition
        return member

    @property
    def definition(self) -> str:
        """What the term means."""
        return self.__doc__ or ""

    @property
    def label(self) -> str:
        """The term as a person reads it: "partially_accepted" is "Partially accepted"."""
        return str(self.value).replace("_", " ").capitalize()

    @classmethod
    def standard(cls) -> Standard | None:
        """The standard that the terms come from, or None for a vocabulary of our own."""
        return _STANDARDS.get(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the vocabulary in OpenAPI with the definition of each of its terms."""
        described = handler.resolve_ref_schema(handler(schema))
        lines = "\n".join(f"- `{term.value}`: {term.definition}" for term in cls)
        standard = cls.standard()
        source = f"\n\nAfter [{standard.name}]({standard.url})." if standard else ""
        described["description"] = f"{(cls.__doc__ or '').strip()}\n\n{lines}{source}"
        return described


_STANDARDS: dict[type[Vocabulary], Standard] = {}

AnyVocabulary = TypeVar("AnyVocabulary", bound=type[Vocabulary])


def after(name: str, url: str) -> Callable[[AnyVocabulary], AnyVocabulary]:
    """Say which standard a vocabulary comes from."""

    def note(vocabulary: AnyVocabulary) -> AnyVocabulary:
        _STANDARDS[vocabulary] = Standard(name, url)
        return vocabulary

    return note
