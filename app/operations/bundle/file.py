"""Bundles in files."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.core.importing import Item, Items, Unreadable
from app.core.resource import Catalogue
from app.formats.bundle import FORMAT, HEAD, yaml_text
from app.formats.bundle.reading import Kind, read_bundle
from app.operations.bundle.titles import Titles, titles_beside, with_titles

_NO_LIMIT = 2**63


class BundleError(Exception):
    """A bundle that cannot be loaded: says where, and why."""


def kind_of(path: Path) -> Kind:
    """What a file is, by its ending: YAML where that says nothing."""
    return {".jsonl": Kind.jsonl, ".ndjson": Kind.jsonl, ".zip": Kind.zip}.get(path.suffix.lower(), Kind.yaml)


def opened_bundles(paths: Sequence[Path], catalogue: Catalogue, until: ExitStack) -> Items:
    """Several files as one bundle: each may refer to those before it. Raises OSError."""
    parts: list[Items] = []
    for path in paths:
        file = until.enter_context(path.open("rb"))
        parts.append(read_bundle(file, kind_of(path), catalogue, max_unpacked=_NO_LIMIT))

    def every() -> Iterator[Item]:
        for path, part in zip(paths, parts, strict=True):
            try:
                titles = titles_beside(path)
                yield from (_translated(item, titles) for item in part.every)
            except Unreadable as problem:
                problem.file = f"{path.name}/{problem.file}" if problem.file else path.name
                raise
            items.head = part.head

    items = Items(every(), whole=True)
    return items


def _translated(item: Item, titles: Titles) -> Item:
    return replace(item, fields=with_titles(item.resource.name, item.fields, titles))


def read_all(paths: Sequence[Path]) -> dict[str, Any]:
    """The content of several files as one bundle: the records of each come after those of the files before it."""
    content: dict[str, Any] = {}
    for path in paths:
        for name, value in read(path).items():
            before = content.get(name)
            if name in HEAD:
                content.setdefault(name, value)
            elif isinstance(before, list) and isinstance(value, list):
                content[name] = [*before, *value]
            else:
                content[name] = value
    return content


def read(path: Path) -> dict[str, Any]:
    """The content of a YAML file; raises BundleError where it is no bundle."""
    try:
        with path.open("rb") as file:
            content = {key: value for key, _, value in yaml_text.read(file, ())}
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}") from None
    except Unreadable as problem:
        raise BundleError(f"{path}: line {problem.row or 1}: {problem.detail}") from None
    if content.get("format") != FORMAT:
        raise BundleError(f"{path} is not a bundle: its first line must be `format: {FORMAT}`")
    titles = titles_beside(path)
    for name, records in content.items():
        if isinstance(records, list):
            content[name] = [with_titles(name, each, titles) if isinstance(each, dict) else each for each in records]
    return content
