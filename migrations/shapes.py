"""The shapes that tables of the register have, for migrations to make.

Types are written out here, not taken from the code, so that a migration stays what it was; this file may gain shapes
but never change one.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op


def text(length: int | None = None) -> Any:
    """Text that orders by code point on both databases."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


WORD = sa.String(40)
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(26), "sqlite")

Columns = list[tuple[str, Any, bool]]
"""Name, type, and whether it may be null."""

COMMON: Columns = [
    ("id", sa.Uuid(), False),
    ("slug", text(), False),
    ("state", WORD, False),
    ("revision", sa.Integer(), False),
    ("created_at", INSTANT, False),
    ("updated_at", INSTANT, False),
    ("created_by", text(), False),
]

INDEXED = ("state", "created_at", "updated_at")


def make_twin(name: str, columns: Columns, owner: str) -> None:
    """Make the table that keeps every version of another's rows."""
    past = f"{name}_past"
    op.create_table(
        past,
        *(sa.Column(each, type_, nullable=nullable) for each, type_, nullable in columns),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(f"ix_{past}_{owner}_since", past, [owner, "since"])
    if owner == "id":
        op.create_index(f"ix_{past}_slug", past, ["slug"])


def make_record(
    name: str,
    own: Columns,
    references: dict[str, str],
    defaults: dict[str, str] | None = None,
    indexed: Iterable[str] = (),
    *,
    state_indexed: bool = True,
) -> None:
    """Make a table of records and its twin: its own columns, and which of them refer to which table.

    Since 0005 the state has no index: new tables are made without.
    """
    columns = [*COMMON, *own]
    defaults = defaults or {}
    op.create_table(
        name,
        *(
            sa.Column(each, type_, nullable=nullable, server_default=defaults.get(each))
            for each, type_, nullable in columns
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("slug", name=f"uq_{name}_slug"),
        *(
            sa.ForeignKeyConstraint([each], [f"{target}.id"], name=f"fk_{name}_{each}")
            for each, target in references.items()
        ),
    )
    common = INDEXED if state_indexed else [each for each in INDEXED if each != "state"]
    for each in (*common, *indexed):
        op.create_index(f"ix_{name}_{each}", name, [each])
    make_twin(name, columns, "id")


def make_link(name: str, owner: str, other: str, more: Columns) -> None:
    """Make a linking table and its twin: the owner, the other side, and what more a link says."""
    ours, theirs = f"{owner}_id", f"{other}_id"
    columns: Columns = [
        ("position", sa.Integer(), False),
        (ours, sa.Uuid(), False),
        (theirs, sa.Uuid(), False),
        *more,
    ]
    op.create_table(
        name,
        *(sa.Column(each, type_, nullable=nullable) for each, type_, nullable in columns),
        sa.PrimaryKeyConstraint(ours, theirs, *(each[0] for each in more), name=f"pk_{name}"),
        sa.ForeignKeyConstraint([ours], [f"{owner}.id"], name=f"fk_{name}_{ours}"),
        sa.ForeignKeyConstraint([theirs], [f"{other}.id"], name=f"fk_{name}_{theirs}"),
    )
    op.create_index(f"ix_{name}_{theirs}", name, [theirs])
    make_twin(name, columns, ours)


def drop(records: Iterable[str]) -> None:
    """Take tables away with their twins, in the order given."""
    for name in records:
        op.drop_table(f"{name}_past")
        op.drop_table(name)
