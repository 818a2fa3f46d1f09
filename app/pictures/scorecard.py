"""The scorecard as a picture: how many promises were kept, in which fields, how concrete, and who still meets."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.pictures import completion as look
from app.pictures.paper import (
    ALARM,
    BAR,
    BRAND,
    INK,
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
from app.pictures.text import shorten, text_width
from app.resources.commitments import Completion

THEMES = 9
DIALOGUES = 10

_INSIDE = WIDTH - 2 * MARGIN
_KEPT = look.LOOKS[Completion.complete]

Figures = Mapping[str, Any]


def draw(view: Mapping[str, Any]) -> str:
    """Draw a scorecard."""
    figures = view["figures"]
    promises, kept, assessed = _count(figures["promises"]), _count(figures["kept"]), _count(figures["assessed"])
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
    _cadence(paper, view["cadence"])
    text(paper.root, MARGIN, paper.y + 4, f"Assessed: {assessed} of {promises}. The follow-through rate is the share "
         "of complete promises among those assessed.", size=11, fill=QUIET)  # fmt: skip
    paper.y += 14
    return paper.document(_in_words(paper, view))


def _count(told: Figures) -> int:
    return int(told["value"] or 0)


def _percent(told: Figures) -> str:
    value = told["value"]
    return "n/a" if value is None else f"{value * 100:.0f}%"


# ── the figures at the top ────────────────────────────────────────────────────────────────────────────────────────────


def _tiles(paper: Paper, figures: Figures) -> None:
    assessed, promises = _count(figures["assessed"]), _count(figures["promises"])
    tiles = (
        (f"{promises:,}", "Promises", f"{assessed:,} assessed"),
        (f"{_count(figures['kept']):,}", "Kept", "wholly fulfilled"),
        (_percent(figures["follow_through_rate"]), "Follow-through", "of those assessed"),
        (f"{_count(figures['overdue']):,}", "Overdue", f"of {_count(figures['with_deadline']):,} with a deadline"),
        (f"{_count(figures['unreported']):,}", "No reporter", "told only by editors"),
    )
    gap = 10.0
    width = (_INSIDE - gap * (len(tiles) - 1)) / len(tiles)
    for place, (value, name, remark) in enumerate(tiles):
        x = MARGIN + place * (width + gap)
        tile = add(paper.root, "g")
        add(tile, "rect", x=x, y=paper.y, width=width, height=82, rx=6, fill=WASH, stroke=LINE)
        text(tile, x + 12, paper.y + 36, value, size=28, bold=True, fill=BRAND)
        text(tile, x + 12, paper.y + 55, name, size=13, bold=True)
        text(tile, x + 12, paper.y + 71, shorten(remark, width - 16, 11), size=11, fill=QUIET)
    paper.y += 82 + 18


# ── how far the promises have come ────────────────────────────────────────────────────────────────────────────────────


def _completion(paper: Paper, told: Figures, promises: int) -> None:
    paper.heading("How far the promises have come")
    x, y, height = float(MARGIN), paper.y + 34, 26.0
    counts = {each: _count(told[each.value]) for each in look.ORDER}
    if not promises:
        add(paper.root, "rect", x=x, y=y, width=_INSIDE, height=height, fill=WASH, stroke=BAR, stroke_dasharray="4 3")
    for each, count in counts.items():
        if not count:
            continue
        width = _INSIDE * count / promises
        part = look.bar(paper.root, x, y, width, height, each, paper.prefix)
        title_of(part, f"{each.label}: {counted(count, 'promise')}")
        x += width
    y += height + 22
    for each, count in counts.items():
        left, outline = MARGIN, look.LOOKS[each]
        add(paper.root, "rect", x=left, y=y - 10.5, width=26, height=13, fill=look.fill(each, paper.prefix),
            stroke=outline.outline, stroke_width=0.8, stroke_dasharray="3 2" if outline.dashed else None)  # fmt: skip
        look.symbol(paper.root, left + 42, y - 4, each)
        text(paper.root, left + 88, y, f"{count:,}", bold=True, anchor="end")
        share = f"{count / promises * 100:.0f}%" if promises else "n/a"
        text(paper.root, left + 132, y, share, size=11.5, fill=QUIET, anchor="end")
        text(paper.root, left + 148, y, each.label)
        text(paper.root, left + 300, y, shorten(each.definition, _INSIDE - 300, 11.5), size=11.5, fill=QUIET)
        y += 20
    paper.y = y + 6


# ── by theme ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _themes(paper: Paper, groups: Sequence[Figures], width: float) -> float:
    paper.heading("Kept, by theme", MARGIN, width, "largest first; a promise can have several")
    y = paper.y + 46
    shown = groups[:THEMES]
    if not shown:
        text(paper.root, MARGIN, y, "No promise has a theme.", fill=QUIET)
        return y + 14
    name, told = 168.0, 104.0
    scale = (width - name - told) / max(_count(group["figures"]["promises"]) for group in shown)
    for group in shown:
        figures = group["figures"]
        promises, kept = _count(figures["promises"]), _count(figures["kept"])
        row = add(paper.root, "g")
        label(row, MARGIN, y, group["title"], name - 10)
        x = MARGIN + name
        add(row, "rect", x=x, y=y - 10, width=promises * scale, height=12, fill=WASH, stroke=BAR, stroke_width=0.8)
        if kept:
            add(row, "rect", x=x, y=y - 10, width=kept * scale, height=12, fill=_KEPT.fill, stroke=_KEPT.outline,
                stroke_width=0.8)  # fmt: skip
        share = _percent(figures["follow_through_rate"])
        text(row, x + promises * scale + 8, y, f"{kept} of {promises}", size=11.5)
        text(row, MARGIN + width, y, share, size=11.5, bold=True, anchor="end")
        y += 21
    if len(groups) > len(shown):
        text(paper.root, MARGIN, y, f"… and {counted(len(groups) - len(shown), 'more theme')}", fill=QUIET)
        y += 18
    return y


# ── how concrete ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _concreteness(paper: Paper, view: Mapping[str, Any], x: float, width: float) -> float:
    figures, told = view["figures"], view["concreteness"]
    paper.heading("How concrete they are", x, width)
    text(paper.root, x, paper.y + 38, "Marks: who answers for it, a deadline,", size=11, fill=QUIET)
    text(paper.root, x, paper.y + 52, "a measure, evidence.", size=11, fill=QUIET)
    y = paper.y + 74
    most = max((_count(each) for each in told.values()), default=0) or 1
    for marks in ("4", "3", "2", "1", "0"):
        count = _count(told[marks])
        row = add(paper.root, "g")
        for place in range(4):
            has = place < int(marks)
            add(row, "rect", x=x + place * 13, y=y - 9.5, width=10, height=10, rx=2, fill=BRAND if has else PAPER,
                stroke=BRAND if has else BAR)  # fmt: skip
        text(row, x + 60, y, f"{marks} of 4", size=11.5)
        if count:
            add(row, "rect", x=x + 104, y=y - 10, width=(width - 104 - 44) * count / most, height=12, fill=BAR)
        text(row, x + 104 + (width - 104 - 44) * count / most + 8, y, f"{count:,}", size=11.5, bold=True)
        y += 21
    y += 8
    promises = _count(figures["promises"])
    mean, slipped = figures["mean_concreteness"]["value"], figures["mean_slippage_days"]["value"]
    facts = [
        f"{mean:.1f} marks on average" if mean is not None else "",
        f"{_count(figures['verifiable'])} of {promises} can be checked from outside" if promises else "",
        f"{_count(figures['stale'])} of {promises} without news for a year" if promises else "",
        f"{_years(slipped)} later, on average, where restated" if slipped is not None and slipped > 0 else "",
    ]
    for fact in filter(None, facts):
        text(paper.root, x, y, shorten(fact, width, 11.5), size=11.5)
        y += 17
    return y


def _years(days: float) -> str:
    return f"{days / 365.25:.1f} years" if days >= 730 else counted(round(days), "day")


# ── cadence ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _weight(rhythm: Mapping[str, Any]) -> tuple[bool, int, str]:
    """Promised intervals first, then whoever met most."""
    return rhythm["promised_interval_months"] is None, -_count(rhythm["held"]), rhythm["dialogue"]["slug"]


def _cadence(paper: Paper, rhythms: Sequence[Mapping[str, Any]]) -> None:
    paper.heading("How often they meet", note="months between meetings")
    y = paper.y + 46
    shown = sorted(rhythms, key=_weight)[:DIALOGUES]
    if not shown:
        text(paper.root, MARGIN, y, "No dialogue is recorded.", fill=QUIET)
        paper.y = y + 20
        return
    name, told = 246.0, 226.0
    x, width = MARGIN + name, _INSIDE - name - told
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
        add(grid, "path", d=f"M{figure(x + months * scale)} {figure(y - 6)}V{figure(bottom)}", stroke=LINE)
        add(grid, "text", str(months), x=x + months * scale, y=y - 9, text_anchor="middle")
    y += 8
    for rhythm in shown:
        _cadence_row(paper, rhythm, x, y, scale, name, told)
        y += 21
    if len(rhythms) > len(shown):
        more = counted(len(rhythms) - len(shown), "more dialogue")
        text(paper.root, MARGIN, y, f"… and {more}, with no promised interval or fewer meetings", fill=QUIET)
        y += 20
    paper.y = y


def _cadence_legend(paper: Paper, y: float) -> None:
    x = float(MARGIN)
    for kind, words in (("promised", "promised interval"), ("mean", "mean gap between meetings"),
                        ("since", "time since the last meeting")):  # fmt: skip
        _mark(paper, kind, x + (0 if kind == "mean" else 10), y - 4, 20)
        text(paper.root, x + 28, y, words, size=11.5)
        x += 28 + text_width(words, 11.5) + 22


def _mark(paper: Paper, kind: str, x: float, y: float, width: float, late: bool = False) -> None:
    if kind == "mean":
        add(paper.root, "rect", x=x, y=y - 4.5, width=width, height=9, fill=BAR)
    elif kind == "promised":
        add(paper.root, "path", d=f"M{figure(x)} {figure(y - 8)}v16", stroke=_KEPT.fill, stroke_width=3)
    else:
        add(paper.root, "circle", cx=x, cy=y, r=4.5, fill=PAPER, stroke=ALARM if late else INK, stroke_width=2)


def _cadence_row(
    paper: Paper, rhythm: Mapping[str, Any], x: float, y: float, scale: float, name: float, told: float
) -> None:
    late = rhythm["on_time"] is False
    never = rhythm["promised_interval_months"] is not None and not _count(rhythm["held"])
    label(paper.root, MARGIN, y, rhythm["dialogue"]["title"], name - 14)
    if rhythm["mean_gap_months"] is not None:
        _mark(paper, "mean", x, y - 4, rhythm["mean_gap_months"] * scale)
    if rhythm["promised_interval_months"]:
        _mark(paper, "promised", x + rhythm["promised_interval_months"] * scale, y - 4, 0)
    if rhythm["months_since_last"] is not None:
        _mark(paper, "since", x + rhythm["months_since_last"] * scale, y - 4, 0, late)
    verdict, rest = _verdict(rhythm)
    left = WIDTH - MARGIN - told + 14
    text(paper.root, left, y, verdict, size=11.5, bold=rhythm["promised_interval_months"] is not None,
         fill=ALARM if late or never else INK)  # fmt: skip
    after = text_width(verdict, 11.5, bold=True) + 4
    text(paper.root, left + after, y, shorten(rest, told - 14 - after, 11), size=11, fill=QUIET)


def _verdict(rhythm: Mapping[str, Any]) -> tuple[str, str]:
    """What can be said of a dialogue in a word or two, and the rest."""
    held, interval = _count(rhythm["held"]), rhythm["promised_interval_months"]
    # That no meeting is on record does not say that there was none.
    met = f"{held:,} held" if held else "None on record"
    if interval is None:
        return met, "no interval promised"
    promised = "promised yearly" if interval == 12 else f"promised {interval}-monthly"
    if not held:
        return met, promised
    return ("On time" if rhythm["on_time"] else "Late"), f"{met}, {promised}"


# ── in words ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_words(paper: Paper, view: Mapping[str, Any]) -> str:
    figures = view["figures"]
    if not _count(figures["promises"]):
        return f"On {in_words(paper.as_of)} the register holds no promise of {paper.partnership}."
    said = [
        f"On {in_words(paper.as_of)}: {counted(_count(figures['promises']), 'promise')}, "
        f"{_count(figures['kept'])} of them kept; follow-through rate {_percent(figures['follow_through_rate'])} of "
        f"{_count(figures['assessed'])} assessed; {_count(figures['overdue'])} overdue of "
        f"{_count(figures['with_deadline'])} with a deadline; {_count(figures['unreported'])} on which no stakeholder "
        "has reported.",
        "By completion: " + ", ".join(
            f"{each.label.lower()} {_count(view['completion'][each.value])}" for each in look.ORDER) + ".",
    ]  # fmt: skip
    if view["by_theme"]:
        themes = [(group["title"], group["figures"]) for group in view["by_theme"][:THEMES]]
        told = ", ".join(
            f"{_in_a_line(title)} {_count(of['kept'])} of {_count(of['promises'])}" for title, of in themes
        )
        said.append(f"Kept by theme: {told}.")
    concrete = ", ".join(f"{marks} of 4: {_count(view['concreteness'][marks])}" for marks in ("4", "3", "2", "1", "0"))
    said.append(f"By marks of a concrete promise: {concrete}.")
    for rhythm in sorted(view["cadence"], key=_weight)[:DIALOGUES]:
        if rhythm["promised_interval_months"]:
            verdict, rest = _verdict(rhythm)
            since = rhythm["months_since_last"]
            last = f"; the last meeting was {since:.0f} months ago" if since is not None else ""
            said.append(f"{_in_a_line(rhythm['dialogue']['title'])}: {verdict.lower()}, {rest}{last}.")
    return " ".join(said)


def _in_a_line(title: str) -> str:
    """A title within a sentence."""
    return shorten(title, 400, 12)
