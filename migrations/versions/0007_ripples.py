"""Numbers for records that read differently because of a change of another one."""

import sqlalchemy as sa
from alembic import op

from migrations.shapes import INSTANT, text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ripple",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("resource", text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ripple"),
    )


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("ripple")
