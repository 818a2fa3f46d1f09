"""Comparing partnerships: the scorecards that each has by itself, and how a query that names none is refused."""

import pytest

from tests.support.lists import Lists, figures
from tests.support.problems import assert_problem, parameters
from tests.support.register import Register

BOTH = ("partnership-1", "partnership-0")


def _path(*partnerships: str) -> str:
    return "/v1/compare?" + "&".join(f"partnership={each}" for each in partnerships)


def test_a_comparison_is_the_scorecards_side_by_side(generated: Register) -> None:
    lists = Lists(generated)
    compared = lists.json(_path(*BOTH))
    alone = [lists.json(f"/v1/partnerships/{each}/scorecard") for each in BOTH]
    assert compared == {"as_of": alone[0]["as_of"], "data": alone}


def test_every_figure_is_defined_alike_and_has_its_own_list(generated: Register) -> None:
    first, second = (dict(figures(each)) for each in Lists(generated).json(_path(*BOTH))["data"])
    shared = [place for place in first.keys() & second.keys() if place.split("/")[1] in ("figures", "completion")]
    assert len(shared) > 15
    for place in shared:
        assert first[place]["definition"] == second[place]["definition"]
        if first[place]["list"] and second[place]["list"]:
            assert first[place]["list"] != second[place]["list"]


def test_a_partnership_is_named_by_slug_or_id_and_drafts_are_seen_by_editors(generated: Register) -> None:
    id_ = Lists(generated).json(f"/v1/partnerships/{BOTH[0]}")["id"]
    assert Lists(generated).json(_path(id_, BOTH[1])) == Lists(generated).json(_path(*BOTH))
    editors = Lists(generated, generated.authorization).json(_path(*BOTH))
    assert editors["data"] != Lists(generated).json(_path(*BOTH))["data"]


@pytest.mark.parametrize(
    ("query", "flaws"),
    [
        ("", 1),
        ("?partnership=partnership-0", 1),
        ("?" + "&".join(["partnership=partnership-0"] * 7), 1),
        ("?partnership=partnership-0&partnership=partnership-0", 1),
        ("?partnership=partnership-0&partnership=partnershp-1", 1),
        ("?partnership=nothing-like-it&partnership=partnershp-1", 2),
        ("?partnership=partnership-0&partnership=", 1),
    ],
)
def test_what_is_no_comparison_is_refused(generated: Register, query: str, flaws: int) -> None:
    response = generated.get(f"/v1/compare{query}")
    assert response.status_code == 400, response.text
    assert_problem(response)
    assert set(parameters(response)) == {"partnership"}
    assert len(response.json()["errors"]) == flaws


def test_the_right_name_is_proposed(generated: Register) -> None:
    response = generated.get(_path("partnership-0", "partnershp-1"))
    assert "Did you mean partnership-1?" in response.json()["errors"][0]["detail"]
