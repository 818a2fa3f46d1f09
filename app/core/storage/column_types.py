"""How values are stored, alike on SQLite and PostgreSQL.

SQLModel chooses a column type from a field's Python type. Some of its choices differ between databases or make
migrations heavy (native enums, collations of the locale), so every column of the register passes through
:func:`settle` as its table is made, and gets a type that both databases store, compare and order alike.
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import Dialect
from sqlmodel import SQLModel

from app.core.field_types import is_date_text

# Every constraint has a name that follows from what it is on, so that migrations can refer to it on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UnreadableValue(ValueError):
    """What is stored in a column is nothing that a field of its kind could hold: it was changed from outside."""


class _Terms(dict[Any, Any]):
    """What is read from a column of terms: each as itself, and nothing else. Looking one up costs next to nothing."""

    def __missing__(self, stored: Any) -> Any:
        raise UnreadableValue(f"{stored!r:.60} is no term of the vocabulary")


_MAX_TERM = 40


class Checked(sa.types.TypeDecorator[Any]):
    """A column from which nothing is read but what a field of its kind could hold."""

    known: Mapping[Any, Any]
    """What is read, by what is stored: looking it up raises UnreadableValue for all else."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Give the value, which must be one."""
        return self.known.__getitem__


class TermColumn(Checked):
    """A term of a vocabulary, stored as its plain text and read back as plain text.

    Rows go to the client as bytes without passing through a model, so no enum member is built on the way out. A text
    that is no term is not read.
    """

    impl = sa.String
    cache_ok = True

    def __init__(self, terms: tuple[str, ...]) -> None:
        """Name the terms."""
        super().__init__(_MAX_TERM)
        self.terms = terms
        self.known = _Terms((term, term) for term in (None, *terms))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Take an enum member or its text."""
        return _term_text


def _term_text(value: Any) -> Any:
    return str(value.value) if isinstance(value, Enum) else value


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond: timestamptz on PostgreSQL, sortable text of fixed width on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Choose the column type of the database."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(26))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Turn any aware moment into UTC; a naive one is a mistake of ours and is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return moment.replace(tzinfo=None).isoformat(timespec="microseconds")
        return moment

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Give an aware moment in UTC."""
        return _moment_of_text if dialect.name == "sqlite" else _moment_in_utc


def _moment_of_text(stored: Any) -> datetime | None:
    if stored is None:
        return None
    try:
        # Read with its zone, which takes a fifth of the time of setting that later.
        return datetime.fromisoformat(stored + "+00:00")
    except (ValueError, TypeError) as error:
        raise UnreadableValue(f"{stored!r:.60} is no moment") from error


def _moment_in_utc(stored: Any) -> datetime | None:
    if stored is None:
        return None
    if not isinstance(stored, datetime):
        raise UnreadableValue(f"{stored!r:.60} is no moment")
    return stored.astimezone(UTC)


class _Known(dict[Any, Any]):
    """Values that were read before, each as itself: a register has few different ones, and to check takes longer."""

    _MAX_DAYS = 50_000

    def __init__(self, fits: Callable[[Any], bool], what: str) -> None:
        """Let through what fits; say what anything else is not."""
        super().__init__({None: None})
        self._fits = fits
        self._what = what

    def __missing__(self, stored: Any) -> Any:
        if not self._fits(stored):
            raise UnreadableValue(f"{stored!r:.60} is no {self._what}")
        if len(self) > self._MAX_DAYS:
            self.clear()
            self[None] = None
        self[stored] = stored
        return stored


_DAYS = _Known(is_date_text, "date")
_WHOLE_NUMBERS = _Known(lambda stored: type(stored) is int, "whole number")
_NUMBERS = _Known(lambda stored: type(stored) in (int, float) and math.isfinite(stored), "number")
_YES_OR_NO = _Known(lambda stored: False, "boolean")
_YES_OR_NO.update({False: False, True: True})  # equal to 0 and 1, as which SQLite has them


