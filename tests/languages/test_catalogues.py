"""The catalogues: no text is missing in any language, and none loses what is put into it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from app.languages.choice import LANGUAGES, ORIGINAL, in_language
from app.languages.texts import gettext, ngettext
from app.pages import messages
from app.pages.html import templates

TRANSLATED = [code for code in LANGUAGES if code != ORIGINAL]
TEMPLATES = Path(messages.__file__).parent / "templates"

_SCRIPTS = {"ko": "[\uac00-\ud7a3]", "hi": "[\u0900-\u097f]"}
_SAME = re.compile(r"^([A-Z]{2,5}|Id|Slug|%\(\w+\)s|[\s:()~·,])+$")
"""What may read alike in every language: abbreviations, and what holds nothing but what is put into it."""


def _strings(message: object) -> list[str]:
    return [message] if isinstance(message, str) else list(message)  # type: ignore[call-overload]


def _held(text: str) -> Counter[str]:
    """What a message holds that no translation may lose: what is put in, elements, and names in backticks."""
    return Counter(re.findall(r"%\(\w+\)s|</?[a-z][^>]*>|`[^`]+`", text))


@pytest.mark.slow
@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_text_and_no_other(language: str) -> None:
    file = messages.CATALOGUES / f"{language}.po"
    assert file.read_text(encoding="utf-8") == messages.written(language, messages.every()), "make messages"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_loses_nothing(language: str) -> None:
    wrong = []
    for each in messages.read(language):
        if not each.id:
            continue
        originals, strings = _strings(each.id), _strings(each.string)
        plural = originals[-1]
        for string in strings:
            in_script = re.search(_SCRIPTS[language], string) or _SAME.match(string)
            if each.fuzzy or not in_script or _held(string) != _held(plural) or "|" in string:
                wrong.append((each.id, string))
    assert wrong == []


def test_templates_hold_no_text_of_their_own() -> None:
    """Letters stand in a template only where they are marked, inside code, or as names that no language changes."""
    names = {"Followthrough", "API", "OpenAPI", "HTTP", "Content", "Type", "application", "problem", "json", "curl"}
    for file in TEMPLATES.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
        text = re.sub(r"\{%-? *trans.*?endtrans *-?%\}", "", text, flags=re.DOTALL)
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
        text = re.sub(r"<code>__\w+</code>", "", text)
        shown = re.sub(r"<[^>]*>", " ", text)
        shown += " ".join(re.findall(r'\s(?:aria-label|placeholder|title|alt)="([^"]*)"', text))
        words = set(re.findall(r"[A-Za-z]{2,}", shown)) - names
        assert words == set(), file.name


def test_a_text_is_in_the_language_that_is_spoken() -> None:
    assert gettext("Overdue") == "Overdue"
    with in_language("ko"):
        assert gettext("Overdue") == "기한 경과"
        assert gettext("What nobody has translated") == "What nobody has translated"
    with in_language("hi"):
        assert ngettext("%(count)s source", "%(count)s sources", 1.5) == "%(count)s स्रोत"


def test_what_is_put_into_a_text_is_escaped() -> None:
    template = templates().from_string("{% trans filter=x %}Remove {{ filter }}{% endtrans %}")
    for language in LANGUAGES:
        with in_language(language):
            assert "&lt;b&gt;" in template.render(x="<b>")
