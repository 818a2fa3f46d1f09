"""Where the graph stands: which records each column shows, in which order, and at which height."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from app.pictures.text import clean, wrap

SIZE = 11.5
LINE_HEIGHT = 13.5
_GAP, _CLOSE = 6.0, 2.5
_SWEEPS = 24
PROMISES, RECOMMENDATIONS, CHALLENGES, MEETINGS, INDICATORS = (
    "commitment",
    "recommendation",
    "challenge",
    "meeting",
    "indicator",
)


@dataclass(frozen=True)
class Column:
    """A column: what stands in it, where, and how many at most."""

    heading: str
    """What it is called, in English."""
    counts: tuple[str, str]
    """The message that counts what stands in it."""
    types: tuple[str, ...]
    x: float
    width: float
    lines: int
    most: int


COLUMNS = (
    Column("Challenges", ("%(count)s challenge", "%(count)s challenges"), (CHALLENGES,), 16, 112, 4, 30),
    Column(
        "Recommendations",
        ("%(count)s recommendation", "%(count)s recommendations"),
        (RECOMMENDATIONS,),
        162,
        144,
        4,
        32,
    ),
    Column("Promises", ("%(count)s promise", "%(count)s promises"), (PROMISES,), 342, 296, 2, 60),
    Column(
        "Meetings",
        ("%(count)s meeting or indicator", "%(count)s meetings or indicators"),
        (MEETINGS, INDICATORS),
        670,
        114,
        4,
        32,
    ),
)
BETWEEN = ("answers", "made_at", "measured_by")


@dataclass
class Node:
    """A record, and where it is drawn."""

    id: str
    slug: str
    type: str
    title: str
    status: str | None
    column: Column
    records: int = 1
    """How many records it stands for: in a graph that is summarised, all that have the same status."""
    ties: list["Node"] = field(default_factory=list)
    chain: str = ""
    link: int = 0
    lines: list[str] = field(default_factory=list)
    height: float = 0
    y: float = 0

    @property
    def inset(self) -> float:
        """Where its text begins: a promise's after the symbol."""
        return 20.0 if self.type == PROMISES else 5.0

    @property
    def room(self) -> float:
        """How wide its text may be."""
        return self.column.width - self.inset - 4

    @property
    def gap(self) -> float:
        """How far it stands from the next."""
        return _CLOSE if self.type == PROMISES else _GAP

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return self.y + self.height / 2


def nodes_of(view: Mapping[str, Any]) -> dict[str, Node]:
    """The records that the columns show, tied to each other, by id."""
    columns = {type_: column for column in COLUMNS for type_ in column.types}
    nodes = {
        str(node["id"]): Node(
            str(node["id"]),
            node["slug"],
            node["type"],
            clean(node["title"]),
            node["status"],
            columns[node["type"]],
            node.get("records", 1),
        )
        for node in view["nodes"]
        if node["type"] in columns
    }
    for edge in view["edges"]:
        one, other = nodes.get(str(edge["source"])), nodes.get(str(edge["target"]))
        if edge["kind"] in BETWEEN and one and other and one.column is not other.column:
            one.ties.append(other)
            other.ties.append(one)
    _chain(view, nodes)
    return nodes


def _chain(view: Mapping[str, Any], nodes: Mapping[str, Node]) -> None:
    """Find the first promise of each chain of restatements, and how many links each is away from it."""
    earlier = {str(edge["source"]): str(edge["target"]) for edge in view["edges"] if edge["kind"] == "restates"}
    for node in nodes.values():
        first, visited = node, {node.id}
        while (before := nodes.get(earlier.get(first.id, ""))) and before.id not in visited:
            first = before
            visited.add(first.id)
        node.chain, node.link = first.slug, len(visited)


def chosen_of(nodes: Iterable[Node]) -> tuple[list[list[Node]], list[int]]:
    """What each column shows, and how many it does not: those with most ties first, a meeting only where it has one."""
    every = list(nodes)
    shown, left_out = [], []
    for column in COLUMNS:
        inside = [node for node in every if node.column is column]
        candidates = [node for node in inside if node.ties or MEETINGS not in column.types]
        candidates.sort(key=lambda node: (-len(node.ties), node.slug))
        shown.append(sorted(candidates[: column.most], key=lambda node: node.slug))
        left_out.append(len(inside) - len(shown[-1]))
    shown_ids = {node.id for nodes_ in shown for node in nodes_}
    for nodes_ in shown:
        for node in nodes_:
            node.ties = [tie for tie in node.ties if tie.id in shown_ids]
    return shown, left_out


def without(nodes: Iterable[Node], type_: str, other: str) -> set[str]:
    """The ids of the records of a type that are tied to none of another."""
    return {node.id for node in nodes if node.type == type_ and all(tie.type != other for tie in node.ties)}


def put_in_place(columns: Sequence[list[Node]], top: float) -> float:
    """Put every record in its place; the answer is the height of the highest column."""
    for nodes in columns:
        for node in nodes:
            node.lines = wrap(node.title, node.room, SIZE, node.column.lines)
            node.height = max(len(node.lines), 1) * LINE_HEIGHT + (2 if node.type == PROMISES else 6)
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


def _order(columns: Sequence[list[Node]]) -> None:
    """Order each column by the mean place of what its records are tied to, there and back until it settles."""
    rank: dict[str, float] = {}

    def number(nodes: Sequence[Node]) -> None:
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


def _sort(nodes: list[Node], means: Mapping[str, float]) -> None:
    """By their means; promises that restate each other stay together, the first of them first."""
    chains: dict[str, list[float]] = {}
    for node in nodes:
        chains.setdefault(node.chain, []).append(means[node.id])
    nodes.sort(key=lambda node: (fmean(chains[node.chain]), node.chain, node.link, node.slug))


def _spread(nodes: Sequence[Node], top: float, height: float) -> None:
    """Set a column's records at even distances over the whole height."""
    if not nodes:
        return
    room = (height - sum(node.height for node in nodes)) / len(nodes)
    y = top + room / 2
    for node in nodes:
        node.y = y
        y += node.height + room


def _pull(nodes: Sequence[Node], towards: set[str], top: float, height: float) -> None:
    """Move a column's records towards their ties, in the order they have, without overlap."""
    wanted = []
    for node in nodes:
        ties = [tie.middle for tie in node.ties if tie.id in towards]
        wanted.append(sum(ties) / len(ties) - node.height / 2 if ties else node.y)
    # Neighbours that want the same place share it: blocks of them are set about the mean of their wishes.
    blocks: list[tuple[float, float, list[Node]]] = []
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
