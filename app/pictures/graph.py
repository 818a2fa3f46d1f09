"""The trace as a picture: from what stands in the way, over what was proposed, to what was promised, and where.

Four columns that are read from left to right. Within each, records stand as near as they can to what they are tied to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any
from xml.etree.ElementTree import Element

from app.pictures import completion as look
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
    counted,
    figure,
    in_words,
    label,
    text,
    title_of,
)  # fmt: skip
from app.pictures.text import clean, shorten, text_width, wrap
from app.resources.commitments import Completion

SIZE = 11.5
_LINE = 13.5
_GAP, _CLOSE = 6.0, 2.5
_SWEEPS = 24
_PROMISES, _RECOMMENDATIONS, _CHALLENGES, _MEETINGS, _INDICATORS = (
    "commitment", "recommendation", "challenge", "meeting", "indicator",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: what stands in it, where, and how many at most."""

    heading: str
    noun: str
    types: tuple[str, ...]
    x: float
    width: float
    lines: int
    most: int


COLUMNS = (
    Column("Challenges", "challenge", (_CHALLENGES,), 16, 112, 4, 30),
    Column("Recommendations", "recommendation", (_RECOMMENDATIONS,), 162, 144, 4, 32),
    Column("Promises", "promise", (_PROMISES,), 342, 296, 2, 60),
    Column("Meetings", "meeting or indicator", (_MEETINGS, _INDICATORS), 670, 114, 4, 32),
)
_BETWEEN = ("answers", "made_at", "measured_by")


@dataclass
class _Node:
    """A record, and where it is drawn."""

    id: str
    slug: str
    type: str
    title: str
    status: str | None
    column: Column
    ties: list["_Node"] = field(default_factory=list)
    chain: str = ""
    link: int = 0
    lines: list[str] = field(default_factory=list)
    height: float = 0
    y: float = 0

    @property
    def inset(self) -> float:
        """Where its text begins: a promise's after the symbol."""
        return 20.0 if self.type == _PROMISES else 5.0

    @property
    def room(self) -> float:
        """How wide its text may be."""
        return self.column.width - self.inset - 4

    @property
    def gap(self) -> float:
        """How far it stands from the next."""
        return _CLOSE if self.type == _PROMISES else _GAP

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return self.y + self.height / 2


def draw(view: Mapping[str, Any]) -> str:
    """Draw a graph."""
    nodes = _nodes(view)
    chosen, left_out = _chosen(nodes.values())
    unanswered = _without(nodes.values(), _RECOMMENDATIONS, _PROMISES)
    promises = sum(node.type == _PROMISES for node in nodes.values())
    headline = "No promise is recorded yet"
    if promises:
        challenges = sum(node.type == _CHALLENGES for node in nodes.values())
        headline = counted(promises, "promise")
        if challenges:
            headline = f"From {counted(challenges, 'challenge')} to {headline}"
    lead = "What stands in the way, what was recommended against it, what was promised, and where."
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
    height = _place(chosen, paper.y)
    _edges(lines, view, {node.id: node for nodes_ in chosen for node in nodes_})
    for column_nodes in chosen:
        for node in column_nodes:
            _draw_node(paper, node, node.id in unanswered)
    paper.y += height + 8
    if any(left_out):
        deepest = 0
        for column, more in zip(COLUMNS, left_out, strict=True):
            lines_ = wrap(f"… and {_more(column, more)}", column.width, 11, 3) if more else []
            for place, line in enumerate(lines_):
                text(paper.root, column.x, paper.y + 10 + place * 14, line, size=11, fill=QUIET)
            deepest = max(deepest, len(lines_))
        paper.y += 4 + deepest * 14
    return paper.document(_in_words(paper, view, nodes, unanswered, left_out))


def _more(column: Column, more: int) -> str:
    if _MEETINGS in column.types:
        return f"{more:,} that no promise names"
    return f"{more:,} more"


# ── what is drawn ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _nodes(view: Mapping[str, Any]) -> dict[str, _Node]:
    columns = {type_: column for column in COLUMNS for type_ in column.types}
    nodes = {
        str(node["id"]): _Node(
            str(node["id"]), node["slug"], node["type"], clean(node["title"]), node["status"], columns[node["type"]]
        )
        for node in view["nodes"]
        if node["type"] in columns
    }
    for edge in view["edges"]:
        one, other = nodes.get(str(edge["source"])), nodes.get(str(edge["target"]))
        if edge["kind"] in _BETWEEN and one and other and one.column is not other.column:
            one.ties.append(other)
            other.ties.append(one)
    _chain(view, nodes)
    return nodes


