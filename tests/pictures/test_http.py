"""Pictures over HTTP: one address each, or the view's own address with an `Accept` header."""

import re
from xml.etree.ElementTree import fromstring

import httpx
import pytest

from tests.pictures.samples import DRAWINGS
from tests.support.problems import assert_problem, parameters
from tests.support.register import Register

PARTNERSHIP = "/v1/partnerships/india-south-korea"
pytestmark = pytest.mark.parametrize("name", DRAWINGS)


def test_a_picture_is_answered_as_one(anonymous: httpx.Client, name: str) -> None:
    response = anonymous.get(f"{PARTNERSHIP}/{name}.svg")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/svg+xml"
    assert "public" in response.headers["cache-control"]
    # An <img> shows no picture whose own policy forbids it.
    assert "content-security-policy" not in response.headers
    assert fromstring(response.content).get("role") == "img"  # noqa: S314 (our own)
    assert len(response.content) < 100_000


def test_every_way_to_ask_gives_the_same_picture(anonymous: httpx.Client, name: str) -> None:
    ways = [
        anonymous.get(f"{PARTNERSHIP}/{name}.svg"),
        anonymous.get(f"{PARTNERSHIP}/{name}.svg", headers={"Accept": "image/avif,image/webp,*/*;q=0.8"}),
        anonymous.get(f"{PARTNERSHIP}/{name}", headers={"Accept": "image/svg+xml"}),
    ]
    assert {response.status_code for response in ways} == {200}
    assert len({response.content for response in ways}) == 1
    assert "accept" in ways[-1].headers["vary"].lower()


def test_a_picture_is_sent_once(anonymous: httpx.Client, name: str) -> None:
    first = anonymous.get(f"{PARTNERSHIP}/{name}.svg")
    again = anonymous.get(f"{PARTNERSHIP}/{name}.svg", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]


def test_head_tells_what_get_would(anonymous: httpx.Client, name: str) -> None:
    get, head = anonymous.get(f"{PARTNERSHIP}/{name}.svg"), anonymous.head(f"{PARTNERSHIP}/{name}.svg")
    assert head.status_code == 200
    assert head.content == b""
    for header in ("content-type", "etag", "cache-control"):
        assert head.headers[header] == get.headers[header]


def test_an_unknown_partnership_has_no_picture(anonymous: httpx.Client, name: str) -> None:
    response = anonymous.get(f"/v1/partnerships/nowhere-at-all/{name}.svg")
    assert response.status_code == 404
    assert_problem(response)


def test_an_unknown_parameter_is_named(anonymous: httpx.Client, name: str) -> None:
    response = anonymous.get(f"{PARTNERSHIP}/{name}.svg", params={"width": "400"})
    assert response.status_code == 400
    assert_problem(response)
    assert parameters(response) == ["width"]


def test_the_picture_is_of_what_the_view_tells(anonymous: httpx.Client, name: str) -> None:
    view = anonymous.get(f"{PARTNERSHIP}/{name}").json()
    assert DRAWINGS[name](view) == anonymous.get(f"{PARTNERSHIP}/{name}.svg").text


@pytest.mark.parametrize(("language", "script"), [("ko", "[가-힣]"), ("hi", "[ऀ-ॿ]")])
def test_the_words_of_a_picture_are_in_the_language_that_is_asked_for(
    register: Register, name: str, language: str, script: str
) -> None:
    english = register.get(f"{PARTNERSHIP}/{name}.svg")
    drawn = register.get(f"{PARTNERSHIP}/{name}.svg", params={"lang": language})
    root = fromstring(drawn.content)  # noqa: S314 (our own)
    assert root.get("lang") == language
    words = [each.text or "" for each in root.iter() if each.tag.endswith(("}text", "}desc", "}title"))]
    assert all(re.search(script, each) for each in words[:2])
    # What the program says itself is English nowhere; names and addresses may be.
    in_english = {each.text for each in fromstring(english.content).iter() if each.text}  # noqa: S314 (our own)
    same = {each for each in words if each in in_english and re.search("[a-z]{3}", each)}
    assert {each for each in same if not re.search("Followthrough|KNDA|/v1/", each)} == set()
    assert drawn.headers["etag"] != english.headers["etag"]
