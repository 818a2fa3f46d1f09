"""API keys, of whose secrets only digests are kept."""

import sqlalchemy as sa
from alembic import op

from migrations.shapes import INSTANT, WORD, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "api_key",
        sa.Column("id", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("digest", text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("revoked_by", text(), nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    op.create_index("ix_api_key_created_at", "api_key", ["created_at"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("api_key")
