"""Bibliographies: what the styles' own handbooks print for such sources, and what citeproc-py would get wrong."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from citeproc import model

from app.formats import csl_engine
from app.formats.bibliography import LOCALES, STYLES, write
from app.formats.format import File
from app.resources import CATALOGUE
from tests.support.register import Register

NEWS: Mapping[str, Any] = {
    "slug": "air-services",
    "type": "article-newspaper",
    "title": "Air services to South Korea enhanced",
    "title_is_description": False,
    "authors": [],
    "publisher": None,
    "original_publisher": "Yonhap",
    "container_title": "The Hindu",
    "issued": "2015-11-13",
    "url": "https://news.example/a?b=1&c=2",
    "doi": None,
    "language": "en",
    "accessed_on": date(2026, 11, 24),
    "archive_url": None,
    "license": None,
}
SIGNED = {**NEWS, "slug": "signed", "authors": [{"family": "Kim", "given": "Jin-yu"}], "title": "Envoys meet"}
REPORT = {
    **NEWS,
    "slug": "report",
    "type": "report",
    "title": "Trade <b>& more</b>",
    "authors": [{"literal": "Ministry of Commerce"}],
    "container_title": None,
    "publisher": "Government of India",
    "issued": "2018",
}


def entries(*records: Mapping[str, Any], style: str = "apa", lang: str = "en") -> list[str]:
    """The entries of a bibliography, as HTML."""
    file = File(CATALOGUE.by_name["sources"], choices={"style": style, "lang": lang})
    page = b"".join(write(file, [records])).decode()
    assert page.startswith(f'<!doctype html>\n<html lang="{lang}">')
    # It is XML as well, so that every tool can read it.
    ElementTree.fromstring(page.removeprefix("<!doctype html>\n").replace('<meta charset="utf-8">', ""))  # noqa: S314 (our own)
    lines = [line for line in page.splitlines() if 'class="csl-entry"' in line]
    return [line.partition(">")[2].removesuffix("</div>") for line in lines]


@pytest.mark.parametrize(
    ("style", "printed"),
    [
        (
            "apa",
            "Air services to South Korea enhanced. (2015, November 13). <i>The Hindu</i>. "
            "https://news.example/a?b=1&amp;c=2",
        ),
        (
            "chicago",
            "<i>The Hindu</i>. 2015. “Air Services to South Korea Enhanced.” November 13. "
            "https://news.example/a?b=1&amp;c=2.",
        ),
        (
            "harvard",
            "<i>The Hindu</i> (2015) \u2018Air services to South Korea enhanced\u2019, 13 November. "
            "Available at: https://news.example/a?b=1&amp;c=2 (Accessed: 24 November 2026).",
        ),
        (
            "mla",
            "“Air Services to South Korea Enhanced.” <i>The Hindu</i>, 13 Nov. 2015, "
            "https://news.example/a?b=1&amp;c=2.",
        ),
        (
            "oscola",
            "\u2018Air Services to South Korea Enhanced\u2019 <i>The Hindu</i> (13 November 2015) "
            "&lt;https://news.example/a?b=1&amp;c=2&gt; accessed 24 November 2026",
        ),
    ],
)
def test_an_unsigned_article_is_cited_as_the_handbook_has_it(style: str, printed: str) -> None:
    assert entries(NEWS, style=style) == [printed]


def test_initials_of_korean_names_are_capitals() -> None:
    assert entries(SIGNED)[0].startswith("Kim, J.-Y. (2015, November 13). Envoys meet. <i>")


def test_titles_are_text_and_never_markup() -> None:
    (entry,) = entries(REPORT)
    assert "<i>Trade &lt;b&gt;&amp; more&lt;/b&gt;</i>" in entry
    assert entry.startswith("Ministry of Commerce. (2018).")
    assert "<i>a</i>" in entries({**REPORT, "title": "\ue010a\ue011"})[0]


def test_what_is_only_a_description_stands_in_brackets() -> None:
    assert entries({**NEWS, "title_is_description": True})[0].startswith(
        "[Air services to South Korea enhanced]. (2015"
    )


def test_entries_stand_in_the_order_of_the_alphabet() -> None:
    quoted = {**NEWS, "slug": "quoted", "title": "“Bridges” are built"}
    earlier = {**SIGNED, "slug": "earlier", "issued": "2014"}
    found = entries(REPORT, SIGNED, quoted, earlier, NEWS)
    assert [entry[:6] for entry in found] == ["Air se", "“Bridg", "Kim, J", "Kim, J", "Minist"]
    assert "(2014)" in found[2]


@pytest.mark.parametrize(("lang", "month"), [("ko", "11월"), ("hi", "नवम्बर")])
def test_dates_are_in_the_language_asked_for(lang: str, month: str) -> None:
    assert month in entries(NEWS, lang=lang)[0]


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_every_source_of_the_bundled_registers_has_an_entry(registers: dict[str, Register], style: str) -> None:
    """The databases give the same records, which another test sees to."""
    register = registers["sqlite"]
    total = register.get("/v1/sources?count=true&limit=1").json()["total"]
    path = f"/v1/sources.bibliography?style={style}"
    assert register.get(path).text.count('<div class="csl-entry"') == total
    for lang in LOCALES:
        some = register.get(f"{path}&lang={lang}&limit=60").text
        assert some.count('<div class="csl-entry"') == 60, lang


def test_the_bibliography_of_a_list_is_a_page(register: Register) -> None:
    response = register.get("/v1/sources.bibliography?style=mla&lang=en&limit=3&type=report")
    assert response.text.count('<div class="csl-entry"') == 3
    assert response.headers["content-disposition"] == "inline"
    assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
    by_default = register.get("/v1/sources.bibliography?limit=2").text
    assert by_default == register.get("/v1/sources.bibliography?limit=2&style=apa&lang=en").text
    for wrong in ("style=vancouver", "lang=fr", "sort=title", "fields=slug", "style=apa&style=mla"):
        assert register.get(f"/v1/sources.bibliography?{wrong}").status_code == 400, wrong
    assert "apa" in register.get("/v1/sources.bibliography?style=ap").json()["detail"]
    # A browser that opens the list gets what it always got.
    browser = register.get("/v1/sources?limit=1", headers={"Accept": "text/html,*/*;q=0.8"})
    assert browser.headers["content-type"].startswith("application/json")


def test_an_entry_looks_up_by_xpath_only_what_depends_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    style, language = "chicago-author-date", "hi-IN"
    item = {"id": "envoys", "type": "article-newspaper", "title": "Envoys meet", "container-title": "The Hindu"}
    csl_engine.render(style, language, item)
    looked_up: list[str] = []
    own = model.CitationStylesElement.xpath_search
    monkeypatch.setattr(
        model.CitationStylesElement,
        "xpath_search",
        lambda element, expression: (looked_up.append(expression), own(element, expression))[1],
    )
    csl_engine.render(style, language, {**item, "id": "others", "title": "Others meet"})
    assert len(looked_up) <= 60, len(looked_up)
