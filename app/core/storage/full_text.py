"""Full text: one index for all resources, which FTS5 and PostgreSQL search alike.

What is indexed is folded text (``app.core.field_types.fold``), so both databases see the same words. Their own
relevance measures differ; ours is a whole number that both can count: a word found in the label of a record counts
4, in its summary 2, elsewhere 1. The index finds the documents, once; what is left to know of them (how relevant they
are, and on PostgreSQL whether the words of a phrase stand together) is read from their text.
"""

import re
from collections.abc import Hashable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.field_types import fold
from app.core.relations import table_of
from app.errors import BadQuery

MAX_WORDS = 12
_WEIGHTS = {"label": 4, "summary": 2, "body": 1}


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
    named = [words for words in found if words]
    if not named:
        raise BadQuery(
            "q: It has no word to look for.",
            errors=[{"parameter": "q", "detail": "It has no word to look for."}],
        )
    if sum(map(len, named)) > MAX_WORDS:
        detail = f"It may have at most {MAX_WORDS} words."
        raise BadQuery(f"q: {detail}", errors=[{"parameter": "q", "detail": detail}])
    return named


Phrases = Sequence[Sequence[str]]


def shape(found: Phrases) -> Hashable:
    """What a statement that looks for these phrases depends on, beside what is bound."""
    return tuple(len(words) > 1 for words in found)


def bound(dialect: str, found: Phrases, *, any_of: bool = False) -> dict[str, str]:
    """The parameters that :func:`hits` is bound to, by name."""
    texts = {_text_name(place): f" {' '.join(words)}" for place, words in enumerate(found)}
    match = _fts5_match if dialect == "sqlite" else _postgres_match
    return {"search_match": match(found, any_of=any_of), **texts}


def _text_name(place: int) -> str:
    return f"search_text_{place}"


def _fts5_match(found: Phrases, *, any_of: bool) -> str:
    """Phrases in FTS5's grammar; the last word of each may go on."""
    return (" OR " if any_of else " AND ").join(f'"{" ".join(words)}" *' for words in found)


def _postgres_match(found: Phrases, *, any_of: bool) -> str:
    """Words in the grammar of to_tsquery; the last of each phrase may go on.

    A tsvector forgets where a word stands after its first 256 places, so the index is not asked whether the words of a
    phrase stand together.
    """
    together = (" & ".join([*(f"'{word}'" for word in phrase[:-1]), f"'{phrase[-1]}':*"]) for phrase in found)
    return (" | " if any_of else " & ").join(f"({phrase})" for phrase in together)


def _has(dialect: str, column: sa.ColumnElement[str], place: int) -> sa.ColumnElement[bool]:
    """Whether a column has the phrase at a place; words are set apart by single spaces, and the last may go on."""
    find = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    text = sa.bindparam(_text_name(place), type_=sa.String())
    number: sa.ColumnElement[bool] = find(sa.literal(" ") + column, text, type_=sa.Integer) > 0
    return number


def hits(dialect: str, found: Phrases, *conditions: sa.ColumnElement[bool], any_of: bool = False) -> sa.CTE:
    """The documents that have every phrase: ``record_id``, ``resource`` and ``score``, a whole number.

    With ``any_of`` those that may have some of them, and ``matched``: how many each has.
    """
    match = sa.bindparam("search_match", type_=sa.String())
    limits = list(conditions)
    if dialect == "sqlite":
        matching = sa.select(_fts5.c.rowid).where(_fts5.c.search_index.op("MATCH")(match))
        limits.append(documents.c.number.in_(matching))
    else:
        limits.append(_vector.op("@@")(sa.func.to_tsquery(sa.literal_column("'simple'"), match)))
    score: sa.ColumnElement[Any] = sa.literal(0, sa.Integer)
    matched: sa.ColumnElement[Any] = sa.literal(0, sa.Integer)
    for place, words in enumerate(found):
        columns = {name: _has(dialect, documents.c[name], place) for name in _WEIGHTS}
        if any_of:
            matched = matched + sa.case((sa.or_(*columns.values()), 1), else_=0)
        elif dialect != "sqlite" and len(words) > 1:
            limits.append(sa.or_(*columns.values()))
        for name, weight in _WEIGHTS.items():
            score = score + sa.case((columns[name], weight), else_=0)
    chosen = sa.select(documents.c.record_id, documents.c.resource, score.label("score")).where(*limits)
    if any_of:
        chosen = chosen.add_columns(matched.label("matched"))
    return chosen.cte("hits").prefix_with("MATERIALIZED")
