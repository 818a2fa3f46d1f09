"""The graph: the records of a partnership as nodes, and what ties them together as edges, for drawing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.model import TypedRef
from app.core.reading.reader import Reader
from app.core.relations import Many, One
from app.core.resource import Resource
from app.core.storage.id_lists import among
from app.pictures import graph as picture
from app.resources.challenges import challenges
from app.resources.commitments import commitments
from app.resources.dialogues import dialogues
from app.resources.indicators import indicators
from app.resources.meetings import meetings
from app.resources.milestones import milestones
from app.resources.recommendations import recommendations
from app.resources.stakeholders import stakeholders
from app.views.partnership import PartnershipView, head, inside
from app.views.routes import View

NODES = (challenges, recommendations, commitments, milestones, dialogues, meetings, indicators, stakeholders)

EDGES: Mapping[tuple[str, str], str] = {
    ("recommendations", "challenges"): "answers",
    ("recommendations", "participants"): "involves",
    ("commitments", "recommendations"): "answers",
    ("commitments", "participants"): "involves",
    ("commitments", "meeting"): "made_at",
    ("commitments", "indicator"): "measured_by",
    ("commitments", "supersedes"): "restates",
    ("milestones", "commitment"): "step_of",
    ("meetings", "dialogue"): "meeting_of",
}
"""The relations that are drawn, by resource and field, and what an edge of each says."""

_STATUS = {
    "challenges": "status",
    "recommendations": "status",
    "commitments": "completion",
    "milestones": "status",
    "meetings": "status",
    "dialogues": "level",
    "stakeholders": "kind",
}


MAX_NODES = 1000
"""Where there are more records of a resource than these, all that have the same status are one node."""


class Node(TypedRef):
    """A record; or, where its resource is summarised, all records that have the same status."""

    status: str | None = Field(description="How it stands, or what kind it is.")
    records: int = Field(ge=1, description="How many records it stands for: 1, unless `summarised` names its resource.")


class Edge(BaseModel):
    """What ties two records together."""

    source: UUID = Field(description="The record that refers.")
    target: UUID = Field(description="The record that is referred to.")
    kind: str = Field(description="What the tie is.")
    role: str | None = Field(description="The role, where the tie is a participation.")
    ties: int = Field(ge=1, description="How many ties it stands for: 1 between two records.")


class Graph(PartnershipView):
    """The trace of a partnership as a graph."""

    nodes: list[Node] = Field(
        description="Records, by resource and slug. Stakeholders only where an edge leads to them."
    )
    edges: list[Edge] = Field(description="Ties between them.")
    summarised: list[str] = Field(
        description=(
            f"The resources with more than {MAX_NODES:,} records here. Of these, all records with the same status are "
            "one node, and `records` and `ties` say how many it and its edges stand for."
        )
    )


Key = tuple[Resource, Any]
"""A node: its resource, and the id of the record, or the status where the resource is summarised."""

Tie = tuple[Key, Key, str | None, int]
"""What refers, what is referred to, the role, and how often."""


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """Read the nodes of each resource, and the edges of each relation: a query each."""
    return _Tracing(reader, partnership).graph()


class _Tracing:
    """Gathers the graph of one partnership."""

    def __init__(self, reader: Reader, partnership: Mapping[str, Any]) -> None:
        self._reader = reader
        self._partnership = partnership
        self._nodes: dict[Key, dict[str, Any]] = {}
        self._summarised: list[Resource] = []

    def graph(self) -> dict[str, Any]:
        for resource in NODES:
            if resource is not stakeholders:
                self._read_nodes(resource)
        by_name = self._reader.catalogue.by_name
        found = {place: list(self._ties(by_name[place[0]], place[1])) for place in EDGES}
        self._read_stakeholders({key[1] for ties in found.values() for _, key, *_ in ties if key[0] is stakeholders})
        return {
            **head(self._reader, self._partnership),
            "nodes": list(self._nodes.values()),
            "edges": [edge for place, kind in EDGES.items() for edge in self._edges(kind, found[place])],
            "summarised": [resource.name for resource in self._summarised],
        }

    def _read_nodes(self, resource: Resource) -> None:
        row, visible = self._reader.tables.visible(resource.table)
        within = inside(self._reader, resource, row, self._partnership["id"])
        chosen = self._described(resource, row).where(visible, within).limit(MAX_NODES + 1)
        found = self._reader.rows(resource.name, chosen)
        if len(found) <= MAX_NODES:
            self._add(resource, found)
            return
        self._summarised.append(resource)
        status = self._status(resource, row)
        number = sa.select(status, sa.func.count()).where(visible, within)
        grouped = number if resource.name not in _STATUS else number.group_by(status).order_by(status)
        for term, records in self._reader.rows(resource.name, grouped):
            self._nodes[resource, term] = self._group(resource, term, records)

    def _read_stakeholders(self, ids: set[UUID]) -> None:
        row, visible = self._reader.tables.visible(stakeholders.table)
        chosen = self._described(stakeholders, row).where(visible, among(row.c.id, self._reader.tables.dialect))
        self._add(stakeholders, self._reader.rows(stakeholders.name, chosen, {"ids": list(ids)}))

    def _described(self, resource: Resource, row: sa.FromClause) -> sa.Select[Any]:
        title = self._reader.tables.title(resource, row)
        columns: tuple[Any, ...] = (row.c.id, row.c.slug, title, self._status(resource, row))
        return sa.select(*columns).order_by(row.c.slug)

    def _status(self, resource: Resource, row: sa.FromClause) -> sa.ColumnElement[Any]:
        return row.c[_STATUS[resource.name]] if resource.name in _STATUS else sa.null()

    def _add(self, resource: Resource, rows: Iterable[Any]) -> None:
        singular = resource.singular
        for id_, slug, title, status in rows:
            node = {"type": singular, "id": id_, "slug": slug, "title": title, "status": status, "records": 1}
            self._nodes[resource, id_] = node

    def _group(self, resource: Resource, status: str | None, records: int) -> dict[str, Any]:
        words = [f"{records:,} {resource.name if records > 1 else resource.singular}"]
        name = resource.name
        if status is not None:
            words.append(status.replace("_", " "))
            name += f"-{status.replace('_', '-')}"
        id_ = uuid5(self._partnership["id"], name)
        title = ": ".join(words)
        return {
            "type": resource.singular,
            "id": id_,
            "slug": name,
            "title": title,
            "status": status,
            "records": records,
        }

    def _edges(self, kind: str, ties: Iterable[Tie]) -> Iterator[dict[str, Any]]:
        """The edges of one kind, in the order of their ends; what leads out of the graph is left out."""
        known = [
            (self._nodes[source]["id"], self._nodes[target]["id"], role, number)
            for source, target, role, number in ties
            if source in self._nodes and target in self._nodes
        ]
        # Sorted here, as the databases order ids and unset values each in their own way.
        for source, target, role, number in sorted(known, key=lambda each: (each[0].int, each[1].int, each[2] or "")):
            yield {"source": source, "target": target, "kind": kind, "role": role, "ties": number}

    def _ties(self, resource: Resource, field: str) -> Iterator[Tie]:
        """What a relation ties the records of the partnership to."""
        relation = resource.by_field[field]
        tables = self._reader.tables
        row, visible = tables.visible_alias(resource.table)
        within = inside(self._reader, resource, row, self._partnership["id"])
        role: sa.ColumnElement[Any] | None = None
        if isinstance(relation, Many):
            join, owner, target, conditions = tables.linked(resource, field)
            role = join.left.c.role if relation.extras else None  # type: ignore[attr-defined]
            source = join.join(row, row.c.id == owner)
        else:
            assert isinstance(relation, One)
            target, target_visible = tables.visible_alias(relation.target)
            source, conditions = row.join(target, target.c.id == row.c[relation.column]), [target_visible]
        other = tables.catalogue.of(relation.target)
        ends = [self._key_of(resource, row), self._key_of(other, target)]
        chosen: sa.Select[Any] = sa.select(*ends, sa.null() if role is None else role, self._number(resource, other))
        chosen = chosen.select_from(source).where(visible, within, *conditions)
        if self._is_summed(resource, other):
            chosen = chosen.group_by(*(end for end in (*ends, role) if end is not None and not _is_null(end)))
        for found in self._reader.rows(resource.name, chosen):
            yield (resource, found[0]), (other, found[1]), found[2], found[3]

    def _key_of(self, resource: Resource, row: sa.FromClause) -> sa.ColumnElement[Any]:
        """What names the node of a row."""
        return self._status(resource, row) if resource in self._summarised else row.c.id

    def _is_summed(self, *resources: Resource) -> bool:
        return any(resource in self._summarised for resource in resources)

    def _number(self, *resources: Resource) -> sa.ColumnElement[int]:
        return sa.func.count() if self._is_summed(*resources) else sa.literal(1, sa.Integer)


def _is_null(column: sa.ColumnElement[Any]) -> bool:
    return isinstance(column, sa.sql.elements.Null)


VIEW = View(
    name="graph",
    summary="The trace as a graph",
    description=(
        "Challenges, recommendations, commitments, milestones, meetings, dialogues, indicators and stakeholders as "
        f"nodes, and what ties them together as edges. Of a resource with more than {MAX_NODES:,} records in the "
        "partnership, all that have the same status are one node."
    ),
    model=Graph,
    build=build,
    draw=picture.draw,
)
