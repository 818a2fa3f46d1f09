"""Bundles as the records that they hold: what tests load, and what they look at."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.core.importing import Item, Items, Mode, import_records
from app.core.storage.database import Database
from app.formats.bundle.reading import Kind
from app.operations.bundle import EDITORS, dumped, opened_bundles
from app.resources import CATALOGUE

Records = dict[str, list[Any]]
"""The records of a bundle, by resource."""


class Refused(Exception):
    """A record that cannot be loaded: says which, and why."""


@dataclass
class Loaded:
    """How many records of each resource loading has created, changed and left as they were."""

    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)


def records_of(paths: Sequence[Path]) -> Records:
    """The records of some files, as one bundle."""
    found: Records = {}
    with ExitStack() as until:
        for item in opened_bundles(paths, CATALOGUE, until).every:
            found.setdefault(item.resource.name, []).append(item.fields)
    return found


def load(database: Database, records: Mapping[str, Sequence[Any]]) -> Loaded:
    """Load records, all or nothing. Raises Refused."""
    items = [
        Item(CATALOGUE.by_name[name], each if isinstance(each, dict) else {})
        for name, several in records.items()
        for each in several
    ]
    plan = import_records(database, CATALOGUE, EDITORS, Items(items, whole=True), mode=Mode.upsert, today=None)
    if plan.refused:
        raise Refused(plan.refused[0].described)
    loaded = Loaded()
    for entry in plan.entries:
        counted: dict[str, int] = getattr(loaded, entry.outcome.value)
        counted[entry.resource] = counted.get(entry.resource, 0) + 1
    return loaded


def dump(database: Database, *, drafts: bool = False, with_stamps: bool = True) -> str:
    """The register as a bundle in YAML."""
    pieces = dumped(database, CATALOGUE, Kind.yaml, drafts=drafts, with_stamps=with_stamps)
    return b"".join(pieces).decode()