def _chain(view: Mapping[str, Any], nodes: Mapping[str, _Node]) -> None:
    """Find the first promise of each chain of restatements, and how many links each is away from it."""
    earlier = {str(edge["source"]): str(edge["target"]) for edge in view["edges"] if edge["kind"] == "restates"}
    for node in nodes.values():
        first, seen = node, {node.id}
        while (before := nodes.get(earlier.get(first.id, ""))) and before.id not in seen:
            first = before
            seen.add(first.id)
        node.chain, node.link = first.slug, len(seen)


def _chosen(nodes: Iterable[_Node]) -> tuple[list[list[_Node]], list[int]]:
    """What each column shows, and how many it does not: those with most ties first, a meeting only where it has one."""
    every = list(nodes)
    shown, left_out = [], []
    for column in COLUMNS:
        inside = [node for node in every if node.column is column]
        candidates = [node for node in inside if node.ties or _MEETINGS not in column.types]
        candidates.sort(key=lambda node: (-len(node.ties), node.slug))
        shown.append(sorted(candidates[: column.most], key=lambda node: node.slug))
        left_out.append(len(inside) - len(shown[-1]))
    kept = {node.id for nodes_ in shown for node in nodes_}
    for nodes_ in shown:
        for node in nodes_:
            node.ties = [tie for tie in node.ties if tie.id in kept]
    return shown, left_out


def _without(nodes: Iterable[_Node], type_: str, other: str) -> set[str]:
    return {node.id for node in nodes if node.type == type_ and all(tie.type != other for tie in node.ties)}


# ── where it is drawn ─────────────────────────────────────────────────────────────────────────────────────────────────


def _place(columns: Sequence[list[_Node]], top: float) -> float:
    """Put every record in its place; the answer is the height of the highest column."""
    for nodes in columns:
        for node in nodes:
            node.lines = wrap(node.title, node.room, SIZE, node.column.lines)
            node.height = max(len(node.lines), 1) * _LINE + (2 if node.type == _PROMISES else 6)
    height = max([sum(node.height + node.gap for node in nodes) for nodes in columns], default=0.0)
    height = max(height, 60.0)
    _order(columns)
    for nodes in columns:
        _spread(nodes, top, height)
    # Outwards from the promises, which fill their column: each record moves towards the middle of its ties.
    promises = 2
    for place in (promises - 1, promises - 2, promises + 1):
        inner = promises if place == promises + 1 else place + 1
        _pull(columns[place], {node.id for node in columns[inner]}, top, height)
    return height


def _order(columns: Sequence[list[_Node]]) -> None:
    """Order each column by the mean place of what its records are tied to, there and back until it settles."""
    rank: dict[str, float] = {}

    def number(nodes: Sequence[_Node]) -> None:
        for place, node in enumerate(nodes):
            rank[node.id] = (place + 0.5) / len(nodes)

    for nodes in columns:
        number(nodes)
    best, fewest = [list(nodes) for nodes in columns], float("inf")
    for sweep in range(_SWEEPS):
        for nodes in columns if sweep % 2 else reversed(columns):
            means = {
                node.id: sum(rank[tie.id] for tie in node.ties) / len(node.ties) if node.ties else rank[node.id]
                for node in nodes
            }
            _sort(nodes, means)
            number(nodes)
        length = sum(abs(rank[node.id] - rank[tie.id]) for nodes in columns for node in nodes for tie in node.ties)
        if length < fewest:
            best, fewest = [list(nodes) for nodes in columns], length
    for nodes, found in zip(columns, best, strict=True):
        nodes[:] = found


def _sort(nodes: list[_Node], means: Mapping[str, float]) -> None:
    """By their means; promises that restate each other stay together, the first of them first."""
    chains: dict[str, list[float]] = {}
    for node in nodes:
        chains.setdefault(node.chain, []).append(means[node.id])
    nodes.sort(key=lambda node: (fmean(chains[node.chain]), node.chain, node.link, node.slug))


def _spread(nodes: Sequence[_Node], top: float, height: float) -> None:
    """Set a column's records at even distances over the whole height."""
    if not nodes:
        return
    room = (height - sum(node.height for node in nodes)) / len(nodes)
    y = top + room / 2
    for node in nodes:
        node.y = y
        y += node.height + room


