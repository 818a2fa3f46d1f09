"""Indexes for what lists are filtered and sorted by, where there can be many records.

The index on the state goes: nearly every row has the same one, and a database that has no statistics yet takes it for
the most selective there is.

What orders a list differs: PostgreSQL takes an index on the first field and sorts the ties, but needs a second one
where unset values come last in a descending order; SQLite stops early only with an index on the whole of an order.

Without statistics SQLite takes every index for equally selective, and starts a query at all records of a status rather
than at those of one partnership. It gathers none by itself, so it is given those of a large register here, as its
documentation proposes for plans that are to stay what they are.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RECORDS = (
    "source", "partnership", "theme", "stakeholder", "challenge", "recommendation", "dialogue", "meeting", "indicator",
    "observation", "commitment", "milestone", "commitment_update", "citation",
)  # fmt: skip

INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "source": (("title",), ("issued",), ("type",), ("publisher",), ("independence",), ("url",), ("doi",)),
    "meeting": (("title",), ("held_on",), ("ordinal",), ("place",), ("status",)),
    "observation": (("party",), ("period_start",), ("period_end",), ("value",), ("status",), ("rank",)),
    "commitment": (
        ("title",), ("kind",), ("made_on",), ("due_on",), ("lifecycle",), ("completion",), ("verifiable",),
        ("potential",), ("baseline_value",), ("target_value",),
    ),
    "milestone": (("title",), ("due_on",), ("met_on",), ("status",)),
    "commitment_update": (
        ("commitment_id", "state", "occurred_on"), ("occurred_on", "recorded_on"), ("party",), ("score",),
    ),
    "citation": (
        ("field",), ("locator",), ("intent",), ("subject_type",), ("subject_id", "subject_type", "source_id"),
    ),
}  # fmt: skip

GONE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("commitment_update", ("commitment_id", "occurred_on")),
    ("citation", ("subject_id",)),
)
"""Others take their place."""

NULLABLE_ORDERS: tuple[tuple[str, str], ...] = (
    ("source", "issued"), ("meeting", "held_on"), ("commitment", "made_on"), ("commitment", "due_on"),
    ("commitment", "target_value"), ("milestone", "due_on"), ("milestone", "met_on"), ("commitment_update", "score"),
)  # fmt: skip
"""What PostgreSQL needs a second index for."""

ORDERS: dict[str, tuple[str, ...]] = {
    "commitment": (
        "made_on DESC, title, id", "made_on DESC, id", "made_on, id", "due_on, id", "due_on DESC, id",
        "title, id", "title DESC, id", "target_value, id", "target_value DESC, id",
    ),
    "milestone": (
        "due_on, title, id", "due_on, id", "due_on DESC, id", "met_on, id", "met_on DESC, id", "title, id",
        "title DESC, id",
    ),
    "commitment_update": (
        "occurred_on DESC, recorded_on DESC, id", "occurred_on, id", "occurred_on DESC, id", "recorded_on, id",
        "recorded_on DESC, id", "score, id", "score DESC, id",
    ),
    "observation": (
        "period_end DESC, slug", "period_end, id", "period_end DESC, id", "period_start, id", "period_start DESC, id",
        "value, id", "value DESC, id",
    ),
    "citation": (),
    "meeting": ("held_on DESC, title, id",),
    "source": ("issued DESC, title, id",),
}  # fmt: skip
"""The orders that SQLite walks through only where an index has all of it, each in its direction."""

EVERYWHERE = ("created_at, id", "created_at DESC, id", "updated_at, id", "updated_at DESC, id")

STATISTICS: dict[str, tuple[int, dict[str, str]]] = {
    "partnership": (40, {}),
    "theme": (40, {"parent_id": "5"}),
    "stakeholder": (1000, {"parent_id": "10"}),
    "source": (
        5000,
        {
            "title": "1", "issued": "3", "type": "500", "publisher": "50", "independence": "700", "url": "2",
            "doi": "2",
        },
    ),
    "challenge": (400, {"partnership_id": "10"}),
    "recommendation": (800, {"partnership_id": "20"}),
    "dialogue": (400, {"partnership_id": "10"}),
    "meeting": (
        2000, {"title": "2", "held_on": "2", "ordinal": "100", "place": "100", "status": "500", "dialogue_id": "10"},
    ),
    "indicator": (800, {"partnership_id": "20"}),
    "observation": (
        10000,
        {
            "party": "2000", "period_start": "300", "period_end": "300", "value": "2", "status": "2500",
            "rank": "3500", "indicator_id": "20", "source_id": "10",
        },
    ),
    "commitment": (
        10000,
        {
            "title": "2", "kind": "2000", "made_on": "3", "due_on": "4", "lifecycle": "1667", "completion": "1667",
            "verifiable": "3334", "potential": "2500", "baseline_value": "100", "target_value": "100",
            "partnership_id": "250", "made_at_id": "6", "indicator_id": "26", "supersedes_id": "6",
        },
    ),
    "milestone": (40000, {"title": "2", "due_on": "7", "met_on": "20", "status": "10000", "commitment_id": "4"}),
    "commitment_update": (
        60000,
        {
            "commitment_id_state_occurred_on": "6 5 1", "occurred_on_recorded_on": "11 2", "recorded_on": "11",
            "party": "5455", "score": "15000", "milestone_id": "6", "reported_by_id": "299",
        },
    ),
    "citation": (
        100000,
        {
            "field": "5000", "locator": "50", "intent": "20000", "subject_type": "8000",
            "subject_id_subject_type_source_id": "2 2 1", "source_id": "20",
        },
    ),
    "challenge_theme": (800, {"theme_id": "40"}),
    "recommendation_theme": (1600, {"theme_id": "80"}),
    "recommendation_challenge": (827, {"challenge_id": "3"}),
    "recommendation_participant": (1600, {"stakeholder_id": "8"}),
    "commitment_theme": (15000, {"theme_id": "1255"}),
    "commitment_recommendation": (10000, {"recommendation_id": "13"}),
    "commitment_participant": (20000, {"stakeholder_id": "102"}),
    "search_document": (200000, {"resource": "16000"}),
}  # fmt: skip
"""Rows of each table, and rows that one key of each of its indexes stands for."""


def _give_statistics(connection: sa.Connection) -> None:
    # The table of statistics cannot be made by hand.
    connection.execute(sa.text("ANALYZE"))
    connection.execute(sa.text("DELETE FROM sqlite_stat1"))
    rows = [
        {"tbl": table, "idx": f"ix_{table}_{columns}", "stat": f"{size} {each}"}
        for table, (size, indexes) in STATISTICS.items()
        for columns, each in {"created_at": "1", **indexes}.items()
        if table in RECORDS or columns != "created_at"
    ]
    connection.execute(sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)"), rows)
    # Connections read them when they open, and this one when it is told to.
    connection.execute(sa.text("ANALYZE sqlite_schema"))


def _name(table: str, columns: tuple[str, ...]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def _orders() -> Iterator[tuple[str, str]]:
    """The name of each of SQLite's orders, and what it is on."""
    for table, orders in ORDERS.items():
        for order in (*orders, *EVERYWHERE):
            yield f"order_{table}_{order.lower().replace(', ', '_').replace(' ', '_')}", f"{table} ({order})"


