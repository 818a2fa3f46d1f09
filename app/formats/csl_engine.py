"""Rendering by the Citation Style Language, with citeproc-py; what it gets wrong for our sources is put right here.

Its elements are classes found by their names, and the last class of a name is the one that counts: so each class below
takes the place of the one it extends.

* What stands in for missing authors (a title, by a macro) is not printed again: citeproc-py knows only plain variables.
* A label is printed only with its variable (``Edition`` alone was printed for whatever has none).
* ``Jin-yu`` is abbreviated to ``J.-Y.``, not to ``J.-. yu .``.
* What does not change is looked up once: macros, the layout, terms, options and dates of a locale, the item that is
  cited, whether an element prints a variable. By XPath or through properties each time, that took nine tenths of all.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
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

    def get_layout(self) -> Any:
        """The layout that it stands in."""
        if "layout" not in self.__dict__:
            self.__dict__["layout"] = super().get_layout()
        return self.__dict__["layout"]

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


class Layout(model.Layout, model.CitationStylesElement):  # type: ignore[misc]
    """The layout, which need not look for itself."""

    def get_layout(self) -> Any:
        """Itself."""
        return self


class Locale(model.Locale, model.CitationStylesElement):  # type: ignore[misc]
    """A locale, in which each term, date and option is looked up once, also where there is none."""

    def get_term(self, name: str, form: Any = None, zero_padded: bool = False) -> Any:
        """A term; raises IndexError."""
        return self._once((name, form, zero_padded), partial(super().get_term, name, form, zero_padded))

    def get_date(self, form: str) -> Any:
        """How dates are written; raises IndexError."""
        return self._once(("date", form), partial(super().get_date, form))

    def get_option(self, name: str) -> Any:
        """An option; raises IndexError."""
        return self._once(("option", name), partial(super().get_option, name))

    def _once(self, key: Any, look: Callable[[], Any]) -> Any:
        known = self.__dict__.setdefault("known", {})
        if key not in known:
            try:
                known[key] = look()
            except IndexError:
                known[key] = _NONE
        if known[key] is _NONE:
            raise IndexError
        return known[key]


class _Lasting:
    """An element that has several, of which it finds out once whether any prints a variable."""

    def calls_variable(self) -> bool:
        """Whether a variable decides what is printed."""
        if "calls" not in self.__dict__:
            self.__dict__["calls"] = bool(super().calls_variable())  # type: ignore[misc]
        return bool(self.__dict__["calls"])


class _Condition(_Lasting):
    """A condition, which asks once of what type the item is."""

    def _type(self, item: Any) -> list[bool]:
        types = self.__dict__.setdefault("types", [each.lower() for each in self.get("type").split()])  # type: ignore[attr-defined]
        kind = item.reference.type
        return [each == kind for each in types]


class Choose(_Lasting, model.Choose, model.CitationStylesElement):  # type: ignore[misc]
    """A choice between conditions."""


class If(_Condition, model.If, model.CitationStylesElement):  # type: ignore[misc]
    """The first condition."""


class Else_If(_Condition, model.Else_If, model.CitationStylesElement):  # type: ignore[misc] # noqa: N801 (its name is looked up)
    """A further condition."""


class Else(_Lasting, model.Else, model.CitationStylesElement):  # type: ignore[misc]
    """What holds where no condition does."""


class _Cited(CitationItem):  # type: ignore[misc]
    """An item that is cited, and found once."""

    def __init__(self, source: CiteProcJSON, key: str) -> None:
        super().__init__(key)
        # Attributes of an item are its entries, but for this one.
        object.__setattr__(self, "_reference", source[self.key])

    @property
    def reference(self) -> Any:
        return self._reference


_NONE = object()


def render(style: str, locale: str, item: Mapping[str, Any]) -> str:
    """One item of CSL-JSON as an entry of a bibliography, in HTML."""
    with _rendering:
        loaded = _style(style, locale)
        source = CiteProcJSON([_without_marks(item)])
        bibliography = CitationStylesBibliography(loaded, source, _formatter)
        bibliography.register(Citation([_Cited(source, str(item["id"]))]))
        entry = "".join(str(each) for each in bibliography.bibliography())
    if locale == "en-US":
        # American usage puts the comma and the full stop inside the quotation marks.
        entry = entry.replace("”.", ".”").replace("”,", ",”")
    return escape(entry, quote=False).translate(_TO_TAGS)


@cache
def _style(style: str, locale: str) -> CitationStylesStyle:
    path = resources.files("app.formats") / "citation_styles" / f"{style}.csl"
    with path.open("rb") as file:
        loaded = CitationStylesStyle(file, locale=locale, validate=False)
    # An element lasts as long as something refers to it, and what it knows with it.
    loaded.elements = [list(root.iter()) for root in (loaded.root, *loaded.root.locales)]
    return loaded


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
