"""The promises by how much of each is done, as a bar of parts from all of it downwards."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.pictures.completion import LOOKS, ORDER, Look
from app.resources.completion import Completion


@dataclass(frozen=True)
class Part:
    """The promises of one grade."""

    term: Completion
    look: Look
    count: int
    before: int
    """How many promises stand in the bar before them."""


def completion_bar(counts: Mapping[str, float]) -> list[Part]:
    """The parts that are not empty, in the order of a bar."""
    parts: list[Part] = []
    before = 0
    for term in ORDER:
        if count := int(counts.get(term.value) or 0):
            parts.append(Part(term, LOOKS[term], count, before))
            before += count
    return parts
