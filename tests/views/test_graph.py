"""A graph with too many records is summarised, and nothing of it is lost."""

from collections import Counter
from typing import Any

import pytest

from app.views import graph
from tests.support.register import Register

PATH = "/v1/partnerships/partnership-1/graph"


def _numbers(shown: dict[str, Any]) -> tuple[Counter[tuple[str, str | None]], Counter[tuple[str, str | None]]]:
    """How many records there are, by type and status, and how many ties, by kind and role."""
    records: Counter[tuple[str, str | None]] = Counter()
    ties: Counter[tuple[str, str | None]] = Counter()
    for node in shown["nodes"]:
        records[node["type"], node["status"]] += node["records"]
    for edge in shown["edges"]:
        ties[edge["kind"], edge["role"]] += edge["ties"]
    return records, ties


@pytest.mark.parametrize("most", [0, 5, 20])
def test_a_summarised_graph_counts_what_the_whole_one_shows(
    generated: Register, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    whole = generated.get(PATH).json()
    assert whole["summarised"] == []
    assert {node["records"] for node in whole["nodes"]} == {edge["ties"] for edge in whole["edges"]} == {1}
    monkeypatch.setattr(graph, "MAX_NODES", most)
    shown = generated.get(PATH).json()
    assert "commitments" in shown["summarised"]
    assert len(shown["nodes"]) < len(whole["nodes"])
    assert _numbers(shown) == _numbers(whole)
    known = {node["id"] for node in shown["nodes"]}
    assert len(known) == len(shown["nodes"])
    assert {edge[end] for edge in shown["edges"] for end in ("source", "target")} <= known
    assert shown == generated.get(PATH).json()
    assert generated.get(f"{PATH}.svg").status_code == 200
