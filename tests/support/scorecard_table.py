"""The scorecard as a small table in Markdown, as the README shows it."""

from collections.abc import Mapping
from typing import Any

BEGIN, END = "<!-- scorecard -->", "<!-- /scorecard -->"

LINES = (
    ("Promises", "promises", ""),
    ("… whose completion somebody has looked at", "assessed", ""),
    ("… that are complete", "kept", ""),
    ("Follow-through rate (complete, of those looked at)", "follow_through_rate", "%"),
    ("Promises with a last day", "with_deadline", ""),
    ("… overdue", "overdue", ""),
    ("… overdue by, on average", "mean_days_overdue", "days"),
    ("Promises of which nothing is told for a year or more", "stale", ""),
    ("Promises on which no stakeholder ever reported", "unreported", ""),
    ("Promises that an outsider could verify", "verifiable", ""),
    ("Slippage of restated deadlines, on average", "mean_slippage_days", "days"),
)
"""What a line says, the figure it shows, and its unit."""


def scorecard_table(scorecard: Mapping[str, Any]) -> str:
    """The table between its markers. The lists behind the figures are left out: here they would lead nowhere."""
    rows = [f"| {told} | {_shown(scorecard['figures'][name]['value'], unit)} |" for told, name, unit in LINES]
    name, day = scorecard["partnership"]["title"], scorecard["as_of"]
    return "\n".join([BEGIN, f"| {name}, on {day} | |", "|---|---:|", *rows, END])


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "—"
    if unit == "%":
        return f"{value:.0%}"
    return f"{value:,.0f} {unit}".strip()
