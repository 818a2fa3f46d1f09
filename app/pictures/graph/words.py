"""The graph in words, for whoever cannot see it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.pictures import completion as look
from app.pictures.dates import in_words
from app.pictures.graph.layout import CHALLENGES, COLUMNS, PROMISES, RECOMMENDATIONS, Node, without
from app.pictures.paper import (
    Paper,
    counted,
)
from app.pictures.text import shorten
from app.resources.completion import Completion


def described(
    paper: Paper, view: Mapping[str, Any], nodes: Mapping[str, Node], unanswered: set[str], left_out: Sequence[int]
) -> str:
    """The trace in sentences: what there is, what is missing, and what is not drawn."""
    if not nodes:
        return f"On {in_words(paper.as_of)} the register holds no trace of {paper.partnership}."

    def number(*types: str) -> int:
        return sum(node.records for node in nodes.values() if node.type in types)

    stakeholders = sum(node["type"] == "stakeholder" for node in view["nodes"])
    ties = sum(edge.get("ties", 1) for edge in view["edges"] if edge["kind"] == "answers")
    bare = without(nodes.values(), CHALLENGES, RECOMMENDATIONS)
    alone = without(nodes.values(), PROMISES, RECOMMENDATIONS)
    said = [
        f"The trace of {paper.partnership} on {in_words(paper.as_of)}, in four columns: "
        f"{counted(number(CHALLENGES), 'challenge')}, {counted(number(RECOMMENDATIONS), 'recommendation')}, "
        f"{counted(number(PROMISES), 'promise')}, and the meetings and indicators that these name.",
        f"{counted(ties, 'tie')} say what answers what.",
    ]
    if view.get("summarised"):
        kinds = ", ".join(view["summarised"])
        said.append(f"There are too many of these to be drawn one by one, and those that stand alike are one: {kinds}.")
    else:
        said.append(
            f"Without a recommendation: {counted(len(bare), 'challenge')}. Without a promise: "
            f"{counted(len(unanswered), 'recommendation')}. Without a recommendation that they answer: "
            f"{counted(len(alone), 'promise')}."
        )
    if unanswered:
        titles = sorted(node.title for node in nodes.values() if node.id in unanswered)
        said.append(f"Recommended, but not promised: {'; '.join(shorten(title, 400, 12) for title in titles[:10])}.")
    if counts := _by_completion(nodes.values()):
        said.append(f"Promises: {counts}.")
    if any(left_out[:3]):
        missing = zip(COLUMNS[:3], left_out[:3], strict=True)
        reported = ", ".join(counted(more, column.noun) for column, more in missing if more)
        said.append(f"Not drawn for want of room: {reported}.")
    said.append(
        f"Left out: {counted(stakeholders, 'stakeholder')}, dialogues, milestones, and meetings and indicators "
        "that no promise names."
    )
    return " ".join(said)


def _by_completion(nodes: Iterable[Node]) -> str:
    number: dict[Completion, int] = {}
    for node in nodes:
        if node.type == PROMISES:
            term = look.term(node.status)
            number[term] = number.get(term, 0) + node.records
    return ", ".join(f"{term.label.lower()} {number[term]}" for term in look.ORDER if term in number)
