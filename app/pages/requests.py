"""What a page says of the request behind it: its address as data, and the empty fields of a form left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi.responses import RedirectResponse, Response

from app.api.context import Context
from app.api.negotiation import MEDIA_TYPES
from app.api.read_request import ReadRequest
from app.api.responses import PUBLIC, VARY
from app.languages.texts import pgettext
from app.pages import labels
from app.resources import CATALOGUE

Pairs = Sequence[tuple[str, str]]

LOCAL = "http://127.0.0.1:8000"
"""Where a register is that knows no public address of its own; site.js puts the reader's own in its place."""


@dataclass(frozen=True)
class Alternate:
    """The same as a page, for a program."""

    name: str
    href: str
    media_type: str


@dataclass(frozen=True)
class AsData:
    """Where what a page shows is to be had as data, the JSON of the API first."""

    alternates: tuple[Alternate, ...]

    @property
    def request(self) -> str:
        """The path of the request that the page is made of."""
        return self.alternates[0].href

    @property
    def table(self) -> str | None:
        """The path of the same as a table, where it is a list."""
        return next((each.href for each in self.alternates if each.media_type.startswith("text/csv")), None)

    def snippets(self, base: str) -> list[tuple[str, str]]:
        """The request in four languages."""
        # An apostrophe would end the word in a shell.
        base = base or LOCAL
        address = f"{base}{self.request}".replace("'", "%27")
        table = f"{base}{self.table}".replace("'", "%27") if self.table else ""
        script = f'const response = await fetch("{address}");\nconst answer = await response.json();'
        python = f'import requests\n\nanswer = requests.get("{address}").json()'
        r = f'answer <- jsonlite::fromJSON("{address}")'
        if table:
            python, r = f'import pandas\n\ntable = pandas.read_csv("{table}")', f'table <- read.csv("{table}")'
        return [("curl", f"curl '{address}'"), ("JavaScript", script), ("Python", python), ("R", r)]

    @property
    def documentation(self) -> str:
        """Where the request is documented, and can be tried."""
        return documentation_of(self.request)


def with_query(path: str, pairs: Pairs = ()) -> str:
    """A path with its query."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def json_of(path: str, pairs: Pairs = (), about: str = "") -> Alternate:
    """The JSON of a path."""
    name = f"JSON ({labels.field(about).lower()})" if about else "JSON"
    return Alternate(name, with_query(path, pairs), MEDIA_TYPES["json"][0])


_OF_PAGES = frozenset(("cursor", "limit", "include", "facets", "count"))
"""What a file cannot show: it has all that match."""


def list_as_data(context: Context, name: str, pairs: Pairs) -> AsData:
    """A list in every form that it has."""
    path = f"/v1/{name}"
    whole = [pair for pair in pairs if pair[0] not in _OF_PAGES]
    files = [
        Alternate(pgettext("format", each.label), with_query(f"{path}.{each.name}", whole), each.media_type)
        for each in context.formats.values()
        if each.is_of(name)
    ]
    return AsData((json_of(path, pairs), *files))


def record_as_data(context: Context, name: str, slug: str, pairs: Pairs) -> AsData:
    """A record in every form that it has."""
    path = f"/v1/{name}/{slug}"
    files = [
        Alternate(pgettext("format", each.label), with_query(f"{path}.{each.name}", pairs), each.media_type)
        for each in context.formats.values()
        if each.of_record
    ]
    return AsData((json_of(path, pairs), *files, changes_feed([("resource", name)])))


def changes_feed(pairs: Pairs = ()) -> Alternate:
    """What changed, as a feed."""
    return Alternate("Atom", with_query("/v1/changes.atom", pairs), MEDIA_TYPES["atom"][0])


def wants_data(read: ReadRequest) -> bool:
    """Whether the client prefers JSON to a page; raises NotAcceptable where it takes neither."""
    return read.choose("html", "json") == "json"


def see_other(path: str, pairs: Pairs) -> Response:
    """Send whoever asks to another address: a program to the same in the API."""
    return RedirectResponse(with_query(quote(path), pairs), 303, {"Cache-Control": PUBLIC, "Vary": VARY})


def without_blanks(read: ReadRequest) -> Response | None:
    """The redirect to the same page without what a form left empty; None where nothing was.

    A form sends its empty fields too. The API takes an empty value for a mistake, and an address is nicer without.
    """
    wanted = [pair for pair in read.pairs if pair[1] != ""]
    if len(wanted) == len(read.pairs):
        return None
    return RedirectResponse(
        with_query(quote(read.request.url.path), wanted), 303, {"Cache-Control": PUBLIC, "Vary": VARY}
    )


_OPERATIONS = {
    "/v1": ("service", "get_index"),
    "/v1/search": ("views", "search"),
    "/v1/compare": ("views", "compare_partnerships"),
    "/v1/vocabularies": ("views", "list_vocabularies"),
    "/v1/vocabularies/completion": ("views", "get_vocabulary"),
}
"""The tag and the operation of paths that are of no resource."""


def documentation_of(request: str) -> str:
    """The place in the documentation of a request's operation."""
    path = request.partition("?")[0]
    tag, operation = _OPERATIONS.get(path) or _operation(path.strip("/").split("/")[1:])
    return f"/docs?{urlencode({'request': request})}#/{tag}/{operation}" if operation else "/docs"


def _operation(segments: Sequence[str]) -> tuple[str, str]:
    """The tag and the operation of a resource's path; empty where there is none."""
    if not segments or segments[0] not in CATALOGUE.by_name:
        return "", ""
    resource = CATALOGUE.by_name[segments[0]]
    match segments[1:]:
        case []:
            return resource.name, f"list_{resource.name}"
        case [_]:
            return resource.name, f"get_{resource.singular}"
        case [_, "revisions"]:
            return resource.name, f"list_{resource.singular}_revisions"
        case [_, view] if resource.name == "partnerships":
            return "views", f"get_{view}"
    return "", ""
