"""Full text: one index for all resources, which FTS5 and PostgreSQL search alike.

What is indexed is folded text (``app.core.text.fold``), so both databases see the same words. Their own relevance
measures differ; ours is a whole number that both can count: a word found in the label of a record counts 4, in its
summary 2, elsewhere 1.
"""

import re
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.relations import table_of
from app.core.text import fold
from app.errors import BadQuery

WORDS_MOST = 12
_WEIGHTS = {"label": 4, "summary": 2, "body": 1}
_POSTGRES_LETTER = {"label": "A", "summary": "B", "body": "C"}


class SearchDocument(SQLModel, table=True):
    """The folded text of a record, as it is now."""

    __tablename__ = "search_document"

    number: int | None = Field(default=None, primary_key=True, description="The row of the FTS5 index.")
    record_id: UUID = Field(unique=True)
    resource: str = Field(index=True)
    label: str
    summary: str
    body: str


documents = table_of(SearchDocument)
_fts5 = sa.table("search_index", sa.column("rowid", sa.Integer), sa.column("search_index", sa.String))
_vector: sa.ColumnClause[str] = sa.column("vector", _selectable=documents)


def phrases(q: str) -> list[list[str]]:
    """The words to look for; those inside double quotes stay together as one phrase."""
    found: list[list[str]] = []
    for quoted, loose in re.findall(r'"([^"]*)"|([^"]+)', q):
        if quoted:
            found.append(fold(quoted).split())
        else:
            found.extend([word] for word in fold(loose).split())
    kept = [words for words in found if words]
    if not kept:
        raise BadQuery(
            "q: It has no word to look for.",
            errors=[{"parameter": "q", "detail": "It has no word to look for."}],
        )
    if sum(map(len, kept)) > WORDS_MOST:
        detail = f"It may have at most {WORDS_MOST} words."
        raise BadQuery(f"q: {detail}", errors=[{"parameter": "q", "detail": detail}])
    return kept


def _fts5_match(words: list[str], columns: str = "") -> str:
    """A phrase in FTS5's grammar; the last word may go on."""
    return f'{columns}"{" ".join(words)}" *'


def _postgres_match(words: list[str], letters: str = "ABC") -> str:
    """A phrase in the grammar of to_tsquery; the last word may go on.

    The words of a phrase must all have the same letter: a phrase does not run on from the label into the summary.
    """
    either = []
    for letter in letters if len(words) > 1 else [letters]:
        quoted = [f"'{word}':{letter}" for word in words[:-1]]
        either.append(" <-> ".join([*quoted, f"'{words[-1]}':*{letter}"]))
    return f"({' | '.join(either)})"


def matching(dialect: str, q: str) -> sa.ColumnElement[bool]:
    """The condition on a search document under which it has every phrase."""
    asked = phrases(q)
    if dialect == "sqlite":
        text = " AND ".join(_fts5_match(words) for words in asked)
        return documents.c.number.in_(sa.select(_fts5.c.rowid).where(_fts5.c.search_index.op("MATCH")(text)))
    query = sa.func.to_tsquery("simple", " & ".join(_postgres_match(words) for words in asked))
    return _vector.op("@@")(query)


def relevance(dialect: str, q: str) -> sa.ColumnElement[int]:
    """How well a search document answers: a whole number, the same on both databases."""
    score: sa.ColumnElement[int] = sa.literal(0, sa.Integer)
    for words in phrases(q):
        for column, weight in _WEIGHTS.items():
            if dialect == "sqlite":
                text = _fts5_match(words, f"{column} : ")
                hits = sa.select(_fts5.c.rowid).where(_fts5.c.search_index.op("MATCH")(text))
                found = documents.c.number.in_(hits)
            else:
                query = sa.func.to_tsquery("simple", _postgres_match(words, _POSTGRES_LETTER[column]))
                found = _vector.op("@@")(query)
            score = score + sa.case((found, weight), else_=0)
    return score
