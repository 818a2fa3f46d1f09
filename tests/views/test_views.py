"""What holds of every view: its shape, what it says of nothing, whom it shows drafts, and where it is not."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.resources import CATALOGUE
from app.views import VIEWS
from app.views.routes import View
from tests.support.lists import figures
from tests.support.problems import assert_problem, kind, parameters
from tests.support.register import Register
from tests.support.samples import Samples

BY_NAME = {view.name: view for view in VIEWS}


@pytest.fixture(params=list(BY_NAME))
def view(request: pytest.FixtureRequest) -> View:
    """Each view of a partnership in turn."""
    found: View = BY_NAME[request.param]
    return found


@pytest.fixture
def partnership(editor: httpx.Client) -> str:
    """A partnership of this test's own."""
    body = {"slug": f"views-{uuid4().hex}", "name": "Views", "parties": ["IN", "KR"], "state": "published"}
    editor.post("/v1/partnerships", json=body).raise_for_status()
    return body["slug"]  # type: ignore[return-value]


def test_a_view_has_the_shape_it_says_it_has(register: Register, generated: Register, view: View) -> None:
    for where, slug in ((register, "india-south-korea"), (generated, "partnership-1")):
        response = where.get(f"/v1/partnerships/{slug}/{view.name}")
        shown = response.json()
        assert (
            view.model.model_validate_json(response.content, strict=True).model_dump(mode="json").keys() == shown.keys()
        )
        assert shown["partnership"]["slug"] == slug


def test_a_view_is_the_same_by_id(register: Register, view: View) -> None:
    id_ = register.get("/v1/partnerships/india-south-korea").json()["id"]
    by_slug = register.get(f"/v1/partnerships/india-south-korea/{view.name}")
    assert register.get(f"/v1/partnerships/{id_}/{view.name}").content == by_slug.content


def test_of_a_partnership_with_nothing_in_it_a_view_is_valid_and_empty(
    anonymous: httpx.Client, partnership: str, view: View
) -> None:
    response = anonymous.get(f"/v1/partnerships/{partnership}/{view.name}")
    assert response.status_code == 200, response.text
    view.model.model_validate_json(response.content, strict=True)
    shown = response.json()
    for name, value in shown.items():
        if isinstance(value, list) and name != "kinds":
            assert value == [], name
    for place, figure in figures(shown):
        assert not figure["value"], place
        averaged = any(word in place for word in ("mean", "share", "rate", "longest"))
        assert (figure["value"] is None) == averaged, place
    assert all(each["count"] == 0 for each in shown.get("kinds", ()))


def test_a_view_of_what_is_not_there_is_not_found(anonymous: httpx.Client, view: View) -> None:
    for key in ("no-such-partnership", str(uuid4()), "Not_a_slug"):
        response = anonymous.get(f"/v1/partnerships/{key}/{view.name}")
        assert response.status_code == 404
        assert_problem(response)


def test_a_view_of_a_draft_is_not_found_but_an_editor_sees_it(
    anonymous: httpx.Client, editor: httpx.Client, view: View
) -> None:
    slug = f"views-{uuid4().hex}"
    editor.post(
        "/v1/partnerships", json={"slug": slug, "name": "RecordWrite", "parties": ["IN", "KR"]}
    ).raise_for_status()
    assert anonymous.get(f"/v1/partnerships/{slug}/{view.name}").status_code == 404
    response = editor.get(f"/v1/partnerships/{slug}/{view.name}")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "private, no-store"


def test_a_view_of_a_renamed_partnership_leads_to_the_new_name(
    anonymous: httpx.Client, editor: httpx.Client, partnership: str, view: View
) -> None:
    new = f"renamed-{uuid4().hex}"
    current = editor.get(f"/v1/partnerships/{partnership}").headers["etag"]
    editor.patch(
        f"/v1/partnerships/{partnership}", json={"slug": new}, headers={"If-Match": current}
    ).raise_for_status()
    response = anonymous.get(f"/v1/partnerships/{partnership}/{view.name}")
    assert response.status_code == 308
    assert response.headers["location"] == f"/v1/partnerships/{new}/{view.name}"


def test_a_view_of_a_withdrawn_partnership_is_gone(
    anonymous: httpx.Client, editor: httpx.Client, partnership: str, view: View
) -> None:
    current = editor.get(f"/v1/partnerships/{partnership}").headers["etag"]
    editor.delete(f"/v1/partnerships/{partnership}", headers={"If-Match": current}).raise_for_status()
    response = anonymous.get(f"/v1/partnerships/{partnership}/{view.name}")
    assert response.status_code == 410
    assert_problem(response)


