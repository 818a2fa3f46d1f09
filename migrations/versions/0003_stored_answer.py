"""Answers that are kept for whoever repeats a POST with the same Idempotency-Key."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def text() -> Any:
    return sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "stored_answer",
        sa.Column("actor", text(), nullable=False),
        sa.Column("key", text(), nullable=False),
        sa.Column("fingerprint", text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_stored_answer"),
    )
    op.create_index("ix_stored_answer_at", "stored_answer", ["at"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("stored_answer")
