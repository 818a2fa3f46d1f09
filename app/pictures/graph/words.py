"""The graph in words, for whoever cannot see it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.languages.terms import label_of
from app.languages.texts import gettext
from app.pictures import completion as look
from app.pictures.dates import in_words
from app.pictures.graph.layout import CHALLENGES, COLUMNS, PROMISES, RECOMMENDATIONS, Node, without
from app.pictures.paper import Paper, numbered
from app.pictures.text import shorten
from app.resources.challenges import ChallengeStatus
from app.resources.completion import Completion
from app.resources.recommendations import RecommendationStatus

_STATUS = {each.value: each for vocabulary in (ChallengeStatus, RecommendationStatus) for each in vocabulary}


def node_in_words(node: Node) -> str:
    """A record with its kind, and how it stands."""
    kinds = {
        CHALLENGES: gettext("Challenge"),
        RECOMMENDATIONS: gettext("Recommendation"),
        PROMISES: gettext("Commitment"),
        "meeting": gettext("Meeting"),
        "indicator": gettext("Indicator"),
    }
    said = f"{kinds.get(node.type, node.type)}: {node.title}"
    if not node.status:
        return said
    term = look.TERMS.get(node.status) if node.type == PROMISES else _STATUS.get(node.status)
    status = label_of(term).lower() if term else node.status.replace("_", " ")
    return f"{said} ({status})"


def described(
    paper: Paper, view: Mapping[str, Any], nodes: Mapping[str, Node], unanswered: set[str], left_out: Sequence[int]
) -> str:
    """The trace in sentences: what there is, what is missing, and what is not drawn."""
    named = {"day": in_words(paper.as_of), "partnership": paper.partnership}
    if not nodes:
        return gettext("On %(day)s the register holds no trace of %(partnership)s.") % named
    challenges, recommendations, promises = (_count(nodes.values(), *column.types) for column in COLUMNS[:3])
    trace = gettext(
        "The trace of %(partnership)s on %(day)s, in four columns: %(challenges)s, %(recommendations)s, %(promises)s, "
        "and the meetings and indicators that these name."
    )
    ties = sum(edge.get("ties", 1) for edge in view["edges"] if edge["kind"] == "answers")
    said = [
        trace % {**named, "challenges": challenges, "recommendations": recommendations, "promises": promises},
        numbered(ties, "%(count)s tie say what answers what.", "%(count)s ties say what answers what."),
        *_missing(view, nodes, unanswered),
    ]
    if any(left_out[:3]):
        missing = zip(COLUMNS[:3], left_out[:3], strict=True)
        reported = ", ".join(numbered(more, *column.counts) for column, more in missing if more)
        said.append(gettext("Not drawn for want of room: %(list)s.") % {"list": reported})
    stakeholders = sum(node["type"] == "stakeholder" for node in view["nodes"])
    rest = gettext(
        "Left out: %(stakeholders)s, dialogues, milestones, and meetings and indicators that no promise names."
    )
    said.append(rest % {"stakeholders": numbered(stakeholders, "%(count)s stakeholder", "%(count)s stakeholders")})
    return " ".join(said)


def _count(nodes: Iterable[Node], *types: str) -> str:
    column = next(column for column in COLUMNS if column.types == types)
    return numbered(sum(node.records for node in nodes if node.type in types), *column.counts)


def _missing(view: Mapping[str, Any], nodes: Mapping[str, Node], unanswered: set[str]) -> Iterator[str]:
    """Where the trace breaks, and how far the promises have come."""
    if view.get("summarised"):
        summarised = gettext(
            "There are too many of these to be drawn one by one, and those that stand alike are one: %(kinds)s."
        )
        yield summarised % {"kinds": ", ".join(view["summarised"])}
    else:
        alone = {
            "challenges": numbered(len(without(nodes.values(), CHALLENGES, RECOMMENDATIONS)), *COLUMNS[0].counts),
            "recommendations": numbered(len(unanswered), *COLUMNS[1].counts),
            "promises": numbered(len(without(nodes.values(), PROMISES, RECOMMENDATIONS)), *COLUMNS[2].counts),
        }
        breaks = gettext(
            "Without a recommendation: %(challenges)s. Without a promise: %(recommendations)s. Without a "
            "recommendation that they answer: %(promises)s."
        )
        yield breaks % alone
    if unanswered:
        titles = sorted(node.title for node in nodes.values() if node.id in unanswered)
        listed = "; ".join(shorten(title, 400, 12) for title in titles[:10])
        yield gettext("Recommended, but not promised: %(list)s.") % {"list": listed}
    if counts := _by_completion(nodes.values()):
        yield gettext("Promises: %(list)s.") % {"list": counts}


def _by_completion(nodes: Iterable[Node]) -> str:
    number: dict[Completion, int] = {}
    for node in nodes:
        if node.type == PROMISES:
            term = look.term(node.status)
            number[term] = number.get(term, 0) + node.records
    return ", ".join(f"{label_of(term).lower()} {number[term]}" for term in look.ORDER if term in number)
