"""Indexes for the orders of lists, and SQLite's statistics: what Alembic cannot compare, written by hand.

What orders a list differs: PostgreSQL takes an index on the first field and sorts the ties, but needs a second one
where unset values come last in a descending order; SQLite stops early only with an index on the whole of an order.

Without statistics SQLite takes every index for equally selective, and starts a query at all records of a status rather
than at those of one partnership. It gathers none by itself, so it is given those of a register of a million promises
here, as its documentation proposes for plans that are to stay what they are. With those of a smaller one it would read
all of what a part of a large register refers to (``BLOOM FILTER``).
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

RECORDS = (
    "source",
    "partnership",
    "theme",
    "stakeholder",
    "challenge",
    "recommendation",
    "dialogue",
    "meeting",
    "indicator",
    "observation",
    "commitment",
    "milestone",
    "commitment_update",
    "citation",
)
"""The tables of records."""

NULLABLE_ORDERS: tuple[tuple[str, str], ...] = (
    ("source", "issued"),
    ("meeting", "held_on"),
    ("commitment", "made_on"),
    ("commitment", "due_on"),
    ("commitment", "target_value"),
    ("milestone", "due_on"),
    ("milestone", "met_on"),
    ("commitment_update", "score"),
)
"""What PostgreSQL needs a second index for."""

ORDERS: dict[str, tuple[str, ...]] = {
    "commitment": (
        "made_on DESC, title, id",
        "made_on DESC, id",
        "made_on, id",
        "due_on, id",
        "due_on DESC, id",
        "title, id",
        "title DESC, id",
        "target_value, id",
        "target_value DESC, id",
    ),
    "milestone": (
        "due_on, title, id",
        "due_on, id",
        "due_on DESC, id",
        "met_on, id",
        "met_on DESC, id",
        "title, id",
        "title DESC, id",
    ),
    "commitment_update": (
        "occurred_on DESC, recorded_on DESC, id",
        "occurred_on, id",
        "occurred_on DESC, id",
        "recorded_on, id",
        "recorded_on DESC, id",
        "score, id",
        "score DESC, id",
    ),
    "observation": (
        "period_end DESC, slug",
        "period_end, id",
        "period_end DESC, id",
        "period_start, id",
        "period_start DESC, id",
        "value, id",
        "value DESC, id",
    ),
    "citation": (),
    "meeting": ("held_on DESC, title, id",),
    "source": ("issued DESC, title, id",),
}
"""The orders that SQLite walks through only where an index has all of it, each in its direction."""

EVERYWHERE = ("created_at, id", "created_at DESC, id", "updated_at, id", "updated_at DESC, id")

STATISTICS: dict[str, tuple[int, dict[str, str]]] = {
    "partnership": (4000, {}),
    "theme": (40000, {"parent_id": "5"}),
    "stakeholder": (100000, {"parent_id": "10"}),
    "source": (
        500000,
        {
            "title": "1",
            "issued": "60",
            "state_type": "480000 50000",
            "publisher": "5000",
            "original_publisher": "50000",
            "state_independence": "480000 70000",
            "url": "2",
            "doi": "2",
        },
    ),
    "challenge": (40000, {"partnership_id": "10"}),
    "recommendation": (80000, {"partnership_id": "20"}),
    "dialogue": (40000, {"partnership_id": "10"}),
    "meeting": (
        200000,
        {
            "title": "2",
            "held_on": "25",
            "ordinal": "10000",
            "state_place": "192000 10000",
            "state_status": "192000 50000",
            "dialogue_id": "10",
        },
    ),
    "indicator": (80000, {"partnership_id": "20"}),
    "observation": (
        1000000,
        {
            "state_party": "960000 200000",
            "period_start": "30000",
            "period_end": "30000",
            "value": "2",
            "state_status": "960000 250000",
            "state_rank": "960000 350000",
            "indicator_id": "20",
            "source_id": "10",
        },
    ),
    "commitment": (
        1000000,
        {
            "title": "2",
            "state_kind": "960000 200000",
            "made_on": "130",
            "due_on": "80",
            "state_lifecycle": "960000 166700",
            "counted_by": "960000 166700 33400 5600 1900 700",
            "state_verifiable": "960000 333400",
            "state_potential": "960000 250000",
            "baseline_value": "10000",
            "target_value": "10000",
            "partnership_id": "250",
            "meeting_id": "6",
            "indicator_id": "26",
            "supersedes_id": "6",
        },
    ),
    "milestone": (
        4000000,
        {"title": "2", "due_on": "400", "met_on": "800", "state_status": "3840000 1000000", "commitment_id": "4"},
    ),
    "commitment_update": (
        6000000,
        {
            "commitment_id_state_occurred_on_id": "6 5 1 1",
            "occurred_on_recorded_on": "800 50",
            "recorded_on": "800",
            "state_party": "5760000 545500",
            "score": "1500000",
            "milestone_id": "6",
            "reported_by_id": "299",
        },
    ),
    "citation": (
        10000000,
        {
            "field": "500000",
            "locator": "5000",
            "state_intent": "9600000 2000000",
            "state_subject_type": "9600000 800000",
            "subject_id_subject_type_source_id_state_intent": "2 2 1 1 1",
            "source_id": "20",
        },
    ),
    "challenge_theme": (80000, {"theme_id": "40"}),
    "recommendation_theme": (160000, {"theme_id": "80"}),
    "recommendation_challenge": (82700, {"challenge_id": "3"}),
    "recommendation_participant": (160000, {"stakeholder_id": "8"}),
    "commitment_theme": (1500000, {"theme_id_commitment_id": "1255 1"}),
    "commitment_recommendation": (1000000, {"recommendation_id_commitment_id": "13 1"}),
    "commitment_participant": (2000000, {"stakeholder_id_commitment_id": "102 1"}),
    "search_document": (20000000, {"resource": "1600000"}),
}
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


def _orders() -> Iterator[tuple[str, str]]:
    """The name of each of SQLite's orders, and what it is on."""
    for table, orders in ORDERS.items():
        for order in (*orders, *EVERYWHERE):
            yield f"order_{table}_{order.lower().replace(', ', '_').replace(' ', '_')}", f"{table} ({order})"


def make() -> None:
    """Make the indexes, and give the statistics."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column in NULLABLE_ORDERS:
            op.execute(f"CREATE INDEX order_{table}_{column} ON {table} ({column} DESC NULLS LAST)")
    else:
        for name, on in _orders():
            op.execute(f"CREATE INDEX {name} ON {on}")
        _give_statistics(op.get_bind())
