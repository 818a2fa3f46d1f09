"""What a run has skipped, summed: a page of single tests would be read by nobody."""

from collections import Counter
from collections.abc import Iterable, Iterator

MAX_LINES = 5


def summary(reasons: Iterable[str]) -> list[str]:
    """At most five lines: the commonest reasons for which tests were skipped, each with how many there were."""
    counts = Counter(reason.removeprefix("Skipped: ").partition(",")[0].rstrip(".") for reason in reasons)
    if len(counts) <= MAX_LINES:
        return [_line(number, reason) for reason, number in counts.most_common()]
    first = counts.most_common(MAX_LINES - 1)
    others = counts.total() - sum(number for _, number in first)
    return [*(_line(number, reason) for reason, number in first), _line(others, "for other reasons (-rs names them)")]


def _line(number: int, reason: str) -> str:
    return f"{number} {'test' if number == 1 else 'tests'} skipped: {reason}"


def reasons_of(reports: Iterable[object]) -> Iterator[str]:
    """Why each of some tests was skipped."""
    for report in reports:
        place = getattr(report, "longrepr", None)
        yield str(place[2]) if isinstance(place, tuple) else "no reason is known"
