"""The pages that say how the register works: the method, the licence, and the words it uses."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from app.api.quick_route import QuickRoute
from app.api.read_request import Read, ReadRequest, refuse_parameters
from app.languages.choice import ORIGINAL, current
from app.pages.html import fixed_page
from app.pages.requests import AsData, json_of, see_other, wants_data
from app.resources import CATALOGUE
from app.views import vocabularies

router = APIRouter(include_in_schema=False, route_class=QuickRoute)

_CONTENT = Path(__file__).parent / "content"


TITLES = {"methodology": "How the register judges", "licence": "Licence"}

_DATA = {
    "methodology": AsData((json_of("/v1/vocabularies/completion"),)),
    "licence": AsData((json_of("/v1"),)),
}
"""The request that is nearest to each text."""


@cache
def _content(name: str, language: str) -> tuple[str, str]:
    """A text, and the language that it is in: the original one where there is no other."""
    translated = _CONTENT / f"{name}.{language}.md"
    if translated.exists():
        return translated.read_text(encoding="utf-8"), language
    return (_CONTENT / f"{name}.md").read_text(encoding="utf-8"), ORIGINAL


def _text(read: ReadRequest, name: str) -> Response:
    text, written_in = _content(name, current())
    return fixed_page("text.html", read.request, title=TITLES[name], text=text, written_in=written_in, data=_DATA[name])


def methodology_text() -> str:
    """How the register judges, in Markdown."""
    return _content("methodology", ORIGINAL)[0]


@router.get("/methodology", response_model=None)
def methodology(read: Read) -> Response:
    """How the register judges."""
    refuse_parameters(read.request)
    read.choose("html")
    return _text(read, "methodology")


@router.get("/licence", response_model=None)
def licence(read: Read) -> Response:
    """What may be done with the data and with the software."""
    refuse_parameters(read.request)
    read.choose("html")
    return _text(read, "licence")


@router.get("/glossary", response_model=None)
def glossary(read: Read) -> Response:
    """Every word that the register grades or classifies by, with its definition and the standard it comes from."""
    refuse_parameters(read.request)
    if wants_data(read):
        return see_other("/v1/vocabularies", ())
    every = vocabularies.every(CATALOGUE)
    data = AsData((json_of("/v1/vocabularies"),))
    return fixed_page("glossary.html", read.request, vocabularies=every, data=data)
