"""Search documents: what a record is found by, and whether it is found by what it says now.

A document is changed in the transaction that changes its record. Only another program can bring the two apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.field_types import fold
from app.core.model import State
from app.core.resource import Catalogue, Resource, Writing
from app.core.storage import shelves
from app.core.storage.full_text import WEIGHTS, added, documents, index_agrees, make_index_anew
from app.core.writing.shelving import shelf_of

Row = Mapping[str, Any]


def document_of(resource: Resource, row: Row) -> dict[str, str]:
    """The texts of a record as they are searched."""
    translated = [texts for texts in (row.get("translations") or {}).values() if texts]
    texts = {
        name: fold(_as_text([row[name], *(each.get(name) for each in translated)])) for name in resource.searchable
    }
    body = " ".join(text for name, text in texts.items() if name not in (resource.label, "summary"))
    return {"label": texts.get(resource.label, ""), "summary": texts.get("summary", ""), "body": body}


def new_document(writer: Writing, resource: Resource, row: Row) -> dict[str, Any]:
    """The document of a record that has none, and where it goes."""
    shelf = shelf_of(writer, resource, row)
    return {**document_of(resource, row), "record_id": row["id"], "resource": resource.name, "shelf": shelf}


def misfiled(connection: sa.Connection, resource: Resource) -> Iterator[tuple[UUID, str]]:
    """The records of a resource that search finds by other than what they say: id and slug."""
    if not resource.searchable:
        return
    rows, first, last = resource.rows, *shelves.of_resource(resource.name)
    named = dict.fromkeys(("id", "slug", "state", *resource.searchable))
    columns = [rows.c[name] for name in named] + [each for each in rows.c if each.name == "translations"]
    here = sa.and_(documents.c.resource == resource.name, documents.c.number.between(first, last)).label("here")
    texts = [documents.c[name].label(f"found_{name}") for name in WEIGHTS]
    joined = rows.outerjoin(documents, documents.c.record_id == rows.c.id)
    chosen = sa.select(*columns, documents.c.record_id.label("found"), here, *texts).select_from(joined)
    for row in connection.execute(chosen.order_by(rows.c.id)).mappings():
        if row["state"] == State.withdrawn.value:
            agrees = row["found"] is None
        else:
            found = {name: row[f"found_{name}"] for name in WEIGHTS}
            agrees = row["here"] and found == document_of(resource, dict(row))
        if not agrees:
            yield row["id"], row["slug"]


def ownerless(catalogue: Catalogue) -> sa.ColumnElement[bool]:
    """The condition under which a document is of no record that there is."""
    owners = [
        sa.and_(documents.c.resource == each.name, sa.exists().where(each.rows.c.id == documents.c.record_id))
        for each in catalogue
    ]
    return sa.not_(sa.or_(*owners))


def file_anew(writer: Writing) -> int:
    """Let search find every record by what it says. Gives how many documents were mended."""
    connection = writer.connection
    mended = connection.execute(sa.delete(documents).where(ownerless(writer.catalogue))).rowcount
    for resource in writer.catalogue:
        for id_, _ in list(misfiled(connection, resource)):
            row = writer.row(resource, id_)
            connection.execute(sa.delete(documents).where(documents.c.record_id == id_))
            if row["state"] != State.withdrawn.value:
                connection.execute(added, new_document(writer, resource, row))
            # It is no change of the record; but what servers and mirrors keep of it is to be read anew.
            writer.refresh(resource, id_)
            mended += 1
    if not index_agrees(connection):
        make_index_anew(connection)
        mended += 1
    return mended


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if type(value) is str:
        return value
    if isinstance(value, Enum):
        return str(value.value).replace("_", " ")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(_as_text(each) for each in value)
    if isinstance(value, Mapping):
        return " ".join(_as_text(each) for each in value.values())
    return str(value)
