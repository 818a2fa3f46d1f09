"""An indicator as a chart, drawn on the server: each reporter's series by itself, and what was promised as a target.

Series of different reporters, parties or calendars are never joined. Colours come from the style sheet, so that a
chart follows light and dark; each series has a marker of its own as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import floor, log10
from typing import Any

from app.core.field_types import last_day
from app.languages import written
from app.languages.texts import gettext

WIDTH, HEIGHT = 720, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 18, 34
_DAYS_A_YEAR = 365.25
SERIES_STYLES = 6
"""How many colours and markers the style sheet and the templates have; further series begin again."""


@dataclass(frozen=True)
class Point:
    """A value on the chart."""

    x: float
    y: float
    value: float
    text: str
    firm: bool
    """Whether it is an actual value that nobody has replaced."""
    joined: bool
    """Whether the line goes through it: of several values for one period, it goes through one."""


@dataclass(frozen=True)
class Series:
    """The values of one reporter for one party in one kind of year."""

    name: str
    style: int
    points: Sequence[Point]

    @property
    def line(self) -> str:
        """The points that are joined, as an SVG polyline has them; empty where there are fewer than two."""
        joined = [point for point in self.points if point.joined]
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in joined) if len(joined) > 1 else ""


@dataclass(frozen=True)
class Mark:
    """A line of the scale."""

    at: float
    text: str


@dataclass(frozen=True)
class Target:
    """What a promise aims at."""

    x: float
    y: float
    from_x: float
    from_y: float
    text: str
    text_y: float
    """Where its words stand: above it, or below where the line of a series runs through them."""
    href: str
    completion: str


@dataclass(frozen=True)
class Chart:
    """An indicator, ready to be drawn."""

    unit: str
    series: Sequence[Series]
    targets: Sequence[Target]
    rows: Sequence[Mark]
    columns: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


@dataclass(frozen=True)
class _Scale:
    first: float
    last: float
    low: float
    high: float
    unit: str

    def x(self, year: float) -> float:
        return _LEFT + (year - self.first) / (self.last - self.first) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - _TOP - _BOTTOM)


def _year(day: object) -> float:
    """A date as a number of years; a partial one counts by its last day."""
    whole = day if isinstance(day, date) else last_day(str(day))
    return whole.year + (whole.timetuple().tm_yday - 1) / _DAYS_A_YEAR


def _middle(observation: Mapping[str, Any]) -> float:
    """Where a value stands: in the middle of its period, so that the value of a year stands over the year's name."""
    end = _year(observation["period_end"])
    return (_year(observation["period_start"]) + end) / 2 if observation.get("period_start") else end


def _due(promise: Mapping[str, Any]) -> float:
    """Where a target stands: a year is marked over its name, as its value will be."""
    due = str(promise["due_on"])
    return int(due) + 0.5 if len(due) == len("2030") else _year(due)


def _calendar(observation: Mapping[str, Any]) -> str:
    """The kind of period that a value is for: what is counted over one kind cannot be joined with another."""
    start, end = str(observation.get("period_start") or ""), str(observation.get("period_end") or "")
    if not start or start == end:
        return ""
    if start[5:] == "01-01" and end[5:] == "12-31":
        return ""
    return gettext("fiscal years") if start[5:] == "04-01" and end[5:] == "03-31" else gettext("parts of a year")


def _step(span: float) -> float:
    """A round distance between lines, for about five of them."""
    rough = span / 5 or 1
    magnitude = 10 ** floor(log10(rough))
    return float(next(m for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough) * magnitude)


def chart(
    indicator: Mapping[str, Any],
    observations: Iterable[Mapping[str, Any]],
    promises: Iterable[Mapping[str, Any]],
    reporters: Mapping[str, str],
) -> Chart | None:
    """The chart of an indicator, or None where it has too few values to draw.

    ``promises`` are those measured by it. Where the indicator names no reporter, each source is taken for one:
    ``reporters`` says for the slug of each source who publishes it.
    """
    dated = [each for each in observations if each.get("period_end") and each.get("value") is not None]
    aims = [each for each in promises if each.get("target_value") is not None and each.get("due_on")]
    if len(dated) < 2:
        return None
    scale = _scale(dated, aims, str(indicator.get("unit") or ""))
    series = _series(dated, str(indicator.get("reporter") or ""), reporters, scale)
    return Chart(
        unit=written.scale_unit(scale.unit),
        series=series,
        targets=[_target(each, scale, series) for each in aims],
        rows=_rows(scale),
        columns=_columns(scale),
    )


