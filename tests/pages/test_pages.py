"""What the server says of itself: pages for people, and the same for programs."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from app import errors
from app.api import problems
from app.resources import CATALOGUE
from tests.support.register import Register

PAGES = (
    "/",
    "/docs",
    "/problems",
    "/problems/bad-query",
    "/commitments",
    "/commitments?completion=complete&completion=limited&q=trade&sort=-due_on",
    "/commitments/trade-target-50bn-2030",
    "/partnerships",
    "/partnerships/india-south-korea",
    "/indicators/trade-total-kr-cy",
    "/search",
    "/search?q=trade",
    "/compare",
    "/methodology",
    "/licence",
    "/glossary",
    "/assistants",
)
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
    def fetched(self) -> list[str]:
        """The address of everything that a browser loads with the page."""
        loaded = [each.get("src") for tag in ("img", "script", "iframe") for each in self.all(tag)]
        styles = [each.get("href") for each in self.all("link") if each.get("rel") in ("stylesheet", "icon")]
        return [address for address in (*loaded, *styles) if address]

    @property
    def addresses(self) -> list[str]:
        """Every address that the page names."""
        return [value for _, attributes in self.elements for name in ("href", "src") if (value := attributes.get(name))]


def page_at(path: str, client: httpx.Client) -> Page:
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_read_by_everybody(path: str, anonymous: httpx.Client) -> None:
    page = page_at(path, anonymous)
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("title")
    assert page.all("meta")[1]["content"] == "width=device-width, initial-scale=1"
    assert all("alt" in image for image in page.all("img"))
    # Of the documentation this is what is there without a script; with one, the browser tells.
    assert len(page.all("main")) == 1
    assert page.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *page.levels], page.levels, strict=False))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_no_other_host_and_no_script_of_its_own(path: str, anonymous: httpx.Client) -> None:
    page = page_at(path, anonymous)
    assert [address for address in page.fetched if not re.match(r"[/#](?!/)", address)] == []
    scripts = [each for each in page.all("script") if each.get("type") != "application/ld+json"]
    assert all("src" in script for script in scripts)
    assert not any(name.startswith("on") or name == "style" for _, each in page.elements for name in each)
    policy = anonymous.get(path, headers=HTML).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def leading_nowhere(addresses: Iterable[str], client: httpx.Client) -> list[str]:
    """Those addresses that do not answer."""
    return [each for each in addresses if client.get(each, headers={"Accept": "*/*"}).status_code != 200]


def led_to_by(path: str, client: httpx.Client) -> set[str]:
    """The addresses on this server that a page leads to."""
    return {address for address in page_at(path, client).addresses if re.match(r"/(?!/)", address)}


def kind_of_address(address: str) -> str:
    """What addresses of one kind share: their path but for slugs and numbers, and the names of their parameters."""
    url = httpx.URL(address)
    return f"{re.sub(r'/[^/]*[-0-9][^/.]*', '/*', url.path)}?{'&'.join(sorted({*url.params.keys()}))}"


@pytest.mark.slow
def test_what_pages_lead_to_is_there(backend: str, anonymous: httpx.Client) -> None:
    """Each address once, as all pages share most; on PostgreSQL, where only the queries differ, one of each kind."""
    every = sorted(set().union(*(led_to_by(path, anonymous) for path in PAGES)))
    kinds = {kind_of_address(address): address for address in every}
    assert len(kinds) > 100
    assert leading_nowhere(every if backend == "sqlite" else kinds.values(), anonymous) == []


@pytest.mark.parametrize("path", [*PAGES, *PROGRAMS, "/openapi.json", "/static/site.css", "/favicon.ico"])
def test_head_says_what_get_would(path: str, anonymous: httpx.Client) -> None:
    requested = anonymous.get(path, headers=HTML if path in PAGES else {})
    head = anonymous.head(path, headers=HTML if path in PAGES else {})
    assert head.status_code == requested.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == requested.headers["content-type"]


def test_the_front_page_counts_what_there_is(anonymous: httpx.Client) -> None:
    counts = {name: each["count"] for name, each in anonymous.get("/v1").json()["resources"].items()}
    assert anonymous.get("/").json()["counts"] == counts
    shown = anonymous.get("/", headers=HTML).text
    for name, count in counts.items():
        if name in ("partnerships", "citations"):
            continue
        assert f'<a href="/{name}"><strong>{count:,}</strong>' in shown


def test_the_front_page_asks_questions_that_have_answers(register: Register) -> None:
    for example in register.get("/").json()["examples"]:
        response = register.get(example["url"])
        assert response.status_code == 200, response.text
        if response.headers["content-type"] == "application/json":
            assert response.json().get("data", ["no list"]), example
        else:
            assert len(response.text.splitlines()) > 1, example


def test_the_bar_on_the_front_page_adds_up(anonymous: httpx.Client) -> None:
    facets = anonymous.get("/v1/commitments", params={"facets": "completion", "count": "true"}).json()
    bar = [each for each in page_at("/", anonymous).all("rect") if "data-term" in each]
    parts: dict[str, int] = {}
    for each in bar:  # One bar a partnership.
        parts[each["data-term"] or ""] = parts.get(each["data-term"] or "", 0) + int(each["width"] or 0)
    assert parts == facets["facets"]["completion"]
    assert sum(parts.values()) == facets["total"]


@pytest.mark.parametrize("kind", errors.ALL, ids=lambda kind: kind.name)
def test_the_type_of_every_problem_leads_to_its_explanation(
    kind: type[errors.Problem], anonymous: httpx.Client
) -> None:
    address = problems.example(kind)["type"]
    shown = anonymous.get(address, headers=HTML)
    assert kind.title in re.sub(r"&#39;", "'", shown.text)
    reported: dict[str, Any] = anonymous.get(address, headers={"Accept": "application/json"}).json()
    assert reported["type"] == address
    assert reported["status"] == kind.status
    assert reported["remedy"] == kind.remedy
    assert {"type": address}.items() <= anonymous.get("/problems", headers={"Accept": "application/json"}).json()[
        "data"
    ][errors.ALL.index(kind)].items()


def test_what_problems_advise_to_read_is_there(anonymous: httpx.Client) -> None:
    document = anonymous.get("/openapi.json").json()
    declared = [*document["components"]["parameters"].values()]
    declared += [
        each for item in document["paths"].values() for one in item.values() for each in one.get("parameters", ())
    ]
    known = {each["name"] for each in declared if each.get("in") == "query"}
    for kind in errors.ALL:
        words = f"{kind.meaning} {kind.remedy}"
        for path in re.findall(r"`(/[^`]+)`", words):
            assert anonymous.get(path).status_code == 200, (kind.name, path)
        for parameter in re.findall(r"\?(\w+)=", words):
            assert parameter in known, (kind.name, parameter)


def test_an_unknown_problem_is_a_problem(anonymous: httpx.Client) -> None:
    response = anonymous.get("/problems/no-such-problem")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_the_api_catalogue_is_a_link_set(anonymous: httpx.Client) -> None:
    response = anonymous.get("/.well-known/api-catalog")
    assert response.headers["content-type"].startswith("application/linkset+json")
    known = {"If-None-Match": response.headers["etag"]}
    assert anonymous.get("/.well-known/api-catalog", headers=known).status_code == 304
    (context,) = response.json()["linkset"]
    assert context["anchor"] == "/v1"
    for relation in ("service-desc", "service-doc", "status"):
        for target in context[relation]:
            there = anonymous.get(target["href"])
            assert there.status_code == 200
            assert there.headers["content-type"].partition(";")[0] == target["type"]


def test_the_index_leads_to_every_list(anonymous: httpx.Client) -> None:
    for name, each in anonymous.get("/v1").json()["resources"].items():
        response = anonymous.get(each["url"], params={"count": "true", "limit": 1})
        assert response.json()["total"] == each["count"], name


@pytest.mark.parametrize(("path", "status"), [("/healthz", "ok"), ("/readyz", "ready")])
def test_health_is_told_and_never_kept(path: str, status: str, anonymous: httpx.Client) -> None:
    response = anonymous.get(path)
    assert response.json()["status"] == status
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PROGRAMS)
def test_what_takes_no_parameter_refuses_one(path: str, anonymous: httpx.Client) -> None:
    response = anonymous.get(path, params={"verbose": "1"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "verbose"


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
    response = anonymous.get("/favicon.ico")
    assert response.headers["content-type"] in ("image/vnd.microsoft.icon", "image/x-icon")
    assert response.content.startswith(b"\0\0\1\0")


def test_a_list_offers_a_search_where_its_records_have_words_to_search(anonymous: httpx.Client) -> None:
    for resource in CATALOGUE:
        page = anonymous.get(f"/{resource.name}").text
        assert ('<p class="search-field">' in page) is bool(resource.searchable), resource.name
