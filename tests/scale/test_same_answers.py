"""What is found or counted in a shorter way is what the long way comes to."""

from collections.abc import Iterator

import pytest

from app.core.reading import ordering, ranking, search, statements
from app.resources import CATALOGUE
from tests.support.generated_register import SMALL, Size
from tests.support.register import Register

ALL = "created_at__gte=2000-01-01T00:00:00Z"
"""A filter that every record passes: counts under a filter look at each record."""

RELATIONS = [
    (resource.name, name)
    for resource in CATALOGUE
    for name in resource.listing.facets
    if resource.by_field.get(name) or resource.by_field.get(f"{name}s")
]


def test_facets_by_a_relation_come_to_the_same_with_every_record_looked_at(large: Register) -> None:
    assert ("commitments", "theme") in RELATIONS
    assert ("commitments", "stakeholder") not in RELATIONS  # it is named otherwise than its field
    for name, facet in (*RELATIONS, ("commitments", "stakeholder"), ("recommendations", "stakeholder")):
        for headers in ({}, large.authorization):
            short = large.get(f"/v1/{name}?limit=1&facets={facet}", headers=headers).json()["facets"]
            long = large.get(f"/v1/{name}?limit=1&facets={facet}&{ALL}", headers=headers).json()["facets"]
            assert list(short[facet].items()) == list(long[facet].items()), (name, facet)


def test_what_nobody_may_see_is_not_counted_by_what_it_refers_to(large: Register) -> None:
    themes = large.get("/v1/commitments?limit=1&facets=theme").json()["facets"]["theme"]
    editor = large.get("/v1/commitments?limit=1&facets=theme", headers=large.authorization).json()["facets"]["theme"]
    assert sum(themes.values()) < sum(editor.values())
    slug = next(iter(themes))
    assert themes[slug] == large.get(f"/v1/commitments?limit=1&count=true&theme={slug}").json()["total"]


LISTS = [
    ("commitments", "completion=complete"),
    ("commitments", "completion=complete&kind=target&sort=-due_on"),
    ("commitments", "completion=complete&sort=due_on"),
    ("commitments", "completion__ne=complete&verifiable=true&sort=title"),
    ("commitments", "verifiable__isnull=true&sort=-target_value"),
    ("commitments", "lifecycle=closed&overdue=true&sort=-created_at"),
    ("milestones", "status=met&sort=met_on"),
    ("observations", "status=actual&rank__ne=deprecated&sort=value"),
    ("citations", "intent=disputes"),
]


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Lets a test say how far is near, and forgets the statements that say so afterwards."""
    yield monkeypatch
    monkeypatch.undo()
    statements._built.clear()


@pytest.mark.parametrize(("name", "query"), LISTS)
def test_a_page_that_is_found_nearby_is_the_same_page(
    large: Register, near: pytest.MonkeyPatch, name: str, query: str
) -> None:
    walks = []
    # None is near enough; some are, and then not; all are.
    for distance in (0, 30, 10_000):
        near.setattr(ordering, "_NEAR", distance)
        statements._built.clear()
        following: str | None = f"/v1/{name}?limit=7&{query}"
        slugs: list[str] = []
        for _ in range(25):
            if following is None:
                break
            page = large.get(following).json()
            slugs += [each["slug"] for each in page["data"]]
            following = page["next"]
        walks.append(slugs)
    assert walks[0] == walks[1] == walks[2]
    assert len(walks[0]) == len(set(walks[0])) > 7


@pytest.mark.parametrize("q", ["trade", "st", "body", "page", "publisher", "nowhere", "d"])
@pytest.mark.parametrize("more", ["", "&type=citation&type=commitment&type=source&type=stakeholder"])
def test_the_hits_of_a_frequent_word_are_those_that_are_found_by_scoring_all(
    generated_registers: dict[tuple[str, Size], Register], near: pytest.MonkeyPatch, q: str, more: str
) -> None:
    large, walks = generated_registers["sqlite", SMALL], []
    # By scoring all, and by scores: from what the index finds, by the next slugs, and by these where they are enough.
    for many, alike, distance in ((10**6, 0, 0), (0, 10**6, 0), (0, 0, 10**6), (0, 5, 40)):
        for module, name, value in (
            (ranking, "MANY", many),
            (search, "MANY", many),
            (ranking, "_MANY_ALIKE", alike),
            (ranking, "_NEAR", distance),
        ):
            near.setattr(module, name, value)
        statements._built.clear()
        for headers in ({}, large.authorization):
            following: str | None = f"/v1/search?q={q}&limit=19{more}"
            walk: list[object] = []
            for _ in range(12):
                if following is None:
                    break
                page = large.get(following, headers=headers).json()
                walk += page["data"]
                following = page["next"]
            walks.append(walk)
    assert walks[0::2] == [walks[0]] * 4
    assert walks[1::2] == [walks[1]] * 4
    assert walks[1] or q == "nowhere"
