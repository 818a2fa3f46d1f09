"""The pages for people: the front page, the interactive documentation, and one page for each kind of problem."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.staticfiles import StaticFiles

from app import __version__, errors
from app.core.answer import VARY, dump
from app.core.context import Context, context_of
from app.core.negotiation import choose
from app.core.visibility import ANONYMOUS
from app.web.service import counted

router = APIRouter(include_in_schema=False)
static = StaticFiles(directory=Path(__file__).parent.parent / "static")

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals["version"] = __version__

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "public, max-age=0, must-revalidate",
    "Vary": VARY,
}

_TRY = (
    ("What stands in the way", "/v1/challenges?partnership=india-south-korea&sort=-severity,title"),
    ("What is proposed about the trade imbalance",
     "/v1/recommendations?challenge=trade-imbalance&include=challenges,stakeholders&sort=-priority,title&facets=status,horizon&count=true"),
    ("Who takes part, by kind", "/v1/stakeholders?facets=kind,country&count=true&limit=5"),
    ("Sources of think tanks since 2024", "/v1/sources?independence=think_tank&issued__gte=2024"),
    ("Where sources disagree", "/v1/citations?intent=disputes&include=sources"),
    ("Everything about semiconductors, as a spreadsheet", "/v1/recommendations?q=semiconductor&format=csv"),
)  # fmt: skip


def _html(template: str, status: int = 200, **values: object) -> Response:
    return HTMLResponse(_pages.get_template(template).render(**values), status, _HEADERS)


def _counts(context: Context) -> dict[str, int]:
    with context.database.reading() as connection:
        return counted(context.reader(connection, ANONYMOUS))


@router.get("/")
def front(request: Request) -> Response:
    """What this is: a page for a person, the same as JSON for a program."""
    context = context_of(request)
    counts = _counts(context)
    if choose(None, request.headers.get("accept"), ("json", "html")) == "html":
        about = {resource.name: resource.description.partition(": ")[2] for resource in context.catalogue}
        return _html("front.html", counts=counts, about=about, examples=_TRY)
    body = {
        "name": "Followthrough",
        "description": "An open register of what partner countries promise each other, and what came of it.",
        "version": __version__,
        "api": "/v1",
        "docs": "/docs",
        "openapi": "/openapi.json",
        "counts": counts,
        "examples": [{"title": title, "url": url} for title, url in _TRY],
    }
    return Response(dump(body), headers={"Vary": VARY, "Cache-Control": "no-cache"}, media_type="application/json")


@router.get("/docs")
async def docs() -> Response:
    """Swagger UI, from files in the package."""
    return _html("docs.html")


@router.get("/problems")
def problems(request: Request) -> Response:
    """Every kind of problem."""
    if choose(None, request.headers.get("accept"), ("html", "json")) == "json":
        return Response(dump({"data": [_problem(kind) for kind in errors.ALL]}), media_type="application/json")
    return _html("problems.html", kinds=errors.ALL)


@router.get("/problems/{name}")
def problem(request: Request, name: str) -> Response:
    """One kind of problem: what it means, and what to do."""
    kind = next((kind for kind in errors.ALL if kind.name == name), None)
    if kind is None:
        raise errors.NotFound()
    if choose(None, request.headers.get("accept"), ("html", "json")) == "json":
        return Response(dump(_problem(kind)), media_type="application/json")
    return _html("problem.html", kind=kind, example=dump(errors.example(kind)).decode())


def _problem(kind: type[errors.Problem]) -> dict[str, object]:
    return {
        "type": f"/problems/{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
    }
