"""Full text: one index for all resources, which FTS5 and PostgreSQL search alike.

What is indexed is folded text (``app.core.field_types.fold``), so both databases see the same words. Their own
relevance measures differ; ours is a whole number that both can count: a word found in the label of a record counts
4, in its summary 2, elsewhere 1. The index finds the documents; what is left to know of them (how relevant they are,
and whether the words of a phrase stand together) is read from their text.
"""

import json
import re
from collections.abc import Hashable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.field_types import fold
from app.core.relations import table_of
from app.core.storage import shelves, sqlite
from app.core.storage.failures import Failure, failure_of
from app.core.storage.lookups import InThisOrder
from app.core.storage.shelves import Span, next_number
from app.errors import BadQuery

MAX_WORDS = 12
WEIGHTS = {"label": 4, "summary": 2, "body": 1}
"""What a phrase counts in each column: every set of columns comes to another sum."""
MAX_SCORE = sum(WEIGHTS.values())
"""What one phrase comes to at most."""


class SearchDocument(SQLModel, table=True):
    """The folded text of a record, as it is now."""

    __tablename__ = "search_document"

    number: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        description="The row of the FTS5 index; it says on which shelf the document stands.",
    )
    record_id: UUID = Field(unique=True)
    resource: str = Field(index=True)
    label: str
    summary: str
    body: str


documents = table_of(SearchDocument)
added = sa.insert(documents).values(number=next_number(documents.c.number, "shelf"))
"""What adds documents, each with the first number of its ``shelf`` beside its columns."""
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


def index_agrees(connection: sa.Connection) -> bool:
    """Whether the index says what the documents say; within a transaction that writes. PostgreSQL's always does."""
    if connection.dialect.name != "sqlite":
        return True
    try:
        connection.execute(sa.text("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)"))
    except sa.exc.DatabaseError as error:
        if failure_of(error) is not Failure.damaged:
            raise
        return False
    return True


def make_index_anew(connection: sa.Connection) -> None:
    """Make FTS5's index from the documents."""
    connection.execute(sa.text("INSERT INTO search_index(search_index) VALUES ('rebuild')"))


Phrases = Sequence[Sequence[str]]


def shape(found: Phrases) -> Hashable:
    """What a statement that looks for these phrases depends on, beside what is bound."""
    return tuple(len(words) > 1 for words in found)


def bound(dialect: str, found: Phrases, spans: Sequence[Span] = (), *, any_of: bool = False) -> dict[str, Any]:
    """The parameters that :func:`hits` is bound to, by name; its places are those of these spans."""
    texts = {_text_name(place): f" {' '.join(words)}" for place, words in enumerate(found)}
    match = (_fts5_match if dialect == "sqlite" else _postgres_match)(found, any_of=any_of)
    limits = {name: number for place, span in enumerate(spans) for name, number in zip(_ends(place), span, strict=True)}
    return {"search_match": match, "search_endings": _MAX_ENDINGS, **texts, **limits}


def _text_name(place: int) -> str:
    return f"search_text_{place}"


def _ends(place: int) -> tuple[str, str]:
    return f"search_from_{place}", f"search_to_{place}"


_MAX_ENDINGS = 30
"""A word that goes on in more ways is left to FTS5, which puts together all that it finds of them first."""

_FTS5_WORDS = """
SELECT group_concat(value ->> 0 || coalesce((
    WITH RECURSIVE found (term) AS (
        SELECT (SELECT term FROM search_index_word WHERE term >= value ->> 1 AND term < value ->> 2 LIMIT 1)
        WHERE length(value ->> 1) NOT IN (2, 3)
        UNION ALL
        SELECT (
            SELECT w.term FROM search_index_word AS w
            WHERE w.term >= found.term || char(1) AND w.term < value ->> 2 LIMIT 1
        )
        FROM found WHERE found.term IS NOT NULL LIMIT 2 + :search_endings
    )
    SELECT CASE WHEN count(*) BETWEEN 1 AND :search_endings THEN '("' || group_concat(term, '" OR "') || '")' END
    FROM found WHERE term IS NOT NULL
), '"' || (value ->> 1) || '" *'), '') || ')' AS match
FROM json_each(:search_match)
"""
"""What FTS5 is asked for. A word that may go on stands for the words of the index that begin so: what has a whole word
FTS5 reads only as far as it must. They are looked up one by the other: to go on from one would read all its places.
Beginnings of two and three letters the index has as if they were words (``migrations.search``).
"""


def _fts5_match(found: Phrases, *, any_of: bool) -> str:
    """The words of each phrase for :data:`_FTS5_WORDS`; the last of each may go on.

    A list of what stands before such a word in FTS5's grammar, the word, and what is beyond all that begin with it. The
    index does not know in what order words stand.
    """
    listed, between = [], ""
    for *whole, last in found:
        listed.append((f"{between}(" + "".join(f'"{word}" AND ' for word in whole), last, f"{last}\U0010ffff"))
        between = ") OR " if any_of else ") AND "
    return json.dumps(listed)


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


