"""The register: its resources, their history, and what it knows of itself.

Each table of records, and each that links them, has a twin of the same columns that keeps every version.
"""

import sqlalchemy as sa
from alembic import op

from migrations.shapes import INSTANT, WORD, Columns, drop, make_link, make_record, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


RECORDS: dict[str, tuple[Columns, dict[str, str]]] = {
    "source": (
        [
            ("type", WORD, False),
            ("title", text(), False),
            ("authors", sa.JSON(), False),
            ("publisher", text(), True),
            ("container_title", text(), True),
            ("issued", text(), True),
            ("url", text(), True),
            ("doi", text(250), True),
            ("language", text(), True),
            ("accessed_on", sa.Date(), True),
            ("archive_url", text(), True),
            ("license", text(), True),
            ("independence", WORD, True),
            ("link_status", WORD, False),
            ("link_checked_at", INSTANT, True),
        ],
        {},
    ),
    "partnership": (
        [
            ("name", text(), False),
            ("summary", text(), True),
            ("description", text(), True),
            ("parties", sa.JSON(), False),
            ("label", text(), True),
            ("established_on", sa.Date(), True),
        ],
        {},
    ),
    "theme": (
        [("name", text(), False), ("description", text(), True), ("parent_id", sa.Uuid(), True)],
        {"parent_id": "theme"},
    ),
    "stakeholder": (
        [
            ("name", text(), False),
            ("other_names", sa.JSON(), False),
            ("kind", WORD, False),
            ("country", text(), True),
            ("url", text(), True),
            ("description", text(), True),
            ("identifiers", sa.JSON(), False),
            ("parent_id", sa.Uuid(), True),
        ],
        {"parent_id": "stakeholder"},
    ),
    "challenge": (
        [
            ("title", text(), False),
            ("summary", text(), True),
            ("description", text(), True),
            ("severity", WORD, False),
            ("status", WORD, False),
            ("identified_on", sa.Date(), True),
            ("partnership_id", sa.Uuid(), False),
        ],
        {"partnership_id": "partnership"},
    ),
    "recommendation": (
        [
            ("title", text(), False),
            ("summary", text(), True),
            ("description", text(), True),
            ("priority", WORD, False),
            ("horizon", WORD, True),
            ("status", WORD, False),
            ("partnership_id", sa.Uuid(), False),
        ],
        {"partnership_id": "partnership"},
    ),
    "citation": (
        [
            ("field", text(60), True),
            ("quote", sa.JSON(), True),
            ("locator", text(), True),
            ("intent", WORD, False),
            ("note", text(), True),
            ("subject_type", WORD, False),
            ("subject_id", sa.Uuid(), False),
            ("source_id", sa.Uuid(), False),
        ],
        {"source_id": "source"},
    ),
}
"""Each table's own columns, and which of them refer to which table."""

LINKS: dict[str, tuple[str, str, Columns]] = {
    "challenge_theme": ("challenge", "theme", []),
    "recommendation_theme": ("recommendation", "theme", []),
    "recommendation_challenge": ("recommendation", "challenge", []),
    "recommendation_participant": ("recommendation", "stakeholder", [("role", WORD, False)]),
}
"""Each linking table: the owner, the other side, and what more a link says."""


def upgrade() -> None:
    """Make the tables."""
    for name, (own, references) in RECORDS.items():
        indexed = [*references, *(["subject_id"] if name == "citation" else [])]
        make_record(name, own, references, {"link_status": "unchecked"} if name == "source" else None, indexed)
    for name, (owner, other, more) in LINKS.items():
        make_link(name, owner, other, more)
    counter = op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_change_counter"),
    )
    op.bulk_insert(counter, [{"id": 1, "seq": 0}])
    op.create_table(
        "revision",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resource", text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("state_before", WORD, nullable=True),
        sa.Column("actor", text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_revision"),
        sa.UniqueConstraint("record_id", "revision", name="uq_revision_record_id_revision"),
    )
    op.create_index("ix_revision_resource", "revision", ["resource"])
    op.create_index("ix_revision_at", "revision", ["at"])
    op.create_table(
        "setting",
        sa.Column("name", text(), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting"),
    )


def downgrade() -> None:
    """Take the tables away, those that refer to others first."""
    for name in ("setting", "revision", "change_counter"):
        op.drop_table(name)
    drop([*LINKS, *reversed(RECORDS)])
