"""Independence: how many publishers that are no party stand behind a promise.

Counted are the sources cited for the promise itself and for the updates of its log, by citations that say evidence,
confirms or data_source. A source counts where its independence is known and is not ``party``. Copies of one dispatch
count once: by the original publisher where one is named, else by the publisher.
"""

from typing import Any

import sqlalchemy as sa

from app.core.listing import RowContext
from app.core.model import State
from app.core.resource import Change

COUNTED_INTENTS = ("evidence", "confirms", "data_source")
_SHOWS = ("publisher", "original_publisher", "independence")


def independent_sources(context: RowContext) -> sa.ColumnElement[int]:
    """How many distinct independent publishers are cited for a promise or its updates."""
    row = context.row
    update, update_visible = context.records("updates")
    citation, citation_visible = context.records("citations")
    source, source_visible = context.records("sources")
    # A union to join with, not an OR or IN, for which PostgreSQL reads all citations.
    subjects = sa.union_all(
        sa.select(row.c.id.label("id")).correlate(row),
        sa.select(update.c.id).where(update.c.commitment_id == row.c.id, update_visible).correlate(row),
    ).subquery()
    cited = subjects.join(citation, citation.c.subject_id == subjects.c.id).join(
        source, source.c.id == citation.c.source_id
    )
    publisher = sa.func.coalesce(source.c.original_publisher, source.c.publisher)
    counted = sa.select(sa.func.count(sa.distinct(publisher))).select_from(cited)
    return counted.where(
        citation_visible,
        citation.c.intent.in_(COUNTED_INTENTS),
        source_visible,
        # Not true of a source whose independence is not known, either.
        source.c.independence != "party",
    ).scalar_subquery()


def refresh_promise_of_citation(change: Change) -> None:
    """Note that a promise reads differently when what is publicly cited for one of its public updates changes."""
    subjects = {
        columns["subject_id"]
        for columns in (change.columns, change.before or {})
        if columns.get("subject_type") == "update" and columns["state"] == State.published.value
    }
    writer = change.writer
    for id_ in subjects:
        update = writer.row(writer.catalogue.by_name["updates"], id_)
        if update["state"] == State.published.value:
            writer.refresh(writer.catalogue.by_name["commitments"], update["commitment_id"])


def refresh_promises_of_source(change: Change) -> None:
    """Note that promises read differently when a source they rest on gets another publisher or independence."""
    before = change.before
    if before is None or all(before[name] == change.columns[name] for name in (*_SHOWS, "state")):
        return
    by_name = change.writer.catalogue.by_name
    updates, citations = by_name["updates"].rows, by_name["citations"].rows
    subjects = sa.select(citations.c.subject_id).where(citations.c.source_id == change.id)
    commitments = by_name["commitments"].rows
    _refresh(change, sa.select(commitments.c.id).where(commitments.c.id.in_(subjects)))
    _refresh(change, sa.select(updates.c.commitment_id).where(updates.c.id.in_(subjects)))


def _refresh(change: Change, promises: sa.Select[Any]) -> None:
    commitments = change.writer.catalogue.by_name["commitments"]
    for id_ in change.writer.connection.execute(promises).scalars():
        change.writer.refresh(commitments, id_)
