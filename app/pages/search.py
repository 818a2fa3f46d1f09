"""The page of the search across the whole register."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from app.api.quick_route import QuickRoute
from app.api.read_request import Read
from app.pages import labels
from app.pages.html import html_response
from app.pages.names import names_of
from app.pages.register import Register
from app.pages.requests import AsData, json_of, see_other, wants_data, with_query, without_blanks
from app.resources import CATALOGUE
from app.views.search import search_register

router = APIRouter(include_in_schema=False, route_class=QuickRoute)


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
    register = Register(read)
    counted = pairs if any(name == "count" for name, _ in pairs) else [*pairs, ("count", "true")]
    found = search_register(read, counted)
    given = dict(pairs)
    types = {value for name, value in pairs if name == "type"}
    return html_response(
        "search.html",
        read,
        **{
            **_empty(register),
            "words": given["q"],
            "hits": _shown(register, found["data"]),
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


def _shown(register: Register, hits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hits as the page shows them; what has no title is called by what it says."""
    names = names_of(register, ((hit["record"]["type"], hit["record"]["slug"]) for hit in hits))
    shown = []
    for hit in hits:
        record = hit["record"]
        plural = CATALOGUE.by_singular[record["type"]].name
        shown.append(
            {
                "href": f"/{plural}/{record['slug']}",
                "title": names.get((record["type"], record["slug"]), record["title"]),
                "kind": labels.heading(labels.one(plural)),
                # The view escapes the text and puts nothing but <mark> into it.
                "snippet": Markup(hit["snippet"] or ""),  # noqa: S704
            }
        )
    return shown
