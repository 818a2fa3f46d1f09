"""In which order the files of a run are begun, so that its processes have work until its end.

A file stays in one process. What mostly waits (for a deadline, another program, a server that starts) is spread among
what works, so that seldom all processes wait at once; what has many tests begins early, and the run ends with small
files. pytest-xdist's own order, by the number of tests, left the files that wait, which have few, for the end.
"""

from collections import Counter
from collections.abc import Iterable

WAITING = (
    "fuzzing/",
    "clients/",
    "scale/",
    "server/",
    "operations/",
    "test_concurrency.py",
    "pages/test_browser.py",
)
"""Where tests mostly wait, the longest first: folders and files, from tests/ on."""

_BEGUN = 0.75
"""The part of a run in which they are begun."""


def places(files: Iterable[str]) -> dict[str, float]:
    """When each file is begun: 0 is at once, 1 at the end. A file is named once for each of its tests."""
    sizes = Counter(files)
    waiting = sorted((file for file in sizes if file.startswith(WAITING)), key=_longest_first)
    working = sorted(sizes.keys() - set(waiting), key=lambda file: (-sizes[file], file))
    found = {file: _BEGUN * number / len(waiting) for number, file in enumerate(waiting)}
    begun, tests = 0, sum(sizes[file] for file in working)
    for file in working:
        found[file] = begun / tests
        begun += sizes[file]
    return found


def _longest_first(file: str) -> tuple[int, str]:
    return next(number for number, each in enumerate(WAITING) if file.startswith(each)), file
