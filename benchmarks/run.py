"""Measures the register beside others, and how it grows: ``make bench``.

    python -m benchmarks.run [--quick] [--folder FOLDER] [--sizes 1000,10000,100000] [--write FILE]

Everybody answers for the same rows, from one process each. In every round each contestant has its turn with a case, so
that what else the machine does falls on all alike; what counts is the median of the rounds. Beside requests a second
stands the processor time that each took, which says the same on a busy machine and on an idle one.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.settings import Settings
from benchmarks import offline
from benchmarks.cases import CASES, HOT_PATHS, Case, request_of
from benchmarks.growth import PARTNERSHIP, Spent, grown
from benchmarks.load import HAS_WRK, Measured, measure, warm
from benchmarks.registers import ONE, stored
from benchmarks.report import report
from benchmarks.servers import HOT, TUTORIAL, Running, all_on

MAIN = "10000"


@dataclass(frozen=True)
class Plan:
    """How long it may take."""

    rounds: int
    seconds: float
    sizes: tuple[str, ...]


QUICK = Plan(rounds=3, seconds=2, sizes=("1000", "10000"))
WHOLE = Plan(rounds=5, seconds=3, sizes=("1000", "10000", "100000"))


def beside_others(settings: Settings, plan: Plan) -> dict[str, dict[str, Measured]]:
    """Every case, by its name and its contestants."""
    temporary = tempfile.TemporaryDirectory(prefix="followthrough-bench-")
    with temporary as folder, all_on(settings, Path(folder), HOT_PATHS) as servers:
        known = _known(servers)
        return {case.name: _median(case, servers, known, plan) for case in CASES}


def _known(servers: Mapping[str, Running]) -> dict[str, object]:
    record = httpx.get(servers[HOT].url + HOT_PATHS["record"], headers={"Accept-Encoding": ""}, trust_env=False)
    ids = httpx.get(f"{servers[TUTORIAL].url}/ids", trust_env=False).json()
    return {"tag": record.headers["etag"], **ids}


def _median(case: Case, servers: Mapping[str, Running], known: Mapping[str, object], plan: Plan) -> dict[str, Measured]:
    found: dict[str, list[Measured]] = {}
    _say(case.name)
    for turn in range(plan.rounds + 1):
        for name in case.paths:
            request = request_of(case, name, servers[name], known)
            if not turn:
                warm(request)
                continue
            found.setdefault(name, []).append(measure(servers[name].process, request, plan.seconds))
    return {
        name: Measured(
            statistics.median(each.per_second for each in all_), statistics.median(each.cpu for each in all_)
        )
        for name, all_ in found.items()
    }


def without_load(settings: Settings, plan: Plan) -> dict[str, offline.Pair]:
    """What is measured without load, by name: ours, and the other's."""
    with tempfile.TemporaryDirectory(prefix="followthrough-bench-") as folder:
        found: dict[str, list[offline.Pair]] = {}
        for turn in range(max(1, plan.rounds // 2)):
            _say(f"loading, exporting, starting ({turn + 1})")
            found.setdefault("load", []).append(offline.loading(Path(folder) / str(turn)))
            found.setdefault("export", []).append(offline.exporting(settings))
            found.setdefault("start", []).append(offline.starting(settings))
    return {
        name: (statistics.median(each[0] for each in pairs), statistics.median(each[1] for each in pairs))
        for name, pairs in found.items()
    }


def growth(folder: Path, plan: Plan) -> dict[str, dict[str, Spent]]:
    """The times of each request, by the size of the register; and those of a partnership with 10,000 promises."""
    registers = {}
    for size in (*plan.sizes, ONE):
        _say(f"a register: {size}")
        registers[size] = stored(folder, size)
    in_one = {ONE: registers.pop(ONE)}
    _say("growth")
    found = grown(registers, plan.rounds)
    _say("one partnership with 10,000 promises")
    return found | grown(in_one, plan.rounds, PARTNERSHIP)


def _say(line: str) -> None:
    sys.stderr.write(f"… {line}\n")
    sys.stderr.flush()


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few short rounds, and registers of 10,000 at most")
    parser.add_argument("--folder", type=Path, help="where registers are kept for the next run; otherwise none is")
    parser.add_argument("--sizes", help="the sizes at which growth is measured, such as 10000,1000000")
    parser.add_argument("--only", choices=("others", "alone", "growth"), help="measure one part, and write nothing")
    parser.add_argument(
        "--write", type=Path, default=Path("docs/performance.md"), help="the page whose tables to renew"
    )
    asked = parser.parse_args()
    plan = QUICK if asked.quick else WHOLE
    if asked.sizes:
        plan = Plan(plan.rounds, plan.seconds, tuple(asked.sizes.split(",")))
    with tempfile.TemporaryDirectory(prefix="followthrough-bench-") as temporary:
        folder = asked.folder or Path(temporary)
        settings = stored(folder, MAIN)
        text = report(
            beside_others(settings, plan) if asked.only in (None, "others") else {},
            without_load(settings, plan) if asked.only in (None, "alone") else {},
            growth(folder, plan) if asked.only in (None, "growth") else {},
            how=f"{'wrk' if HAS_WRK else 'a client in Python'}, {plan.rounds} rounds of {plan.seconds:g} s",
        )
    sys.stdout.write(text)
    if asked.only is None:
        _renew(asked.write, text)


BEGIN, END = "<!-- tables: written by make bench -->\n", "<!-- end of the tables -->\n"


def _renew(page: Path, text: str) -> None:
    """Put the tables into their place in a page."""
    before = page.read_text(encoding="utf-8") if page.exists() else f"# Performance\n\n{BEGIN}{END}"
    head, _, rest = before.partition(BEGIN)
    page.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
