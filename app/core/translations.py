"""Translations of a record's texts: which languages there are, which texts, and how the right one is read.

A record is written in the original language. What else it says in another one stands in ``translations``, a field like
any other: validated, kept in history, searched.
"""

from typing import Annotated, Any, Generic, Self, TypeVar, get_args

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlmodel import Field as SQLField

from app.core.field_types import Line, Prose, Summary
from app.core.storage.column_types import Document
from app.core.storage.json_functions import only_json

ORIGINAL = "en"
"""The language that the program and the bundled registers are written in."""

LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
"""A language as BCP 47 names it."""

LANG: Any = (
    LanguageTag | None,
    Field(
        default=None,
        description=(
            "The language to read in, such as `ko` or `hi` (BCP 47): texts that have a translation are given in it, "
            "others in English; `lang` of each record says which. Order and filters are those of the English texts."
        ),
        examples=["ko"],
    ),
)
"""The definition of the parameter that says the language."""


def _never_null(schema: dict[str, Any]) -> None:
    """What is not translated is left out: it is neither null nor has a default."""
    schema.pop("default", None)


def _text(description: str) -> Any:
    return Field(default=None, description=description, json_schema_extra=_never_null)


class Texts(BaseModel):
    """The texts of a record in one language."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("it translates nothing; leave the language out")
        return self


class TitleTexts(Texts):
    """A title in one language."""

    title: Line = _text("Its title.")


class NameTexts(Texts):
    """A name in one language."""

    name: Line = _text("Its name.")


class DescriptionTexts(NameTexts):
    """A name and a description in one language."""

    description: Prose = _text("Its description.")


class SummaryTexts(TitleTexts):
    """A title and a summary in one language."""

    summary: Summary = _text("Its summary.")


class ArticleTexts(SummaryTexts):
    """A title, a summary and a description in one language."""

    description: Prose = _text("Its description.")


class StatementTexts(TitleTexts):
    """A title and a statement in one language."""

    statement: Prose = _text("What was promised.")


class NarrativeTexts(Texts):
    """A narrative in one language."""

    narrative: Prose = _text("What happened.")


class PartnershipTexts(DescriptionTexts):
    """The texts of a partnership in one language."""

    summary: Summary = _text("Its summary.")
    label: Line = _text("The title that the parties give it.")


Given = TypeVar("Given", bound=Texts)


class Translations(BaseModel, Generic[Given]):
    """The texts of a record by language: those that have been translated."""

    model_config = ConfigDict(extra="forbid")

    ko: Given = _text("In Korean.")
    hi: Given = _text("In Hindi.")

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """What there is, and nothing for what there is not."""
        return super().model_dump(**{**options, "exclude_none": True})


class ArticleTranslations(Translations[ArticleTexts]):
    """A title, a summary and a description, by language."""


class DescriptionTranslations(Translations[DescriptionTexts]):
    """A name and a description, by language."""


class NameTranslations(Translations[NameTexts]):
    """A name, by language."""


class NarrativeTranslations(Translations[NarrativeTexts]):
    """A narrative, by language."""


class PartnershipTranslations(Translations[PartnershipTexts]):
    """The texts of a partnership, by language."""


class StatementTranslations(Translations[StatementTexts]):
    """A title and a statement, by language."""


class SummaryTranslations(Translations[SummaryTexts]):
    """A title and a summary, by language."""


class TitleTranslations(Translations[TitleTexts]):
    """A title, by language."""


def translated(kind: type[Translations[Any]]) -> Any:
    """The field of a resource whose texts can be translated."""
    return SQLField(
        default_factory=kind,
        sa_type=Document,
        # A row that is put in without a model has the same: none.
        sa_column_kwargs={"server_default": "{}", "default": lambda: {}},
        description="Its texts in other languages: by language (BCP 47), each with what has been translated.",
    )


TRANSLATED = tuple(Translations.model_fields)
"""The languages that records can be translated into."""


def texts_in(annotation: Any) -> tuple[str, ...]:
    """The texts that a type of translations knows."""
    (inner,) = get_args(annotation.model_fields[TRANSLATED[0]].annotation)[:1] or (
        annotation.model_fields[TRANSLATED[0]].annotation,
    )
    return tuple(inner.model_fields)


def language_of(tag: str | None) -> str:
    """The language of records that a tag asks for, whatever region it adds; the original one where there is no such."""
    primary = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary in TRANSLATED else ORIGINAL


def translation(rows: sa.FromClause, language: str, name: str) -> sa.ColumnElement[Any]:
    """The text of a row in a language; null where it has none."""
    known = sa.type_coerce(only_json(rows.c.translations), sa.JSON())
    text: sa.ColumnElement[Any] = known[(language, name)].as_string()
    return text
