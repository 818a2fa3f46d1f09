"""Loading bundles: all or nothing, through the importer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.core.importing import Item, Items, Mode, Place, Plan, import_records
from app.core.importing.importer import Progress
from app.core.resource import Catalogue, Resource
from app.core.storage.database import Database
from app.core.visibility import Role, Viewer
from app.formats.bundle import HEAD
from app.operations.bundle.file import BundleError

EDITORS = Viewer(Role.admin, "bundle")


@dataclass
class Report:
    """What loading a bundle did, by resource."""

    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)

    def total(self, what: Mapping[str, int]) -> int:
        """The number over all resources."""
        return sum(what.values())

    @classmethod
    def of(cls, plan: Plan) -> "Report":
        """What a plan came to."""
        report = cls()
        for entry in plan.entries:
            counted: dict[str, int] = getattr(report, entry.outcome.value)
            counted[entry.resource] = counted.get(entry.resource, 0) + 1
        return report


def load(
    database: Database,
    catalogue: Catalogue,
    content: Mapping[str, Any],
    progress: Progress,
    today: date | None = None,
) -> Report:
    """Load a bundle, all or nothing. Raises BundleError that names the record that cannot be loaded."""
    items = Items(list(_items(catalogue, content)), whole=True)
    plan = import_records(database, catalogue, EDITORS, items, mode=Mode.upsert, today=today, progress=progress)
    if plan.refused:
        raise BundleError(plan.refused[0].described)
    return Report.of(plan)


def _items(catalogue: Catalogue, content: Mapping[str, Any]) -> Iterator[Item]:
    for name, records in content.items():
        if name in HEAD:
            continue
        if name not in catalogue.by_name:
            raise BundleError(f"there is no resource {name}; known are {', '.join(catalogue.by_name)}")
        if records is None:
            continue
        if not isinstance(records, list):
            raise BundleError(f"{name}: must be a list of records")
        yield from (_item(catalogue.by_name[name], record) for record in records)


def _item(resource: Resource, record: Any) -> Item:
    return Item(resource, record if isinstance(record, dict) else {}, Place())
