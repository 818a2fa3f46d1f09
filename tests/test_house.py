"""How the code stands: no module is in a circle of imports, and the formatter has the last word on form."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
FORMATTED = ("app", "benchmarks", "migrations", "tests")


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("app", cache_dir=None)


def circles() -> Iterator[list[str]]:
    """The groups of modules of which each leads to each other, by imports for types as well (Tarjan's algorithm)."""
    graph = _graph()
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []

    def visit(module: str) -> Iterator[list[str]]:
        number[module] = lowest[module] = len(number)
        path.append(module)
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if imported not in number:
                yield from visit(imported)
                lowest[module] = min(lowest[module], lowest[imported])
            elif imported in path:
                lowest[module] = min(lowest[module], number[imported])
        if lowest[module] == number[module]:
            start = path.index(module)
            found = path[start:]
            del path[start:]
            if len(found) > 1:
                yield sorted(found)

    for module in sorted(graph.modules):
        if module not in number:
            yield from visit(module)


def test_no_module_is_in_a_circle() -> None:
    assert list(circles()) == []


def test_code_is_in_the_form_of_the_formatter_as_it_comes() -> None:
    mark = "fmt: " + "skip"
    found = [
        str(file.relative_to(ROOT))
        for folder in FORMATTED
        for file in (ROOT / folder).rglob("*.py")
        if ".venv" not in file.parts and mark in file.read_text(encoding="utf-8")
    ]
    assert found == []
