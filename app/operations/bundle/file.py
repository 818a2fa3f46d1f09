"""Bundles in files."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from app.core.importing import Item, Items, Unreadable
from app.core.resource import Catalogue
from app.formats.bundle.reading import Kind, read_bundle
from app.operations.bundle.titles import Titles, titles_beside, with_titles

_NO_LIMIT = 2**63


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
