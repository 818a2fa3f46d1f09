"""Indexes for what lists are filtered and sorted by, where there can be many records.

The index on the state goes: nearly every row has the same one, and a database that has no statistics yet takes it for
the most selective there is. PostgreSQL needs a second index where unset values come last in a descending order;
SQLite reads the one it has from its other end, and cannot have such an index.
"""

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

GONE = (("commitment_update", ("commitment_id", "occurred_on")), ("citation", ("subject_id",)))
"""Others take their place."""

FROM_THE_OTHER_END = (
    ("source", "issued"), ("meeting", "held_on"), ("commitment", "made_on"), ("commitment", "due_on"),
    ("commitment", "target_value"), ("milestone", "due_on"), ("milestone", "met_on"), ("commitment_update", "score"),
)  # fmt: skip


def _name(table: str, columns: tuple[str, ...]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def upgrade() -> None:
    """Make the indexes."""
    for table in RECORDS:
        op.drop_index(f"ix_{table}_state", table)
    for table, every in INDEXES.items():
        for columns in every:
            op.create_index(_name(table, columns), table, list(columns))
    for table, columns in GONE:
        op.drop_index(_name(table, columns), table)
    if op.get_bind().dialect.name == "postgresql":
        for table, column in FROM_THE_OTHER_END:
            op.execute(f"CREATE INDEX nulls_last_{table}_{column} ON {table} ({column} DESC NULLS LAST)")


def downgrade() -> None:
    """Go back to those there were."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column in FROM_THE_OTHER_END:
            op.drop_index(f"nulls_last_{table}_{column}", table)
    for table, columns in GONE:
        op.create_index(_name(table, columns), table, list(columns))
    for table, every in INDEXES.items():
        for columns in every:
            op.drop_index(_name(table, columns), table)
    for table in RECORDS:
        op.create_index(f"ix_{table}_state", table, ["state"])
