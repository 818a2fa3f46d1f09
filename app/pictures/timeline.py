"""The timeline as a picture: a row for each promise from the day it was made to its last, under the meetings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from app.pictures import completion as look
from app.pictures.paper import (
    ALARM,
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
    day,
    figure,
    in_words,
    label,
    text,
    title_of,
)  # fmt: skip
from app.pictures.text import shorten, text_width
from app.resources.commitments import Completion
from app.resources.dialogues import DialogueLevel

PROMISES = 60
"""How many promises are drawn, the newest; the rest are counted."""

_PAST, _FUTURE = 40, 15  # years around today that are drawn: a promise for 2100 shall not squeeze the rest
_NAMES = 326.0
_LEFT, _RIGHT = MARGIN + _NAMES + 8.0, WIDTH - MARGIN - 6.0
_ROW, _SECOND_LINE = 17.0, 13.5

Event = Mapping[str, Any]


@dataclass
class _Promise:
    """What the events tell of a promise."""

    id: str
    slug: str
    title: str
    stands: Completion | None = None
    logged: Completion = Completion.not_assessed
    made_on: date | None = None
    due_on: date | None = None
    assessed_on: date | None = None
    restated: bool = False
    restates: str | None = None
    updates: set[date] = field(default_factory=set)
    milestones: dict[date, bool] = field(default_factory=dict)
    depth: int = 0

    @property
    def completion(self) -> Completion:
        """How far it has come. A promise that has no day of its own is known by its log alone."""
        return self.stands or self.logged

    @property
    def first(self) -> date:
        """The first day that is known of it."""
        known = [each for each in (self.made_on, self.due_on, *self.updates, *self.milestones) if each]
        return min(known, default=date.min)


def draw(view: Mapping[str, Any]) -> str:
    """Draw a timeline."""
    promises = _promises(view["data"])
    meetings = [event for event in view["data"] if event["kind"] == "meeting"]
    ordered = _in_chains(promises)
    shown, more = _newest(ordered)
    dates = [each.made_on for each in promises.values() if each.made_on]
    headline = "No promise with a date is recorded yet"
    if promises:
        headline = counted(len(promises), "promise")
        if dates and min(dates).year < max(dates).year:
            headline += f" between {min(dates).year} and {max(dates).year}"
        elif dates:
            headline += f" in {dates[0].year}"
    lead = "Each row is a promise, from the day it was made to the last day it was made for, and how far it has come."
    paper = Paper("timeline", view, headline, lead)
    look.define(paper.definitions, paper.prefix)
    # Where promises are left out, the years before those that are drawn would be all but empty.
    scale = _Scale(paper.as_of, _days(shown, () if more else meetings))
    _legend(paper, shown)
    top = paper.y
    grid = add(paper.root, "g")
    _meetings(paper, grid, meetings, scale)
    _rows(paper, shown, scale)
    _axis(paper, grid, scale, top)
    if more:
        text(paper.root, MARGIN, paper.y + 16, f"… and {counted(more, 'more promise')}, made earlier", fill=QUIET)
        paper.y += 22
    return paper.document(_in_words(paper, promises, meetings, more))


# ── what the events tell ──────────────────────────────────────────────────────────────────────────────────────────────


def _promises(events: Iterable[Event]) -> dict[str, _Promise]:
    found: dict[str, _Promise] = {}

    def of(told: Mapping[str, Any]) -> _Promise:
        id_ = str(told["id"])
        return found.setdefault(id_, _Promise(id_, told["slug"], told["title"]))

    for event in events:
        kind, on = event["kind"], day(event["date"])
        assert on is not None
        if kind in ("promise_made", "promise_restated", "promise_due"):
            promise = of(event["record"])
            promise.stands = look.term(event["status"])
            if kind == "promise_due":
                promise.due_on = on
            else:
                promise.made_on, promise.restated = on, kind == "promise_restated"
                earlier = event.get("restates")
                promise.restates = str(earlier["id"]) if earlier else None
        elif event["commitment"]:
            promise = of(event["commitment"])
            if kind == "update":
                promise.updates.add(on)
                if event["status"] in look.TERMS:
                    promise.logged = look.term(event["status"])
                    promise.assessed_on = on
            else:
                promise.milestones[on] = kind == "milestone_met"
    return found


def _in_chains(promises: Mapping[str, _Promise]) -> list[_Promise]:
    """By the day they were made; what restates a promise follows it, so that a deadline is seen to slip."""
    ordered = sorted(promises.values(), key=lambda each: (each.first, each.slug))
    followers: dict[str, list[_Promise]] = {}
    for each in ordered:
        if each.restates in promises and each.restates != each.id:
            followers.setdefault(str(each.restates), []).append(each)
    placed: dict[str, _Promise] = {}

    def place(start: _Promise) -> None:
        waiting = [(start, 0)]
        while waiting:
            each, depth = waiting.pop()
            if each.id not in placed:
                each.depth = depth
                placed[each.id] = each
                waiting += [(after, depth + 1) for after in reversed(followers.get(each.id, ()))]

    for each in ordered:
        if each.restates not in promises:
            place(each)
    for each in ordered:  # what restates itself in a circle has no beginning
        place(each)
    return list(placed.values())


def _newest(ordered: Sequence[_Promise]) -> tuple[list[_Promise], int]:
    if len(ordered) <= PROMISES:
        return list(ordered), 0
    kept = {each.id for each in sorted(ordered, key=lambda each: (each.first, each.slug))[-PROMISES:]}
    return [each for each in ordered if each.id in kept], len(ordered) - PROMISES


def _days(promises: Iterable[_Promise], meetings: Iterable[Event]) -> Iterator[date]:
    for each in promises:
        yield from (known for known in (each.made_on, each.due_on, *each.updates, *each.milestones) if known)
    for event in meetings:
        yield day(event["date"]) or date.min


class _Scale:
    """Where a day is on the paper."""

    def __init__(self, today: date, days: Iterable[date]) -> None:
        years = [each.year for each in days]
        self.today = today
        self.first = max(min([*years, today.year]), today.year - _PAST)
        self.last = min(max([*years, today.year]), today.year + _FUTURE) + 1
        if self.last - self.first < 4:
            self.first = self.last - 4
        self._start = date(max(self.first, 1), 1, 1).toordinal()
        self._span = date(min(self.last, date.max.year), 1, 1).toordinal() - self._start
        self.step = next(step for step in (1, 2, 5, 10, 20) if (self.last - self.first) / step <= 10)

    def x(self, on: date) -> float:
        """The place of a day; the edge, for one that is beyond it."""
        return min(max(self._place(on), _LEFT), _RIGHT)

    def _place(self, on: date) -> float:
        return _LEFT + (on.toordinal() - self._start) / self._span * (_RIGHT - _LEFT)

    def holds(self, on: date) -> bool:
        """Whether a day is within what is drawn."""
        return _LEFT <= self._place(on) <= _RIGHT

    def beyond(self, on: date) -> bool:
        """Whether a day is later than what is drawn."""
        return self._place(on) > _RIGHT

    def years(self) -> list[int]:
        """The years that are written on the axis."""
        return [year for year in range(self.first, self.last) if year % self.step == 0 and year > 0]


# ── the legend, the axis ──────────────────────────────────────────────────────────────────────────────────────────────


def _legend(paper: Paper, shown: Sequence[_Promise]) -> None:
    if not shown:
        return
    y = paper.y + 10
    y += look.legend(paper.root, MARGIN, y, WIDTH - 2 * MARGIN)
    x = float(MARGIN)
    for draw_sign, words in (
        (_sign_deadline, "to its last day"), (_sign_open, "open end"), (_sign_late, "past its last day"),
        (_sign_restated, "restates an earlier one"), (_sign_update, "news"), (_sign_step, "step due, met"),
    ):  # fmt: skip
        needed = 30 + text_width(words, 11.5)
        if x + needed > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 18
        draw_sign(paper, x, y - 4)
        text(paper.root, x + 30, y, words, size=11.5)
        x += needed + 12
    paper.y = y + 16


def _sign_deadline(paper: Paper, x: float, y: float) -> None:
    look.bar(paper.root, x, y - 4, 24, 8, Completion.substantial, paper.prefix)


def _sign_open(paper: Paper, x: float, y: float) -> None:
    _open_bar(paper.root, x, y, 24, Completion.substantial)


def _sign_late(paper: Paper, x: float, y: float) -> None:
    _late_line(paper.root, x, x + 24, y)


def _sign_restated(paper: Paper, x: float, y: float) -> None:
    _restated_mark(paper.root, x + 14, y)


def _sign_update(paper: Paper, x: float, y: float) -> None:
    add(paper.root, "path", d=f"M{figure(x + 4)} {figure(y - 5)}v10m8 -10v10m8 -10v10", stroke=INK, stroke_width=1.2)


def _sign_step(paper: Paper, x: float, y: float) -> None:
    _diamond(paper.root, x + 6, y, False)
    _diamond(paper.root, x + 19, y, True)


def _axis(paper: Paper, grid: Element, scale: _Scale, top: float) -> None:
    """The years above and below, and a line down from each; and today."""
    bottom = paper.y + 4
    labels = add(paper.root, "g", font_size=11, fill=QUIET, text_anchor="middle")
    today = scale.x(scale.today)
    lines = []
    for year in scale.years():
        x = scale.x(date(year, 1, 1))
        lines.append(f"M{figure(x)} {figure(top + 18)}V{figure(bottom)}")
        if abs(x - today) > 34:
            add(labels, "text", str(year), x=x, y=top + 12)
        add(labels, "text", str(year), x=x, y=bottom + 14)
    if lines:
        add(grid, "path", d="".join(lines), stroke=LINE)
    add(grid, "path", d=f"M{figure(today)} {figure(top + 18)}V{figure(bottom)}", stroke=BRAND, stroke_width=1.4,
        stroke_dasharray="5 3")  # fmt: skip
    add(labels, "text", "today", x=min(today, WIDTH - MARGIN - 16), y=top + 12, font_weight="bold", fill=BRAND)
    paper.y = bottom + 18


# ── the meetings ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _meetings(paper: Paper, grid: Element, meetings: Sequence[Event], scale: _Scale) -> None:
    """A lane for each level, the leaders on top; one lane for all where no level is told."""
    paper.y += 24
    x = float(MARGIN)
    for over, words in ((True, "meeting held"), (False, "planned")) if meetings else ():
        _triangle(paper.root, x + 6, paper.y - 16, over)
        text(paper.root, x + 18, paper.y - 12, words, size=11.5)
        x += 18 + text_width(words, 11.5) + 14
    lanes: dict[str, list[Event]] = {}
    for event in meetings:
        lanes.setdefault(str(event.get("level") or ""), []).append(event)
    order = [level.value for level in DialogueLevel]
    for level in sorted(lanes, key=lambda level: order.index(level) if level in order else len(order)):
        y = paper.y + 9
        lane = add(paper.root, "g")
        add(grid, "rect", x=_LEFT - 4, y=paper.y + 1, width=_RIGHT - _LEFT + 8, height=16, fill=WASH)
        text(lane, MARGIN, y + 4, _LANES.get(level, "Meetings"), bold=True)
        held = sum(event["status"] == "held" for event in lanes[level])
        rest = len(lanes[level]) - held
        told = f"{held:,} held" + (f", {rest:,} planned or off" if rest else "")
        text(lane, MARGIN + _NAMES, y + 4, told, size=11, fill=QUIET, anchor="end")
        for event in lanes[level]:
            on = day(event["date"]) or date.min
            if scale.holds(on):
                _meeting(lane, scale.x(on), y, event)
        paper.y += 18
    paper.y += 8 if lanes else 0


_LANES = {"summit": "Leaders' meetings", "ministerial": "Ministers' meetings",
          "vice_ministerial": "Vice ministers' meetings", "official": "Officials' meetings",
          "track1_5": "Track 1.5 meetings", "track2": "Track 2 meetings"}  # fmt: skip


def _meeting(lane: Element, x: float, y: float, event: Event) -> None:
    if event["status"] in ("cancelled", "postponed"):
        mark = add(lane, "path", d=f"M{figure(x - 4)} {figure(y - 4)}l8 8m0 -8l-8 8", stroke=BRAND, stroke_width=1.6)
    else:
        mark = _triangle(lane, x, y, event["status"] == "held")
    title_of(mark, f"{event['date']}, {event['status']}: {event['record']['title']}")


def _triangle(parent: Element, x: float, y: float, held: bool) -> Element:
    shape = f"M{figure(x)} {figure(y - 5.5)}l5 10h-10z"
    # An outline of paper keeps meetings apart that follow each other closely.
    return add(parent, "path", d=shape, fill=BRAND if held else PAPER, stroke=PAPER if held else BRAND)


# ── the promises ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _rows(paper: Paper, shown: Sequence[_Promise], scale: _Scale) -> None:
    places: dict[str, float] = {}
    for each in shown:
        indent = min(each.depth, 3) * 12.0
        row = add(paper.root, "g")
        y = paper.y + _ROW / 2
        look.symbol(row, MARGIN + 6, y, each.completion)
        if indent:
            x = MARGIN + 16 + indent - 8
            add(row, "path", d=f"M{figure(x)} {figure(y - 6)}v6h6", fill="none", stroke=QUIET)
        lines = label(row, MARGIN + 18 + indent, y + 4, each.title, _NAMES - 18 - indent, lines=2, size=11.5)
        if each.restates in places:
            _slip(paper.root, places[str(each.restates)], y, _start(scale, each))
        _bar(paper, row, each, y, scale)
        title_of(row, _told(each))
        places[each.id] = y
        paper.y += _ROW + (lines - 1) * _SECOND_LINE


def _start(scale: _Scale, promise: _Promise) -> float:
    return scale.x(promise.made_on or promise.first)


def _slip(parent: Element, above: float, y: float, x: float) -> None:
    """From the promise that is restated down to the day it was."""
    d = f"M{figure(x)} {figure(above)}V{figure(y)}"
    add(parent, "path", d=d, stroke=ALARM, stroke_width=1.2, stroke_dasharray="2 2")


def _bar(paper: Paper, row: Element, promise: _Promise, y: float, scale: _Scale) -> None:
    start, today = _start(scale, promise), scale.today
    open_until = promise.assessed_on if promise.completion is Completion.complete else None
    if promise.due_on:
        end = scale.x(promise.due_on)
        if not promise.made_on:
            start = end
        if promise.due_on < today and promise.completion is not Completion.complete:
            _late_line(row, end, scale.x(today), y)
        look.bar(row, min(start, end), y - 4, max(end - start, 3), 8, promise.completion, paper.prefix)
        if scale.beyond(promise.due_on):
            outline = look.LOOKS[promise.completion].outline
            add(row, "path", d=f"M{figure(_RIGHT + 1)} {figure(y - 4)}l5 4l-5 4z", fill=outline)
    elif open_until:
        look.bar(row, start, y - 2, max(scale.x(open_until) - start, 3), 4, promise.completion, paper.prefix)
    else:
        _open_bar(row, start, y, max(scale.x(today) - start, 10), promise.completion)
    if promise.updates:
        ticks = "".join(f"M{figure(scale.x(on))} {figure(y - 5)}v10" for on in sorted(promise.updates))
        add(row, "path", d=ticks, stroke=INK, stroke_width=1.2)
    for on, met in sorted(promise.milestones.items()):
        _diamond(row, scale.x(on), y, met)
    if promise.restated:
        _restated_mark(row, start, y)


def _open_bar(parent: Element, x: float, y: float, width: float, completion: Completion) -> None:
    """A promise without a last day: a thin bar that ends in an arrow."""
    outline = look.LOOKS[completion]
    add(parent, "path", d=f"M{figure(x)} {figure(y)}h{figure(width - 3)}", stroke=outline.outline, stroke_width=2.2,
        stroke_dasharray="3 2" if outline.dashed else None)  # fmt: skip
    add(parent, "path", d=f"M{figure(x + width - 6)} {figure(y - 4)}l6 4l-6 4", fill="none", stroke=outline.outline,
        stroke_width=1.4)  # fmt: skip


def _late_line(parent: Element, x: float, end: float, y: float) -> None:
    if end > x:
        d = f"M{figure(x)} {figure(y)}H{figure(end)}"
        add(parent, "path", d=d, stroke=ALARM, stroke_width=2.4, stroke_dasharray="2 3")


def _restated_mark(parent: Element, x: float, y: float) -> None:
    add(parent, "path", d=f"M{figure(x + 1)} {figure(y - 5)}l-6 5l6 5z", fill=PAPER, stroke=ALARM, stroke_width=1.4)


def _diamond(parent: Element, x: float, y: float, met: bool) -> None:
    add(parent, "path", d=f"M{figure(x)} {figure(y - 5)}l5 5l-5 5l-5 -5z", fill=INK if met else PAPER, stroke=INK)


# ── in words ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _told(promise: _Promise) -> str:
    said = [f"{promise.title}: {promise.completion.label.lower()}"]
    if promise.made_on:
        said.append(f"{'restated' if promise.restated else 'made'} {promise.made_on.isoformat()}")
    said.append(f"due {promise.due_on.isoformat()}" if promise.due_on else "no last day")
    return ", ".join(said)


def _in_words(paper: Paper, promises: Mapping[str, _Promise], meetings: Sequence[Event], more: int) -> str:
    if not promises and not meetings:
        return f"On {in_words(paper.as_of)} the register holds nothing of {paper.partnership} that has a date."
    every = list(promises.values())
    late = [each for each in every
            if each.due_on and each.due_on < paper.as_of and each.completion is not Completion.complete]  # fmt: skip
    counts = [(term, sum(each.completion is term for each in every)) for term in look.ORDER]
    told = ", ".join(f"{term.label.lower()} {count}" for term, count in counts if count)
    said = [
        f"Meetings and promises of {paper.partnership} along the years, on {in_words(paper.as_of)}.",
        f"{counted(len(every), 'promise')}" + (f": {told}." if told else "."),
        f"{sum(each.due_on is not None for each in every)} have a last day; for {len(late)} of them it is past, and "
        f"they are not complete. {sum(each.restated for each in every)} restate an earlier promise.",
        f"{counted(len(meetings), 'meeting')}, {sum(event['status'] == 'held' for event in meetings)} of them held.",
    ]
    if late:
        latest = sorted(late, key=lambda each: (each.due_on or date.max, each.slug))[:5]
        said.append("Longest past the last day: " + "; ".join(
            f"{shorten(each.title, 400, 12)} ({each.due_on})" for each in latest) + ".")  # fmt: skip
    if more:
        said.append(f"The newest {PROMISES} promises are drawn; {more} earlier ones are not.")
    return " ".join(said)
