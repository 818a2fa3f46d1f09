"""The page of the search across the whole register."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from app.api.read_request import Read
from app.pages import labels
from app.pages.html import html_response
from app.pages.register import Register
from app.pages.requests import AsData, json_of, see_other, wants_data, with_query, without_blanks
from app.resources import CATALOGUE
from app.views.search import search_register

router = APIRouter()


@router.get("/search", response_model=None)
def search(read: Read) -> Response:
    """What has every word that was looked for; without any, the form to look for some."""
    if wants_data(read):
        return see_other("/v1/search", read.pairs)
    if (redirect := without_blanks(read)) is not None:
        return redirect
    pairs = read.pairs
    if not pairs:
        return html_response("search.html", read, **_empty(Register(read)))
    counted = pairs if any(name == "count" for name, _ in pairs) else [*pairs, ("count", "true")]
    found = search_register(read, counted)
    given = dict(pairs)
    types = {value for name, value in pairs if name == "type"}
    return html_response(
        "search.html",
        read,
        **{
            **_empty(Register(read)),
            "words": given["q"],
            "hits": [_shown(hit) for hit in found["data"]],
            "total": found["total"],
            "sought": found["words"],
            "matched": found["words_matched"],
            "types": [
                (type_, labels.heading(labels.several(CATALOGUE.by_singular[type_].name)), count, type_ in types)
                for type_, count in (found["facets"] or {}).items()
            ],
            "chosen_partnership": given.get("partnership"),
            "following": found["next"].removeprefix("/v1") if found["next"] else None,
            "first": with_query("/search", [p for p in pairs if p[0] != "cursor"]) if "cursor" in given else None,
            "data": AsData((json_of("/v1/search", pairs),)),
        },
    )


def _empty(register: Register) -> dict[str, Any]:
    return {
        "words": "",
        "hits": [],
        "total": None,
        "types": [],
        "partnerships": register.list("partnerships").records,
        "chosen_partnership": None,
        "following": None,
        "first": None,
        "data": AsData((json_of("/v1/search", [("q", "semiconductor")]),)),
    }


def _shown(hit: dict[str, Any]) -> dict[str, Any]:
    plural = CATALOGUE.by_singular[hit["record"]["type"]].name
    return {
        "href": f"/{plural}/{hit['record']['slug']}",
        "title": hit["record"]["title"],
        "kind": labels.heading(labels.one(plural)),
        # The view escapes the text and puts nothing but <mark> into it.
        "snippet": Markup(hit["snippet"] or ""),  # noqa: S704
    }
