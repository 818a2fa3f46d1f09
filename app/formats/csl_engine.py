"""Rendering by the Citation Style Language, with citeproc-py; what it gets wrong for our sources is put right here.

Its elements are classes found by their names, and the last class of a name is the one that counts: so each class below
takes the place of the one it extends.

* What stands in for missing authors (a title, by a macro) is not printed again: citeproc-py knows only plain variables.
* A label is printed only with its variable (``Edition`` alone was printed for whatever has none).
* ``Jin-yu`` is abbreviated to ``J.-Y.``, not to ``J.-. yu .``.
* Macros are looked up once. By XPath each time, they took four fifths of the whole.
"""

from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from threading import Lock
from types import SimpleNamespace
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, model
from citeproc.source import VariableError
from citeproc.source.json import CiteProcJSON

_rendering = Lock()
"""A style keeps what it is rendering in its own elements."""

_TAGS = {"\ue010": "<i>", "\ue011": "</i>", "\ue012": "<b>", "\ue013": "</b>", "\ue014": "<sup>", "\ue015": "</sup>"}
_NO_TAGS = dict.fromkeys(map(ord, _TAGS))
_TO_TAGS = str.maketrans(_TAGS)

_formatter = SimpleNamespace(
    preformat=str,
    Italic=lambda text: f"\ue010{text}\ue011",
    Oblique=lambda text: f"\ue010{text}\ue011",
    Bold=lambda text: f"\ue012{text}\ue013",
    Superscript=lambda text: f"\ue014{text}\ue015",
    Subscript=str,
    Light=str,
    Underline=str,
    SmallCaps=str,
)
"""Marks what is set apart with characters that no text has, so that all else can be escaped afterwards."""


class Text(model.Text, model.CitationStylesElement):  # type: ignore[misc]
    """A text, which is not printed again where it stood in for the authors."""

    def get_macro(self, name: str) -> Any:
        """The macro of a name."""
        known = self.get_root().__dict__.setdefault("known_macros", {})
        if name not in known:
            known[name] = super().get_macro(name)
        return known[name]

    def calls_variable(self) -> bool:
        """Whether a variable decides what is printed."""
        name = self.get("macro")
        if name is None:
            return bool(super().calls_variable())
        known: dict[str, bool] = self.get_root().__dict__.setdefault("known_calls", {})
        if name not in known:
            known[name] = bool(super().calls_variable())
        return known[name]

    def process(self, item: Any, context: Any = None, **given: Any) -> Any:
        """The text and its language."""
        variable = self.get("variable")
        state = (self if context is None else context).get_layout().repressed
        if variable is not None and variable in state.get("stood in", ()):
            raise VariableError
        processed = super().process(item, context=context, **given)
        if variable is not None and processed[0]:
            state.setdefault("printed", []).append(variable)
        return processed


class Substitute(model.Substitute, model.CitationStylesElement):  # type: ignore[misc]
    """What stands in for missing names: whatever it prints is not printed again."""

    def render(self, item: Any, context: Any = None, **given: Any) -> Any:
        """Print what stands in."""
        state = (self if context is None else context).get_layout().repressed
        before = len(state.setdefault("printed", []))
        text = super().render(item, context=context, **given)
        if text:
            state.setdefault("stood in", []).extend(state["printed"][before:])
        return text


class Label(model.Label, model.CitationStylesElement):  # type: ignore[misc]
    """A label, which is printed with its variable."""

    def process(
        self, item: Any, variable: str | None = None, plural: Any = None, context: Any = None, **given: Any
    ) -> Any:
        """The label of a variable that the item has."""
        own = self.get("variable")
        if variable is None and own != "locator" and own.replace("-", "_") not in item.reference:
            raise VariableError
        return super().process(item, variable, plural, context, **given)


class Name(model.Name, model.CitationStylesElement):  # type: ignore[misc]
    """Names, whose initials are capitals."""

    def initialize(self, given: str, mark: str, context: Any) -> Any:
        """The initials of given names."""
        parts = (part[:1].upper() + part[1:] for part in given.split("-"))
        return super().initialize("-".join(parts), mark, context)


def render(style: str, locale: str, item: Mapping[str, Any]) -> str:
    """One item of CSL-JSON as an entry of a bibliography, in HTML."""
    with _rendering:
        loaded = _style(style, locale)
        source = CiteProcJSON([_without_marks(item)])
        bibliography = CitationStylesBibliography(loaded, source, _formatter)
        bibliography.register(Citation([CitationItem(str(item["id"]))]))
        entry = "".join(str(each) for each in bibliography.bibliography())
    if locale == "en-US":
        # American usage puts the comma and the full stop inside the quotation marks.
        entry = entry.replace("”.", ".”").replace("”,", ",”")
    return escape(entry, quote=False).translate(_TO_TAGS)


@cache
def _style(style: str, locale: str) -> CitationStylesStyle:
    path = resources.files("app.formats") / "citation_styles" / f"{style}.csl"
    with path.open("rb") as file:
        return CitationStylesStyle(file, locale=locale, validate=False)


def _without_marks(value: Any) -> Any:
    match value:
        case str():
            return value.translate(_NO_TAGS)
        case list():
            return [_without_marks(each) for each in value]
        case dict():
            return {name: _without_marks(each) for name, each in value.items()}
        case _:
            return value
