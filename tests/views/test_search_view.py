"""Search over all resources: which hits, in which order, and with which words marked."""

import html
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.resources import ALL
from app.views.search import SearchResults, snippet
from tests.support.problems import kind, parameters


def test_a_snippet_marks_the_words_and_escapes_what_is_not_ours() -> None:
    text = 'Trade & <script>alert("x")</script> in tradé, not in a trademark'
    shown = snippet(text, ("trade",))
    assert shown is not None
    assert shown.startswith("<mark>Trade</mark> &amp; &lt;script&gt;")
    assert "<mark>tradé</mark>" in shown
    assert html.unescape(re.sub(r"</?mark>", "", shown)) == text
    assert set(re.findall(r"<[^>]*>", shown)) == {"<mark>", "</mark>"}


def test_a_snippet_of_a_long_text_is_cut_at_words_around_the_first_hit() -> None:
    text = f"{'before ' * 100}needle {'after ' * 100}".strip()
    shown = snippet(text, ("needle",))
    assert shown is not None
    assert shown.startswith("…before ")
    assert shown.endswith(" after…")
    assert "<mark>needle</mark>" in shown
    assert len(shown) < 400


@pytest.mark.parametrize(("text", "words"), [("nothing of it", ["needle"]), (None, ["x"]), (["needle"], ["needle"])])
def test_there_is_no_snippet_where_no_word_is_found(text: object, words: list[str]) -> None:
    assert snippet(text, tuple(words)) is None


def test_a_hit_in_the_title_comes_before_one_in_the_text(editor: httpx.Client, anonymous: httpx.Client) -> None:
    word = f"zz{uuid4().hex[:12]}"
    for name, description in ((f"About {word}", None), ("About <b>nothing</b>", f"Tells & <i>of</i> {word}.")):
        body = {"name": f"{name} {uuid4().hex[:4]}", "description": description, "state": "published"}
        editor.post("/v1/themes", json=body).raise_for_status()
    response = anonymous.get("/v1/search", params={"q": word.upper(), "count": "true"})
    SearchResults.model_validate_json(response.content, strict=True)
    first, second = response.json()["data"]
    assert (first["score"], second["score"]) == (4, 1)
    assert first["field"] == "name"
    assert second["field"] == "description"
    assert second["snippet"] == f"Tells &amp; &lt;i&gt;of&lt;/i&gt; <mark>{word}</mark>."
    assert anonymous.get(first["url"]).json()["id"] == first["record"]["id"]
    assert (response.json()["total"], response.json()["facets"]) == (2, {"theme": 2})


def test_the_bundled_register_can_be_searched(anonymous: httpx.Client) -> None:
    found = anonymous.get("/v1/search", params={"q": "cepa", "limit": 100, "count": "true"}).json()
    assert found["total"] == sum(found["facets"].values()) > 20
    assert {"commitment", "update"} <= found["facets"].keys()
    assert [hit["score"] for hit in found["data"]] == sorted((hit["score"] for hit in found["data"]), reverse=True)
    assert all("<mark>" in hit["snippet"] for hit in found["data"] if hit["snippet"])
    only = anonymous.get("/v1/search", params={"q": "cepa", "type": ["commitment", "update"], "limit": 100}).json()
    assert {hit["record"]["type"] for hit in only["data"]} == {"commitment", "update"}


def test_what_is_not_found_is_an_empty_answer(anonymous: httpx.Client) -> None:
    found = anonymous.get("/v1/search", params={"q": f"zz{uuid4().hex}", "count": "true"}).json()
    assert found["data"] == []
    assert (found["next"], found["next_cursor"], found["total"], found["facets"]) == (None, None, 0, {})
    assert (found["words"], found["words_matched"]) == (1, 0)


def test_where_no_record_has_every_word_those_with_most_of_them_are_found(
    editor: httpx.Client, anonymous: httpx.Client
) -> None:
    first, second, nowhere = (f"z{uuid4().hex}" for _ in range(3))
    for name in (f"About {first} and {second}", f"Also {second} and {first}", f"Only {first}"):
        editor.post("/v1/themes", json={"name": name, "state": "published"}).raise_for_status()

    def search(q: str, **more: str) -> dict[str, Any]:
        found: dict[str, Any] = anonymous.get("/v1/search", params={"q": q, "count": "true", **more}).json()
        return found

    every = search(f"{first} {second}")
    assert (every["words"], every["words_matched"], every["total"]) == (2, 2, 2)
    most = search(f"{first} {second} {nowhere}")
    assert (most["words"], most["words_matched"], most["total"]) == (3, 2, 2)
    assert {hit["record"]["slug"] for hit in most["data"]} == {hit["record"]["slug"] for hit in every["data"]}
    together = search(f'"{first} and {second}" {nowhere}')
    assert (together["words"], together["words_matched"], together["total"]) == (2, 1, 1)
    assert search(f'"{first} {nowhere}" {nowhere}')["words_matched"] == 0
    page = search(f"{first} {nowhere}", limit="2")
    assert (page["words_matched"], page["total"], len(page["data"])) == (1, 3, 2)
    # A record that has every word comes between two pages: the walk goes on as it began.
    late = {"name": f"{first} {nowhere}", "state": "published"}
    editor.post("/v1/themes", json=late).raise_for_status()
    rest = anonymous.get(page["next"]).json()
    assert (rest["words_matched"], len(rest["data"]), rest["next"]) == (1, 1, None)
    assert search(f"{first} {nowhere}")["total"] == 1
    # A list means every word.
    assert anonymous.get("/v1/themes", params={"q": f"{second} {nowhere}"}).json()["data"] == []