@pytest.mark.parametrize("name", ["limt", "offset", "q", "partnership"])
def test_a_view_refuses_a_parameter_that_it_does_not_have(anonymous: httpx.Client, view: View, name: str) -> None:
    response = anonymous.get(f"/v1/partnerships/india-south-korea/{view.name}", params={name: "1"})
    assert response.status_code == 400
    assert (kind(response), parameters(response)) == ("bad-query", [name])


def test_a_view_can_be_asked_whether_it_changed(anonymous: httpx.Client, view: View) -> None:
    path = f"/v1/partnerships/india-south-korea/{view.name}"
    first = anonymous.get(path)
    again = anonymous.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    head = anonymous.head(path)
    assert (head.status_code, head.content) == (200, b"")


def _slugs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _slugs(each)
    elif isinstance(value, list):
        for each in value:
            yield from _slugs(each)
    elif isinstance(value, str):
        yield value


def test_drafts_are_in_no_view_but_an_editors(editor: httpx.Client, anonymous: httpx.Client, partnership: str) -> None:
    """A record of each kind in each state, tied to each other: what is a draft leaves no trace in what all see."""
    word = f"zz{uuid4().hex[:12]}"
    samples = Samples(editor)
    created = _trace(samples, partnership, word)
    for name in BY_NAME:
        path = f"/v1/partnerships/{partnership}/{name}"
        public, all_ = anonymous.get(path), editor.get(path)
        assert "draft" not in " ".join(_slugs(public.json())), name
        assert public.content != all_.content, name
        assert any(slug in all_.text for slug in created), name
    found = anonymous.get("/v1/search", params={"q": word, "limit": 100, "count": "true"}).json()
    everything = editor.get("/v1/search", params={"q": word, "limit": 100, "count": "true"}).json()
    assert found["total"] == len(found["data"]) > 0
    assert not [hit for hit in found["data"] if "draft" in hit["record"]["slug"]]
    assert {hit["record"]["slug"] for hit in everything["data"]} >= created
    assert everything["total"] == found["total"] + len(created)


def _trace(samples: Samples, partnership: str, word: str) -> set[str]:
    """One published and one draft record of every resource that views are made of. Gives the slugs of the drafts."""
    own = uuid4().hex[:8]
    drafts: set[str] = set()
    source = samples.published(CATALOGUE.by_name["sources"], slug=f"source-{own}", full=False).slug

    def both(name: str, given: dict[str, Any], draft: dict[str, Any] | None = None) -> None:
        resource = CATALOGUE.by_name[name]
        text = {resource.searchable[0]: f"{word} of {name}"}
        samples.published(resource, slug=f"{name}-{own}", full=False, **text, **given)
        more = {**given, **(draft or {})}
        created = samples.create(resource, slug=f"{name}-draft-{own}", full=False, **text, **more)
        drafts.add(created.slug)

    of = {"partnership": partnership}
    both("stakeholders", {"country": "IN"})
    both("challenges", of)
    both("recommendations", {**of, "challenges": [f"challenges-{own}", *()]})
    both("dialogues", {**of, "expected_interval_months": 6})
    both("meetings", {"dialogue": f"dialogues-{own}", "held_on": "2020-01-01", "status": "held"})
    both("indicators", of)
    part = [
        {"stakeholder": f"stakeholders-{own}", "role": "accountable"},
        {"stakeholder": f"stakeholders-draft-{own}", "role": "accountable"},
    ]
    both(
        "commitments",
        {
            **of,
            "kind": "target",
            "made_on": "2020-01-01",
            "due_on": "2021-01-01",
            "participants": part,
            "recommendations": [f"recommendations-{own}", f"recommendations-draft-{own}"],
            "meeting": f"meetings-draft-{own}",
            "indicator": f"indicators-draft-{own}",
        },
        {"meeting": f"meetings-{own}"},
    )
    both("milestones", {"commitment": f"commitments-{own}", "due_on": "2020-06-01"})
    both(
        "updates",
        {
            "commitment": f"commitments-{own}",
            "occurred_on": "2020-02-01",
            "recorded_on": "2020-02-01",
            "sets": {"lifecycle": "implementation"},
            "citations": [{"source": source}],
        },
    )
    samples.create(
        CATALOGUE.by_name["updates"],
        slug=f"updates-draft-only-{own}",
        full=False,
        narrative="nothing",
        commitment=f"commitments-draft-{own}",
        occurred_on="2020-03-01",
    )
    return drafts
