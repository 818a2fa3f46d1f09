"""Every flaw of a request is told at once, also those that are found late: a cursor, a name, a slug that is taken."""

from typing import Any

import httpx
import pytest

from tests.support.editor import fresh

NOT_A_CURSOR = "cursor=AAAA"


def _flaws(response: httpx.Response, status: int) -> set[str]:
    assert response.status_code == status, response.text
    return {flaw.get("parameter") or flaw["pointer"] for flaw in response.json()["errors"]}


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/commitments?bogus=1", {"bogus", "cursor"}),
        ("/v1/commitments?partnership=nowhere", {"partnership", "cursor"}),
        ("/v1/commitments?partnership=nowhere&limit=0", {"partnership", "limit", "cursor"}),
        ("/v1/commitments.csv?fields=nothing", {"fields", "cursor"}),
        ("/v1/meetings.ics?fields=slug", {"fields", "cursor"}),
        ("/v1/search?q=trade&limit=0", {"limit", "cursor"}),
        ("/v1/search?q=trade&partnership=nowhere", {"partnership", "cursor"}),
        ("/v1/commitments/trade-target-50bn-2030/revisions?limit=0", {"limit", "cursor"}),
    ],
)
def test_a_bad_cursor_is_told_with_the_other_flaws(anonymous: httpx.Client, path: str, named: set[str]) -> None:
    assert _flaws(anonymous.get(f"{path}&{NOT_A_CURSOR}"), 400) == named


def test_a_bad_cursor_alone_is_still_a_problem_of_its_own_kind(anonymous: httpx.Client) -> None:
    for path in ("/v1/commitments?limit=5", "/v1/commitments.csv?limit=5", "/v1/search?q=trade"):
        response = anonymous.get(f"{path}&{NOT_A_CURSOR}")
        assert _flaws(response, 400) == {"cursor"}
        assert response.json()["type"].endswith("/bad-cursor")


@pytest.mark.parametrize("dry_run", ["true", "false"])
@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"description": 7}, {"/description", "/slug"}),
        ({"parent": "no-such-theme"}, {"/parent", "/slug"}),
        ({"description": 7, "parent": "no-such-theme"}, {"/description", "/parent", "/slug"}),
    ],
)
def test_a_slug_that_is_taken_is_told_with_the_other_flaws(
    editor: httpx.Client, dry_run: str, wrong: dict[str, Any], named: set[str]
) -> None:
    slug = fresh("taken")
    editor.post("/v1/themes", json={"name": "A theme", "slug": slug}).raise_for_status()
    body = {"name": "Another theme", "slug": slug}
    query = {"dry_run": dry_run}
    assert _flaws(editor.post("/v1/themes", json=body, params=query), 409) == {"/slug"}
    assert _flaws(editor.post("/v1/themes", json={**body, **wrong}, params=query), 422) == named
    free = {**body, **wrong, "slug": fresh("free")}
    assert _flaws(editor.post("/v1/themes", json=free, params=query), 422) == named - {"/slug"}


def test_a_rename_to_a_taken_slug_is_told_with_the_other_flaws(editor: httpx.Client) -> None:
    taken, own = fresh("taken"), fresh("own")
    for slug in (taken, own):
        editor.post("/v1/themes", json={"name": "A theme", "slug": slug}).raise_for_status()
    patch = {"slug": taken, "parent": "no-such-theme"}
    response = editor.patch(f"/v1/themes/{own}", json=patch, headers={"If-Match": "*"})
    assert _flaws(response, 422) == {"/slug", "/parent"}


def test_a_slug_that_is_taken_is_told_with_what_only_the_register_can_tell(editor: httpx.Client) -> None:
    taken = fresh("taken")
    update = {"commitment": "trade-target-50bn-2030", "occurred_on": "2021", "narrative": "It was told."}
    editor.post("/v1/updates", json={**update, "slug": taken}).raise_for_status()
    later = {"occurred_on": "2022", "recorded_on": "2021-01-01"}
    assert _flaws(editor.post("/v1/updates", json={**update, "slug": taken}), 409) == {"/slug"}
    assert _flaws(editor.post("/v1/updates", json={**update, **later}), 422) == {"/occurred_on"}
    both = {"/slug", "/occurred_on"}
    assert _flaws(editor.post("/v1/updates", json={**update, **later, "slug": taken}), 422) == both
    own = fresh("own")
    editor.post("/v1/updates", json={**update, "slug": own}).raise_for_status()
    patch = {"slug": taken, **later}
    assert _flaws(editor.patch(f"/v1/updates/{own}", json=patch, headers={"If-Match": "*"}), 422) == both
