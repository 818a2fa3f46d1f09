"""The resources in the order in which a reader meets them, for the documentation and the front page alike."""

from app.core.resource import Resource

SECTIONS: dict[str, tuple[str, ...]] = {
    "From a challenge to what came of it": (
        "partnerships",
        "challenges",
        "recommendations",
        "commitments",
        "milestones",
        "updates",
    ),
    "What it is measured by, and where it was said": ("indicators", "observations", "dialogues", "meetings"),
    "Who takes part, what it is about, and the evidence": ("stakeholders", "themes", "sources", "citations"),
}

ORDER = tuple(name for names in SECTIONS.values() for name in names)
"""A resource that is not named here comes after those that are."""


def place(name: str) -> int:
    """Where a resource comes in the order."""
    return ORDER.index(name) if name in ORDER else len(ORDER)


def first_words(resource: Resource) -> str:
    """What a resource is, in a sentence."""
    return resource.description.partition("\n\n")[0]
