"""The graph: the records of a partnership as nodes, and what ties them together as edges, for drawing."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.model import Ref
from app.core.read import Reader
from app.core.relations import Many, One
from app.core.resource import Resource
from app.pictures import graph as picture
from app.resources.challenges import challenges
from app.resources.commitments import commitments
from app.resources.dialogues import dialogues
from app.resources.indicators import indicators
from app.resources.meetings import meetings
from app.resources.milestones import milestones
from app.resources.recommendations import recommendations
from app.resources.stakeholders import stakeholders
from app.views.route import View

NODES = (challenges, recommendations, commitments, milestones, dialogues, meetings, indicators, stakeholders)

EDGES: Mapping[tuple[str, str], str] = {
    ("recommendations", "challenges"): "answers",
    ("recommendations", "participants"): "involves",
    ("commitments", "recommendations"): "answers",
    ("commitments", "participants"): "involves",
    ("commitments", "made_at"): "made_at",
    ("commitments", "indicator"): "measured_by",
    ("commitments", "supersedes"): "restates",
    ("milestones", "commitment"): "step_of",
    ("meetings", "dialogue"): "meeting_of",
}
"""The relations that are drawn, by resource and field, and what an edge of each says."""

_STATUS = {"challenges": "status", "recommendations": "status", "commitments": "completion", "milestones": "status",
           "meetings": "status", "dialogues": "level", "stakeholders": "kind"}  # fmt: skip


class Node(Ref):
    """A record."""

    type: str = Field(description="Its resource, in the singular.")
    status: str | None = Field(description="How it stands, or what kind it is.")


class Edge(BaseModel):
    """What ties two records together."""

    source: UUID = Field(description="The record that refers.")
    target: UUID = Field(description="The record that is referred to.")
    kind: str = Field(description="What the tie is.")
    role: str | None = Field(description="The role, where the tie is a participation.")


class Graph(BaseModel):
    """The trace of a partnership as a graph."""

    partnership: Ref = Field(description="The partnership.")
    as_of: date = Field(description="The day it is drawn for, in UTC.")
    nodes: list[Node] = Field(
        description="Records, by resource and slug. Stakeholders only where an edge leads to them."
    )
    edges: list[Edge] = Field(description="Ties between them.")


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """Read the nodes of each resource, and the edges of each relation: a query each."""
    nodes = {node["id"]: node for resource in NODES for node in _nodes(reader, resource, partnership["id"])}
    edges = [
        edge
        for (name, field), kind in EDGES.items()
        for edge in _edges(reader, reader.catalogue.by_name[name], field, kind, partnership["id"])
        if edge["source"] in nodes and edge["target"] in nodes
    ]
    tied = {edge["target"] for edge in edges}
    return {
        "partnership": {"id": partnership["id"], "slug": partnership["slug"], "title": partnership["name"]},
        "as_of": reader.today,
        "nodes": [node for node in nodes.values() if node["type"] != "stakeholder" or node["id"] in tied],
        "edges": edges,
    }


def _nodes(reader: Reader, resource: Resource, partnership: UUID) -> Iterator[dict[str, Any]]:
    row, seen = reader.seen(resource.table)
    status = row.c[_STATUS[resource.name]] if resource.name in _STATUS else sa.null()
    chosen = sa.select(row.c.id, row.c.slug, row.c[resource.label], status).where(seen)
    inside = _inside(reader, resource, row, partnership)
    if inside is not None:
        chosen = chosen.where(inside)
    for id_, slug, title, told in reader.connection.execute(chosen.order_by(row.c.slug)):
        yield {"type": resource.singular, "id": id_, "slug": slug, "title": title, "status": told}


def _inside(reader: Reader, resource: Resource, row: sa.FromClause, partnership: UUID) -> sa.ColumnElement[bool] | None:
    """The condition under which a record belongs to a partnership; None for what belongs to none."""
    if "partnership_id" in row.c:
        return sa.and_(row.c.partnership_id == partnership)
    for relation in resource.relations:
        if isinstance(relation, One) and resource.required(relation):
            owner, seen = reader.other(relation.target)
            owners = sa.select(owner.c.id).where(owner.c.partnership_id == partnership, seen)
            return sa.and_(row.c[relation.column].in_(owners))
    return None


def _edges(reader: Reader, resource: Resource, field: str, kind: str, partnership: UUID) -> Iterator[dict[str, Any]]:
    """The edges that a relation makes from the records of a partnership, in the order of their ends."""
    relation = resource.by_field[field]
    row, seen = reader.other(resource.table)
    inside = _inside(reader, resource, row, partnership)
    assert inside is not None
    if isinstance(relation, Many):
        join, owner, target, conditions = reader.linked(resource, field)
        role = join.left.c.role if relation.extras else sa.null()  # type: ignore[attr-defined]
        chosen = sa.select(owner, target.c.id, role).select_from(join.join(row, row.c.id == owner)).where(*conditions)
    else:
        assert isinstance(relation, One)
        column = row.c[relation.column]
        chosen = sa.select(row.c.id, column, sa.null()).where(column.is_not(None))
    found = [tuple(each) for each in reader.connection.execute(chosen.where(seen, inside))]
    # Sorted here, as the databases order ids and unset values each in their own way.
    for source, target_id, told in sorted(found, key=lambda each: (each[0].int, each[1].int, each[2] or "")):
        yield {"source": source, "target": target_id, "kind": kind, "role": told}


VIEW = View(
    name="graph",
    summary="The trace as a graph",
    description=(
        "Challenges, recommendations, commitments, milestones, meetings, dialogues, indicators and stakeholders as "
        "nodes, and what ties them together as edges."
    ),
    model=Graph,
    build=build,
    draw=picture.draw,
)
