"""Drawing how often each dialogue meets."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.languages import written
from app.languages.texts import gettext
from app.pictures.paper import (
    ALARM,
    BAR,
    INK,
    LINE,
    MARGIN,
    PAPER,
    QUIET,
    WIDTH,
    Paper,
    add,
    label,
    numbered,
    path,
    rect,
    text,
)
from app.pictures.scorecard.values import INSIDE, KEPT, whole
from app.pictures.text import shorten, text_width

DIALOGUES = 10


def weight(rhythm: Mapping[str, Any]) -> tuple[bool, int, str]:
    """Promised intervals first, then whoever met most."""
    return rhythm["promised_interval_months"] is None, -whole(rhythm["held"]), rhythm["dialogue"]["slug"]


def draw_cadence(paper: Paper, rhythms: Sequence[Mapping[str, Any]]) -> None:
    """Draw the rhythm of the dialogues that matter most."""
    paper.heading(gettext("How often they meet"), note=gettext("months between meetings"))
    y = paper.y + 46
    shown = sorted(rhythms, key=weight)[:DIALOGUES]
    if not shown:
        text(paper.root, MARGIN, y, gettext("No dialogue is recorded."), fill=QUIET)
        paper.y = y + 20
        return
    name, reported = 246.0, 226.0
    x, width = MARGIN + name, INSIDE - name - reported
    lengths = ("promised_interval_months", "mean_gap_months", "months_since_last")
    spans = [each[length] for each in shown for length in lengths]
    most = max([float(span) for span in spans if span] or [12.0])
    scale = (width - 8) / most
    _cadence_legend(paper, y)
    y += 28
    step = next(step for step in (12, 24, 60, 120, 240, 600, 10**9) if most / step <= 6)
    grid = add(paper.root, "g", font_size=10.5, fill=QUIET)
    bottom = y + len(shown) * 21 - 8
    for months in range(0, int(most) + 1, step):
        path(grid, "M", x + months * scale, y - 6, "V", bottom, stroke=LINE)
        add(grid, "text", str(months), x=x + months * scale, y=y - 9, text_anchor="middle")
    y += 8
    for rhythm in shown:
        _cadence_row(paper, rhythm, x, y, scale, name, reported)
        y += 21
    if len(rhythms) > len(shown):
        more = numbered(
            len(rhythms) - len(shown),
            "… and %(count)s more dialogue, with no promised interval or fewer meetings",
            "… and %(count)s more dialogues, with no promised interval or fewer meetings",
        )
        text(paper.root, MARGIN, y, more, fill=QUIET)
        y += 20
    paper.y = y


def _cadence_legend(paper: Paper, y: float) -> None:
    x = float(MARGIN)
    for kind, words in (
        ("promised", gettext("promised interval")),
        ("mean", gettext("mean gap between meetings")),
        ("since", gettext("time since the last meeting")),
    ):
        _mark(paper, kind, x + (0 if kind == "mean" else 10), y - 4, 20)
        text(paper.root, x + 28, y, words, size=11.5)
        x += 28 + text_width(words, 11.5) + 22


def _mark(paper: Paper, kind: str, x: float, y: float, width: float, late: bool = False) -> None:
    if kind == "mean":
        rect(paper.root, x, y - 4.5, width, 9, fill=BAR)
    elif kind == "promised":
        path(paper.root, "M", x, y - 8, "v16", stroke=KEPT.fill, stroke_width=3)
    else:
        add(paper.root, "circle", cx=x, cy=y, r=4.5, fill=PAPER, stroke=ALARM if late else INK, stroke_width=2)


def _cadence_row(
    paper: Paper, rhythm: Mapping[str, Any], x: float, y: float, scale: float, name: float, reported: float
) -> None:
    late = rhythm["on_time"] is False
    never = rhythm["promised_interval_months"] is not None and not whole(rhythm["held"])
    label(paper.root, MARGIN, y, rhythm["dialogue"]["title"], name - 14)
    if rhythm["mean_gap_months"] is not None:
        _mark(paper, "mean", x, y - 4, rhythm["mean_gap_months"] * scale)
    if rhythm["promised_interval_months"]:
        _mark(paper, "promised", x + rhythm["promised_interval_months"] * scale, y - 4, 0)
    if rhythm["months_since_last"] is not None:
        _mark(paper, "since", x + rhythm["months_since_last"] * scale, y - 4, 0, late)
    verdict, rest = verdict_on(rhythm)
    left = WIDTH - MARGIN - reported + 14
    text(
        paper.root,
        left,
        y,
        verdict,
        size=11.5,
        bold=rhythm["promised_interval_months"] is not None,
        fill=ALARM if late or never else INK,
    )
    after = text_width(verdict, 11.5, bold=True) + 4
    text(paper.root, left + after, y, shorten(rest, reported - 14 - after, 11), size=11, fill=QUIET)


def verdict_on(rhythm: Mapping[str, Any]) -> tuple[str, str]:
    """What can be said of a dialogue in a word or two, and the rest."""
    held, interval = whole(rhythm["held"]), rhythm["promised_interval_months"]
    # That no meeting is on record does not say that there was none.
    met = gettext("%(count)s held") % {"count": written.number(held)} if held else gettext("None on record")
    if interval is None:
        return met, gettext("no interval promised")
    often = {"months": interval}
    promised = gettext("promised yearly") if interval == 12 else gettext("promised %(months)s-monthly") % often
    if not held:
        return met, promised
    return (gettext("On time") if rhythm["on_time"] else gettext("Late")), f"{met}, {promised}"
