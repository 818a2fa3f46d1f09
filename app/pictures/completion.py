"""How completion is drawn, alike in every picture: a colour, a pattern and a symbol for each of its six terms.

The colours are of Okabe and Ito's palette, which people with any kind of colour vision tell apart; the orange-red is
darkened. Patterns and symbols say the same where there is no colour at all. The symbols fill as the promise does, and
the three that stand for knowing nothing or finding nothing do not look like an empty one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi, sin
from xml.etree.ElementTree import Element

from app.languages.terms import label_of
from app.pictures.paper import PAPER, add, figure, path, rect, text
from app.pictures.text import text_width
from app.resources.completion import Completion


@dataclass(frozen=True)
class Look:
    """How a term is drawn: the fill, an outline that stands out from paper, and lines or dots over the fill."""

    fill: str
    outline: str
    pattern: str | None = None
    dashed: bool = False


LOOKS: Mapping[Completion, Look] = {
    Completion.not_assessed: Look("#ffffff", "#5b6670", dashed=True),
    Completion.no_evidence_available: Look("#e8ebee", "#5b6670", "M0 6L6 0M0 0L6 6"),
    Completion.not_started: Look("#b34700", "#7a3000"),
    Completion.limited: Look("#f0ad2e", "#805300", "M-1.5 1.5L1.5 -1.5M0 6L6 0M4.5 7.5L7.5 4.5"),
    Completion.substantial: Look("#56b4e9", "#005d93", "M3 0V6"),
    Completion.complete: Look("#0072b2", "#004b76"),
}

_RADIUS = 5.5
"""Of the symbols."""

TERMS: Mapping[str, Completion] = {each.value: each for each in Completion}

ORDER = (
    Completion.complete,
    Completion.substantial,
    Completion.limited,
    Completion.not_started,
    Completion.no_evidence_available,
    Completion.not_assessed,
)
"""From all to nothing, and then what is not known."""


def term(value: str | None) -> Completion:
    """The term of a value; a promise without one has not been assessed."""
    return TERMS.get(value or "", Completion.not_assessed)


def define(definitions: Element, prefix: str) -> None:
    """Define the patterns, for `fill` to refer to."""
    for each, look in LOOKS.items():
        if look.pattern is None:
            continue
        tile = add(
            definitions, "pattern", id=f"{prefix}-{each.value}", width=6, height=6, patternUnits="userSpaceOnUse"
        )
        path(tile, "M0 0H6V6H0z", fill=look.fill)
        path(tile, look.pattern, stroke=look.outline, stroke_width=0.7, fill="none", stroke_opacity=0.75)


def fill(each: Completion, prefix: str) -> str:
    """What an area of a term is filled with."""
    return f"url(#{prefix}-{each.value})" if LOOKS[each].pattern else LOOKS[each].fill


def bar(parent: Element, x: float, y: float, width: float, height: float, each: Completion, prefix: str) -> Element:
    """A bar of a term."""
    look = LOOKS[each]
    return rect(
        parent,
        x,
        y,
        max(width, 0.5),
        height,
        fill=fill(each, prefix),
        stroke=look.outline,
        stroke_width=0.8,
        stroke_dasharray="3 2" if look.dashed else None,
    )


def symbol(parent: Element, x: float, y: float, each: Completion) -> None:
    """The symbol of a term, about a point: a disc filled by a quarter, by three, or wholly and ticked."""
    look = LOOKS[each]
    face = look.fill if each is Completion.complete else PAPER
    add(
        parent,
        "circle",
        cx=x,
        cy=y,
        r=_RADIUS,
        fill=face,
        stroke=look.outline,
        stroke_width=1.4,
        stroke_dasharray="2.2 1.6" if look.dashed else None,
    )
    r, left, middle = _RADIUS - 0.2, figure(x), figure(y)
    if each in (Completion.limited, Completion.substantial):
        turn = (0.25 if each is Completion.limited else 0.75) * 2 * pi
        end = f"{figure(x + r * sin(turn))} {figure(y - r * cos(turn))}"
        face = look.outline if each is Completion.limited else look.fill
        d = f"M{left} {middle}V{figure(y - r)}A{figure(r)} {figure(r)} 0 {int(turn > pi)} 1 {end}z"
        path(parent, d, fill=face, stroke=look.outline, stroke_width=0.6)
    elif each is Completion.complete:
        d = f"M{figure(x - r / 2)} {middle}l{figure(r * 0.35)} {figure(r * 0.4)}l{figure(r * 0.65)} {figure(-0.8 * r)}"
        path(parent, d, fill="none", stroke=PAPER, stroke_width=1.6)
    elif each is Completion.no_evidence_available:
        d = f"M{figure(x - 1.9)} {figure(y - 1.2)}a1.9 1.9 0 1 1 2.8 1.6q-.9 .5 -.9 1.4M{left} {figure(y + 2.6)}v1.2"
        path(parent, d, fill="none", stroke=look.outline, stroke_width=1.3)


def legend(parent: Element, x: float, y: float, width: float) -> float:
    """The symbols with their names, on as many lines as they need; the answer is the height."""
    left, top = x, y
    for each in ORDER:
        words = label_of(each)
        needed = 18 + text_width(words, 11.5)
        if left + needed > x + width:
            left, top = x, top + 18
        symbol(parent, left + 6, top - 4, each)
        text(parent, left + 16, top, words, size=11.5)
        left += needed + 14
    return top - y + 18
