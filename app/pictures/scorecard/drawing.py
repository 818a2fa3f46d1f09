"""Drawing the scorecard: the figures at the top, completion, themes and concreteness."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.languages import written
from app.languages.terms import definition_of, label_of
from app.languages.texts import gettext
from app.languages.written import number
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
    label,
    numbered,
    rect,
    text,
    title_of,
)
from app.pictures.scorecard.cadence import draw_cadence
from app.pictures.scorecard.values import INSIDE, KEPT, THEMES, Figures, of_promises, part_of, percent, whole
from app.pictures.scorecard.words import described
from app.pictures.text import shorten, wrap


def draw(view: Mapping[str, Any]) -> str:
    """Draw a scorecard."""
    figures = view["figures"]
    promises, kept, assessed = whole(figures["promises"]), whole(figures["kept"]), whole(figures["assessed"])
    headline = gettext("No promise is recorded yet")
    if promises:
        headline = gettext("%(kept)s of %(promises)s kept") % {"kept": kept, "promises": of_promises(promises)}
    lead = gettext("What was promised, how far it has come, and who still reports on it.")
    paper = Paper("scorecard", view, headline, lead)
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
    remark = gettext(
        "Assessed: %(assessed)s of %(promises)s. The follow-through rate is the share of complete promises among those "
        "assessed."
    )
    text(paper.root, MARGIN, paper.y + 4, remark % {"assessed": assessed, "promises": promises}, size=11, fill=QUIET)
    paper.y += 14
    return paper.document(described(paper, view))


def _tiles(paper: Paper, figures: Figures) -> None:
    assessed, promises = whole(figures["assessed"]), whole(figures["promises"])
    looked_at = gettext("%(count)s assessed") % {"count": number(assessed)}
    dated = gettext("of %(count)s with a deadline") % {"count": number(whole(figures["with_deadline"]))}
    tiles = (
        (number(promises), gettext("Promises"), looked_at),
        (number(whole(figures["kept"])), gettext("Kept"), gettext("wholly fulfilled")),
        (percent(figures["follow_through_rate"]), gettext("Follow-through"), gettext("of those assessed")),
        (number(whole(figures["overdue"])), gettext("Overdue"), dated),
        (number(whole(figures["unreported"])), gettext("No reporter"), gettext("told only by editors")),
    )
    gap = 10.0
    width = (INSIDE - gap * (len(tiles) - 1)) / len(tiles)
    for place, (value, name, remark) in enumerate(tiles):
        x = MARGIN + place * (width + gap)
        tile = add(paper.root, "g")
        rect(tile, x, paper.y, width, 82, rx=6, fill=WASH, stroke=LINE)
        text(tile, x + 12, paper.y + 34, value, size=28, bold=True, fill=BRAND)
        text(tile, x + 12, paper.y + 57, shorten(name, width - 16, 13, bold=True), size=13, bold=True)
        text(tile, x + 12, paper.y + 73, shorten(remark, width - 16, 11), size=11, fill=QUIET)
    paper.y += 82 + 18


def _completion(paper: Paper, reported: Figures, promises: int) -> None:
    paper.heading(gettext("How far the promises have come"))
    x, y, height = float(MARGIN), paper.y + 34, 26.0
    counts = {each: whole(reported[each.value]) for each in look.ORDER}
    if not promises:
        rect(paper.root, x, y, INSIDE, height, fill=WASH, stroke=BAR, stroke_dasharray="4 3")
    for each, count in counts.items():
        if not count:
            continue
        width = INSIDE * count / promises
        part = look.bar(paper.root, x, y, width, height, each, paper.prefix)
        title_of(part, f"{label_of(each)}: {of_promises(count)}")
        x += width
    y += height + 22
    for each, count in counts.items():
        left = MARGIN
        look.bar(paper.root, left, y - 10.5, 26, 13, each, paper.prefix)
        look.symbol(paper.root, left + 42, y - 4, each)
        text(paper.root, left + 88, y, number(count), bold=True, anchor="end")
        share = percent({"value": count / promises if promises else None})
        text(paper.root, left + 132, y, share, size=11.5, fill=QUIET, anchor="end")
        text(paper.root, left + 148, y, label_of(each))
        text(paper.root, left + 300, y, shorten(definition_of(each), INSIDE - 300, 11.5), size=11.5, fill=QUIET)
        y += 20
    paper.y = y + 6


def _themes(paper: Paper, groups: Sequence[Figures], width: float) -> float:
    note = gettext("largest first; a promise can have several")
    paper.heading(gettext("Kept, by theme"), MARGIN, width, note)
    y = paper.y + 46
    shown = groups[:THEMES]
    if not shown:
        text(paper.root, MARGIN, y, gettext("No promise has a theme."), fill=QUIET)
        return y + 14
    name, reported = 168.0, 104.0
    scale = (width - name - reported) / max(whole(group["figures"]["promises"]) for group in shown)
    for group in shown:
        figures = group["figures"]
        promises, kept = whole(figures["promises"]), whole(figures["kept"])
        row = add(paper.root, "g")
        label(row, MARGIN, y, group["title"], name - 10)
        x = MARGIN + name
        rect(row, x, y - 10, promises * scale, 12, fill=WASH, stroke=BAR, stroke_width=0.8)
        if kept:
            rect(row, x, y - 10, kept * scale, 12, fill=KEPT.fill, stroke=KEPT.outline, stroke_width=0.8)
        share = percent(figures["follow_through_rate"])
        text(row, x + promises * scale + 8, y, part_of(kept, promises), size=11.5)
        text(row, MARGIN + width, y, share, size=11.5, bold=True, anchor="end")
        y += 21
    if len(groups) > len(shown):
        more = numbered(len(groups) - len(shown), "… and %(count)s more theme", "… and %(count)s more themes")
        text(paper.root, MARGIN, y, more, fill=QUIET)
        y += 18
    return y


def _concreteness(paper: Paper, view: Mapping[str, Any], x: float, width: float) -> float:
    reported = view["concreteness"]
    paper.heading(gettext("How concrete they are"), x, width)
    marks_are = gettext("Marks: who answers for it, a deadline, a measure, evidence.")
    for place, line in enumerate(wrap(marks_are, width, 11, 2)):
        text(paper.root, x, paper.y + 38 + place * 14, line, size=11, fill=QUIET)
    y = paper.y + 74
    most = max((whole(each) for each in reported.values()), default=0) or 1
    for marks in ("4", "3", "2", "1", "0"):
        count = whole(reported[marks])
        row = add(paper.root, "g")
        for place in range(4):
            has = place < int(marks)
            rect(row, x + place * 13, y - 9.5, 10, 10, rx=2, fill=BRAND if has else PAPER, stroke=BRAND if has else BAR)
        text(row, x + 60, y, part_of(int(marks), 4), size=11.5)
        if count:
            rect(row, x + 104, y - 10, (width - 104 - 44) * count / most, 12, fill=BAR)
        text(row, x + 104 + (width - 104 - 44) * count / most + 8, y, number(count), size=11.5, bold=True)
        y += 21
    y += 8
    for remark in _remarks(view):
        text(paper.root, x, y, shorten(remark, width, 11.5), size=11.5)
        y += 17
    return y


def _remarks(view: Mapping[str, Any]) -> list[str]:
    """What else can be said of how good the promises are, each in a line."""
    figures = view["figures"]
    promises = whole(figures["promises"])
    mean, slipped = figures["mean_concreteness"]["value"], figures["mean_slippage_days"]["value"]
    remarks = [gettext("%(marks)s marks on average") % {"marks": f"{mean:.1f}"}] if mean is not None else []
    if promises:
        two_or_more = view["independent_sources"]["two_or_more"]
        remarks += [
            gettext("%(part)s can be checked from outside") % {"part": part_of(whole(figures["verifiable"]), promises)},
            gettext("%(part)s with two independent witnesses") % {"part": part_of(whole(two_or_more), promises)},
            gettext("%(part)s without news for a year") % {"part": part_of(whole(figures["stale"]), promises)},
        ]
    if slipped is not None and slipped > 0:
        remarks.append(gettext("%(span)s later, on average, where restated") % {"span": written.duration(slipped)})
    return remarks