def _pull(nodes: Sequence[_Node], towards: set[str], top: float, height: float) -> None:
    """Move a column's records towards their ties, in the order they have, without overlap."""
    wanted = []
    for node in nodes:
        ties = [tie.middle for tie in node.ties if tie.id in towards]
        wanted.append(sum(ties) / len(ties) - node.height / 2 if ties else node.y)
    # Neighbours that want the same place share it: blocks of them are set about the mean of their wishes.
    blocks: list[tuple[float, float, list[_Node]]] = []
    for node, wish in zip(nodes, wanted, strict=True):
        start, size, inside = wish, node.height + node.gap, [node]
        while blocks and blocks[-1][0] + blocks[-1][1] > start:
            before, before_size, others = blocks.pop()
            count = len(others)
            mean = (before * count + (start - before_size) * len(inside)) / (count + len(inside))
            start, size, inside = mean, before_size + size, others + inside
        start = min(max(start, top), top + height - size)
        blocks.append((start, size, inside))
    y = top
    for start, _, inside in blocks:
        y = max(y, start)
        for node in inside:
            node.y = y
            y += node.height + node.gap
    # What was pushed beyond the foot goes back up.
    limit = top + height
    for node in reversed(nodes):
        node.y = min(node.y, limit - node.height)
        limit = node.y - node.gap


# ── drawing it ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _legend(paper: Paper) -> None:
    y, x = paper.y, float(MARGIN - 8)
    for draw_sign, words in (
        (_sign_tie, "answers (bold: kept)"), (_sign_restated, "restates"), (_sign_measured, "measured by"),
        (_sign_unanswered, "recommended, but not promised"),
    ):  # fmt: skip
        draw_sign(paper.root, x, y - 4)
        text(paper.root, x + 32, y, words, size=SIZE)
        x += 32 + text_width(words, SIZE) + 16
    paper.y += 18


def _sign_tie(parent: Element, x: float, y: float) -> None:
    add(parent, "path", d=f"M{figure(x)} {figure(y + 4)}c13 0 13 -8 26 -8", fill="none",
        stroke=look.LOOKS[Completion.complete].outline, stroke_width=1.6)  # fmt: skip


def _sign_measured(parent: Element, x: float, y: float) -> None:
    add(parent, "path", d=f"M{figure(x)} {figure(y)}h12", stroke=QUIET, stroke_dasharray="3 2")
    add(parent, "rect", x=x + 12, y=y - 6, width=14, height=12, fill=WASH, stroke=BAR, stroke_width=0.8)


def _sign_restated(parent: Element, x: float, y: float) -> None:
    add(parent, "path", d=f"M{figure(x + 6)} {figure(y - 5)}q14 5 0 10", fill="none", stroke=ALARM, stroke_width=1.4,
        stroke_dasharray="3 2")  # fmt: skip


def _sign_unanswered(parent: Element, x: float, y: float) -> None:
    add(parent, "rect", x=x, y=y - 6, width=26, height=12, rx=3, fill=PAPER, stroke=ALARM, stroke_dasharray="4 2")


def _heading(paper: Paper, column: Column, nodes: Iterable[_Node]) -> None:
    count = sum(node.column is column for node in nodes)
    heading = column.heading if _MEETINGS in column.types else f"{column.heading}, {count:,}"
    shown = shorten(heading, column.width + 26, SIZE, bold=True)
    text(paper.root, column.x, paper.y + 10, shown, size=SIZE, bold=True, fill=BRAND)
    add(paper.root, "path", d=f"M{figure(column.x)} {figure(paper.y + 17)}h{figure(column.width)}", stroke=BRAND)


def _draw_node(paper: Paper, node: _Node, unanswered: bool) -> None:
    column = node.column
    box = add(paper.root, "g")
    status = f" ({node.status.replace('_', ' ')})" if node.status else ""
    title_of(box, f"{node.type.capitalize()}: {node.title}{status}")
    if node.type == _PROMISES:
        term = look.term(node.status)
        add(box, "rect", x=column.x, y=node.y, width=column.width, height=node.height, rx=3, fill=PAPER,
            stroke=LINE, stroke_width=0.8)  # fmt: skip
        look.symbol(box, column.x + 10, node.y + 1 + _LINE / 2, term)
    else:
        shape = 9.0 if node.type == _MEETINGS else 4.0
        add(box, "rect", x=column.x, y=node.y, width=column.width, height=node.height,
            rx=0 if node.type == _INDICATORS else shape, fill=PAPER if unanswered else WASH,
            stroke=ALARM if unanswered else BAR, stroke_width=1.2 if unanswered else 0.8,
            stroke_dasharray="4 2" if unanswered else None)  # fmt: skip
    y = node.y + (node.height - len(node.lines) * _LINE) / 2 + SIZE - 1
    label(box, column.x + node.inset, y, node.title, node.room, lines=column.lines, size=SIZE)


