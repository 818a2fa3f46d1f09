"""Importing: many records at once, planned one by one, and carried out all together or not at all.

Whatever they were read from (a bundle, a table, a reference manager's file), they come as items: see ``items``. The
importer takes them to a plan, and the plan is what a client is told.
"""

from app.core.importing.importer import Mode
from app.core.importing.items import Head, Item, Items, Place, Unreadable
from app.core.importing.plan import Entry, FieldChange, Outcome, Plan, Refusal
from app.core.importing.run import Abandoned, import_records

__all__ = [
    "Abandoned",
    "Entry",
    "FieldChange",
    "Head",
    "Item",
    "Items",
    "Mode",
    "Outcome",
    "Place",
    "Plan",
    "Refusal",
    "Unreadable",
    "import_records",
]
