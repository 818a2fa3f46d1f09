"""Drawing the graph: the legend, the records, and the curves between them."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from app.languages import written
from app.languages.texts import gettext
from app.pictures import completion as look
from app.pictures.graph.layout import (
    BETWEEN,
    CHALLENGES,
    COLUMNS,
    INDICATORS,
    LINE_HEIGHT,
    MEETINGS,
    PROMISES,
    RECOMMENDATIONS,
    SIZE,
    Column,
    Node,
    chosen_of,
    nodes_of,
    put_in_place,
    without,
)
from app.pictures.graph.words import described, node_in_words
from app.pictures.paper import (
    ALARM,
    BAR,
    BRAND,
    LINE,
    MARGIN,
    PAPER,
    QUIET,
    WASH,
    WIDTH,
    Paper,
    add,
    drawn,
    label,
    numbered,
    path,
    rect,
    text,
    title_of,
)
from app.pictures.text import shorten, text_width, wrap
from app.resources.completion import Completion


def draw(view: Mapping[str, Any]) -> str:
    """Draw a graph."""
    nodes = nodes_of(view)
    chosen, left_out = chosen_of(nodes.values())
    unanswered = without(nodes.values(), RECOMMENDATIONS, PROMISES)
    promises = sum(node.records for node in nodes.values() if node.type == PROMISES)
    headline = gettext("No promise is recorded yet")
    if promises:
        challenges = sum(node.records for node in nodes.values() if node.type == CHALLENGES)
        headline = numbered(promises, "%(count)s promise", "%(count)s promises")
        if challenges:
            ends = {
                "challenges": numbered(challenges, "%(count)s challenge", "%(count)s challenges"),
                "promises": headline,
            }
            headline = gettext("From %(challenges)s to %(promises)s") % ends
    lead = gettext("What stands in the way, what was recommended against it, what was promised, and where.")
    paper = Paper("graph", view, headline, lead)
    look.define(paper.definitions, paper.prefix)
    paper.y += 10
    paper.y += look.legend(paper.root, MARGIN - 8, paper.y, WIDTH - 2 * MARGIN)
    _legend(paper)
    lines = add(paper.root, "g", fill="none", stroke_linecap="round")
    paper.y += 8
    for column in COLUMNS:
        _heading(paper, column, nodes.values())
    paper.y += 24
    height = put_in_place(chosen, paper.y)
    _edges(lines, view, {node.id: node for nodes_ in chosen for node in nodes_})
    for column_nodes in chosen:
        for node in column_nodes:
            _draw_node(paper, node, node.id in unanswered)
    paper.y += height + 8
    if any(left_out):
        deepest = 0
        for column, more in zip(COLUMNS, left_out, strict=True):
            lines_ = wrap(_more(column, more), column.width, 11, 3) if more else []
            for place, line in enumerate(lines_):
                text(paper.root, column.x, paper.y + 10 + place * 14, line, size=11, fill=QUIET)
            deepest = max(deepest, len(lines_))
        paper.y += 4 + deepest * 14
    return paper.document(described(paper, view, nodes, unanswered, left_out))


def _more(column: Column, more: int) -> str:
    if MEETINGS in column.types:
        return gettext("… and %(count)s that no promise names") % {"count": written.number(more)}
    return gettext("… and %(count)s more") % {"count": written.number(more)}


def _legend(paper: Paper) -> None:
    y, x = paper.y, float(MARGIN - 8)
    for draw_sign, words in (
        (_sign_tie, gettext("answers (bold: kept)")),
        (_sign_restated, gettext("restates")),
        (_sign_measured, gettext("measured by")),
        (_sign_unanswered, gettext("recommended, but not promised")),
    ):
        draw_sign(paper.root, x, y - 4)
        text(paper.root, x + 32, y, words, size=SIZE)
        x += 32 + text_width(words, SIZE) + 16
    paper.y += 18


def _sign_tie(parent: Element, x: float, y: float) -> None:
    path(
        parent,
        "M",
        x,
        y + 4,
        "c13 0 13 -8 26 -8",
        fill="none",
        stroke=look.LOOKS[Completion.complete].outline,
        stroke_width=1.6,
    )


def _sign_measured(parent: Element, x: float, y: float) -> None:
    path(parent, "M", x, y, "h12", stroke=QUIET, stroke_dasharray="3 2")
    rect(parent, x + 12, y - 6, 14, 12, fill=WASH, stroke=BAR, stroke_width=0.8)


def _sign_restated(parent: Element, x: float, y: float) -> None:
    path(parent, "M", x + 6, y - 5, "q14 5 0 10", fill="none", stroke=ALARM, stroke_width=1.4, stroke_dasharray="3 2")


def _sign_unanswered(parent: Element, x: float, y: float) -> None:
    rect(parent, x, y - 6, 26, 12, rx=3, fill=PAPER, stroke=ALARM, stroke_dasharray="4 2")


def _heading(paper: Paper, column: Column, nodes: Iterable[Node]) -> None:
    count = sum(node.records for node in nodes if node.column is column)
    heading = gettext(column.heading)
    if MEETINGS not in column.types:
        heading = f"{heading}, {written.number(count)}"
    shown = shorten(heading, column.width + 26, SIZE, bold=True)
    text(paper.root, column.x, paper.y + 10, shown, size=SIZE, bold=True, fill=BRAND)
    path(paper.root, "M", column.x, paper.y + 17, "h", column.width, stroke=BRAND)


def _draw_node(paper: Paper, node: Node, unanswered: bool) -> None:
    column = node.column
    box = add(paper.root, "g")
    title_of(box, node_in_words(node))
    if node.type == PROMISES:
        term = look.term(node.status)
        rect(box, column.x, node.y, column.width, node.height, rx=3, fill=PAPER, stroke=LINE, stroke_width=0.8)
        look.symbol(box, column.x + 10, node.y + 1 + LINE_HEIGHT / 2, term)
    else:
        shape = 9.0 if node.type == MEETINGS else 4.0
        rect(
            box,
            column.x,
            node.y,
            column.width,
            node.height,
            rx=0 if node.type == INDICATORS else shape,
            fill=PAPER if unanswered else WASH,
            stroke=ALARM if unanswered else BAR,
            stroke_width=1.2 if unanswered else 0.8,
            stroke_dasharray="4 2" if unanswered else None,
        )
    y = node.y + (node.height - len(node.lines) * LINE_HEIGHT) / 2 + SIZE - 1
    label(box, column.x + node.inset, y, node.title, node.room, lines=column.lines, size=SIZE)


def _edges(parent: Element, view: Mapping[str, Any], nodes: Mapping[str, Node]) -> None:
    """Curves between columns, and arcs along the promises where one restates another."""
    drawn: dict[tuple[str, str, bool], list[str]] = {}
    arcs = []
    for edge in view["edges"]:
        one, other = nodes.get(str(edge["source"])), nodes.get(str(edge["target"]))
        if one is None or other is None or one is other:
            continue
        if edge["kind"] == "restates":
            arcs.append(_arc(one, other))
        elif edge["kind"] in BETWEEN and one.column is not other.column:
            promise = next((each for each in (one, other) if each.type == PROMISES), None)
            stroke = look.LOOKS[look.term(promise.status)].outline if promise else BAR
            dash = edge["kind"] == "measured_by"
            if edge["kind"] == "made_at":
                stroke = BAR
            strong = promise is not None and edge["kind"] == "answers" and promise.status == Completion.complete
            drawn.setdefault((stroke, "3 2" if dash else "", strong), []).append(_curve(one, other))
    # One path for all the curves of a kind: a tenth of the bytes.
    for (stroke, dash, strong), paths in sorted(drawn.items(), key=lambda item: (item[0][2], item[0])):
        path(
            parent,
            "".join(paths),
            stroke=stroke,
            stroke_width=1.6 if strong else 1,
            stroke_opacity=0.9 if strong else 0.6,
            stroke_dasharray=dash or None,
        )
    if arcs:
        path(parent, "".join(arcs), stroke=ALARM, stroke_width=1.4, stroke_dasharray="3 2")


def _curve(one: Node, other: Node) -> str:
    left, right = (one, other) if one.column.x < other.column.x else (other, one)
    x, end = left.column.x + left.column.width, right.column.x
    bend = (end - x) / 2
    return drawn("M", x, left.middle, "C", x + bend, left.middle, end - bend, right.middle, end, right.middle)


def _arc(one: Node, other: Node) -> str:
    x = one.column.x + one.column.width
    upper, lower = sorted((one.middle + 3, other.middle + 3))
    bulge = x + min(12 + (lower - upper) / 12, 30)
    return drawn("M", x, upper, "C", bulge, upper, bulge, lower, x, lower)