def _edges(parent: Element, view: Mapping[str, Any], nodes: Mapping[str, _Node]) -> None:
    """Curves between columns, and arcs along the promises where one restates another."""
    drawn: dict[tuple[str, str, bool], list[str]] = {}
    arcs = []
    for edge in view["edges"]:
        one, other = nodes.get(str(edge["source"])), nodes.get(str(edge["target"]))
        if one is None or other is None or one is other:
            continue
        if edge["kind"] == "restates":
            arcs.append(_arc(one, other))
        elif edge["kind"] in _BETWEEN and one.column is not other.column:
            promise = next((each for each in (one, other) if each.type == _PROMISES), None)
            stroke = look.LOOKS[look.term(promise.status)].outline if promise else BAR
            dash = edge["kind"] == "measured_by"
            if edge["kind"] == "made_at":
                stroke = BAR
            strong = promise is not None and edge["kind"] == "answers" and promise.status == Completion.complete
            drawn.setdefault((stroke, "3 2" if dash else "", strong), []).append(_curve(one, other))
    # One path for all the curves of a kind: a tenth of the bytes.
    for (stroke, dash, strong), paths in sorted(drawn.items(), key=lambda item: (item[0][2], item[0])):
        add(parent, "path", d="".join(paths), stroke=stroke, stroke_width=1.6 if strong else 1,
            stroke_opacity=0.9 if strong else 0.6, stroke_dasharray=dash or None)  # fmt: skip
    if arcs:
        add(parent, "path", d="".join(arcs), stroke=ALARM, stroke_width=1.4, stroke_dasharray="3 2")


def _curve(one: _Node, other: _Node) -> str:
    left, right = (one, other) if one.column.x < other.column.x else (other, one)
    x, end = left.column.x + left.column.width, right.column.x
    bend = (end - x) / 2
    return (
        f"M{figure(x)} {figure(left.middle)}C{figure(x + bend)} {figure(left.middle)} {figure(end - bend)} "
        f"{figure(right.middle)} {figure(end)} {figure(right.middle)}"
    )


def _arc(one: _Node, other: _Node) -> str:
    x = one.column.x + one.column.width
    upper, lower = sorted((one.middle + 3, other.middle + 3))
    bulge = figure(x + min(12 + (lower - upper) / 12, 30))
    return f"M{figure(x)} {figure(upper)}C{bulge} {figure(upper)} {bulge} {figure(lower)} {figure(x)} {figure(lower)}"


# ── in words ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_words(
    paper: Paper, view: Mapping[str, Any], nodes: Mapping[str, _Node], unanswered: set[str], left_out: Sequence[int]
) -> str:
    if not nodes:
        return f"On {in_words(paper.as_of)} the register holds no trace of {paper.partnership}."

    def number(*types: str) -> int:
        return sum(node.type in types for node in nodes.values())

    stakeholders = sum(node["type"] == "stakeholder" for node in view["nodes"])
    ties = sum(edge["kind"] == "answers" for edge in view["edges"])
    bare = _without(nodes.values(), _CHALLENGES, _RECOMMENDATIONS)
    alone = _without(nodes.values(), _PROMISES, _RECOMMENDATIONS)
    said = [
        f"The trace of {paper.partnership} on {in_words(paper.as_of)}, in four columns: "
        f"{counted(number(_CHALLENGES), 'challenge')}, {counted(number(_RECOMMENDATIONS), 'recommendation')}, "
        f"{counted(number(_PROMISES), 'promise')}, and the meetings and indicators that these name.",
        f"{counted(ties, 'tie')} say what answers what.",
        f"Without a recommendation: {counted(len(bare), 'challenge')}. Without a promise: "
        f"{counted(len(unanswered), 'recommendation')}. Without a recommendation that they answer: "
        f"{counted(len(alone), 'promise')}.",
    ]
    if unanswered:
        titles = sorted(node.title for node in nodes.values() if node.id in unanswered)
        said.append(f"Recommended, but not promised: {'; '.join(shorten(title, 400, 12) for title in titles[:10])}.")
    counts = ", ".join(
        f"{term.label.lower()} {count}" for term in look.ORDER
        if (count := sum(node.type == _PROMISES and look.term(node.status) is term for node in nodes.values()))
    )  # fmt: skip
    if counts:
        said.append(f"Promises: {counts}.")
    if any(left_out[:3]):
        missing = zip(COLUMNS[:3], left_out[:3], strict=True)
        told = ", ".join(counted(more, column.noun) for column, more in missing if more)
        said.append(f"Not drawn for want of room: {told}.")
    said.append(f"Left out: {counted(stakeholders, 'stakeholder')}, dialogues, milestones, and meetings and indicators "
                "that no promise names.")  # fmt: skip
    return " ".join(said)