def _scale(dated: Sequence[Mapping[str, Any]], aims: Sequence[Mapping[str, Any]], unit: str) -> _Scale:
    years = [_middle(each) for each in dated] + [_due(each) for each in aims]
    values = [float(each["value"]) for each in dated] + [float(each["target_value"]) for each in aims]
    step = _step(max(*values, 0.0) - min(*values, 0.0) or 1)
    low = floor(min(*values, 0.0) / step) * step
    high = (floor(max(*values, 0.0) / step) + 1) * step
    return _Scale(floor(min(years)), floor(max(years)) + 1, low, high, unit)


def _series(
    dated: Sequence[Mapping[str, Any]], reporter: str, reporters: Mapping[str, str], scale: _Scale
) -> Sequence[Series]:
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for each in dated:
        source = each.get("source")
        publisher = reporters.get(source["slug"], source["title"]) if source else gettext("No source")
        key = (reporter or publisher, written.country(each.get("party")), _calendar(each))
        groups.setdefault(key, []).append(each)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        Series(" · ".join(part for part in key if part), place % SERIES_STYLES, _points(values, scale))
        for place, (key, values) in enumerate(ordered)
    ]


_RANKS = ("preferred", "normal", "deprecated")


def _points(values: Iterable[Mapping[str, Any]], scale: _Scale) -> list[Point]:
    ordered = sorted(values, key=lambda each: (str(each["period_end"]), _RANKS.index(each["rank"])))
    points: list[Point] = []
    joined: set[str] = set()
    for each in ordered:
        period, value = str(each["period_end"]), float(each["value"])
        firm = each["status"] == "actual" and each["rank"] != "deprecated"
        first = period not in joined and each["rank"] != "deprecated"
        joined.add(period)
        text = f"{written.day(period)}: {written.measured(value, scale.unit)}"
        points.append(Point(scale.x(_middle(each)), scale.y(value), value, text, firm, first))
    return points


_WORDS_HALF_WIDTH, _WORDS_HEIGHT = 45.0, 26.0


def _words_at(x: float, y: float, series: Sequence[Series]) -> float:
    """Where the words of a target stand: above it, or below where a line runs just above it."""
    for each in series:
        joined = [point for point in each.points if point.joined]
        for left, right in pairwise(joined):
            for at in (x - _WORDS_HALF_WIDTH, x, x + _WORDS_HALF_WIDTH):
                if left.x <= at <= right.x:
                    line = left.y + (right.y - left.y) * (at - left.x) / ((right.x - left.x) or 1)
                    if 0 <= y - line <= _WORDS_HEIGHT:
                        return y + 21
    return max(y - 12, 12)


def _target(promise: Mapping[str, Any], scale: _Scale, series: Sequence[Series]) -> Target:
    value, due = float(promise["target_value"]), _due(promise)
    since = _year(promise["made_on"]) if promise.get("made_on") else due
    base = promise.get("baseline_value")
    return Target(
        x=scale.x(due),
        y=scale.y(value),
        from_x=scale.x(max(since, scale.first)),
        from_y=scale.y(float(base) if base is not None else value),
        text=gettext("%(value)s by %(day)s")
        % {"value": written.on_scale(value, scale.unit), "day": written.day(promise["due_on"])},
        text_y=_words_at(scale.x(due), scale.y(value), series),
        href=promise["html_url"],
        completion=promise["completion"],
    )


def _rows(scale: _Scale) -> list[Mark]:
    step = _step(scale.high - scale.low)
    count = round((scale.high - scale.low) / step)
    values = [scale.low + at * step for at in range(count + 1)]
    return [Mark(scale.y(value), written.on_scale(value, scale.unit)) for value in values]


def _columns(scale: _Scale) -> list[Mark]:
    every = max(1, round((scale.last - scale.first) / 9))
    first, last = int(scale.first), int(scale.last)
    return [Mark(scale.x(year + 0.5), str(year)) for year in range(first, last, every)]
