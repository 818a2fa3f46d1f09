"""Makes the baseline anew from the models: ``make baseline``, after a table or a column has changed.

While nothing is released there is one migration, the baseline. Its revision is a digest of what it makes, so a
database of an earlier day is known as such and refused. From the first release on the baseline stays as it is, and
each change of a table is a migration of its own.
"""

import hashlib
import re
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

import migrations.tables  # noqa: F401
from app.core.storage.column_types import Document, Id, Instant, Number, PartialDay, TermColumn, WholeNumber, YesOrNo

BASELINE = Path(__file__).parent / "versions" / "0001_register.py"

TEMPLATE = '''"""The register: its resources, their history, and what it knows of itself. Written by ``make baseline``.

Each table of records, and each that links them, has a twin of the same columns that keeps every version.
"""

import sqlalchemy as sa
from alembic import op

from migrations import orders, search
from migrations.columns import INSTANT, TERM, text

revision = "{revision}"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    {up}
    op.execute("INSERT INTO change_counter (id, seq) VALUES (1, 0)")
    search.make()
    orders.make()


def downgrade() -> None:
    """Take the tables away."""
    search.drop()
    {down}
'''


def render(kind: str, thing: Any, context: Any) -> str | Literal[False]:
    """A column type of the register as a migration writes it."""
    if kind != "type":
        return False
    if isinstance(thing, TermColumn):
        return "TERM"
    if isinstance(thing, Instant):
        return "INSTANT"
    if isinstance(thing, Id):
        return "sa.Uuid()"
    if isinstance(thing, PartialDay):
        return "text()"
    if isinstance(thing, Document):
        return "sa.JSON()"
    if isinstance(thing, WholeNumber | Number | YesOrNo):
        return f"sa.{thing.impl_instance!r}"
    if isinstance(thing, sa.String):
        return f"text({thing.length or ''})"
    return False


def baseline() -> str:
    """The migration that makes every table of the models."""
    with sa.create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": SQLModel.metadata})
        script = produce_migrations(context, SQLModel.metadata)
    up, down = (
        re.sub(r"\n *# ###.*|# ###.*\n *", "", render_python_code(ops, render_item=render, migration_context=context))
        for ops in (script.upgrade_ops, script.downgrade_ops)
        if ops is not None
    )
    by_hand = "".join((Path(__file__).parent / name).read_text() for name in ("search.py", "orders.py", "columns.py"))
    revision = f"0001_{hashlib.sha256((up + by_hand).encode()).hexdigest()[:12]}"
    return TEMPLATE.format(revision=revision, up=up, down=down)


def main() -> None:
    """Write the baseline."""
    BASELINE.write_text(baseline())


if __name__ == "__main__":
    main()
