"""The paper that every picture is drawn on: its size, its inks, its head and foot, and text that stays in its place.

What is set on an element is set by attributes, never by a style sheet: some programs that show SVG in documents know no
other way, and a page with a strict Content-Security-Policy would drop the styles.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from app.languages import written
from app.languages.choice import current
from app.languages.texts import gettext, ngettext
from app.pictures.text import clean, measured, right_to_left, shorten, text_width, wrap

WIDTH = 800
MARGIN = 24
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

PAPER = "#ffffff"
INK = "#1c2733"
QUIET = "#51606f"
BRAND = "#12355b"
ALARM = "#a33b00"
LINE = "#d8dfe6"
WASH = "#f4f7fa"
BAR = "#7d93a8"

SIZE = 12.0
LINE_HEIGHT = 1.25
_SVG = "http://www.w3.org/2000/svg"


def figure(value: float) -> str:
    """A length or a place, to a tenth."""
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def add(parent: Element, tag: str, words: str | None = None, /, **attributes: Any) -> Element:
    """Add an element. `stroke_width=2` is written `stroke-width="2"`; what is None is left out."""
    written = {
        name.rstrip("_").replace("_", "-"): figure(value) if isinstance(value, int | float) else str(value)
        for name, value in attributes.items()
        if value is not None
    }
    element = SubElement(parent, tag, written)
    element.text = words
    return element


def rect(parent: Element, x: float, y: float, width: float, height: float, **attributes: Any) -> Element:
    """Add a rectangle."""
    return add(parent, "rect", x=x, y=y, width=width, height=height, **attributes)


def path(parent: Element, *parts: str | float, **attributes: Any) -> Element:
    """Add a path: ``path(parent, "M", x, y, "h", width)``. Two numbers are set apart by a space."""
    return add(parent, "path", d=drawn(*parts), **attributes)


def drawn(*parts: str | float) -> str:
    """What a path draws, given by its letters and numbers."""
    written = ""
    for part in parts:
        if isinstance(part, str):
            written += part
        else:
            written += f"{' ' if written[-1:].isdigit() else ''}{figure(part)}"
    return written


def text(
    parent: Element,
    x: float,
    y: float,
    words: str,
    *,
    size: float = SIZE,
    bold: bool = False,
    fill: str | None = None,
    anchor: str | None = None,
) -> Element:
    """A line of text. Its length is the caller's care."""
    return add(
        parent,
        "text",
        words,
        x=x,
        y=y,
        font_size=None if size == SIZE else size,
        font_weight="bold" if bold else None,
        fill=None if fill in (None, INK) else fill,
        text_anchor=anchor,
    )


def label(
    parent: Element,
    x: float,
    y: float,
    words: str,
    width: float,
    *,
    lines: int = 1,
    size: float = SIZE,
    bold: bool = False,
    fill: str | None = None,
) -> int:
    """Text of the register, within a width. Gives how many lines it takes; where it is cut, the title has all of it."""
    whole = clean(words)
    fitted = wrap(whole, width, size, lines, bold)
    holder = parent
    if fitted and "".join(fitted).replace(" ", "") != whole.replace(" ", ""):
        holder = add(parent, "g")
        add(holder, "title", whole)
    for place, line in enumerate(fitted):
        top = y + place * size * LINE_HEIGHT
        # The isolate lets a line of Hebrew or Arabic begin and be cut at its own end, and keeps it to itself.
        shown = f"\u2068{line}\u2069" if right_to_left(line) else line
        if measured(line):
            text(holder, x, top, shown, size=size, bold=bold, fill=fill)
        else:
            # The width was guessed: a frame of its own cuts off what would run into its neighbour.
            frame = add(holder, "svg", x=x, y=top - size, width=width, height=size * 1.3)
            text(frame, 0, size, shown, size=size, bold=bold, fill=fill)
    return max(len(fitted), 1)


