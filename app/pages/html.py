"""How a page is made: the templates, their filters, and the headers that every page has."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup, escape

from app import __version__
from app.api import etag
from app.api.read_request import ReadRequest
from app.api.responses import PUBLIC, VARY, cache_control
from app.languages import texts, written
from app.languages.choice import ORIGINAL, current
from app.pages import labels, links
from app.pages.fields import action_label, person, term_label
from app.pages.markdown import markdown
from app.pages.requests import LOCAL
from app.pages.static_files import asset

if TYPE_CHECKING:
    from jinja2 import Environment

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def _security(policy: Mapping[str, str]) -> dict[str, str]:
    written = "; ".join(f"{name} {value}" for name, value in policy.items())
    return {"Content-Security-Policy": written, "Referrer-Policy": "no-referrer"}


SECURITY = _security(_POLICY)
EMBEDDED = _security({**_POLICY, "form-action": "'none'", "frame-ancestors": "*"})
"""The headers of a page that any other page may show in a frame. It has nothing that could be clicked unknowingly."""


def with_code(text: str) -> Markup:
    """A sentence in which names stand between backticks, as HTML."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped before)


def paragraphs(text: str | None) -> Markup:
    """Plain text as HTML: a blank line begins a paragraph."""
    blocks = re.split(r"\n\s*\n", (text or "").strip())
    return Markup("\n").join(Markup("<p>{}</p>").format(block) for block in blocks if block)


def json_ld(value: Mapping[str, Any]) -> Markup:
    """A description for search engines. No character of it can end the element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 (escaped before)


def lang_of(record: Mapping[str, Any], field: str = "") -> Markup:
    """The attribute that says that a text of a record is not in the language of the page; its title without a field."""
    if field:
        translated = bool(((record.get("translations") or {}).get(current()) or {}).get(field))
    else:
        translated = record.get("lang") == current()
    return Markup("") if translated else _not_translated()


def lang_of_source(source: Mapping[str, Any]) -> Markup:
    """The same for the title of a source: its own language, or that of the editors where they describe it."""
    language = ORIGINAL if source.get("title_is_description") else str(source.get("language") or "").partition("-")[0]
    if not language or language == current():
        return Markup("")
    return Markup(' lang="{}"').format(language)


def lang_of_text(text: str, translatable: str) -> Markup:
    """The same for a text of the program, of which only one is translated."""
    return Markup("") if text == translatable else _not_translated()


_LETTERS = {"ko": "[\uac00-\ud7a3]", "hi": "[\u0900-\u097f]", "ja": "[\u3040-\u30ff]"}


def lang_of_name(name: object) -> Markup:
    """The same for a name of which nothing else is known: by its letters, as a screen reader would have to guess."""
    text = str(name)
    found = next((language for language, letters in _LETTERS.items() if re.search(letters, text)), None)
    language = found or (ORIGINAL if re.search("[A-Za-z]{2}", text) else current())
    return Markup("") if language == current() else Markup(' lang="{}"').format(language)


def _not_translated() -> Markup:
    return Markup("") if current() == ORIGINAL else Markup(' lang="{}"').format(ORIGINAL)


def shortened(text: str | None, most: int = 220) -> str:
    """The beginning of a text, cut between words."""
    line = " ".join((text or "").split())
    return line if len(line) <= most else f"{line[:most].rsplit(' ', 1)[0].rstrip(',;:.')} …"


_GLOBALS: Mapping[str, Any] = {
    "version": __version__,
    "asset": asset,
    "labels": labels,
    "look_of": labels.look_of,
    "language": current,
    "lang_of": lang_of,
    "lang_of_text": lang_of_text,
    "lang_of_name": lang_of_name,
    "lang_of_source": lang_of_source,
    "term": term_label,
    "action": action_label,
}
_FILTERS: Mapping[str, Any] = {
    "with_code": with_code,
    "paragraphs": paragraphs,
    "markdown": markdown,
    "json_ld": json_ld,
    "shortened": shortened,
    "translated": texts.gettext,
    "day": written.day,
    "number": written.number,
    "measured": written.measured,
    "country": written.country,
    "duration": written.duration,
    "months": written.months,
    "person": person,
}


@cache
def templates() -> "Environment":
    """The templates, with what each can use."""
    # Imported when the first page is wanted: a server starts sooner without.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    # In the newer style a message is HTML, and what is put into it is escaped. A text that is not written in a template
    # is therefore never given to `_()`, but to the filter `translated`.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        texts.gettext, texts.ngettext, newstyle=True, pgettext=texts.pgettext, npgettext=texts.npgettext
    )
    environment.globals |= _GLOBALS
    environment.filters |= _FILTERS
    return environment


def _render(
    template: str, request: Request, security: Mapping[str, str] = SECURITY, **values: object
) -> tuple[bytes, dict[str, str]]:
    """A page, and the headers that say its language and what it was chosen by."""
    known = links.of_languages(request)
    given = links.given(request)
    everything = {"base_url": "", "local": LOCAL, **known, "language_field": links.hidden_field(given), **values}
    text = templates().get_template(template).render(everything)
    if given:
        text = links.leading_on(text, given)
    vary = VARY if given else f"{VARY}, Accept-Language"
    return text.encode(), {**security, "Content-Language": current(), "Vary": vary}


def html_response(
    template: str,
    read: ReadRequest,
    *,
    revision: int | None = None,
    security: Mapping[str, str] = SECURITY,
    **values: object,
) -> Response:
    """A page with its entity tag; anybody may store it when anybody may see it."""
    body, headers = _render(template, read.request, security, base_url=read.context.public_url, **values)
    headers |= {"Cache-Control": cache_control(read.viewer), "ETag": etag.make(body, revision)}
    return HTMLResponse(body, headers=headers)


def html_error(template: str, request: Request, status: int, headers: Mapping[str, str], **values: object) -> Response:
    """A page that says what went wrong."""
    body, own = _render(template, request, SECURITY, **values)
    return HTMLResponse(body, status, {**headers, **own})


def fixed_page(template: str, request: Request, **values: object) -> Response:
    """A page that changes only with the program."""
    body, headers = _render(template, request, SECURITY, **values)
    return HTMLResponse(body, headers={**headers, "Cache-Control": PUBLIC, "ETag": etag.make(body)})
