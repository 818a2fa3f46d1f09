"""Drawing the timeline: the axis, a lane for each level of meetings, a row for each promise."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from app.languages import written
from app.languages.terms import label_of
from app.languages.texts import gettext
from app.pictures import completion as look
from app.pictures.dates import in_words, period
from app.pictures.paper import (
    ALARM,
    BRAND,
    INK,
    LINE,
    MARGIN,
    QUIET,
    WASH,
    WIDTH,
    Paper,
    add,
    drawn,
    label,
    numbered,
    path,
    rect,
    text,
    title_of,
)
from app.pictures.text import text_width
from app.pictures.timeline.marks import diamond, late_line, legend, open_bar, restated_mark, triangle
from app.pictures.timeline.promises import Event, Promise, in_chains, newest, promises_of
from app.pictures.timeline.scale import LEFT, NAMES, RIGHT, Scale
from app.pictures.timeline.words import described, promise_in_words
from app.resources.completion import Completion
from app.resources.dialogues import DialogueLevel
from app.resources.meetings import MeetingStatus

_ROW, _SECOND_LINE = 17.0, 13.5


def draw(view: Mapping[str, Any]) -> str:
    """Draw a timeline. Its ``data`` may be all events, or those of the newest promises; the rest are ``counted``."""
    promises = promises_of(view["data"], view.get("counted", ()))
    meetings = [event for event in view["data"] if event["kind"] == "meeting"]
    ordered = in_chains(promises)
    shown, more = newest(ordered)
    years = sorted(each.made_on.first.year for each in promises.values() if each.made_on)
    lead = gettext(
        "Each row is a promise, from the day it was made to the last day it was made for, and how far it has come."
    )
    paper = Paper("timeline", view, _headline(len(promises), years), lead)
    look.define(paper.definitions, paper.prefix)
    # Where promises are left out, the years before those that are drawn would be all but empty.
    scale = Scale(paper.as_of, _days(shown, () if more else meetings))
    legend(paper, shown)
    top = paper.y
    grid = add(paper.root, "g")
    _meetings(paper, grid, meetings, scale)
    _rows(paper, shown, scale)
    _axis(paper, grid, scale, top)
    if more:
        left = numbered(
            more, "… and %(count)s more promise, made earlier", "… and %(count)s more promises, made earlier"
        )
        text(paper.root, MARGIN, paper.y + 16, left, fill=QUIET)
        paper.y += 22
    return paper.document(described(paper, promises, meetings, more))


def _headline(promises: int, years: Sequence[int]) -> str:
    """How many promises there are, and of which years."""
    if not promises:
        return gettext("No promise with a date is recorded yet")
    number = numbered(promises, "%(count)s promise", "%(count)s promises")
    if not years:
        return number
    words = gettext("%(promises)s between %(first)s and %(last)s")
    if years[0] == years[-1]:
        words = gettext("%(promises)s in %(first)s")
    return words % {"promises": number, "first": years[0], "last": years[-1]}


def _days(promises: Iterable[Promise], meetings: Iterable[Event]) -> Iterator[date]:
    for each in promises:
        yield from (known.last for known in each.dates)
        yield each.first
    for event in meetings:
        yield period(event["date"]).middle


def _axis(paper: Paper, grid: Element, scale: Scale, top: float) -> None:
    """The years above and below, and a line down from each; and today."""
    bottom = paper.y + 4
    labels = add(paper.root, "g", font_size=11, fill=QUIET, text_anchor="middle")
    today = scale.x(scale.today)
    lines = []
    for year in scale.years():
        x = scale.x(date(year, 1, 1))
        lines.append(drawn("M", x, top + 18, "V", bottom))
        if abs(x - today) > 34:
            add(labels, "text", str(year), x=x, y=top + 12)
        add(labels, "text", str(year), x=x, y=bottom + 14)
    if lines:
        path(grid, "".join(lines), stroke=LINE)
    path(grid, "M", today, top + 18, "V", bottom, stroke=BRAND, stroke_width=1.4, stroke_dasharray="5 3")
    add(labels, "text", gettext("today"), x=min(today, WIDTH - MARGIN - 16), y=top + 12, font_weight="bold", fill=BRAND)
    paper.y = bottom + 18


def _lane(level: str) -> str:
    """What a lane is called."""
    lanes = {
        "summit": gettext("Leaders' meetings"),
        "ministerial": gettext("Ministers' meetings"),
        "vice_ministerial": gettext("Vice ministers' meetings"),
        "official": gettext("Officials' meetings"),
        "track1_5": gettext("Track 1.5 meetings"),
        "track2": gettext("Track 2 meetings"),
    }
    return lanes.get(level) or gettext("Meetings")


def _meetings(paper: Paper, grid: Element, meetings: Sequence[Event], scale: Scale) -> None:
    """A lane for each level, the leaders on top; one lane for all where no level is known."""
    paper.y += 24
    x = float(MARGIN)
    for over, words in ((True, gettext("meeting held")), (False, gettext("planned"))) if meetings else ():
        triangle(paper.root, x + 6, paper.y - 16, over)
        text(paper.root, x + 18, paper.y - 12, words, size=11.5)
        x += 18 + text_width(words, 11.5) + 14
    lanes: dict[str, list[Event]] = {}
    for event in meetings:
        lanes.setdefault(str(event.get("level") or ""), []).append(event)
    order = [level.value for level in DialogueLevel]
    for level in sorted(lanes, key=lambda level: order.index(level) if level in order else len(order)):
        y = paper.y + 9
        lane = add(paper.root, "g")
        rect(grid, LEFT - 4, paper.y + 1, RIGHT - LEFT + 8, 16, fill=WASH)
        text(lane, MARGIN, y + 4, _lane(level), bold=True)
        held = sum(event["status"] == "held" for event in lanes[level])
        rest = len(lanes[level]) - held
        reported = gettext("%(count)s held") % {"count": written.number(held)}
        if rest:
            reported += ", " + gettext("%(count)s planned or off") % {"count": written.number(rest)}
        text(lane, MARGIN + NAMES, y + 4, reported, size=11, fill=QUIET, anchor="end")
        for event in lanes[level]:
            on = period(event["date"]).middle
            if scale.holds(on):
                _meeting(lane, scale.x(on), y, event)
        paper.y += 18
    paper.y += 8 if lanes else 0


def _meeting(lane: Element, x: float, y: float, event: Event) -> None:
    if event["status"] in ("cancelled", "postponed"):
        mark = path(lane, "M", x - 4, y - 4, "l8 8m0 -8l-8 8", stroke=BRAND, stroke_width=1.6)
    else:
        mark = triangle(lane, x, y, event["status"] == "held")
    title_of(mark, f"{in_words(event['date'])}, {_status(event)}: {event['record']['title']}")


def _status(event: Event) -> str:
    """What became of a meeting, in a word."""
    known = {each.value: each for each in MeetingStatus}
    return label_of(known[event["status"]]).lower() if event["status"] in known else str(event["status"])


def _rows(paper: Paper, shown: Sequence[Promise], scale: Scale) -> None:
    places: dict[str, float] = {}
    for each in shown:
        indent = min(each.depth, 3) * 12.0
        row = add(paper.root, "g")
        y = paper.y + _ROW / 2
        look.symbol(row, MARGIN + 6, y, each.completion)
        if indent:
            x = MARGIN + 16 + indent - 8
            path(row, "M", x, y - 6, "v6h6", fill="none", stroke=QUIET)
        lines = label(row, MARGIN + 18 + indent, y + 4, each.title, NAMES - 18 - indent, lines=2, size=11.5)
        if each.restates in places:
            _slip(paper.root, places[each.restates], y, _start(scale, each))
        _bar(paper, row, each, y, scale)
        title_of(row, promise_in_words(each))
        places[each.slug] = y
        paper.y += _ROW + (lines - 1) * _SECOND_LINE


def _start(scale: Scale, promise: Promise) -> float:
    return scale.x(promise.first if promise.made_on is None else promise.made_on.first)


def _slip(parent: Element, above: float, y: float, x: float) -> None:
    """From the promise that is restated down to the day it was."""
    path(parent, "M", x, above, "V", y, stroke=ALARM, stroke_width=1.2, stroke_dasharray="2 2")


def _bar(paper: Paper, row: Element, promise: Promise, y: float, scale: Scale) -> None:
    start, today = _start(scale, promise), scale.today
    open_until = promise.assessed_on if promise.completion is Completion.complete else None
    if promise.due_on:
        end = scale.x(promise.due_on.last)
        if not promise.made_on:
            start = end
        if promise.late(today):
            late_line(row, end, scale.x(today), y)
        look.bar(row, min(start, end), y - 4, max(end - start, 3), 8, promise.completion, paper.prefix)
        if scale.beyond(promise.due_on.last):
            outline = look.LOOKS[promise.completion].outline
            path(row, "M", RIGHT + 1, y - 4, "l5 4l-5 4z", fill=outline)
    elif open_until:
        look.bar(row, start, y - 2, max(scale.x(open_until.last) - start, 3), 4, promise.completion, paper.prefix)
    else:
        open_bar(row, start, y, max(scale.x(today) - start, 10), promise.completion)
    if promise.updates:
        ticks = "".join(drawn("M", scale.x(on.middle), y - 5, "v10") for on in sorted(promise.updates))
        path(row, ticks, stroke=INK, stroke_width=1.2)
    for on, met in sorted(promise.milestones.items()):
        diamond(row, scale.x(on.middle), y, met)
    if promise.restated:
        restated_mark(row, start, y)