class PartialDay(Checked):
    """A date known to the year, the month or the day, as its text. A text that is none is not read."""

    impl = sa.String
    cache_ok = True
    known = _DAYS

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Order by code point, as all text."""
        return dialect.type_descriptor(text_type(None).dialect_impl(dialect))


class _Ids(dict[Any, Any]):
    """Ids that were read before, by their text. To make one takes thirty times as long as to find it here."""

    _MAX_IDS = 20_000

    def __missing__(self, stored: Any) -> UUID | None:
        if stored is None:
            return None
        try:
            id_ = UUID(stored)
        except (ValueError, TypeError, AttributeError) as error:
            raise UnreadableValue(f"{stored!r:.60} is no id") from error
        if len(self) >= self._MAX_IDS:
            self.clear()
        self[stored] = id_
        return id_


_IDS = _Ids()


class Id(sa.Uuid[UUID]):
    """The id of a record: a type of its own on PostgreSQL, and 32 digits on SQLite."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Give the id, which must be one."""
        return None if dialect.supports_native_uuid else _IDS.__getitem__


class WholeNumber(Checked):
    """An integer. SQLite stores any text and any fraction in such a column; nothing of that is read."""

    impl = sa.Integer
    cache_ok = True
    known = _WHOLE_NUMBERS


class Number(Checked):
    """A finite number. Both databases store infinity as well, which JSON has no word for: it is not read."""

    impl = sa.Float
    cache_ok = True
    known = _NUMBERS


class YesOrNo(Checked):
    """True or false. By itself any text that SQLite has there would read as true."""

    impl = sa.Boolean
    cache_ok = True
    known = _YES_OR_NO


class Document(sa.types.TypeDecorator[Any]):
    """A small list or object, stored as JSON text whose keys keep their order (so not JSONB).

    With ``fits``, which tells whether a value has the form of the field's, one that has not is not read.
    """

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, fits: Callable[[Any], bool] | None = None) -> None:
        """Say what its values are like; ``fits`` is to be the same function for the same field."""
        super().__init__()
        self.fits = fits

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Give the value, which must have the form of the field's."""
        if value is not None and self.fits is not None and not self.fits(value):
            raise UnreadableValue("the JSON has not the form that its field has")
        return value


def indexed(*columns: str | tuple[str, ...]) -> tuple[sa.Index, ...]:
    """Indexes of a table, for its ``__table_args__``: each on a column, or on several together."""
    return tuple(sa.Index(None, *([each] if isinstance(each, str) else each)) for each in columns)


def text_type(length: int | None) -> sa.types.TypeEngine[str]:
    """Text that orders by code point on both databases, whatever the locale of the server is."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def settle(column: sa.Column[Any]) -> None:
    """Give a freshly declared column the type the register stores its kind of value in."""
    kind = column.type
    if isinstance(kind, (Checked, Instant, Document, Id)):
        return  # as in a twin, which has the columns of its table
    if type(kind) is sa.Uuid:
        column.type = Id()
    elif isinstance(kind, sa.Enum):
        assert kind.enum_class is not None
        column.type = TermColumn(tuple(str(term.value) for term in kind.enum_class))
    elif isinstance(kind, sa.DateTime) or (
        isinstance(kind, sa.types.TypeDecorator) and isinstance(kind.impl, sa.DateTime)
    ):
        column.type = Instant()
    elif isinstance(kind, sa.types.TypeDecorator) and isinstance(kind.impl, sa.String):
        column.type = text_type(kind.impl.length)
    elif isinstance(kind, sa.String):
        column.type = text_type(kind.length)


@event.listens_for(sa.Column, "before_parent_attach")
def _settle_on_attach(column: sa.Column[Any], table: Any) -> None:
    if isinstance(table, sa.Table) and table.metadata is SQLModel.metadata:
        settle(column)


_PLAIN = frozenset({str, int, bool})
"""What most values are, and what the database takes as it is."""


def plain(value: Any) -> Any:
    """A field's value as the database takes it: enums as text, nested models as JSON-ready objects."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value + 0.0  # SQLite forgets the sign of zero; PostgreSQL would keep it
    if isinstance(value, SQLModel) or hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value
