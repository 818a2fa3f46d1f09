"""What the server says of itself: pages for people, and the same for programs."""

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from app import errors

PAGES = ("/", "/docs", "/problems", "/problems/bad-query")
PROGRAMS = ("/healthz", "/readyz", "/v1", "/.well-known/api-catalog")
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Page(HTMLParser):
    """A page taken apart: its elements, and the text of its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.levels: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def addresses(self) -> list[str]:
        """Every address that the page names."""
        return [value for _, attributes in self.elements for name in ("href", "src") if (value := attributes.get(name))]


def page_at(path: str, client: httpx.Client) -> Page:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_read_by_everybody(path: str, anonymous: httpx.Client) -> None:
    page = page_at(path, anonymous)
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("title")
    assert page.all("meta")[1]["content"] == "width=device-width, initial-scale=1"
    assert len(page.all("main")) == 1
    assert all("alt" in image for image in page.all("img"))
    if path != "/docs":  # Swagger UI has the headings there.
        assert page.levels.count(1) == 1
        assert all(after <= before + 1 for before, after in zip([0, *page.levels], page.levels, strict=False))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_no_other_host_and_no_script_of_its_own(path: str, anonymous: httpx.Client) -> None:
    page = page_at(path, anonymous)
    assert [address for address in page.addresses if not re.match(r"[/#](?!/)", address)] == []
    assert all("src" in script for script in page.all("script"))
    assert not any(name.startswith("on") or name == "style" for _, each in page.elements for name in each)
    policy = anonymous.get(path, headers=HTML).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_leads_to_is_there(path: str, anonymous: httpx.Client) -> None:
    addresses = {address for address in page_at(path, anonymous).addresses if not address.startswith("#")}
    lost = [address for address in addresses if anonymous.get(address, headers={"Accept": "*/*"}).status_code != 200]
    assert lost == []


@pytest.mark.parametrize("path", [*PAGES, *PROGRAMS, "/openapi.json", "/static/site.css", "/favicon.ico"])
def test_head_says_what_get_would(path: str, anonymous: httpx.Client) -> None:
    asked = anonymous.get(path, headers=HTML if path in PAGES else {})
    head = anonymous.head(path, headers=HTML if path in PAGES else {})
    assert head.status_code == asked.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == asked.headers["content-type"]


def test_the_front_page_counts_what_there_is(anonymous: httpx.Client) -> None:
    counts = {name: each["count"] for name, each in anonymous.get("/v1").json()["resources"].items()}
    assert anonymous.get("/").json()["counts"] == counts
    shown = anonymous.get("/", headers=HTML).text
    for name, count in counts.items():
        assert f'<a href="/v1/{name}"><strong>{count:,}</strong>' in shown


def test_the_front_page_asks_questions_that_have_answers(anonymous: httpx.Client) -> None:
    for example in anonymous.get("/").json()["examples"]:
        answer = anonymous.get(example["url"])
        assert answer.status_code == 200, answer.text
        if answer.headers["content-type"] == "application/json":
            assert answer.json().get("data", ["no list"]), example
        else:
            assert len(answer.text.splitlines()) > 1, example


def test_the_bar_on_the_front_page_adds_up(anonymous: httpx.Client) -> None:
    facets = anonymous.get("/v1/commitments", params={"facets": "completion", "count": "true"}).json()
    bar = [each for each in page_at("/", anonymous).all("rect") if "data-term" in each]
    parts = {each["data-term"]: int(each["width"] or 0) for each in bar}
    assert parts == facets["facets"]["completion"]
    assert sum(parts.values()) == facets["total"]


@pytest.mark.parametrize("kind", errors.ALL, ids=lambda kind: kind.name)
def test_the_type_of_every_problem_leads_to_its_explanation(
    kind: type[errors.Problem], anonymous: httpx.Client
) -> None:
    address = errors.example(kind)["type"]
    shown = anonymous.get(address, headers=HTML)
    assert kind.title in re.sub(r"&#39;", "'", shown.text)
    told: dict[str, Any] = anonymous.get(address, headers={"Accept": "application/json"}).json()
    assert told["type"] == address
    assert told["status"] == kind.status
    assert told["remedy"] == kind.remedy
    assert {"type": address}.items() <= anonymous.get("/problems", headers={"Accept": "application/json"}).json()[
        "data"
    ][errors.ALL.index(kind)].items()


def test_an_unknown_problem_is_a_problem(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/problems/no-such-problem")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_api_catalogue_is_a_link_set(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/.well-known/api-catalog")
    assert answer.headers["content-type"].startswith("application/linkset+json")
    (context,) = answer.json()["linkset"]
    assert context["anchor"] == "/v1"
    for relation in ("service-desc", "service-doc", "status"):
        for target in context[relation]:
            there = anonymous.get(target["href"])
            assert there.status_code == 200
            assert there.headers["content-type"].partition(";")[0] == target["type"]


def test_the_index_leads_to_every_list(anonymous: httpx.Client) -> None:
    for name, each in anonymous.get("/v1").json()["resources"].items():
        answer = anonymous.get(each["url"], params={"count": "true", "limit": 1})
        assert answer.json()["total"] == each["count"], name


@pytest.mark.parametrize(("path", "status"), [("/healthz", "ok"), ("/readyz", "ready")])
def test_health_is_told_and_never_kept(path: str, status: str, anonymous: httpx.Client) -> None:
    answer = anonymous.get(path)
    assert answer.json()["status"] == status
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PROGRAMS)
def test_what_takes_no_parameter_refuses_one(path: str, anonymous: httpx.Client) -> None:
    answer = anonymous.get(path, params={"verbose": "1"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "verbose"


def test_static_files_are_kept_for_as_long_as_they_are_the_same(anonymous: httpx.Client) -> None:
    addresses = [address for address in page_at("/docs", anonymous).addresses if address.startswith("/static/")]
    assert len(addresses) >= 5
    for address in addresses:
        by_content = anonymous.get(address)
        assert by_content.headers["cache-control"] == "public, max-age=31536000, immutable"
        by_name = anonymous.get(address.partition("?")[0])
        assert by_name.headers["cache-control"] == "public, max-age=300"
        again = anonymous.get(address, headers={"If-None-Match": by_content.headers["etag"]})
        assert again.status_code == 304


def test_the_icon_is_an_icon(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/favicon.ico")
    assert answer.headers["content-type"] in ("image/vnd.microsoft.icon", "image/x-icon")
    assert answer.content.startswith(b"\0\0\1\0")
