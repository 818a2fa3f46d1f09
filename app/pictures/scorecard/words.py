"""The scorecard in words, for whoever cannot see it."""

from collections.abc import Mapping
from typing import Any

from app.pictures import completion as look
from app.pictures.dates import in_words
from app.pictures.paper import (
    Paper,
    counted,
)
from app.pictures.scorecard.cadence import DIALOGUES, verdict_on, weight
from app.pictures.scorecard.values import THEMES, percent, whole
from app.pictures.text import shorten


def described(paper: Paper, view: Mapping[str, Any]) -> str:
    """The scorecard in sentences."""
    figures = view["figures"]
    if not whole(figures["promises"]):
        return f"On {in_words(paper.as_of)} the register holds no promise of {paper.partnership}."
    said = [
        f"On {in_words(paper.as_of)}: {counted(whole(figures['promises']), 'promise')}, "
        f"{whole(figures['kept'])} of them kept; follow-through rate {percent(figures['follow_through_rate'])} of "
        f"{whole(figures['assessed'])} assessed; {whole(figures['overdue'])} overdue of "
        f"{whole(figures['with_deadline'])} with a deadline; {whole(figures['unreported'])} on which no stakeholder "
        "has reported.",
        "By completion: "
        + ", ".join(f"{each.label.lower()} {whole(view['completion'][each.value])}" for each in look.ORDER)
        + ".",
    ]
    if view["by_theme"]:
        themes = [(group["title"], group["figures"]) for group in view["by_theme"][:THEMES]]
        kept = [f"{_in_a_line(title)} {whole(of['kept'])} of {whole(of['promises'])}" for title, of in themes]
        said.append(f"Kept by theme: {', '.join(kept)}.")
    concrete = ", ".join(f"{marks} of 4: {whole(view['concreteness'][marks])}" for marks in ("4", "3", "2", "1", "0"))
    said.append(f"By marks of a concrete promise: {concrete}.")
    for rhythm in sorted(view["cadence"], key=weight)[:DIALOGUES]:
        if rhythm["promised_interval_months"]:
            verdict, rest = verdict_on(rhythm)
            since = rhythm["months_since_last"]
            last = f"; the last meeting was {since:.0f} months ago" if since is not None else ""
            said.append(f"{_in_a_line(rhythm['dialogue']['title'])}: {verdict.lower()}, {rest}{last}.")
    return " ".join(said)


def _in_a_line(title: str) -> str:
    """A title within a sentence."""
    return shorten(title, 400, 12)
