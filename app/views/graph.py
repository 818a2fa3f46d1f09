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
        for edge in _edges(reader, reader.catalogue.by_name[name], field, kind)
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
    if "partnership_id" in row.c:
        chosen = chosen.where(row.c.partnership_id == partnership)
    else:
        for relation in resource.relations:
            if isinstance(relation, One) and resource.required(relation):
                owner, owner_seen = reader.other(relation.target)
                inside = sa.select(owner.c.id).where(owner.c.partnership_id == partnership, owner_seen)
                chosen = chosen.where(row.c[relation.column].in_(inside))
    for id_, slug, title, told in reader.connection.execute(chosen.order_by(row.c.slug)):
        yield {"type": resource.singular, "id": id_, "slug": slug, "title": title, "status": told}


def _edges(reader: Reader, resource: Resource, field: str, kind: str) -> Iterator[dict[str, Any]]:
    relation = resource.by_field[field]
    if isinstance(relation, Many):
        join, owner, target, conditions = reader.linked(resource, field)
        role = join.left.c.role if relation.extras else sa.null()  # type: ignore[attr-defined]
        chosen = sa.select(owner, target.c.id, role).select_from(join).where(*conditions)
    else:
        assert isinstance(relation, One)
        row, seen = reader.seen(resource.table)
        column = row.c[relation.column]
        chosen = sa.select(row.c.id, column, sa.null()).where(seen, column.is_not(None))
    ordered = chosen.order_by(sa.literal_column("1"), sa.literal_column("2"), sa.literal_column("3"))
    for source, target_id, told in reader.connection.execute(ordered):
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
)
