"""Full text: one index for all resources, FTS5 on SQLite and a generated tsvector with GIN on PostgreSQL.

What the register holds already is indexed here.
"""

import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEARCHED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "source": ("sources", "title", ("authors", "publisher", "container_title")),
    "partnership": ("partnerships", "name", ("summary", "description", "label")),
    "theme": ("themes", "name", ("description",)),
    "stakeholder": ("stakeholders", "name", ("other_names", "description")),
    "challenge": ("challenges", "title", ("summary", "description")),
    "recommendation": ("recommendations", "title", ("summary", "description")),
    "citation": ("citations", "slug", ("note", "locator")),
}
"""Each table with the name of its resource, the column that names a record, and the others that are searched."""

FTS5 = (
    "CREATE VIRTUAL TABLE search_index USING fts5(label, summary, body, content='search_document', "
    "content_rowid='number', tokenize='unicode61', prefix='2 3')",
    "CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN "
    "INSERT INTO search_index(rowid, label, summary, body) VALUES (new.number, new.label, new.summary, new.body); END",
    "CREATE TRIGGER search_document_removed AFTER DELETE ON search_document BEGIN "
    "INSERT INTO search_index(search_index, rowid, label, summary, body) "
    "VALUES ('delete', old.number, old.label, old.summary, old.body); END",
    "CREATE TRIGGER search_document_changed AFTER UPDATE ON search_document BEGIN "
    "INSERT INTO search_index(search_index, rowid, label, summary, body) "
    "VALUES ('delete', old.number, old.label, old.summary, old.body); "
    "INSERT INTO search_index(rowid, label, summary, body) VALUES (new.number, new.label, new.summary, new.body); END",
)

VECTOR = (
    "ALTER TABLE search_document ADD COLUMN vector tsvector GENERATED ALWAYS AS ("
    "setweight(to_tsvector('simple', label), 'A') || setweight(to_tsvector('simple', summary), 'B') || "
    "setweight(to_tsvector('simple', body), 'C')) STORED",
    "CREATE INDEX ix_search_document_vector ON search_document USING gin (vector)",
)


def fold(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, dict)):
        return " ".join(fold(each) for each in (value.values() if isinstance(value, dict) else value))
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", str(value)).casefold())
    kept = "".join(
        " " if category == "No" else character
        for character in decomposed
        if not (category := unicodedata.category(character)).startswith("M")
    )
    return " ".join(re.findall(r"[^\W_]{1,100}", unicodedata.normalize("NFKC", kept)))


def text() -> Any:
    return sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the index, and fill it."""
    documents = op.create_table(
        "search_document",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("resource", text(), nullable=False),
        sa.Column("label", text(), nullable=False),
        sa.Column("summary", text(), nullable=False),
        sa.Column("body", text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_search_document"),
        sa.UniqueConstraint("record_id", name="uq_search_document_record_id"),
    )
    op.create_index("ix_search_document_resource", "search_document", ["resource"])
    connection = op.get_bind()
    for statement in FTS5 if connection.dialect.name == "sqlite" else VECTOR:
        op.execute(statement)
    for name, (resource, label, others) in SEARCHED.items():
        lists = ("authors", "other_names")
        names = dict.fromkeys([label, *others])
        table = sa.table(
            name, sa.column("id", sa.Uuid()), sa.column("state"),
            *(sa.column(each, sa.JSON() if each in lists else sa.String()) for each in names),
        )  # fmt: skip
        for row in connection.execute(sa.select(table).where(table.c.state != "withdrawn")).mappings().all():
            named = "" if name == "citation" else fold(row[label])
            body = " ".join(filter(None, (fold(row[each]) for each in others if each != "summary")))
            summary = fold(row["summary"]) if "summary" in others else ""
            entry = {
                "record_id": row["id"],
                "resource": resource,
                "label": named,
                "summary": summary,
                "body": body,
            }
            connection.execute(sa.insert(documents).values(entry))


def downgrade() -> None:
    """Take the index away."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_document")
