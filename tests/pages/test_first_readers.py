"""What first readers stumbled over: each thing said once, under its own name, and in a language that is marked."""

import html
import re

import httpx
import pytest

from tests.support.register import Register

PROMISE = "/commitments/trade-target-50bn-2030"


def page_of(register: Register, path: str) -> str:
    answer = register.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    return html.unescape(answer.text)


def section(page: str, name: str) -> str:
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def test_two_values_that_dispute_each_other_are_one_point(register: Register) -> None:
    page = page_of(register, PROMISE)
    claims = section(page, "disagreement")
    assert 'Where sources disagree <span class="count">1</span>' in page
    assert "Sources disagree on 1 point<" in page
    assert claims.count("<li>") == 1
    assert "2022: US$27.8 billion</a> / <a" in claims
    # What a source says comes after its name.
    said = claims.index("Has 27.8 billion, which is preferred here.")
    assert 0 < claims.index("MENAFN") < said < claims.index("This citation", said)


def test_a_later_goal_is_not_told_as_a_delay_of_the_first_one(register: Register) -> None:
    page = page_of(register, PROMISE)
    assert "22 years after the deadline of the first promise, which aimed at US$10 billion" in page
    assert "later than first promised" not in page
    assert "The goal changed on the way" in section(page, "chain")
    assert "US$30 billion" in section(page, "chain")
    assert 'class="slip"' not in page
    same = page_of(register, "/commitments/hsr-first-section-2027")
    assert "later than first promised" in same
    assert "The goal changed on the way" not in same


def test_every_publisher_that_is_counted_is_named(register: Register) -> None:
    query = {"sort": "-independent_sources", "limit": 6}
    for promise in register.get("/v1/commitments", params=query).json()["data"]:
        page = page_of(register, promise["html_url"])
        named = page.partition('id="publishers"')[2].partition("</details>")[0]
        assert named.count("<li>") == promise["independent_sources"] > 0
        assert f"{promise['independent_sources']} independent publishers, cited here or in the log" in named


def test_what_is_overdue_is_opened_in_the_order_of_its_days(register: Register) -> None:
    page = page_of(register, "/partnerships/india-south-korea")
    links = re.findall(r'href="(/commitments\?[^"]*overdue=true[^"]*)"', page)
    assert links
    assert all("sort=-days_overdue" in link for link in links)


def test_an_overdue_promise_says_what_it_was_made_anew_by(register: Register) -> None:
    every = register.get("/v1/commitments", params={"limit": 200, "supersedes__isnull": "false"}).json()["data"]
    later = {each["supersedes"]["slug"]: each for each in every}
    overdue = register.get("/v1/commitments?overdue=true&partnership=india-south-korea&limit=200").json()["data"]
    listed = page_of(register, "/commitments?overdue=true&partnership=india-south-korea&limit=200")
    rows = dict(re.findall(r'<li class="row">\s*<a class="title" href="([^"]+)"(.*?)</li>', listed, re.S))
    anew = [each for each in overdue if each["slug"] in later]
    assert 0 < len(anew) < len(overdue)
    for each in overdue:
        follows = later.get(each["slug"])
        assert (f'href="{follows["html_url"]}"' in rows[each["html_url"]]) if follows else True
        assert ("Promised anew" in rows[each["html_url"]]) == (follows is not None)
    page = page_of(register, "/partnerships/india-south-korea")
    assert f"{len(anew)} of them were promised anew later." in section(page, "overdue")
    assert "Promised anew: <a" in page_of(register, anew[0]["html_url"])


def test_the_series_of_other_reporters_are_linked(register: Register) -> None:
    for path in (PROMISE, "/indicators/trade-total-kr-cy"):
        page = page_of(register, path)
        others = page.partition("The same as others count it")[2].partition("</p>")[0]
        assert 'href="/indicators/trade-total-in-fy"' in others
        assert "/indicators/exports" not in others


@pytest.mark.parametrize("path", ["/citations?subject_type=update", "/search?q=cepa&type=update", "/search?q=cepa"])
def test_what_has_no_title_is_called_by_what_it_says(register: Register, path: str) -> None:
    page = page_of(register, path)
    shown = re.findall(r'<a class="title"[^>]*>([^<]*)</a>|cited for “([^”]*)”', page)
    names = [first or second for first, second in shown]
    assert names
    slugs = [name for name in names if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name)]
    assert slugs == []


@pytest.mark.parametrize("language", ["ko", "hi"])
def test_a_translated_page_cites_itself_and_counts_as_its_language_does(register: Register, language: str) -> None:
    page = page_of(register, f"{PROMISE}?lang={language}")
    cited = page.partition('class="citation')[2].partition("</p>")[0]
    assert f"{PROMISE}?lang={language}" in cited
    assert "?lang" not in page_of(register, PROMISE).partition('class="citation')[2].partition("</p>")[0]
    chart = page.partition('<figure class="chart">')[2].partition("</figure>")[0]
    assert {"ko": "600억", "hi": "60 अरब"}[language] in chart
    assert re.search(r'<span lang="en">Korea: customs', chart)
    assert {"ko": "미국 달러", "hi": "डॉलर"}[language] in chart


def test_names_in_another_language_are_marked(anonymous: httpx.Client) -> None:
    page = anonymous.get("/search", params={"q": "trade", "lang": "ko"}, headers={"Accept": "text/html"}).text
    shown = re.findall(r'<a class="title" href="[^"]*"( lang="en")?>([^<]*)</a>', page)
    assert shown
    for marked, title in shown:
        assert bool(marked) == (not re.search("[가-힣]", title)), title


def test_a_partnership_leads_to_what_sources_dispute_of_it(register: Register) -> None:
    for slug in ("india-south-korea", "india-japan"):
        query = f"/citations?intent=disputes&partnership={slug}"
        total = register.get(f"/v1{query}&count=true").json()["total"]
        for path in ("/", f"/partnerships/{slug}"):
            link = page_of(register, path).partition(f'<a href="{query}">')[2].partition("</a>")[0]
            assert link == f"Where sources disagree: {total} citations", path
    every = register.get("/v1/citations?intent=disputes&count=true").json()["total"]
    assert total < every
