"""What a single record includes: the records that it refers to, and those that refer to it.

Those that refer to it are a page of their list. What these refer to is included with what the record itself refers to,
where it is wanted: the sources of a promise are its own and those of its updates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.reading.conditions import Referent, resolved
from app.core.reading.cursors import Cursors
from app.core.reading.embedding import Embedding, Referred, Shape, Shown
from app.core.reading.filters import relation_at
from app.core.reading.grammar import Grammar, grammar_of
from app.core.reading.list_query import MAX_LIMIT, ListQuery
from app.core.reading.listing import Listing
from app.core.reading.paths import list_path
from app.core.reading.tables import Tables
from app.core.relations import AnyOne
from app.core.resource import Resource

MAX_INCLUDED = MAX_LIMIT
"""So many records that refer to one are included of each resource."""


@dataclass(frozen=True)
class Subject:
    """The record that others are included with."""

    resource: Resource
    id: UUID
    slug: str


def included(
    connection: sa.Connection,
    tables: Tables,
    subject: Subject,
    query: ListQuery,
    own: Referred,
    cursors: Cursors | None,
) -> dict[str, Any]:
    """``included``, and ``included_more`` with the paths of the lists that go on; ``own``: what the record names."""
    grammar = grammar_of(subject.resource, tables.catalogue)
    beyond = Referred()
    found: dict[str, list[Shown]] = {}
    more: dict[str, str] = {}
    for name in query.include:
        if name in grammar.referring:
            other = grammar_of(tables.catalogue.by_name[name], tables.catalogue)
            found[name], path = _referring(connection, tables, subject, other, query, beyond, cursors)
            if path is not None:
                more[name] = path
    for name in query.include:
        ids = set(own.ids.get(name, ()))
        if name not in found:
            ids |= beyond.ids.get(name, set())
        ids -= {record["id"] for record in found.get(name, ())}
        if name == subject.resource.name:
            ids.discard(subject.id)
        resource = tables.catalogue.by_name[name]
        referred = Embedding(connection, tables).records(Shape(resource), ids) if ids else []
        found[name] = [*referred, *found.get(name, ())]
    shown: dict[str, Any] = {"included": {name: found[name] for name in query.include}}
    return {**shown, "included_more": more} if more else shown


def _referring(
    connection: sa.Connection,
    tables: Tables,
    subject: Subject,
    grammar: Grammar,
    query: ListQuery,
    beyond: Referred,
    cursors: Cursors | None,
) -> tuple[list[Shown], str | None]:
    """The first records of a list that refer to the subject, and the path of the page that follows."""
    parameter = grammar_of(subject.resource, tables.catalogue).referring[grammar.resource.name]
    pairs = list(_pairs(grammar, parameter, subject, query))
    wanted = grammar.list_query(pairs)
    terms = resolved(wanted.terms, {parameter: [Referent(subject.resource.singular, subject.id)]})
    page = Listing(connection, tables, grammar, replace(wanted, terms=terms)).page(MAX_INCLUDED, None, beyond)
    if page.after is None or cursors is None:
        return page.records, None
    cursor = cursors.write(grammar.resource.name, wanted, page.after, tables.viewer)
    return page.records, list_path(grammar.resource, [*pairs, ("limit", str(MAX_INCLUDED)), ("cursor", cursor)])


def _pairs(grammar: Grammar, parameter: str, subject: Subject, query: ListQuery) -> Sequence[tuple[str, str]]:
    """The query of the list of those that refer to the subject."""
    pairs = [(parameter, subject.slug)]
    _, relation = relation_at(grammar.resource, grammar.catalogue, grammar.resource.listing.related[parameter])
    if isinstance(relation, AnyOne):
        pairs.append((relation.type_column, subject.resource.singular))
    if query.as_of is not None:
        pairs.append(("as_of", query.as_of.isoformat()))
    return pairs
