"""Scorecards side by side as a small table in Markdown, as the README shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

BEGIN, END = "<!-- scorecard -->", "<!-- /scorecard -->"

LINES = (
    ("Promises", "figures", "promises", ""),
    ("… whose completion somebody has looked at", "figures", "assessed", ""),
    ("… that are complete", "figures", "kept", ""),
    ("Follow-through rate (complete, of those looked at)", "figures", "follow_through_rate", "%"),
    ("Promises on whose completion evidence tells", "figures", "evidenced", ""),
    ("… of these, complete", "figures", "share_kept_of_evidenced", "%"),
    ("Promises with a last day", "figures", "with_deadline", ""),
    ("… whose last day is past", "figures", "due", ""),
    ("… of these, complete, in time or late", "figures", "share_kept_of_due", "%"),
    ("… overdue", "figures", "overdue", ""),
    ("… overdue by, on average", "figures", "mean_days_overdue", "days"),
    ("Promises of which nothing is told for a year or more", "figures", "stale", ""),
    ("Promises on which no stakeholder ever reported", "figures", "unreported", ""),
    ("Promises that an outsider could verify", "figures", "verifiable", ""),
    ("Promises that two or more independent publishers stand behind", "independent_sources", "two_or_more", ""),
    ("… none", "independent_sources", "none", ""),
    ("Slippage of restated deadlines, on average", "figures", "mean_slippage_days", "days"),
)
"""What a line says, the figure it shows, by section and name, and its unit."""


def scorecard_table(scorecards: Sequence[Mapping[str, Any]]) -> str:
    """The table between its markers. The lists behind the figures are left out: here they would lead nowhere."""
    rows = [
        _row(said, [_shown(each[section][name]["value"], unit) for each in scorecards])
        for said, section, name, unit in LINES
    ]
    head = _row(f"On {scorecards[0]['as_of']}", [each["partnership"]["title"] for each in scorecards])
    return "\n".join([BEGIN, head, "|---|" + "---:|" * len(scorecards), *rows, END])


def _row(said: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([said, *cells])} |"


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "—"
    if unit == "%":
        return f"{value:.0%}"
    return f"{value:,.0f} {unit}".strip()
