"""Every text that people are shown, for the catalogues: ``python -m app.pages.messages`` brings those up to the code.

Texts in code and templates are found by Babel where they are marked (``_()``, ``gettext()``, ``{% trans %}``). Others
are said once in a declaration, and gathered here from there: vocabularies, problems, fields, figures, kinds of gap.
"""

import inspect
from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from app import errors
from app.core.reading.grammar import grammar_of
from app.core.storage.history import Action
from app.languages.choice import LANGUAGES, ORIGINAL
from app.languages.terms import context_of
from app.languages.texts import CATALOGUES
from app.pages import citing, labels, lists, partnership, texts
from app.pictures.graph.layout import COLUMNS
from app.resources import CATALOGUE
from app.views import VIEWS, figures, vocabularies
from app.views.events import EventKind
from app.views.gap_kinds import KINDS

APP = Path(__file__).parents[1]
_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "numbered": (2, 3),
}

_HEAD = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Language: {language}\n"
"Plural-Forms: {plural}\n"

"""
"""No date stands in it: what has not changed makes no change."""

Name = str | tuple[str, str]
"""A message, or its singular and plural."""

Message = tuple[Name, str | None]
"""A message and its context."""


def gathered() -> Iterator[Message]:
    """The messages that declarations hold."""
    for kind in errors.ALL:
        yield from ((text, None) for text in (kind.title, kind.meaning, kind.remedy))
    for name, (vocabulary, _) in vocabularies.declared(CATALOGUE).items():
        yield inspect.cleandoc(vocabulary.__doc__ or ""), None
        for term in vocabulary:
            yield term.label, context_of(vocabulary)
            yield term.definition, None
        yield labels.english_field(name), labels.FIELD
    yield from ((names, labels.RESOURCE) for names in labels.RESOURCES.values())
    yield from ((labels.english_field(name), labels.FIELD) for name in _fields())
    yield from ((text, labels.FIELD) for text in labels.named())
    yield from ((message, None) for column in COLUMNS for message in (column.heading, column.counts))
    yield from ((text, labels.UNIT) for text in labels.UNITS)
    yield from ((action.value, "action") for action in Action)
    yield from ((text, "format") for text in labels.FORMATS)
    yield from ((text, "figure") for text in partnership.FIGURES.values())
    yield from ((text, "filter") for text in lists.OPERATORS.values())
    yield from ((text, None) for text in (*texts.TITLES.values(), citing.CITATION))
    overall = figures.overall(date.today())  # noqa: DTZ011 (texts alone are taken, which no day changes)
    declared = (overall, figures.COMPLETION, figures.CONCRETENESS, figures.INDEPENDENT_SOURCES)
    yield from ((each.definition, None) for group in declared for each in group)  # type: ignore[attr-defined]
    yield from ((text, None) for kind in KINDS for text in (kind.title, kind.closes))


def _fields() -> Iterator[str]:
    """The names that are shown with their label."""
    for resource in CATALOGUE:
        grammar = grammar_of(resource, CATALOGUE)
        yield from resource.fields
        yield from (name.partition("__")[0] for name in (*grammar.filters, *grammar.sortable, *grammar.facetable))
    yield from partnership.FIGURES
    yield from (each.name for each in figures.overall(date.today()))  # noqa: DTZ011
    yield from (kind.name for kind in KINDS)
    yield from (kind.value for kind in EventKind)
    yield from (view.name for view in VIEWS)


def marked() -> Iterator[Message]:
    """The messages that are marked in code and templates."""
    options = {"**.html": {"trimmed": "true", "silent": "false"}}
    for found in extract_from_dir(APP, _METHODS, options, keywords=_KEYWORDS):
        _, _, message, _, context = found
        yield message if isinstance(message, str) else (message[0], message[1]), context


def every() -> list[Message]:
    """Every message once, in a lasting order: a changed text changes one place of a catalogue."""
    found = {message for message in (*marked(), *gathered()) if message[0]}
    return sorted(found, key=lambda each: (each[1] or "", str(each[0])))


def read(language: str) -> Catalog:
    """The catalogue of a language."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, messages: Iterable[Message]) -> Catalog:
    """A catalogue with just these messages, and the translations that there are."""
    path = CATALOGUES / f"{language}.po"
    before = read(language) if path.exists() else Catalog(locale=language)
    catalogue = Catalog(locale=language, project="Followthrough", version="", fuzzy=False, header_comment="")
    for name, context in messages:
        known = before.get(name, context)
        catalogue.add(name, known.string if known is not None else "", context=context)
    return catalogue


def written(language: str, messages: Iterable[Message]) -> str:
    """The file of a catalogue that is up to date."""
    catalogue = updated(language, messages)
    text = BytesIO()
    write_po(text, catalogue, width=120, omit_header=True, no_location=True)
    return _HEAD.format(language=language, plural=catalogue.plural_forms) + text.getvalue().decode()


def main() -> None:
    """Rewrite the catalogues. A message that is new waits for its translation; one that is gone leaves."""
    messages = every()
    for language in LANGUAGES:
        if language != ORIGINAL:
            (CATALOGUES / f"{language}.po").write_text(written(language, messages), encoding="utf-8")


if __name__ == "__main__":
    main()
