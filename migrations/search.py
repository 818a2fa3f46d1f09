"""Full text: one index for all resources, FTS5 on SQLite and a generated tsvector with GIN on PostgreSQL.

Alembic knows neither, so both are written by hand.
"""

from alembic import op

FTS5 = (
    "CREATE VIRTUAL TABLE search_index USING fts5(label, summary, body, content='search_document', "
    "content_rowid='number', tokenize='unicode61', prefix='2 3', detail=column, columnsize=0)",
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

WORDS = "CREATE VIRTUAL TABLE search_index_word USING fts5vocab(search_index, instance)"
"""Shows the words of the index in their order; it has nothing of its own."""

VECTOR = (
    "ALTER TABLE search_document ADD COLUMN vector tsvector GENERATED ALWAYS AS ("
    "setweight(to_tsvector('simple', label), 'A') || setweight(to_tsvector('simple', summary), 'B') || "
    "setweight(to_tsvector('simple', body), 'C')) STORED",
    "CREATE INDEX ix_search_document_vector ON search_document USING gin (vector)",
)


def make() -> None:
    """Make the index over the table of search documents."""
    for statement in (*FTS5, WORDS) if op.get_bind().dialect.name == "sqlite" else VECTOR:
        op.execute(statement)


def drop() -> None:
    """Take the index away; what stands on the table goes with the table."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index_word")
        op.execute("DROP TABLE search_index")
