"""The column types of the register, for migrations to make.

They are written out here, not taken from the code, so that a migration stays what it was.
"""

from typing import Any

import sqlalchemy as sa

TERM = sa.String(40)
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite")


def text(length: int | None = None) -> Any:
    """Text that orders by code point on both databases."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