def test_equally_relevant_hits_come_in_the_order_in_which_readers_look_for_them(
    editor: httpx.Client, anonymous: httpx.Client
) -> None:
    word = f"zz{uuid4().hex[:12]}"
    bodies = {
        "sources": {"title": f"About {word}", "type": "webpage"},
        "themes": {"name": f"About {word}"},
        "stakeholders": {"name": f"About {word}", "kind": "media"},
    }
    for name, body in bodies.items():
        editor.post(f"/v1/{name}", json={**body, "state": "published"}).raise_for_status()
    found = anonymous.get("/v1/search", params={"q": word}).json()["data"]
    assert [(hit["record"]["type"], hit["score"]) for hit in found] == [
        ("stakeholder", 4),
        ("theme", 4),
        ("source", 4),
    ]


def test_a_promise_is_found_by_its_kind(anonymous: httpx.Client) -> None:
    found = anonymous.get("/v1/search", params={"q": "trade target", "type": "commitment"}).json()
    assert "trade-target-50bn-2030" in {hit["record"]["slug"] for hit in found["data"]}
    assert found["words_matched"] == found["words"] == 2


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "q"),
        ("q=", "q"),
        ("q=...", "q"),
        ("q=a&limit=0", "limit"),
        ("q=a&limit=101", "limit"),
        ("q=a&lmit=5", "lmit"),
        ("q=a&q=b", "q"),
        ("q=a&type=promises", "type"),
        ("q=a&count=yes", "count"),
        ("q=a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a%20a", "q"),
    ],
)
def test_a_query_that_cannot_be_understood_is_refused(anonymous: httpx.Client, query: str, named: str) -> None:
    response = anonymous.get(f"/v1/search?{query}")
    assert response.status_code == 400
    assert (kind(response), parameters(response)) == ("bad-query", [named])


def test_every_searchable_resource_can_be_named(anonymous: httpx.Client) -> None:
    for resource in ALL:
        response = anonymous.get("/v1/search", params={"q": "india", "type": resource.singular})
        assert response.status_code == (200 if resource.searchable else 400), resource.name


def test_a_search_is_followed_page_by_page(anonymous: httpx.Client) -> None:
    whole = anonymous.get("/v1/search", params={"q": "korea", "limit": 100, "count": "true"}).json()
    path: str | None = "/v1/search?q=korea&limit=17"
    found = []
    while path is not None and len(found) < 100:
        page = anonymous.get(path).json()
        assert (page["next"] is None) == (page["next_cursor"] is None)
        found += page["data"]
        path = page["next"]
    assert found[:100] == whole["data"][: len(found)]
    assert len(found) == min(whole["total"], len(found))
    assert len({hit["record"]["id"] for hit in found}) == len(found)


def test_a_cursor_of_another_search_is_refused(anonymous: httpx.Client, editor: httpx.Client) -> None:
    cursor = anonymous.get("/v1/search?q=korea&limit=5").json()["next_cursor"]
    assert anonymous.get("/v1/search", params={"q": "korea", "limit": 7, "cursor": cursor}).status_code == 200
    for client, query in ((anonymous, "india"), (editor, "korea")):
        response = client.get("/v1/search", params={"q": query, "cursor": cursor})
        assert (response.status_code, kind(response)) == (400, "bad-cursor")


def test_a_search_of_one_partnership_finds_what_belongs_to_it(anonymous: httpx.Client) -> None:
    query = {"q": "trade", "limit": 100, "count": "true"}
    whole = anonymous.get("/v1/search", params=query).json()
    part = anonymous.get("/v1/search", params={**query, "partnership": "india-south-korea"}).json()
    assert 0 < part["total"] < whole["total"]
    assert not {"theme", "stakeholder", "source"} & part["facets"].keys()
    for hit in part["data"]:
        record = anonymous.get(hit["url"]).json()
        if "partnership" in record:
            assert record["partnership"]["slug"] == "india-south-korea"
    response = anonymous.get("/v1/search?q=trade&partnership=india-south-koera")
    assert (response.status_code, parameters(response)) == (400, ["partnership"])
    assert "india-south-korea" in response.json()["detail"]


@pytest.mark.parametrize("types", ["type=theme", "type=stakeholder&type=source"])
def test_what_belongs_to_no_partnership_is_not_found_in_one(anonymous: httpx.Client, types: str) -> None:
    assert anonymous.get(f"/v1/search?q=trade&count=true&{types}").json()["total"] > 0
    for q in ("trade", "trade nowhereatall"):
        response = anonymous.get(f"/v1/search?q={q}&count=true&partnership=india-south-korea&{types}")
        assert response.status_code == 200
        assert (response.json()["data"], response.json()["total"], response.json()["facets"]) == ([], 0, {})
