"""The tables of a run, as they stand in docs/performance.md."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from benchmarks.cases import CASES
from benchmarks.growth import GROWS_AT_MOST, LOOKS_THROUGH_ALL, THROUGH_ALL, Spent
from benchmarks.load import Measured
from benchmarks.offline import Pair
from benchmarks.registers import ONE

ALONE: Mapping[str, tuple[str, str, float]] = {
    "load": ("load of the bundled registers, with revisions", "the same rows by sqlite3, one transaction", 0.2),
    "export": ("all citations as JSON Lines", "sqlite3 and json.dumps of the same rows", 0.4),
    "start": ("start to the first answer", "the imports of fastapi and sqlmodel", 1.6),
}


def report(
    others: Mapping[str, Mapping[str, Measured]],
    alone: Mapping[str, Pair],
    growth: Mapping[str, Mapping[str, Spent]],
    how: str,
) -> str:
    """Everything that was measured; what was not is left out."""
    load = os.getloadavg()[1]
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.python_implementation()} {platform.python_version()}, "
        f"{os.cpu_count()} processors, SQLite, 10,000 promises; {how}. The machine's load was {load:.1f}.",
        "",
        *(_beside(others) if others else ()),
        *(_alone(alone) if alone else ()),
        *(_growth(growth) if growth else ()),
    ]
    return "\n".join(lines)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = list(head)
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(['---', *['---:'] * (len(head) - 1)])}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _milliseconds(number: float) -> str:
    """With as many places as tell something: what is ready takes hundredths."""
    return f"{number:.3f}" if number < 0.1 else f"{number:.2f}"


def _beside(others: Mapping[str, Mapping[str, Measured]]) -> Iterator[str]:
    rows = []
    for case in CASES:
        found = others[case.name]
        own = found[case.own]
        for name in list(case.paths)[1:]:
            other = found[name]
            goal = f"{case.goals[name]:g} ×" if name in case.goals else ""
            rows.append(
                (
                    f"{case.name}, against {name}",
                    f"{own.per_second:,.0f}",
                    f"{other.per_second:,.0f}",
                    f"{own.per_second / other.per_second:.2f} ×",
                    _milliseconds(own.cpu),
                    _milliseconds(other.cpu),
                    f"{other.cpu / own.cpu:.2f} ×",
                    goal,
                )
            )
    yield "Requests a second, and milliseconds of processor time a request:"
    yield ""
    head = ("case", "ours /s", "theirs /s", "ratio", "ours ms", "theirs ms", "ratio by CPU", "goal")
    yield from _table(head, rows)


def _alone(alone: Mapping[str, Pair]) -> Iterator[str]:
    rows = []
    for key, (own, other) in alone.items():
        name, against, goal = ALONE[key]
        ratio = own / other if key == "start" else other / own
        rows.append((f"{name}, against {against}", f"{own:.2f}", f"{other:.2f}", f"{ratio:.2f} ×", f"{goal:g} ×"))
    yield "Seconds (of processor time; of the clock for the start, where the goal is a ratio at most):"
    yield ""
    yield from _table(("case", "ours", "theirs", "ratio", "goal"), rows)


def _growth(growth: Mapping[str, Mapping[str, Spent]]) -> Iterator[str]:
    sizes = [size for size in growth if size != ONE]
    names = dict.fromkeys(name for size in sizes for name in growth[size])
    last = growth[sizes[-1]]
    base = growth["10000"] if "10000" in sizes else growth[sizes[0]]
    rows = []
    for name in names:
        cells = [f"{growth[size][name].milliseconds:.1f}" if name in growth[size] else "" for size in sizes]
        both = name in last and name in base
        ratio = f"{last[name].milliseconds / base[name].milliseconds:.2f} ×" if both else ""
        goal = f"{LOOKS_THROUGH_ALL:,.0f} ms" if name in THROUGH_ALL else f"{GROWS_AT_MOST:g} ×"
        rows.append((name, *cells, ratio, goal))
    yield "Growth: milliseconds of processor time a request, in process, by the number of promises:"
    yield ""
    yield from _table(("request", *(f"{int(size):,}" for size in sizes), "last to 10,000", "goal"), rows)
    if ONE in growth:
        yield "One partnership with 10,000 promises:"
        yield ""
        parts = (
            (name, f"{each.milliseconds:,.0f}", f"{each.size / 1024:,.0f}", str(each.status))
            for name, each in growth[ONE].items()
        )
        yield from _table(("view", "ms", "KiB", "status"), parts)
