"""Pages in three languages: which one is shown, what caches are told of it, and how a reader keeps it."""

import re

import httpx
import pytest

from app.languages.choice import LANGUAGES
from tests.support.register import Register

HTML = {"Accept": "text/html"}
PAGES = (
    "/",
    "/commitments",
    "/commitments?completion=complete&sort=-due_on",
    "/commitments/trade-target-50bn-2030",
    "/commitments/trade-target-50bn-2030/history",
    "/partnerships/india-south-korea",
    "/indicators/trade-total-kr-cy",
    "/stakeholders/mofa-korea",
    "/search",
    "/search?q=trade",
    "/compare",
    "/methodology",
    "/licence",
    "/glossary",
    "/assistants",
    "/problems",
    "/problems/bad-query",
    "/docs",
)


def _get(register: Register, path: str, language: str = "") -> httpx.Response:
    return register.get(path, headers={**HTML, **({"Accept-Language": language} if language else {})})


@pytest.mark.slow
@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_page_is_in_the_language_that_the_reader_prefers(register: Register, language: str) -> None:
    for path in PAGES:
        answer = _get(register, path, language)
        assert answer.status_code == 200, path
        assert f'<html lang="{language}">' in answer.text
        assert answer.headers["Content-Language"] == language
        assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize("path", PAGES)
def test_an_address_can_say_the_language_and_then_depends_on_no_header(register: Register, path: str) -> None:
    address = f"{path}{'&' if '?' in path else '?'}lang=ko"
    answer = _get(register, address, "hi")
    assert '<html lang="ko">' in answer.text
    assert "Accept-Language" not in answer.headers["Vary"]
    assert answer.text == _get(register, address, "en").text


@pytest.mark.parametrize("path", ["/themes", "/search?q=trade", "/v1/themes"])
def test_the_name_of_the_parameter_can_be_written_in_percent_signs(register: Register, path: str) -> None:
    joint = "&" if "?" in path else "?"
    plain, encoded = (register.get(f"{path}{joint}{name}=ko") for name in ("lang", "l%61ng"))
    assert encoded.status_code == 200
    assert encoded.text == plain.text


def test_links_forms_and_redirects_keep_the_language_of_the_address(register: Register) -> None:
    text = _get(register, "/commitments?lang=ko").text
    links = re.findall(r'<a [^>]*?href="(/[^"]*)"', text)
    pages = [href for href in links if not href.startswith(("/v1", "/static", "/openapi")) and "lang=" not in href]
    assert pages == []
    assert text.count('<input type="hidden" name="lang" value="ko">') == 1
    blank = _get(register, "/commitments?q=&lang=ko")
    assert (blank.status_code, blank.headers["Location"]) == (303, "/commitments?lang=ko")
    data = register.get("/commitments?lang=ko&overdue=true", headers={"Accept": "application/json"})
    assert data.status_code == 303
    assert not re.search(r"[?;]lang=", _get(register, "/commitments", "ko").text.partition("<main")[2])


def test_a_page_names_itself_in_every_language(register: Register) -> None:
    text = _get(register, "/commitments?overdue=true&lang=hi").text
    for language in LANGUAGES:
        assert f'hreflang="{language}" href="/commitments?overdue=true&amp;lang={language}"' in text
    assert 'hreflang="x-default" href="/commitments?overdue=true"' in text


@pytest.mark.parametrize("wanted", ["fr", "xx-YY", "%00", "%F0%9F%98%80", "ko%0d%0aX-Evil:1", "a" * 2000])
def test_a_language_that_nobody_has_is_the_next_best(register: Register, wanted: str) -> None:
    answer = _get(register, f"/commitments?lang={wanted}", "hi")
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] in ("hi", "ko")
    assert "X-Evil" not in answer.headers


def test_a_problem_page_is_in_the_language_of_the_reader(register: Register) -> None:
    missing = _get(register, "/commitments/no-such-promise", "ko")
    assert missing.status_code == 404
    assert "여기에는 그런 것이 없습니다" in missing.text
    assert "Accept-Language" in missing.headers["Vary"]
    wrong = _get(register, "/commitments?bogus=1&lang=hi")
    assert wrong.status_code == 400
    assert "क्वेरी समझी नहीं जा सकती" in wrong.text


def test_the_api_knows_no_accept_language(register: Register) -> None:
    plain, korean = (
        register.get("/v1/commitments?limit=2", headers={"Accept-Language": each}) for each in ("en", "ko")
    )
    assert plain.text == korean.text
    assert "Accept-Language" not in korean.headers["Vary"]


def _shape(page: str) -> list[str]:
    """What a text has whatever its language: its headings, rows, links and names in code."""
    article = page.partition('class="prose article')[2].partition("</main>")[0]
    code = sorted(re.findall(r"<code>[^<]+</code>", article))
    links = [href.partition("?")[0] for href in re.findall(r'href="(/commitments[^"]*|https?:[^"]*)"', article)]
    return [*re.findall(r"<(?:h\d|tr|li)\b", article), *sorted(links), *sorted(set(code))]


@pytest.mark.parametrize("path", ["/methodology", "/licence"])
@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_text_says_the_same_in_every_language_and_which_one_holds(
    register: Register, path: str, language: str
) -> None:
    translated = _get(register, f"{path}?lang={language}").text
    assert _shape(translated) == _shape(_get(register, path, "en").text)
    assert f'<a href="{path}?lang=en">' in translated.partition('class="prose')[0]
    assert 'lang="en"' not in translated.partition('class="prose article')[2].partition("</main>")[0].partition(">")[0]
    # Emphasis beside a letter or a bracket is easily written so that Markdown does not see it.
    assert "**" not in translated
