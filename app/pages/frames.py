"""What other sites show of the register in a frame: a scorecard, a timeline, a promise. Also by oEmbed 1.0.

A frame is a small page with a Content-Security-Policy of its own, the only one that lets other sites show it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BeforeValidator, Field
from starlette.exceptions import HTTPException

from app import NAME
from app.api.read_request import Read
from app.api.records import SlugOrId
from app.api.responses import json_response
from app.core.reading.parameters import ParameterSet, read_parameters, refused
from app.core.reading.reader import Moved
from app.core.reading.value_types import digits
from app.core.resource import Resource
from app.errors import NotFound
from app.pages import partnership, promises
from app.pages.embeds import of_partnership, of_promise
from app.pages.html import EMBEDDED, html_response
from app.pages.register import Register
from app.resources.commitments import commitments
from app.resources.partnerships import partnerships
from app.views import scorecard, timeline
from app.views.routes import ViewParameters

_MAX_LATEST, _MAX_UPCOMING = 8, 4
_FIGURES = ("promises", "follow_through_rate", "overdue", "share_verifiable")


_Size = Annotated[int, Field(ge=1, le=100_000), BeforeValidator(digits)]


class OembedParameters(ParameterSet):
    """The query of oEmbed."""

    url: str = Field(min_length=1, max_length=2000, description="The page to be shown.")
    maxwidth: _Size | None = Field(default=None, description="At most so many pixels wide.")
    maxheight: _Size | None = Field(default=None, description="At most so many pixels high.")
    format: Literal["json", "xml"] = "json"


class FrameRoutes:
    """The frames, and where a site asks for the one of a page."""

    # -- handlers ----------------------------------------------------------------------------------------------

    def get_scorecard(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """The headline figures of a partnership, and its promises by grade."""
        register, record = self._found(read, partnerships, slug_or_id)
        built = scorecard.build(register.reader, record)
        figures = [partnership.shown(name, built["figures"][name]) for name in _FIGURES]
        return self._frame(
            read, "embed_scorecard.html", record, figures=figures, bar=partnership.bar_of(built), as_of=built["as_of"]
        )

    def get_timeline(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """What happened last in a partnership, and what is next."""
        register, record = self._found(read, partnerships, slug_or_id)
        return self._frame(
            read,
            "embed_timeline.html",
            record,
            past=list(islice(_each_once(timeline.latest(register.reader, record)), _MAX_LATEST)),
            to_come=list(islice(timeline.to_come(register.reader, record), _MAX_UPCOMING)),
            plural_of={each.singular: each.name for each in register.context.catalogue},
            as_of=register.reader.today,
        )

    def get_promise(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """A promise: who, by when, how far it has come, and why it is judged so."""
        register, record = self._found(read, commitments, slug_or_id)
        entries, _ = promises.log(register, record)
        return self._frame(
            read,
            "embed_commitment.html",
            record,
            reason=next((each for each in entries if each.judges), None),
            as_of=register.reader.today,
        )

    def get_oembed(self, read: Read) -> Response:
        """How a page of the register is shown in another (oEmbed 1.0)."""
        query = read_parameters(OembedParameters, read.pairs)
        if query.format != "json":
            raise HTTPException(501)
        base = read.context.public_url
        resource, slug, name = _page_at(query.url, base)
        register = Register(read)
        try:
            located = register.reader.locate(resource, slug)
        except Moved as moved:
            located = register.reader.locate(resource, moved.slug)
        title = register.reader.one(resource, located.id)["title"]
        every = of_promise(located.slug, title) if resource is commitments else of_partnership(located.slug, title)
        embed = next((each for each in every if each.name == name), every[0])
        body: dict[str, Any] = {
            "version": "1.0",
            "type": "rich",
            "title": embed.title,
            "provider_name": NAME,
            "provider_url": f"{base}/",
            "cache_age": 3600,
            "html": embed.html(base, query.maxwidth, query.maxheight),
            "width": min(embed.width, query.maxwidth or embed.width),
            "height": min(embed.height, query.maxheight or embed.height),
        }
        return json_response(body, read.viewer)

    def _found(self, read: Read, resource: Resource, slug_or_id: str) -> tuple[Register, Any]:
        read.choose("html")
        register = Register(read, read.parameters(ViewParameters).as_of)
        located = register.reader.locate(resource, slug_or_id)
        return register, register.reader.one(resource, located.id)

    def _frame(self, read: Read, template: str, record: Any, **values: Any) -> Response:
        return html_response(template, read, security=EMBEDDED, record=record, **values)

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes. They come before those of records."""
        for path, handler in (
            ("/embed/partnerships/{slug}/scorecard", self.get_scorecard),
            ("/embed/partnerships/{slug}/timeline", self.get_timeline),
            ("/embed/commitments/{slug}", self.get_promise),
            ("/oembed", self.get_oembed),
        ):
            router.add_api_route(path, handler, methods=["GET"], response_model=None)


def _each_once(events: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Events, of several updates of a promise on one day only the first."""
    met = set()
    for each in events:
        about = each["commitment"] if each["kind"] == "update" else None
        same = (each["date"], each["kind"], (about or each["record"])["id"])
        if same not in met:
            met.add(same)
            yield each


def _page_at(url: str, base: str) -> tuple[Resource, str, str]:
    """The resource, the slug and the frame that an address of ours is about; raises BadQuery or NotFound."""
    try:
        parts = urlsplit(url)
        home = urlsplit(base)
    except ValueError:
        raise refused("url", "It must be the address of a page of this register.") from None
    ours = parts.scheme in ("http", "https") if parts.netloc else not parts.scheme
    if not ours or (base and parts.netloc and parts.netloc.lower() != home.netloc.lower()):
        raise refused("url", "It must be the address of a page of this register.")
    path = parts.path.removeprefix(home.path).strip("/")
    segments = [unquote(each) for each in path.split("/")]
    if segments[0] in ("embed", "v1"):
        segments = segments[1:]
    name = segments[2].removesuffix(".svg") if len(segments) == 3 else parts.fragment
    if segments[0] == "partnerships" and len(segments) in (2, 3):
        return partnerships, segments[1], name
    if segments[0] == "commitments" and len(segments) == 2:
        return commitments, segments[1], "promise"
    raise NotFound("Only the pages of partnerships and promises can be shown in others.")
