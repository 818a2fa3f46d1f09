"""Records in other languages: written like any field, read where the request asks for it, and said of each record."""

import re
from typing import Any

import httpx
import pytest

from app.core.translations import TRANSLATED
from app.resources import CATALOGUE
from tests.support.editor import Editor, fresh
from tests.support.register import Register

PROMISE = "trade-target-50bn-2030"
KOREAN = {"title": "무역 통계를 함께 공표한다", "summary": "해마다 한 번."}


@pytest.fixture(scope="module")
def at_work(editor: httpx.Client, anonymous: httpx.Client) -> Editor:
    """An editor with a partnership of its own."""
    found = Editor(editor, anonymous)
    found.make(
        "partnerships",
        slug=found.partnership,
        name="Here and there",
        parties=["IN", "KR"],
        translations={"ko": {"name": "이곳과 저곳"}},
    )
    return found


def _challenge(at_work: Editor, **more: Any) -> dict[str, Any]:
    body = {"slug": fresh("challenge"), "partnership": at_work.partnership, "title": "Nobody counts alike", **more}
    return at_work.make("challenges", **body)


def test_a_translation_is_written_read_changed_and_remembered(at_work: Editor) -> None:
    challenge = _challenge(at_work, summary="Each counts by itself.", translations={"ko": KOREAN})
    assert challenge["translations"] == {"ko": KOREAN}
    assert (challenge["lang"], challenge["title"]) == ("en", "Nobody counts alike")
    path = f"/v1/challenges/{challenge['slug']}"
    korean = at_work.everybody.get(path, params={"lang": "ko-KR"}).json()
    assert (korean["lang"], korean["title"], korean["summary"]) == ("ko", KOREAN["title"], KOREAN["summary"])
    assert korean["partnership"]["title"] == "이곳과 저곳"
    hindi = at_work.everybody.get(path, params={"lang": "hi"}).json()
    assert (hindi["lang"], hindi["title"]) == ("en", challenge["title"])
    assert at_work.patch("challenges", challenge["slug"], translations={"ko": {"summary": None}}).status_code == 200
    assert at_work.read("challenges", challenge["slug"])["translations"] == {"ko": {"title": KOREAN["title"]}}
    assert at_work.patch("challenges", challenge["slug"], translations=None).status_code == 200
    assert at_work.read("challenges", challenge["slug"])["translations"] == {}
    first = at_work.everybody.get(f"{path}/revisions/1").json()
    assert first["translations"] == {"ko": KOREAN}
    changed = at_work.everybody.get(f"{path}/revisions/2/diff").json()
    assert [each["field"] for each in changed["changes"]] == ["translations"]


@pytest.mark.parametrize(
    ("translations", "pointer"),
    [
        ({"fr": {"title": "Personne"}}, "/translations/fr"),
        ({"en": {"title": "Nobody"}}, "/translations/en"),
        ({"ko": {"statement": "x"}}, "/translations/ko/statement"),
        ({"ko": {}}, "/translations/ko"),
        ({"ko": {"title": ""}}, "/translations/ko/title"),
        ({"ko": {"title": "x" * 201}}, "/translations/ko/title"),
        ({"ko": "x"}, "/translations/ko"),
        ([], "/translations"),
    ],
)
def test_what_cannot_be_a_translation_is_refused_where_it_stands(
    at_work: Editor, translations: Any, pointer: str
) -> None:
    response = at_work.post("challenges", partnership=at_work.partnership, title="x", translations=translations)
    assert response.status_code == 422
    assert [each["pointer"] for each in response.json()["errors"]] == [pointer]


def test_a_record_is_found_by_the_words_of_its_translations(at_work: Editor) -> None:
    word = fresh("낱말").replace("-", "")
    challenge = _challenge(at_work, translations={"ko": {"title": f"{word} 문제"}})
    found = at_work.everybody.get("/v1/challenges", params={"q": word, "lang": "ko"}).json()["data"]
    assert [each["slug"] for each in found] == [challenge["slug"]]
    assert at_work.patch("challenges", challenge["slug"], translations=None).status_code == 200
    assert at_work.everybody.get("/v1/challenges", params={"q": word}).json()["data"] == []


def test_every_way_of_reading_knows_the_language(anonymous: httpx.Client) -> None:
    title = anonymous.get(f"/v1/commitments/{PROMISE}").json()["translations"]["ko"]["title"]
    in_korean = {"lang": "ko"}
    listed = anonymous.get("/v1/commitments", params={**in_korean, "slug": PROMISE}).json()["data"]
    assert [(each["title"], each["lang"]) for each in listed] == [(title, "ko")]
    (row,) = anonymous.get("/v1/commitments.json", params={**in_korean, "slug": PROMISE, "fields": "title,lang"}).json()
    assert row == {"title": title, "lang": "ko"}
    chain = anonymous.get("/v1/commitments", params={**in_korean, "supersedes__isnull": "false", "limit": 1}).json()[
        "data"
    ]
    assert chain[0]["supersedes"]["title"] != ""
    hits = anonymous.get("/v1/search", params={**in_korean, "q": "50 billion", "type": "commitment"}).json()["data"]
    assert title in [each["record"]["title"] for each in hits]
    korean = anonymous.get("/v1/search", params={**in_korean, "q": "교역 정상", "type": "commitment"}).json()["data"]
    assert any(re.search("<mark>[^<]*[가-힣]", each["snippet"] or "") for each in korean)
    for view in ("scorecard", "gaps", "timeline", "graph"):
        text = anonymous.get(f"/v1/partnerships/india-south-korea/{view}", params=in_korean).text
        assert "대한민국" in text, view
    assert "완료" in anonymous.get("/v1/vocabularies/completion", params=in_korean).text
    assert title in anonymous.get(f"/commitments/{PROMISE}", headers={"Accept": "text/html"}, params=in_korean).text
    past = anonymous.get(
        "/v1/commitments", params={**in_korean, "slug": PROMISE, "as_of": "2100-01-01T00:00:00Z"}
    ).json()
    assert [each["title"] for each in past["data"]] == [title]


@pytest.mark.parametrize("wanted", ["fr", "xx", "zh-Hant-TW"])
def test_a_language_that_no_record_has_is_answered_in_english(anonymous: httpx.Client, wanted: str) -> None:
    record = anonymous.get(f"/v1/commitments/{PROMISE}", params={"lang": wanted}).json()
    assert record["lang"] == "en"


@pytest.mark.parametrize("wanted", ["", "k", "ko_KR", "ko;q=1", "한국어"])
def test_what_is_no_language_is_refused(anonymous: httpx.Client, wanted: str) -> None:
    assert anonymous.get(f"/v1/commitments/{PROMISE}", params={"lang": wanted}).status_code == 400


def test_what_can_be_translated_is_a_text_of_the_resource() -> None:
    for resource in CATALOGUE:
        assert set(resource.texts) <= set(resource.rows.c.keys()), resource.name


def test_every_title_of_the_bundled_registers_is_translated(register: Register) -> None:
    named = ("partnerships", "challenges", "recommendations", "commitments", "themes", "dialogues", "meetings")
    for name in (*named, "indicators"):
        rows = register.get(f"/v1/{name}.json", params={"fields": "slug,translations"}).json()
        missing = [row["slug"] for row in rows if set(row["translations"]) != set(TRANSLATED)]
        assert missing == [], name
