"""Comparing: the scorecards of several partnerships side by side, each figure defined and listed alike."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.documentation import response
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read
from app.api.responses import json_response
from app.core.field_types import SlugOrId
from app.core.reading.parameters import ParameterSet, bad_query
from app.core.reading.reader import Reader
from app.core.reading.referents import no_such
from app.core.reading.value_types import Moment
from app.core.translations import LANG, LanguageTag
from app.errors import Flaw
from app.resources.partnerships import partnerships
from app.views import scorecard
from app.views.routes import ViewParameters

MIN_PARTNERSHIPS, MAX_PARTNERSHIPS = 2, 6
_SO_MANY = f"{MIN_PARTNERSHIPS} to {MAX_PARTNERSHIPS}"


class Comparison(BaseModel):
    """The scorecards of several partnerships."""

    as_of: date = Field(description="The day they are computed for, in UTC.")
    data: list[scorecard.Scorecard] = Field(
        min_length=MIN_PARTNERSHIPS,
        max_length=MAX_PARTNERSHIPS,
        description="The scorecards, in the order of the query.",
    )


class ComparisonParameters(ParameterSet):
    """The query of a comparison."""

    partnership: list[SlugOrId] = Field(
        min_length=MIN_PARTNERSHIPS,
        max_length=MAX_PARTNERSHIPS,
        description=f"The partnerships to compare, {_SO_MANY} of them, each by slug or id.",
        examples=[["india-south-korea", "india-japan"]],
    )
    as_of: Moment | None = Field(default=None, description=ViewParameters.model_fields["as_of"].description)
    lang: LanguageTag | None = LANG[1]


def build(reader: Reader, names: list[str]) -> dict[str, Any]:
    """Compute the scorecard of each partnership, or raise a :class:`BadQuery` that names each that there is not."""
    flaws: list[Flaw] = []
    found: dict[Any, None] = {}
    for name in names:
        id_ = reader.referents.find(partnerships, name)
        if id_ is None:
            detail = no_such(reader.connection, reader.tables, [partnerships], name)
            flaws.append({"parameter": "partnership", "detail": detail})
        elif id_ in found:
            flaws.append({"parameter": "partnership", "detail": f"{name} is named twice."})
        else:
            found[id_] = None
    if flaws:
        raise bad_query(flaws)
    return {
        "as_of": reader.today,
        "data": [scorecard.build(reader, reader.one(partnerships, id_)) for id_ in found],
    }


class ComparisonRoutes:
    """The comparison of partnerships."""

    def compare_partnerships(self, read: Read) -> Response:
        """The scorecards of two to six partnerships side by side."""
        query = read.parameters(ComparisonParameters)
        read.choose("json")
        return json_response(build(read.reader(query.as_of), query.partnership), read.viewer)

    def register(self, router: APIRouter) -> None:
        """Add the route, with what the document says of it."""
        DocumentedRouter(router).read(
            "/compare",
            self.compare_partnerships,
            summary="Compare partnerships",
            description=(
                f"The scorecards of {_SO_MANY} partnerships side by side: the same figures with the same "
                "definitions, each with the list of exactly the records behind it. Say each by a `partnership` of its "
                "own: `/v1/compare?partnership=a&partnership=b`."
            ),
            shows=response(200, "The scorecards.", Comparison),
            query=ComparisonParameters,
        )
