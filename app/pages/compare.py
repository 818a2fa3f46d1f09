"""Partnerships side by side: the same figures, by the same definitions, each leading to its records."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from app.api.quick_route import QuickRoute
from app.api.read_request import Read
from app.core.reading.parameters import read_parameters
from app.pages.html import html_response
from app.pages.partnership import bar_of, shown
from app.pages.register import Register
from app.pages.requests import AsData, json_of, see_other, wants_data, without_blanks
from app.views.compare import MAX_PARTNERSHIPS, MIN_PARTNERSHIPS, ComparisonParameters, build
from app.views.routes import ViewParameters

router = APIRouter(include_in_schema=False, route_class=QuickRoute)


@router.get("/compare", response_model=None)
def compare(read: Read) -> Response:
    """The scorecards of some partnerships; of the first ones where none is named."""
    if (redirect := without_blanks(read)) is not None:
        return redirect
    if wants_data(read):
        return see_other("/v1/compare", read.pairs)
    named = any(name == "partnership" for name, _ in read.pairs)
    as_of = read.parameters(ComparisonParameters).as_of if named else read.parameters(ViewParameters).as_of
    register = Register(read, as_of)
    every = register.list("partnerships").records
    pairs = read.pairs
    if not named:
        pairs = [*pairs, *(("partnership", each["slug"]) for each in every[:MAX_PARTNERSHIPS])]
    names = read_parameters(ComparisonParameters, pairs).partnership if named or len(every) >= MIN_PARTNERSHIPS else []
    built = build(register.reader, names)["data"] if names else []
    columns = [
        {
            "partnership": each["partnership"],
            "figures": {name: shown(name, figure) for name, figure in _figures(each).items()},
            "bar": bar_of(each),
        }
        for each in built
    ]
    return html_response(
        "compare.html",
        read,
        every=every,
        columns=columns,
        chosen={each["partnership"]["slug"] for each in built},
        names=list(_figures(built[0])) if built else [],
        data=AsData((json_of("/v1/compare", pairs) if built else json_of("/v1/partnerships"),)),
    )


def _figures(scorecard: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of all promises, and on how many independent publishers they rest."""
    sources = {f"independent_sources_{name}": figure for name, figure in scorecard["independent_sources"].items()}
    return {**scorecard["figures"], **sources}
