"""The route of the feed: ``/v1/changes`` in each of its forms."""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from app.changes import atom
from app.changes.feed import Asked, Part, last_number, read
from app.changes.live import Ending, Live
from app.core import etag
from app.core.answer import VARY, cache_control, json_answer
from app.core.context import Context, context_of
from app.core.encoding import EVENTS, HEAD
from app.core.negotiation import choose
from app.core.query import LIMIT, LIMIT_MOST, read_parameters
from app.core.routes import unchanged
from app.core.text import Key
from app.core.visibility import ANONYMOUS, Viewer
from app.errors import BadQuery, Forbidden, Malformed, NotAcceptable, Unauthorized, Unavailable, documented

FORMATS = ("json", "atom", "events")
_BIGGEST = 2**53


class Entry(BaseModel):
    """A change of what everybody sees."""

    seq: int = Field(description="Its number: changes follow each other in the order of commit.")
    at: datetime = Field(description="When it was made, in UTC.")
    resource: str = Field(description="The resource of the record that changed.")
    id: UUID = Field(description="The record's id.")
    slug: str = Field(description="The slug it then had.")
    action: Literal["create", "update", "publish", "unpublish", "withdraw", "refresh"] = Field(
        description=(
            "What was done. `unpublish` and `withdraw` take the record from the public. `refresh`: it was not edited, "
            "but reads differently, as a record that it refers to came, went or was renamed."
        )
    )
    removed: bool = Field(description="Whether the change took the record from the public: remove it from a mirror.")
    revision: int | None = Field(description="The record's revision since; null for `refresh`.")
    note: str | None = Field(description="What whoever made the change said about it.")
    url: str = Field(description="The record's path at that time.")
    revision_url: str | None = Field(description="The record as it then was; null where it is not to be had.")
    record: dict[str, Any] | None = Field(
        description=(
            "The record as it is now, in the shape of its resource: put it into a mirror in place of what is there. "
            "Null where it is not public any more; its removal follows."
        )
    )


class Changes(BaseModel):
    """A part of the feed."""

    data: list[Entry] = Field(description="The changes, in order.")
    next: str | None = Field(description="The path of the next part; null at the end for now.")
    seq: int = Field(description="The number to go on after: ask for `since` this, now or later.")


MODELS: tuple[type[BaseModel], ...] = (Changes,)


def _parameters(context: Context) -> type[BaseModel]:
    names = tuple(resource.name for resource in context.catalogue)
    fields: dict[str, Any] = {
        "since": (Annotated[int, Field(ge=0, le=_BIGGEST)] | None, None),
        "limit": (Annotated[int, Field(ge=1, le=LIMIT_MOST)], LIMIT),
        "resource": (list[Literal[names]], Field(default_factory=list)),  # type: ignore[valid-type]
        "partnership": (Key | None, None),
        "format": (Literal[FORMATS] | None, None),
    }
    return create_model("ChangesParameters", __config__=ConfigDict(extra="forbid"), **fields)


_DOCUMENTED: list[dict[str, Any]] = [
    {
        "name": "since", "in": "query", "required": False,
        "description": (
            "Only changes after this number. Left out: all, from the beginning; as Atom the latest, as events those "
            "still to come. `Last-Event-ID` says the same for events, and goes first."
        ),
        "schema": {"type": "integer", "minimum": 0, "maximum": _BIGGEST},
    },
    {
        "name": "limit", "in": "query", "required": False, "description": "How many changes at most, 1 to 200.",
        "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MOST, "default": LIMIT}, "example": 5,
    },
    {
        "name": "resource", "in": "query", "required": False,
        "description": "Only changes of this resource, or of any of several. For example `commitments`.",
        "schema": {"type": "array", "items": {"type": "string"}},
    },
    {
        "name": "partnership", "in": "query", "required": False,
        "description": (
            "Only changes of this partnership and of what belongs to it; themes, stakeholders and sources belong to "
            "none. For example `india-south-korea`."
        ),
        "schema": {"type": "string"},
    },
    {
        "name": "format", "in": "query", "required": False,
        "description": "The form of the feed, in place of `Accept`.",
        "schema": {"type": "string", "enum": list(FORMATS)},
    },
    {
        "name": "Last-Event-ID", "in": "header", "required": False,
        "description": "The id of the last event that was received: the stream goes on after it.",
        "schema": {"type": "string"},
    },
]  # fmt: skip

_CONTENT = {
    "application/json": {"schema": {"$ref": "#/components/schemas/Changes"}},
    atom.MEDIA_TYPE: {"schema": {"type": "string", "description": "An Atom feed (RFC 4287)."}},
    EVENTS: {"schema": {"type": "string", "description": "Events named `change`, the number of each as its id."}},
}