def title_of(element: Element, words: str) -> None:
    """Say what an element shows, to whoever points at it or has it read out."""
    said = Element("title")
    said.text = clean(words)
    element.insert(0, said)


def numbered(number: float, one: str, many: str) -> str:
    """A number with its noun, which the messages name: 1 promise, 2 promises."""
    return ngettext(one, many, number) % {"count": written.number(number)}


class Paper:
    """A picture in the making: `root` is drawn on, `y` is how far down it is drawn."""

    def __init__(self, name: str, view: Mapping[str, Any], headline: str, lead: str) -> None:
        self.partnership = clean(view["partnership"]["title"])
        self.as_of = date.fromisoformat(str(view["as_of"]))
        # Two pictures set into one page must not share identifiers.
        self.prefix = f"{name}-{view['partnership']['slug']}"
        self._address = f"/v1/partnerships/{view['partnership']['slug']}/{name}"
        self.root = Element("svg", {"xmlns": _SVG})
        self._title = add(self.root, "title", f"{self.partnership}: {clean(headline)}", id=self.id("title"))
        self._description = add(self.root, "desc", "", id=self.id("desc"))
        self.definitions = add(self.root, "defs")
        self._back = add(self.root, "rect", fill=PAPER)
        self.y = 0.0
        self._head(headline, lead)

    def id(self, name: str) -> str:
        """An identifier that is this picture's own."""
        return f"{self.prefix}-{name}"

    def _head(self, headline: str, lead: str) -> None:
        inside = WIDTH - 2 * MARGIN
        lines = label(self.root, MARGIN, 30, self.partnership, inside, size=13, bold=True, fill=QUIET)
        lines = label(self.root, MARGIN, 55, headline, inside, size=21, bold=True, fill=BRAND)
        lines = label(self.root, MARGIN, 76, lead, inside, lines=3, size=12.5, fill=QUIET)
        self.y = 76 + lines * 12.5 * LINE_HEIGHT

    def heading(self, words: str, x: float = MARGIN, width: float = WIDTH - 2 * MARGIN, note: str = "") -> None:
        """The heading of a part, with a rule over it and a quiet remark behind it."""
        path(self.root, "M", x, self.y, "h", width, stroke=LINE)
        text(self.root, x, self.y + 21, words, size=14, bold=True, fill=BRAND)
        if note:
            after = text_width(words, 14, bold=True) + 10
            shown = shorten(clean(note), width - after, 11.5)
            text(self.root, x + after, self.y + 21, shown, size=11.5, fill=QUIET)

    def document(self, reported: str) -> str:
        """The finished picture, with its foot, and with the facts in words for whoever cannot see it."""
        foot = self.y + 26
        height = foot + 16
        path(self.root, "M", MARGIN, foot - 18, "H", WIDTH - MARGIN, stroke=LINE)
        said = gettext("Followthrough, as of %(day)s") % {"day": self.as_of.isoformat()}
        text(self.root, MARGIN, foot, said, size=11, fill=QUIET)
        named = gettext("Source: %(address)s") % {"address": self._address}
        source = shorten(named, WIDTH - 2 * MARGIN - text_width(said, 11) - 20, 11)
        text(self.root, WIDTH - MARGIN, foot, source, size=11, fill=QUIET, anchor="end")
        self._description.text = clean(reported)
        if not len(self.definitions):
            self.root.remove(self.definitions)
        for name, value in (("width", WIDTH), ("height", height)):
            self._back.set(name, figure(value))
            self.root.set(name, figure(value))
        self.root.set("viewBox", f"0 0 {WIDTH} {figure(height)}")
        for name, said in (
            ("role", "img"),
            ("lang", current()),
            ("font-family", FONTS),
            ("font-size", figure(SIZE)),
            ("fill", INK),
            ("aria-labelledby", f"{self.id('title')} {self.id('desc')}"),
        ):
            self.root.set(name, said)
        return tostring(self.root, encoding="unicode") + "\n"
