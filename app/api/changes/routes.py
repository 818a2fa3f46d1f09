"""The route of the feed: ``/v1/changes`` in each of its forms."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app import LICENCE_URL
from app.api.changes.feed import FeedQuery, Part, check_number, last_number, partnership_named, read_feed
from app.api.changes.live import Ending, Live
from app.api.context import Context
from app.api.documentation import (
    response,
    text,
)
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read, ReadRequest
from app.api.responses import (
    HEAD,
    bytes_response,
    json_response,
    link,
)
from app.core.field_types import SlugOrId
from app.core.reading.list_query import LIMIT, MAX_LIMIT
from app.core.reading.parameters import parameter_model
from app.core.reading.value_types import whole_number
from app.core.resource import Catalogue
from app.core.storage.history import MAX_SEQ
from app.core.visibility import ANONYMOUS
from app.errors import Malformed
from app.formats import atom
from app.formats.atom_elements import MEDIA_TYPE as ATOM_MEDIA_TYPE


class Change(BaseModel):
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


class ChangeList(BaseModel):
    """A part of the feed."""

    data: list[Change] = Field(description="The changes, in order.")
    next: str | None = Field(description="The path of the next part; null at the end for now.")
    seq: int = Field(description="The number to go on after: ask for `since` this, now or later.")


LAST_EVENT_ID: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The id of the last event that was received: the stream goes on after it.",
    "schema": {"type": "string"},
}


def feed_parameters(catalogue: Catalogue) -> type[BaseModel]:
    """The parameter set of the feed."""
    names: Any = Literal[tuple(resource.name for resource in catalogue)]
    fields: dict[str, Any] = {
        "since": (
            whole_number(0, MAX_SEQ) | None,
            Field(
                default=None,
                description=(
                    "Only changes after this number, which the register has come to. Left out: all, from the "
                    "beginning; as Atom the latest, as events those still to come. "
                    "`Last-Event-ID` says the same for events, and goes first."
                ),
            ),
        ),
        "limit": (
            whole_number(1, MAX_LIMIT),
            Field(
                default=LIMIT,
                description="How many changes at most, 1 to 200. A stream that is given one ends after so many.",
            ),
        ),
        "resource": (
            list[names],
            Field(
                default_factory=list,
                description="Only changes of this resource, or of any of several. For example `commitments`.",
            ),
        ),
        "partnership": (
            SlugOrId | None,
            Field(
                default=None,
                description=(
                    "Only changes of this partnership and of what belongs to it; themes, stakeholders and sources "
                    "belong to none. For example `india-south-korea`."
                ),
            ),
        ),
    }
    return parameter_model("FeedParameters", fields)


@dataclass(frozen=True)
class Following:
    """What live streams need of the server that they run on."""

    version: Callable[[], Hashable | None]
    """Differs after every change of the register."""
    ending: Ending
    most_streams: int
    heartbeat: float
    """The seconds after which a silent stream says that it is still there."""


class ChangeRoutes:
    """The feed of changes, as JSON, as Atom and as a live stream."""

    def __init__(self, context: Context, following: Following) -> None:
        """Serve a register."""
        self.context = context
        self.parameters = feed_parameters(context.catalogue)
        self.live = Live(
            self._part,
            following.version,
            following.ending,
            most=following.most_streams,
            heartbeat=following.heartbeat,
        )

    # -- handlers ----------------------------------------------------------------------------------------------

    def list_changes(self, read: Read) -> Response:
        """Every change of what everybody sees, in the order of commit, removals included. Keep `seq`, and ask for
        `since` that number the next time: a mirror that applies every entry equals the register. As a stream of
        events (`Accept: text/event-stream`) changes arrive as they happen: each is named `change`, and its id is its
        number.
        """
        query, since = self._query(read)
        form = read.choose("json", "atom", "events")
        if form == "events":
            after = self._from_last_event(read.request, query, since)
            self._check(after)
            most = query.limit if "limit" in dict(read.pairs) else None
            return self.live.stream(after, most, head=bool(read.request.scope.get(HEAD)))
        if form == "atom":
            return self._as_atom(read, query, latest=since is None)
        return self._as_json(read, query)

    def changes_as_atom(self, read: Read) -> Response:
        """The latest changes as an Atom feed (RFC 4287)."""
        query, since = self._query(read)
        return self._as_atom(read, query, latest=since is None)

    def _query(self, read: ReadRequest) -> tuple[FeedQuery, int | None]:
        """What is to be followed, and where the client wants to start."""
        found = read.parameters(self.parameters).__dict__
        since: int | None = found["since"]
        return FeedQuery(since or 0, found["limit"], tuple(found["resource"]), found["partnership"]), since

    def _check(self, query: FeedQuery) -> None:
        """Refuse a partnership or a number that there is not, as long as a problem can still be answered."""
        with self.context.database.reading() as connection:
            check_number(connection, query.since)
            if query.partnership is not None:
                partnership_named(self.context.reader(connection, ANONYMOUS), query.partnership)

    def _part(self, query: FeedQuery, *, latest: bool = False) -> Part:
        # What everybody sees, whoever reads: a draft is in nobody's feed.
        with self.context.database.reading() as connection:
            return read_feed(self.context.reader(connection, ANONYMOUS), query, latest=latest)

    def _from_last_event(self, request: Request, query: FeedQuery, since: int | None) -> FeedQuery:
        received = request.headers.get("last-event-id")
        if received is not None:
            if not (received.isascii() and received.isdigit() and len(received) < 20 and int(received) <= MAX_SEQ):
                raise Malformed("Last-Event-ID is not the id of an event of this stream.")
            since = int(received)
        if since is None:
            with self.context.database.reading() as connection:
                since = last_number(connection)
        return FeedQuery(since, MAX_LIMIT, query.resources, query.partnership)

    def _as_json(self, read: ReadRequest, query: FeedQuery) -> Response:
        part = self._part(query)
        following = f"/v1/changes?{_query_string(query, part.seq)}" if part.more else None
        body = {"data": part.entries, "next": following, "seq": part.seq}
        return json_response(body, read.viewer, headers={"Link": link(following)})

    def _as_atom(self, read: ReadRequest, query: FeedQuery, *, latest: bool) -> Response:
        part = self._part(query, latest=latest)
        url = read.request.url
        here = f"{url.path}?{url.query}" if url.query else url.path
        body = atom.render(
            self.context.catalogue,
            part.entries,
            register=self.context.register_id,
            url=here,
            filters=_filters(query),
            base=self.context.public_url,
            licence=LICENCE_URL,
        )
        return bytes_response(body, read.viewer, ATOM_MEDIA_TYPE)

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        as_atom = text(ATOM_MEDIA_TYPE, "An Atom feed (RFC 4287).")
        routes = DocumentedRouter(router)
        routes.read(
            "/changes",
            self.list_changes,
            summary="List the changes of the register",
            shows=response(200, "Changes.", ChangeList, "Link"),
            fails=(Malformed,),
            query=self.parameters,
            headers=(LAST_EVENT_ID,),
        )
        routes.read(
            "/changes.atom",
            self.changes_as_atom,
            "get_changes_feed",
            summary="Get the changes as an Atom feed",
            shows=response(200, "The feed.", content=as_atom),
            fails=(Malformed,),
            query=self.parameters,
        )


def _filters(query: FeedQuery) -> str:
    """Which changes are wanted, as a query string that is the same for the same wish; empty: all of them."""
    pairs = [("resource", name) for name in sorted(set(query.resources))]
    pairs += [("partnership", query.partnership)] if query.partnership is not None else []
    return urlencode(pairs)


def _query_string(query: FeedQuery, since: int) -> str:
    start = urlencode([("since", since), ("limit", query.limit)])
    return "&".join(filter(None, (start, _filters(query))))