def changes_router(
    context: Context,
    version: Callable[[], Hashable | None],
    ending: Ending,
    register: UUID,
    *,
    most_streams: int,
    heartbeat: float,
) -> APIRouter:
    """The routes of the feed; the register's own id makes the ids of Atom entries unlike those of any other."""
    router = APIRouter(tags=["changes"])
    parameters = _parameters(context)

    def part(asked: Asked, *, latest: bool = False) -> Part:
        # What everybody sees, whoever asks: a draft is in nobody's feed.
        with context.database.reading() as connection:
            return read(context.reader(connection, ANONYMOUS), asked, latest=latest)

    live = Live(part, version, ending, most=most_streams, heartbeat=heartbeat)

    def answer(request: Request, fixed: str | None) -> Response:
        viewer = context_of(request).authenticate(request)
        given = read_parameters(parameters, request.query_params.multi_items(), frozenset(["resource"])).__dict__
        format_ = fixed or choose(given["format"], request.headers.get("accept"), FORMATS)
        asked = Asked(given["since"] or 0, given["limit"], tuple(given["resource"]), given["partnership"])
        if format_ == "events":
            return live.stream(_from_last_event(request, asked, given["since"]), head=bool(request.scope.get(HEAD)))
        if format_ == "atom":
            return _as_atom(context, viewer, part(asked, latest=given["since"] is None), register, request)
        return _as_json(viewer, part(asked), asked)

    def _from_last_event(request: Request, asked: Asked, since: int | None) -> Asked:
        seen = request.headers.get("last-event-id")
        if seen is not None:
            if not (seen.isascii() and seen.isdigit() and int(seen) <= _BIGGEST):
                raise Malformed("Last-Event-ID is not the id of an event of this stream.")
            since = int(seen)
        if since is None:
            with context.database.reading() as connection:
                since = last_number(connection)
        return Asked(since, LIMIT_MOST, asked.resources, asked.partnership)

    def list_changes(request: Request) -> Response:
        return answer(request, None)

    def changes_as_atom(request: Request) -> Response:
        return answer(request, "atom")

    fails = documented(BadQuery, Malformed, Unauthorized, Forbidden, NotAcceptable, Unavailable)
    open_to_all: list[dict[str, Any]] = [{}, {"bearer": []}]
    router.add_api_route(
        "/changes", list_changes, methods=["GET"], operation_id="list_changes", response_class=Response,
        response_model=None, summary="Follow the changes",
        description=(
            "Every change of what everybody sees, in the order of commit, removals included. Keep `seq`, and ask for "
            "`since` that number the next time: a mirror that applies every entry equals the register. As a stream of "
            "events (`Accept: text/event-stream`) changes arrive as they happen."
        ),
        responses={200: {"description": "Changes.", "content": _CONTENT}, **unchanged(), **fails},
        openapi_extra={"parameters": _DOCUMENTED, "security": open_to_all},
    )  # fmt: skip
    router.add_api_route(
        "/changes.atom", changes_as_atom, methods=["GET"], operation_id="get_changes_feed", response_class=Response,
        response_model=None, summary="Follow the changes in a feed reader",
        description="The latest changes as an Atom feed (RFC 4287).",
        responses={
            200: {"description": "The feed.", "content": {atom.MEDIA_TYPE: _CONTENT[atom.MEDIA_TYPE]}},
            **unchanged(), **fails,
        },
        openapi_extra={
            "parameters": [each for each in _DOCUMENTED if each["in"] == "query" and each["name"] != "format"],
            "security": open_to_all,
        },
    )  # fmt: skip
    return router


def _query(asked: Asked, since: int) -> str:
    pairs: list[tuple[str, str | int]] = [("since", since), ("limit", asked.limit)]
    pairs += [("resource", name) for name in asked.resources]
    pairs += [("partnership", asked.partnership)] if asked.partnership is not None else []
    return urlencode(pairs)


def _as_json(viewer: Viewer, part: Part, asked: Asked) -> Response:
    following = f"/v1/changes?{_query(asked, part.seq)}" if part.more else None
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return json_answer({"data": part.entries, "next": following, "seq": part.seq}, viewer, headers=headers)


def _as_atom(context: Context, viewer: Viewer, part: Part, register: UUID, request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{request.url.path}{query}"
    body = atom.render(context.catalogue, part.entries, register=register, url=url)
    headers = {"ETag": etag.make(body), "Cache-Control": cache_control(viewer), "Vary": VARY}
    return Response(body, headers=headers, media_type=atom.MEDIA_TYPE)
