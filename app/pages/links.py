"""Links between the pages in the language that the address says: whoever chose one there keeps it."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from markupsafe import Markup

from app.api.negotiation import is_page
from app.languages.choice import LANGUAGES, current
from app.middleware.language import GIVEN

_LINK = re.compile(r'(<a\b[^>]*?\shref=")(/[^"]*)"')


def given(request: Request) -> str | None:
    """The language of a page, where its address says it and not the header."""
    return current() if GIVEN in request.scope.get("state", {}) else None


def hidden_field(language: str | None) -> Markup:
    """What a form carries so that the page it leads to is in the same language."""
    return Markup('<input type="hidden" name="lang" value="{}">').format(language) if language else Markup("")


def of_languages(request: Request) -> dict[str, Any]:
    """The addresses of a page: ``here`` without a language, and ``languages`` in each; none for a path of two hosts."""
    path: str = request.scope["path"]
    if path.startswith("//") or not path.startswith("/") or not is_page(path):
        return {"here": "/", "languages": []}
    query: str = request.scope["query_string"].decode("latin-1")
    here = f"{quote(path)}?{query}" if query else quote(path)
    joint = "&" if query else "?"
    languages: Sequence[tuple[str, str, str]] = [
        (code, name, f"{here}{joint}{urlencode({'lang': code})}") for code, name in LANGUAGES.items()
    ]
    return {"here": here, "languages": languages}


def leading_on(html: str, language: str) -> str:
    """A page whose links to other pages keep its language."""

    def in_language(match: re.Match[str]) -> str:
        path, mark, fragment = match[2].partition("#")
        # What is offered in each language says its own.
        if not is_page(path) or "lang=" in path:
            return match[0]
        joint = "&amp;" if "?" in path else "?"
        return f'{match[1]}{path}{joint}lang={language}{mark}{fragment}"'

    return _LINK.sub(in_language, html)
