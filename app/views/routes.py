"""The routes of a view of one partnership: found, read and answered as every record is."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import (
    BaseModel,
    Field,
    create_model,
)

from app.api.context import Context
from app.api.documentation import response, text
from app.api.documented_router import DocumentedRouter
from app.api.file_stream import FileStream, last_change, stored_response, streaming, tag_of
from app.api.read_request import Read, ReadRequest
from app.api.responses import (
    HEAD,
    LICENCE_LINK,
    VARY,
    bytes_response,
    cache_control,
    json_response,
    link,
    next_page,
)
from app.core.reading.list_query import ListQuery
from app.core.reading.parameters import ParameterSet, cursor_parameter, limit_parameter
from app.core.reading.reader import Reader
from app.core.reading.value_types import Moment
from app.core.translations import LANG, LanguageTag
from app.resources.partnerships import partnerships

Building = Callable[[Reader, Mapping[str, Any]], dict[str, Any]]
Drawing = Callable[[Mapping[str, Any]], str]
Paging = Callable[[Reader, Mapping[str, Any], int, Sequence[Any] | None], tuple[dict[str, Any], list[Any] | None]]
Calendar = Callable[[Context, Reader, Mapping[str, Any]], Iterator[bytes]]
SVG = "image/svg+xml"
ICS = "text/calendar"
MAX_LIMIT = 1000
"""How many items a part of a long view has at most, and where the client does not say."""


@dataclass(frozen=True)
class View:
    """A view: its name in the path, what it answers, how it is computed, and how it is drawn where it can be."""

    name: str
    summary: str
    description: str
    model: type[BaseModel]
    build: Building
    draw: Drawing | None = None
    drawn: Building | None = None
    """Computes as much of it as is seen in the picture, where that is not all."""
    calendar: Calendar | None = None
    """Makes a calendar to subscribe to, where it can be one."""
    page: Paging | None = None
    """Computes a part of a long view: at most so many, after a position; and gives the position to go on after."""


class ViewParameters(ParameterSet):
    """The query of a view."""

    as_of: Moment | None = Field(
        default=None,
        description=(
            "The register as it stood at this moment, such as `2026-11-30T00:00:00Z`: what was visible then, "
            "with what it referred to and what was computed then. A moment that is still to come shows it as "
            "it now is, reckoned for that day."
        ),
    )
    lang: LanguageTag | None = LANG[1]


def _paged() -> type[ViewParameters]:
    """The query of a view that is given in parts."""
    parts: dict[str, Any] = {
        "limit": limit_parameter(f"At most this many; {MAX_LIMIT:,} by default.", MAX_LIMIT),
        "cursor": cursor_parameter(),
    }
    model: type[ViewParameters] = create_model("PagedViewParameters", __base__=ViewParameters, **parts)
    return model


SlugOrId = Annotated[
    str, Path(alias="slug", description="The partnership's slug or id.", examples=["india-south-korea"])
]


class _CalendarSource:
    """A view as a calendar, all as of one moment."""

    def __init__(self, view: View, read: ReadRequest, slug_or_id: str, as_of: datetime | None) -> None:
        self._view = view
        self._read = read
        self._slug_or_id = slug_or_id
        self._as_of = as_of
        self.last_change = 0
        """The number of the last change that it is as of, once the first piece is made."""
        self.slug = ""
        """The slug of the partnership, by then too."""

    def pieces(self) -> Generator[bytes]:
        """The calendar, piece by piece; raises what a partnership that cannot be read is answered with."""
        assert self._view.calendar is not None
        context, viewer = self._read.context, self._read.viewer
        with streaming(self._read) as connection:
            self.last_change = last_change(connection, viewer)
            reader = context.reader(connection, viewer, self._as_of)
            located = reader.locate(partnerships, self._slug_or_id)
            self.slug = located.slug
            yield from self._view.calendar(context, reader, reader.one(partnerships, located.id))


class ViewRoutes:
    """A view, and its picture where it can be drawn."""

    def __init__(self, view: View) -> None:
        """Serve a view."""
        self.view = view
        self.formats = ("json", "svg") if view.draw else ("json",)
        self.parameters = ViewParameters if view.page is None else _paged()

    # -- handlers ----------------------------------------------------------------------------------------------

    def get_view(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """The view of a partnership, in the form that the client prefers."""
        found = read.parameters(self.parameters)
        form = read.choose(*self.formats)
        if form == "json" and self.view.page is not None:
            return self._page(read, slug_or_id, found.__dict__, self.view.page)
        if form == "svg":
            return self._draw(read, slug_or_id, found.as_of)
        built = self._build(read, slug_or_id, found.as_of, self.view.build)
        return json_response(built, read.viewer, headers={"Link": LICENCE_LINK})

    def draw_view(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """The view of a partnership as a picture."""
        as_of = read.parameters(ViewParameters).as_of
        read.choose("svg")
        return self._draw(read, slug_or_id, as_of)

    def get_calendar(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """The view of a partnership as a calendar."""
        as_of = read.parameters(ViewParameters).as_of
        headers = {"Cache-Control": cache_control(read.viewer), "Vary": VARY, "Link": LICENCE_LINK}
        media_type = f"{ICS}; charset=utf-8"
        if (stored := stored_response(read, headers, media_type)) is not None:
            return stored
        source = _CalendarSource(self.view, read, slug_or_id, as_of)
        sent = FileStream(source.pieces(), media_type)
        sent.headers.update(headers)
        sent.headers["ETag"] = tag_of(read, source.last_change)
        sent.headers["Content-Disposition"] = f'attachment; filename="{source.slug}-{self.view.name}.ics"'
        if read.request.scope.get(HEAD):
            sent.end()
        return sent

    def _build(self, read: ReadRequest, slug_or_id: str, as_of: datetime | None, build: Building) -> dict[str, Any]:
        reader = read.reader(as_of)
        located = reader.locate(partnerships, slug_or_id)
        return build(reader, reader.one(partnerships, located.id))

    def _page(self, read: ReadRequest, slug_or_id: str, found: Mapping[str, Any], page: Paging) -> Response:
        reader = read.reader(found["as_of"])
        located = reader.locate(partnerships, slug_or_id)
        bound = ListQuery(q=str(located.id), as_of=found["as_of"], cursor=found["cursor"])
        cursors = read.context.cursors
        after = cursors.read(self.view.name, bound, read.viewer) if bound.cursor is not None else None
        built, last = page(reader, reader.one(partnerships, located.id), found["limit"] or MAX_LIMIT, after)
        cursor = cursors.write(self.view.name, bound, last, read.viewer) if last is not None else None
        following = next_page(read.pairs, f"/v1/partnerships/{located.slug}/{self.view.name}", cursor)
        built |= {"next": following, "next_cursor": cursor}
        return json_response(built, read.viewer, headers={"Link": link(following)})

    def _draw(self, read: ReadRequest, slug_or_id: str, as_of: datetime | None) -> Response:
        assert self.view.draw is not None
        built = self._build(read, slug_or_id, as_of, self.view.drawn or self.view.build)
        return bytes_response(self.view.draw(built).encode(), read.viewer, SVG, headers={"Link": LICENCE_LINK})

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        view = self.view
        routes = DocumentedRouter(router)
        routes.read(
            f"/partnerships/{{slug}}/{view.name}",
            self.get_view,
            f"get_{view.name}",
            summary=f"Get the {view.name} of a partnership",
            description=f"{view.summary}. {view.description}",
            shows=response(200, view.summary, view.model, "Link"),
            query=self.parameters,
        )
        if view.calendar is not None:
            routes.read(
                f"/partnerships/{{slug}}/{view.name}.ics",
                self.get_calendar,
                f"subscribe_to_{view.name}",
                summary=f"Subscribe to the {view.name} of a partnership",
                description=(
                    "A calendar (RFC 5545) to subscribe to: what falls due, meetings, and when each dialogue should "
                    "meet next by its promised interval."
                ),
                shows=response(200, "The calendar.", None, "Link", content=text(ICS)),
                query=ViewParameters,
            )
        if view.draw is None:
            return
        routes.read(
            f"/partnerships/{{slug}}/{view.name}.svg",
            self.draw_view,
            f"draw_{view.name}",
            summary=f"Draw the {view.name} of a partnership",
            description=f"{view.description} Drawn as an SVG picture, to be shown with an `<img>`.",
            shows=response(200, "The picture.", None, "Link", content=text(SVG)),
            query=ViewParameters,
        )