def upgrade() -> None:
    """Make the indexes."""
    for table in RECORDS:
        op.drop_index(f"ix_{table}_state", table)
    for table, every in INDEXES.items():
        for columns in every:
            op.create_index(_name(table, columns), table, list(columns))
    for table, gone in GONE:
        op.drop_index(_name(table, gone), table)
    if op.get_bind().dialect.name == "postgresql":
        for table, column in NULLABLE_ORDERS:
            op.execute(f"CREATE INDEX order_{table}_{column} ON {table} ({column} DESC NULLS LAST)")
    else:
        for name, on in _orders():
            op.execute(f"CREATE INDEX {name} ON {on}")
        _give_statistics(op.get_bind())


def downgrade() -> None:
    """Go back to those there were."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column in NULLABLE_ORDERS:
            op.execute(f"DROP INDEX order_{table}_{column}")
    else:
        op.execute("DELETE FROM sqlite_stat1")
        for name, _ in _orders():
            op.execute(f"DROP INDEX {name}")
    for table, gone in GONE:
        op.create_index(_name(table, gone), table, list(gone))
    for table, every in INDEXES.items():
        for columns in every:
            op.drop_index(_name(table, columns), table)
    for table in RECORDS:
        op.create_index(f"ix_{table}_state", table, ["state"])