def score_of(dialect: str, found: Phrases) -> sa.ColumnElement[int]:
    """How relevant a document is."""
    score: sa.ColumnElement[int] = sa.literal(0, sa.Integer)
    for place in range(len(found)):
        for name, weight in WEIGHTS.items():
            score = score + sa.case((_has(dialect, documents.c[name], place), weight), else_=0)
    return score


def match_of(connection: sa.Connection, word: str) -> str:
    """What FTS5 is asked for, for one word."""
    statement = sa.text(_FTS5_WORDS)
    return str(connection.execute(statement, bound("sqlite", [[word]])).scalar_one())


def with_score(match: str, score: int, possible: int) -> str:
    """The same for the documents alone that have it in the columns that come to a score, of those that are possible."""
    if score == possible and score in WEIGHTS.values():
        return match
    wanted = [name for name, weight in WEIGHTS.items() if score & weight]
    others = " ".join(name for name, weight in WEIGHTS.items() if possible & ~score & weight)
    found = " AND ".join(f"{{{name}}} : {match}" for name in wanted)
    return f"({found}) NOT {{{others}}} : {match}" if others else found


_NUMBER = """
SELECT count(*) FROM (SELECT 1 FROM search_index WHERE search_index MATCH ? AND rowid BETWEEN ? AND ? LIMIT 0 + ?)
"""


def number_of(connection: sa.Connection, match: str, most: int, span: Span = shelves.ALL) -> int:
    """How many documents FTS5 finds, within a span; it stops counting at ``most``."""
    ((number,),) = sqlite.rows(connection, _NUMBER, (match, *span, most))
    return int(number)


def hits(dialect: str, found: Phrases, spans: int = 0, *, any_of: bool = False, most: int | None = None) -> sa.CTE:
    """The documents that have every phrase: ``record_id``, ``resource`` and ``score``, a whole number.

    They are those within so many spans; 0: all. With ``any_of`` those that may have some of the phrases, and
    ``matched``: how many each has. With ``most`` none, where there are more (SQLite only).
    """
    matched: sa.ColumnElement[Any] = sa.literal(0, sa.Integer)
    limits: list[sa.ColumnElement[bool]] = []
    for place, words in enumerate(found):
        somewhere = sa.or_(*(_has(dialect, documents.c[name], place) for name in WEIGHTS))
        if any_of:
            matched = matched + sa.case((somewhere, 1), else_=0)
        elif len(words) > 1:
            limits.append(somewhere)
    score = score_of(dialect, found)
    chosen = sa.select(documents.c.record_id, documents.c.resource, score.label("score"))
    if any_of:
        chosen = chosen.add_columns(matched.label("matched"))
    if dialect != "sqlite":
        return _by_vector(chosen.where(*limits), spans).cte("hits").prefix_with("MATERIALIZED")
    return by_fts5(chosen.where(*limits), spans, _asked(), most).cte("hits").prefix_with("MATERIALIZED")


def _asked() -> sa.ColumnElement[str]:
    asked = sa.text(_FTS5_WORDS).columns(sa.column("match", sa.String)).cte("asked").prefix_with("MATERIALIZED")
    return sa.select(asked.c.match).scalar_subquery()


def by_fts5(
    chosen: sa.Select[Any], spans: int, asked: sa.ColumnElement[str], most: int | None = None
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The documents chosen that FTS5 finds. Of each span it reads nothing else, which it would for one OR the other."""
    match = _fts5.c.search_index.op("MATCH")(asked)
    number = _fts5.c.rowid
    found = chosen.select_from(InThisOrder(_fts5, documents, number == documents.c.number)).where(match)
    if most is not None:
        some = sa.select(_fts5.c.rowid).where(match).limit(most + 1).subquery()
        number_found = sa.select(sa.func.count()).select_from(some).scalar_subquery()
        found = found.where(number_found <= most)
    if not spans:
        return found
    return sa.union_all(*(found.where(_is_within(number, place)) for place in range(spans)))


def _by_vector(chosen: sa.Select[Any], spans: int) -> sa.Select[Any]:
    """The documents chosen that PostgreSQL finds."""
    match = sa.func.to_tsquery(sa.literal_column("'simple'"), sa.bindparam("search_match", type_=sa.String()))
    found = chosen.where(_vector.op("@@")(match))
    if not spans:
        return found
    return found.where(sa.or_(*(_is_within(documents.c.number, place) for place in range(spans))))


def _is_within(number: sa.ColumnElement[int], place: int) -> sa.ColumnElement[bool]:
    first, last = (sa.bindparam(name, type_=sa.BigInteger()) for name in _ends(place))
    return number.between(first, last)
