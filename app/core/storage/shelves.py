"""Shelves: where a document of full text stands among the others, which its number says.

Documents of the same resource and partnership have numbers that follow each other. So what looks for words in one
resource, or in one partnership, reads that part of the index, and takes no longer where the rest of it is larger.

A shelf is found by arithmetic, from digests of what it is for. Two partnerships may share one: whoever looks into it
looks at the records as well, and takes only what is asked for.
"""

import zlib
from uuid import UUID

import sqlalchemy as sa

_PLACES = 28
"""Bits for the documents of a shelf: 268 million of them."""
_PARTNERSHIPS = 20
_RESOURCES = 15
"""With these two, numbers fill the 63 bits that both databases have for them."""

_DIGITS = _PARTNERSHIPS // 4

Span = tuple[int, int]
"""The first and the last number of a part of the index."""

ALL: Span = (0, (1 << _RESOURCES + _PARTNERSHIPS + _PLACES) - 1)


def of_resource(resource: str) -> Span:
    """The numbers of the documents of a resource, named by its plural."""
    return _span(_resource(resource), _PARTNERSHIPS + _PLACES)


def of(resource: str, partnership: UUID | None) -> Span:
    """The numbers of those of them that belong to a partnership; None: of those that belong to none."""
    return _span(_resource(resource) << _PARTNERSHIPS | _partnership(partnership), _PLACES)


def next_number(number: sa.Column[int], shelf: str) -> sa.ColumnElement[int]:
    """The number for one more document on the shelf whose first number is bound to a parameter of this name.

    It is worked out for each row by itself: whoever writes has the register to itself.
    """
    first = sa.bindparam(shelf, type_=sa.BigInteger())
    here = number.table.alias("shelf").c[number.name]
    beyond, one = (sa.literal_column(str(each), sa.BigInteger) for each in (1 << _PLACES, 1))
    last = sa.select(sa.func.max(here)).where(here >= first, here < first + beyond)
    return sa.func.coalesce(last.scalar_subquery() + one, first, type_=sa.BigInteger)


def _span(leading: int, bits: int) -> Span:
    return leading << bits, (leading + 1 << bits) - 1


def _resource(name: str) -> int:
    return zlib.crc32(name.encode()) & (1 << _RESOURCES) - 1


def _partnership(id_: UUID | None) -> int:
    """The moment that an id begins with, and the chance that it ends in."""
    if id_ is None:
        return 0
    return (int(id_.hex[:_DIGITS], 16) + int(id_.hex[-_DIGITS:], 16)) & (1 << _PARTNERSHIPS) - 1
