"""Responses: bytes made once, with the headers that every response to a reading request has."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from app import LICENCE_URL
from app.api import etag
from app.core.reading.cursors import Cursors
from app.core.reading.list_query import ListQuery
from app.core.reading.reader import Located, Moved, Reader
from app.core.resource import Resource
from app.core.strict_json import dump
from app.core.visibility import Viewer

PUBLIC = "public, max-age=0, s-maxage=10"
"""A shared cache may serve it for 10 s, and nobody after that without asking: what is withdrawn must not live on."""

PRIVATE = "private, no-store"
VARY = "Accept, Authorization"

HEAD = "followthrough.head"
"""Set in the scope of a HEAD request, which the application answers as if it were a GET."""

LICENCE_LINK = f'<{LICENCE_URL}>; rel="license"'


def cache_control(viewer: Viewer) -> str:
    """Who may store a response: anybody what everybody sees, nobody what a credential sees."""
    return PUBLIC if viewer.public else PRIVATE


def bytes_response(
    body: bytes,
    viewer: Viewer,
    media_type: str,
    *,
    status: int = 200,
    revision: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A whole response with its entity tag."""
    all_headers = {
        "ETag": etag.make(body, revision),
        "Cache-Control": cache_control(viewer),
        "Vary": VARY,
        **(headers or {}),
    }
    return Response(body, status, all_headers, media_type=media_type)


def json_response(
    value: Any,
    viewer: Viewer,
    *,
    status: int = 200,
    revision: int | None = None,
    modified: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON response with its entity tag."""
    dated = {"Last-Modified": format_datetime(modified, usegmt=True)} if modified is not None else {}
    both = {**(headers or {}), **dated}
    return bytes_response(dump(value), viewer, "application/json", status=status, revision=revision, headers=both)


def next_page(query: Sequence[tuple[str, str]], path: str, cursor: str | None) -> str | None:
    """The path of the page that follows, under the parameters that the client sent; None at the end."""
    if cursor is None:
        return None
    pairs = [(name, value) for name, value in query if name != "cursor"]
    return f"{path}?{urlencode([*pairs, ('cursor', cursor)])}"


def link(following: str | None) -> str:
    """The Link header of a list: the page that follows, and the licence."""
    return LICENCE_LINK if following is None else f'<{following}>; rel="next", {LICENCE_LINK}'


def page_response(
    query: Sequence[tuple[str, str]],
    path: str,
    data: Sequence[Mapping[str, Any]],
    cursor: str | None,
    viewer: Viewer,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A part of a list, with the address of the next one; ``query`` is what the client sent."""
    following = next_page(query, path, cursor)
    body = {"data": data, "next": following, "next_cursor": cursor, **(more or {})}
    return json_response(body, viewer, headers={"Link": link(following)})


def record_response(
    reader: Reader,
    resource: Resource,
    located: Located,
    query: ListQuery | None = None,
    cursors: Cursors | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A record as a JSON response."""
    record = reader.one(resource, located.id, query, cursors)
    return json_response(
        record,
        reader.viewer,
        status=status,
        revision=located.revision,
        modified=located.updated_at,
        headers={"Link": LICENCE_LINK, **(headers or {})},
    )


def redirect_moved(request: Request, error: Exception) -> Response:
    """The redirect from a former slug to the present one, whatever comes after it in the path."""
    assert isinstance(error, Moved)
    segments = request.scope["path"].split("/")
    # A resource and a record can have the same name: the slug comes after /v1/challenges, or /challenges.
    earliest = 3 if segments[1] in ("v1", "embed") else 2
    place = next(at for at in range(earliest, len(segments)) if segments[at].partition(".")[0] == error.former)
    # What comes after the slug is the ending of a file.
    segments[place] = error.slug + segments[place][len(error.former) :]
    query = f"?{request.url.query}" if request.url.query else ""
    # A record can be renamed back: a redirect that is stored would then lead round in a circle.
    stored = PRIVATE if "authorization" in request.headers else PUBLIC
    return RedirectResponse(f"{quote('/'.join(segments))}{query}", 308, {"Cache-Control": stored, "Vary": VARY})
