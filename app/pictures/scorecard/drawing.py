"""Drawing the scorecard: the figures at the top, completion, themes and concreteness."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.pictures import completion as look
from app.pictures.paper import (
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
    label,
    text,
    title_of,
)
from app.pictures.scorecard.cadence import draw_cadence
from app.pictures.scorecard.values import INSIDE, KEPT, THEMES, Figures, percent, whole
from app.pictures.scorecard.words import described
from app.pictures.text import shorten


def draw(view: Mapping[str, Any]) -> str:
    """Draw a scorecard."""
    figures = view["figures"]
    promises, kept, assessed = whole(figures["promises"]), whole(figures["kept"]), whole(figures["assessed"])
    headline = f"{kept} of {counted(promises, 'promise')} kept" if promises else "No promise is recorded yet"
    paper = Paper("scorecard", view, headline, "What was promised, how far it has come, and who still reports on it.")
    look.define(paper.definitions, paper.prefix)
    paper.y += 6
    _tiles(paper, figures)
    _completion(paper, view["completion"], promises)
    left, right = 440, 286
    top = paper.y
    lower = _themes(paper, view["by_theme"], left)
    paper.y = top
    upper = _concreteness(paper, view, WIDTH - MARGIN - right, right)
    paper.y = max(lower, upper) + 16
    draw_cadence(paper, view["cadence"])
    text(
        paper.root,
        MARGIN,
        paper.y + 4,
        f"Assessed: {assessed} of {promises}. The follow-through rate is the share "
        "of complete promises among those assessed.",
        size=11,
        fill=QUIET,
    )
    paper.y += 14
    return paper.document(described(paper, view))


def _tiles(paper: Paper, figures: Figures) -> None:
    assessed, promises = whole(figures["assessed"]), whole(figures["promises"])
    tiles = (
        (f"{promises:,}", "Promises", f"{assessed:,} assessed"),
        (f"{whole(figures['kept']):,}", "Kept", "wholly fulfilled"),
        (percent(figures["follow_through_rate"]), "Follow-through", "of those assessed"),
        (f"{whole(figures['overdue']):,}", "Overdue", f"of {whole(figures['with_deadline']):,} with a deadline"),
        (f"{whole(figures['unreported']):,}", "No reporter", "told only by editors"),
    )
    gap = 10.0
    width = (INSIDE - gap * (len(tiles) - 1)) / len(tiles)
    for place, (value, name, remark) in enumerate(tiles):
        x = MARGIN + place * (width + gap)
        tile = add(paper.root, "g")
        add(tile, "rect", x=x, y=paper.y, width=width, height=82, rx=6, fill=WASH, stroke=LINE)
        text(tile, x + 12, paper.y + 34, value, size=28, bold=True, fill=BRAND)
        text(tile, x + 12, paper.y + 57, name, size=13, bold=True)
        text(tile, x + 12, paper.y + 73, shorten(remark, width - 16, 11), size=11, fill=QUIET)
    paper.y += 82 + 18


def _completion(paper: Paper, reported: Figures, promises: int) -> None:
    paper.heading("How far the promises have come")
    x, y, height = float(MARGIN), paper.y + 34, 26.0
    counts = {each: whole(reported[each.value]) for each in look.ORDER}
    if not promises:
        add(paper.root, "rect", x=x, y=y, width=INSIDE, height=height, fill=WASH, stroke=BAR, stroke_dasharray="4 3")
    for each, count in counts.items():
        if not count:
            continue
        width = INSIDE * count / promises
        part = look.bar(paper.root, x, y, width, height, each, paper.prefix)
        title_of(part, f"{each.label}: {counted(count, 'promise')}")
        x += width
    y += height + 22
    for each, count in counts.items():
        left, outline = MARGIN, look.LOOKS[each]
        add(
            paper.root,
            "rect",
            x=left,
            y=y - 10.5,
            width=26,
            height=13,
            fill=look.fill(each, paper.prefix),
            stroke=outline.outline,
            stroke_width=0.8,
            stroke_dasharray="3 2" if outline.dashed else None,
        )
        look.symbol(paper.root, left + 42, y - 4, each)
        text(paper.root, left + 88, y, f"{count:,}", bold=True, anchor="end")
        share = f"{count / promises * 100:.0f}%" if promises else "n/a"
        text(paper.root, left + 132, y, share, size=11.5, fill=QUIET, anchor="end")
        text(paper.root, left + 148, y, each.label)
        text(paper.root, left + 300, y, shorten(each.definition, INSIDE - 300, 11.5), size=11.5, fill=QUIET)
        y += 20
    paper.y = y + 6


def _themes(paper: Paper, groups: Sequence[Figures], width: float) -> float:
    paper.heading("Kept, by theme", MARGIN, width, "largest first; a promise can have several")
    y = paper.y + 46
    shown = groups[:THEMES]
    if not shown:
        text(paper.root, MARGIN, y, "No promise has a theme.", fill=QUIET)
        return y + 14
    name, reported = 168.0, 104.0
    scale = (width - name - reported) / max(whole(group["figures"]["promises"]) for group in shown)
    for group in shown:
        figures = group["figures"]
        promises, kept = whole(figures["promises"]), whole(figures["kept"])
        row = add(paper.root, "g")
        label(row, MARGIN, y, group["title"], name - 10)
        x = MARGIN + name
        add(row, "rect", x=x, y=y - 10, width=promises * scale, height=12, fill=WASH, stroke=BAR, stroke_width=0.8)
        if kept:
            add(
                row,
                "rect",
                x=x,
                y=y - 10,
                width=kept * scale,
                height=12,
                fill=KEPT.fill,
                stroke=KEPT.outline,
                stroke_width=0.8,
            )
        share = percent(figures["follow_through_rate"])
        text(row, x + promises * scale + 8, y, f"{kept} of {promises}", size=11.5)
        text(row, MARGIN + width, y, share, size=11.5, bold=True, anchor="end")
        y += 21
    if len(groups) > len(shown):
        text(paper.root, MARGIN, y, f"… and {counted(len(groups) - len(shown), 'more theme')}", fill=QUIET)
        y += 18
    return y


def _concreteness(paper: Paper, view: Mapping[str, Any], x: float, width: float) -> float:
    reported = view["concreteness"]
    paper.heading("How concrete they are", x, width)
    text(paper.root, x, paper.y + 38, "Marks: who answers for it, a deadline,", size=11, fill=QUIET)
    text(paper.root, x, paper.y + 52, "a measure, evidence.", size=11, fill=QUIET)
    y = paper.y + 74
    most = max((whole(each) for each in reported.values()), default=0) or 1
    for marks in ("4", "3", "2", "1", "0"):
        count = whole(reported[marks])
        row = add(paper.root, "g")
        for place in range(4):
            has = place < int(marks)
            add(
                row,
                "rect",
                x=x + place * 13,
                y=y - 9.5,
                width=10,
                height=10,
                rx=2,
                fill=BRAND if has else PAPER,
                stroke=BRAND if has else BAR,
            )
        text(row, x + 60, y, f"{marks} of 4", size=11.5)
        if count:
            add(row, "rect", x=x + 104, y=y - 10, width=(width - 104 - 44) * count / most, height=12, fill=BAR)
        text(row, x + 104 + (width - 104 - 44) * count / most + 8, y, f"{count:,}", size=11.5, bold=True)
        y += 21
    y += 8
    for fact in _facts(view):
        text(paper.root, x, y, shorten(fact, width, 11.5), size=11.5)
        y += 17
    return y


def _facts(view: Mapping[str, Any]) -> list[str]:
    """What else can be said of how good the promises are, each in a line."""
    figures = view["figures"]
    promises = whole(figures["promises"])
    mean, slipped = figures["mean_concreteness"]["value"], figures["mean_slippage_days"]["value"]
    facts = [f"{mean:.1f} marks on average"] if mean is not None else []
    if promises:
        facts += [
            f"{whole(figures['verifiable'])} of {promises} can be checked from outside",
            f"{whole(view['independent_sources']['two_or_more'])} of {promises} with two independent witnesses",
            f"{whole(figures['stale'])} of {promises} without news for a year",
        ]
    if slipped is not None and slipped > 0:
        facts.append(f"{_years(slipped)} later, on average, where restated")
    return facts


def _years(days: float) -> str:
    return f"{days / 365.25:.1f} years" if days >= 730 else counted(round(days), "day")
