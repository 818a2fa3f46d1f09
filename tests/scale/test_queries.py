"""A view takes as many queries over a large register as over a small one."""

import pytest

from tests.support.register import Register

MOST = {"scorecard": 10, "gaps": 9, "timeline": 8, "timeline.svg": 9, "timeline.ics": 12, "graph": 20}


@pytest.mark.parametrize("view", MOST)
def test_a_view_takes_a_bounded_number_of_queries_whatever_the_size(
    small: Register, large: Register, view: str
) -> None:
    counted = []
    for register in (small, large):
        path = f"/v1/partnerships/partnership-1/{view}"
        with register.queries() as queries:
            assert register.get(path).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] <= MOST[view]


def test_the_page_and_the_frames_of_a_partnership_take_a_bounded_number_of_queries_whatever_the_size(
    small: Register, large: Register
) -> None:
    for path, most in (("/partnerships/partnership-1", 60), ("/embed/partnerships/partnership-1/timeline", 12)):
        for register in (small, large):
            with register.queries() as queries:
                assert register.get(path, headers={"Accept": "text/html"}).status_code == 200
            assert len(queries) <= most, path


def test_a_filter_by_many_records_finds_them_by_one_query(large: Register) -> None:
    listed = large.get("/v1/commitments.json?fields=id,slug&limit=40").json()
    some, many = [[each["id" if place % 2 else "slug"] for place, each in enumerate(listed[:end])] for end in (20, 40)]
    counted = []
    for named in (some, many):
        with large.queries() as queries:
            found = large.get("/v1/commitments", params=[("supersedes", each) for each in named])
        assert found.status_code == 200
        counted.append(len(queries))
    assert counted[1] <= counted[0] + 3


@pytest.mark.parametrize("parameter", ["supersedes", "stakeholder"])
def test_the_page_of_a_list_takes_as_many_queries_however_many_its_filter_names(
    large: Register, parameter: str
) -> None:
    name = "stakeholders" if parameter == "stakeholder" else "commitments"
    slugs = [each["slug"] for each in large.get(f"/v1/{name}.json?fields=slug&limit=40").json()]
    counted = []
    for named in (slugs[:20], slugs):
        with large.queries() as queries:
            params = [(parameter, each) for each in named]
            assert large.get("/commitments", params=params, headers={"Accept": "text/html"}).status_code == 200
        counted.append(len(queries))
    assert counted[1] <= counted[0] + 3, counted
    assert counted[1] <= 30


def test_a_search_takes_one_query_for_hits_one_to_count_and_one_for_each_resource_found(
    small: Register, large: Register
) -> None:
    for register in (small, large):
        with register.queries() as queries:
            found = register.get("/v1/search?q=chips&limit=100&count=true").json()
        assert len(queries) == 2 + len({hit["record"]["type"] for hit in found["data"]})


@pytest.mark.parametrize("query", ["limit=20", "limit=200", "overdue=true&sort=-slippage_days&limit=200"])
def test_a_list_of_promises_takes_as_many_queries_as_it_has_relations(
    small: Register, large: Register, query: str
) -> None:
    counted = []
    for register in (small, large):
        with register.queries() as queries:
            assert register.get(f"/v1/commitments?{query}").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] == 10
