"""The marks of the timeline: bars, lines, triangles and diamonds, and the legend that explains them."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from app.languages.texts import gettext
from app.pictures import completion as look
from app.pictures.paper import (
    ALARM,
    BRAND,
    INK,
    MARGIN,
    PAPER,
    WIDTH,
    Paper,
    path,
    text,
)
from app.pictures.text import text_width
from app.pictures.timeline.promises import Promise
from app.resources.completion import Completion


def legend(paper: Paper, shown: Sequence[Promise]) -> None:
    """Draw the legend, where there is something to explain."""
    if not shown:
        return
    y = paper.y + 10
    y += look.legend(paper.root, MARGIN, y, WIDTH - 2 * MARGIN)
    x = float(MARGIN)
    for draw_sign, words in (
        (_sign_deadline, gettext("to its last day")),
        (_sign_open, gettext("open end")),
        (_sign_late, gettext("past its last day")),
        (_sign_restated, gettext("restates an earlier one")),
        (_sign_update, gettext("news")),
        (_sign_step, gettext("step due, met")),
    ):
        needed = 30 + text_width(words, 11.5)
        if x + needed > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 18
        draw_sign(paper, x, y - 4)
        text(paper.root, x + 30, y, words, size=11.5)
        x += needed + 12
    paper.y = y + 16


def _sign_deadline(paper: Paper, x: float, y: float) -> None:
    look.bar(paper.root, x, y - 4, 24, 8, Completion.substantial, paper.prefix)


def _sign_open(paper: Paper, x: float, y: float) -> None:
    open_bar(paper.root, x, y, 24, Completion.substantial)


def _sign_late(paper: Paper, x: float, y: float) -> None:
    late_line(paper.root, x, x + 24, y)


def _sign_restated(paper: Paper, x: float, y: float) -> None:
    restated_mark(paper.root, x + 14, y)


def _sign_update(paper: Paper, x: float, y: float) -> None:
    path(paper.root, "M", x + 4, y - 5, "v10m8 -10v10m8 -10v10", stroke=INK, stroke_width=1.2)


def _sign_step(paper: Paper, x: float, y: float) -> None:
    diamond(paper.root, x + 6, y, False)
    diamond(paper.root, x + 19, y, True)


def open_bar(parent: Element, x: float, y: float, width: float, completion: Completion) -> None:
    """A promise without a last day: a thin bar that ends in an arrow."""
    outline = look.LOOKS[completion]
    path(
        parent,
        "M",
        x,
        y,
        "h",
        width - 3,
        stroke=outline.outline,
        stroke_width=2.2,
        stroke_dasharray="3 2" if outline.dashed else None,
    )
    path(parent, "M", x + width - 6, y - 4, "l6 4l-6 4", fill="none", stroke=outline.outline, stroke_width=1.4)


def late_line(parent: Element, x: float, end: float, y: float) -> None:
    """From the last day of a promise until today."""
    if end > x:
        path(parent, "M", x, y, "H", end, stroke=ALARM, stroke_width=2.4, stroke_dasharray="2 3")


def restated_mark(parent: Element, x: float, y: float) -> None:
    """The beginning of a promise that restates an earlier one."""
    path(parent, "M", x + 1, y - 5, "l-6 5l6 5z", fill=PAPER, stroke=ALARM, stroke_width=1.4)


def diamond(parent: Element, x: float, y: float, met: bool) -> None:
    """A step, due or met."""
    path(parent, "M", x, y - 5, "l5 5l-5 5l-5 -5z", fill=INK if met else PAPER, stroke=INK)


def triangle(parent: Element, x: float, y: float, held: bool) -> Element:
    """A meeting, held or planned."""
    # An outline of paper keeps meetings apart that follow each other closely.
    return path(parent, "M", x, y - 5.5, "l5 10h-10z", fill=BRAND if held else PAPER, stroke=PAPER if held else BRAND)
