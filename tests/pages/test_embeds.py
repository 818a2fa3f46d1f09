"""Frames that other sites show, oEmbed, pages as requests, and what is suggested where a page is missing."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.support.register import Register

HTML = {"Accept": "text/html"}
FRAMES = (
    "/embed/partnerships/india-south-korea/scorecard",
    "/embed/partnerships/india-south-korea/timeline",
    "/embed/commitments/trade-target-50bn-2030",
)


def page(register: Register, path: str, status: int = 200) -> httpx.Response:
    response = register.get(path, headers=HTML)
    assert response.status_code == status, response.text
    return response


@pytest.mark.parametrize("path", FRAMES)
def test_a_frame_may_stand_anywhere_and_no_other_page_may(path: str, register: Register) -> None:
    frame = page(register, path)
    policy = frame.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert "<form" not in frame.text
    assert "<script" not in frame.text
    assert len(frame.content) < 12_000
    other = page(register, "/partnerships/india-south-korea").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in other


def test_a_frame_says_what_its_page_says(register: Register) -> None:
    built = register.get("/v1/partnerships/india-south-korea/scorecard").json()
    scorecard = page(register, FRAMES[0]).text
    assert f"<strong>{built['figures']['promises']['value']}</strong>" in scorecard
    promise = register.get("/v1/commitments/trade-target-50bn-2030").json()
    assert promise["title"] in unescape(page(register, FRAMES[2]).text)


def test_a_frame_of_the_past_and_of_what_is_not_there(register: Register) -> None:
    assert page(register, f"{FRAMES[2]}?as_of=2100-01-01T00:00:00Z").status_code == 200
    page(register, f"{FRAMES[2]}?as_of=2001-01-01T00:00:00Z", 404)
    page(register, "/embed/commitments/unknown", 404)
    page(register, f"{FRAMES[0]}?limit=3", 400)


def oembed(register: Register, **query: str) -> Any:
    response = register.get("/oembed", params=query)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("url", "frame"),
    [
        ("https://register.example/partnerships/india-south-korea", FRAMES[0]),
        ("/partnerships/india-south-korea#timeline", FRAMES[1]),
        ("http://register.example/v1/partnerships/india-south-korea/timeline.svg", FRAMES[1]),
        ("https://register.example/commitments/trade-target-50bn-2030?as_of=2026-11-30T00:00:00Z", FRAMES[2]),
        (f"https://register.example{FRAMES[1]}", FRAMES[1]),
    ],
)
def test_oembed_gives_the_frame_of_a_page(url: str, frame: str, register: Register) -> None:
    answer = oembed(register, url=url, maxwidth="320")
    assert answer["version"] == "1.0"
    assert answer["type"] == "rich"
    assert answer["width"] == 320
    assert answer["title"]
    assert f'src="{frame}"' in answer["html"]
    assert 'width="320"' in answer["html"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"url": "ftp://register.example/commitments/cepa-2009"}, 400),
        ({"url": "//evil.example/commitments/cepa-2009"}, 400),
        ({"url": "https://[register/commitments/cepa-2009"}, 400),
        ({"url": "/commitments/cepa-2009", "maxwidth": "-1"}, 400),
        ({"url": "/commitments/cepa-2009", "maxhight": "10"}, 400),
        ({"url": "/commitments/unknown"}, 404),
        ({"url": "/sources/ipsc-kashyap"}, 404),
        ({"url": "/"}, 404),
        ({"url": "/commitments/cepa-2009", "format": "xml"}, 501),
    ],
)
def test_oembed_refuses_what_is_no_page_of_ours(query: dict[str, str], status: int, register: Register) -> None:
    response = register.get("/oembed", params=query)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/partnerships/india-south-korea", "/commitments/trade-target-50bn-2030"])
def test_a_page_names_its_frame_and_its_oembed(path: str, register: Register) -> None:
    text = page(register, path).text
    link = re.search(r'type="application/json\+oembed" href="([^"]+)"', text)
    assert link is not None
    assert register.get(unescape(link.group(1))).json()["type"] == "rich"
    lines = re.findall(r"<iframe [^\n]*</iframe>", unescape(text))
    assert lines
    for line in lines:
        page(register, re.findall(r'src="([^"]+)"', line)[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "documented"),
    [
        ("/commitments?overdue=true", "/docs#/commitments/list_commitments"),
        ("/commitments/cepa-2009", "/docs#/commitments/get_commitment"),
        ("/commitments/cepa-2009/history", "/docs#/commitments/list_commitment_revisions"),
        ("/search?q=trade", "/docs#/views/search"),
        ("/compare", "/docs#/views/compare_partnerships"),
        ("/glossary", "/docs#/views/list_vocabularies"),
        ("/methodology", "/docs#/views/get_vocabulary"),
        ("/licence", "/docs#/service/get_index"),
        ("/", "/docs#/service/get_index"),
        ("/problems", "/docs"),
    ],
)
def test_a_page_is_a_request_in_four_languages(path: str, documented: str, register: Register) -> None:
    text = unescape(page(register, path).text)
    links = [re.sub(r"\?request=[^#]*", "", link) for link in re.findall(r'href="(/docs[^"]*)"', text)]
    assert documented in links
    command = re.search(r"curl 'http://127.0.0.1:8000([^']+)'", text)
    assert command is not None
    assert register.get(command.group(1), headers={"Accept": "application/json"}).status_code == 200
    for word in ("await fetch(", "import ", "R</summary>"):
        assert word in text
    if documented != "/docs":
        operations = {
            operation["operationId"]: operation["tags"]
            for item in register.get("/openapi-reading.json").json()["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict) and "operationId" in operation
        }
        _, tag, name = documented.split("/docs#")[1].split("/")
        assert tag in operations[name]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/commitments/trade-target-50bn-2031", "/commitments/trade-target-50bn-2030"),
        ("/partnerships/india-korea", "/partnerships/india-south-korea"),
        ("/embed/commitments/trade-targt-50bn", "/commitments/trade-target-50bn-2030"),
        ("/promises", "/commitments"),
        ("/commitment/cepa-2009", "/commitments"),
    ],
)
def test_a_page_that_is_not_there_suggests_what_is(path: str, meant: str, register: Register) -> None:
    assert f'<li><a href="{meant}">' in page(register, path, 404).text


@pytest.mark.parametrize("path", ["/nowhere", "/commitments/%ff", "/x" * 500, "/commitments/a/b/c", "/%2f%2fevil"])
def test_a_page_that_is_like_nothing_is_missing_all_the_same(path: str, register: Register) -> None:
    assert register.get(path, headers=HTML).status_code == 404
