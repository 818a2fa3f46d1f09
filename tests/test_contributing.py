"""CONTRIBUTING is true to the letter: the files and names that it sends its readers to are there."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = ("app", "tests", "migrations", "benchmarks")

IN_CODE = re.compile(r"`([^`\n]+)`")
A_FILE = re.compile(r"[\w./-]+\.(py|yaml|toml|json)|[\w.-]+(/[\w.-]+)*/")
A_NAME = re.compile(r"(?:(\w+)\.)?(_?[A-Za-z]\w*)(\(.*\))?|(\w+)=")
IN_A_FILE = re.compile(r"`(?:\w+\.)?(\w+)(?:\([^`]*\))?` (?:in|of)\s+`([\w/]+\.py)`")
INVENTED = {"hurdles", "app/resources/hurdles.py", "due_on__lt"}
"""What the example of a new resource makes up."""
OF_OTHERS = {"Depends", "Accept", "ETag", "PATCH", "Prefer"}
"""Names of the framework and of HTTP."""


@cache
def files() -> frozenset[str]:
    """The files and folders of the repository, as they are written in the text."""
    found = set()
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if not {".venv", "node_modules", "__pycache__"} & set(path.parts):
                found.add(f"{path.relative_to(ROOT).as_posix()}{'/' if path.is_dir() else ''}")
    return frozenset({*found, *(each.name for each in ROOT.iterdir())})


@cache
def owners_of_names() -> dict[str, set[str]]:
    """Every name that is defined, with the classes and modules that it is in."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in ("app", "tests/support"):
        for path in (ROOT / folder).rglob("*.py"):
            if not {".venv", "node_modules"} & set(path.parts):
                for owner, name in _defined(path.stem, ast.parse(path.read_text(encoding="utf-8"))):
                    found[name] |= {owner, path.stem}
    return found


def _defined(owner: str, node: ast.AST) -> Iterator[tuple[str, str]]:
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield owner, each.name
        if isinstance(each, ast.Name | ast.Attribute) and isinstance(each.ctx, ast.Store):
            yield owner, each.id if isinstance(each, ast.Name) else each.attr
        if isinstance(each, ast.arg):
            yield owner, each.arg
        yield from _defined(each.name if isinstance(each, ast.ClassDef) else owner, each)


def said() -> Iterator[str]:
    """What stands in the text as code, but for commands, addresses and values."""
    for piece in IN_CODE.findall(TEXT):
        if " " not in piece and not piece.startswith(("/", "FOLLOWTHROUGH_", "__", "*", ".")) and piece not in INVENTED:
            yield piece


FILES = sorted({each for each in said() if A_FILE.fullmatch(each)})
NAMES = sorted({each for each in said() if A_NAME.fullmatch(each)} - OF_OTHERS - {*FILES})


def test_the_files_that_it_names_are_there() -> None:
    assert len(FILES) > 40
    assert [each for each in FILES if not any(f"/{known}".endswith(f"/{each}") for known in files())] == []


def test_the_names_that_it_gives_are_defined() -> None:
    assert len(NAMES) > 40
    missing = []
    for name in NAMES:
        match = A_NAME.fullmatch(name)
        assert match is not None
        owners = owners_of_names()[match.group(2) or match.group(4)]
        if not owners or match.group(1) not in {None, *owners}:
            missing.append(name)
    assert missing == []


def test_a_name_is_in_the_file_that_it_is_said_to_be_in() -> None:
    pairs = IN_A_FILE.findall(TEXT)
    assert len(pairs) > 8
    assert [(name, file) for name, file in pairs if Path(file).stem not in owners_of_names()[name]] == []
