"""The pages for people: the front page, the interactive documentation, and one page for each kind of problem."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.datastructures import QueryParams
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app import __version__, errors
from app.core.answer import VARY, dump
from app.core.context import Context, context_of
from app.core.negotiation import choose
from app.core.read import Reader
from app.core.routes import refuse_bad_credentials
from app.core.visibility import ANONYMOUS
from app.pictures.completion import LOOKS, ORDER
from app.views import VIEWS
from app.web.sections import SECTIONS, first_words, place
from app.web.service import counted

router = APIRouter(include_in_schema=False, dependencies=[Depends(refuse_bad_credentials)])

_STATIC = Path(__file__).parent.parent / "static"

Questions = Iterable[tuple[str, str]]


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with what is in it."""
    return f"/static/{name}?v={blake2b((_STATIC / name).read_bytes(), digest_size=8).hexdigest()}"


class Static(StaticFiles):
    """Static files, kept for good by whoever asked for them by their content, and for a while by others."""

    def file_response(self, full_path: Any, stat_result: Any, scope: Scope, status_code: int = 200) -> Response:
        """Answer with a file, and say how long it can be kept."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        name = Path(full_path).relative_to(_STATIC).as_posix()
        exact = f"/static/{name}?{QueryParams(scope['query_string'])}" == asset(name)
        answer.headers["Cache-Control"] = f"public, max-age={'31536000, immutable' if exact else '300'}"
        return answer


static = Static(directory=_STATIC)


def spoken(text: str) -> Markup:
    """A sentence in which names stand between backticks, as HTML."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped before)


_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals |= {"version": __version__, "asset": asset}
_pages.filters["spoken"] = spoken


def _headers(style: str = "'self'") -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": style,
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "public, max-age=0, must-revalidate",
        "Vary": VARY,
    }


def _html(template: str, **values: object) -> Response:
    return HTMLResponse(_pages.get_template(template).render(**values), headers=_headers())


def _json(value: object) -> Response:
    headers = {"Vary": VARY, "Cache-Control": "public, max-age=0, must-revalidate"}
    return Response(dump(value), headers=headers, media_type="application/json")


# -- the front page ----------------------------------------------------------------------------------------------


def _questions(partnership: str | None) -> Questions:
    """What to ask the register first; of a partnership, where there is one."""
    if partnership is not None:
        path = f"/v1/partnerships/{partnership}"
        yield "How much of what was promised has come about?", f"{path}/scorecard"
        yield "Where does the trace break off?", f"{path}/gaps"
        yield "What happened when?", f"{path}/timeline"
    yield "Which promises are overdue?", "/v1/commitments?overdue=true&sort=due_on&fields=slug,title,due_on,completion"
    yield "What stands in the way?", "/v1/challenges?sort=-severity,title&include=themes"
    yield (
        "What is proposed, and to whom?",
        "/v1/recommendations?sort=-priority,title&include=stakeholders&facets=status",
    )
    yield "Who takes part?", "/v1/stakeholders?facets=kind,country&count=true&limit=5"
    yield "Where do sources disagree?", "/v1/citations?intent=disputes&include=sources"
    yield "What have think tanks written since 2024?", "/v1/sources?independence=think_tank&issued__gte=2024"
    yield "What is proposed about semiconductors, as a spreadsheet?", "/v1/recommendations?q=semiconductor&format=csv"


def _progress(context: Context, reader: Reader) -> list[dict[str, Any]]:
    """The promises by how much of each is done, from all of it downwards; nothing where there are none."""
    grammar = context.grammar(context.catalogue.by_name["commitments"])
    ask = grammar.ask([("facets", "completion"), ("limit", "1"), ("fields", "slug")])
    counts = (reader.page(grammar, ask, context.cursors).facets or {})["completion"]
    parts: list[dict[str, Any]] = []
    before = 0
    for term in ORDER:
        if count := counts.get(term.value, 0):
            parts.append({"term": term, "look": LOOKS[term], "count": count, "before": before})
            before += count
    return parts


def _groups(context: Context, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The resources with their counts, by what they are for."""
    sections = {name: title for title, names in SECTIONS.items() for name in names}
    groups: dict[str, list[dict[str, Any]]] = {}
    for resource in sorted(context.catalogue, key=lambda each: place(each.name)):
        about = first_words(resource).partition(": ")[2]
        count = counts[resource.name]
        called = resource.singular if count == 1 else resource.name
        shown = {"name": resource.name, "called": called, "count": count, "about": about[:1].upper() + about[1:]}
        groups.setdefault(sections.get(resource.name, "More"), []).append(shown)
    return [{"title": title, "resources": resources} for title, resources in groups.items()]


def _first_partnership(context: Context, reader: Reader) -> str | None:
    rows, condition = reader.seen(context.catalogue.by_name["partnerships"].table)
    found: str | None = reader.connection.execute(
        sa.select(rows.c.slug).where(condition).order_by(rows.c.created_at, rows.c.id).limit(1)
    ).scalar()
    return found


@router.get("/")
def front(request: Request) -> Response:
    """What this is: a page for a person, the same as JSON for a program."""
    context = context_of(request)
    format_ = choose(None, request.headers.get("accept"), ("json", "html"))
    with context.database.reading() as connection:
        reader = context.reader(connection, ANONYMOUS)
        counts = counted(reader)
        partnership = _first_partnership(context, reader)
        examples = list(_questions(partnership))
        if format_ == "html":
            drawn = [view.name for view in VIEWS if view.draw] if partnership is not None else []
            return _html(
                "front.html", groups=_groups(context, counts), progress=_progress(context, reader), examples=examples,
                pictures=[(name, f"/v1/partnerships/{partnership}/{name}.svg") for name in drawn],
            )  # fmt: skip
    return _json(
        {
            "name": "Followthrough",
            "description": "An open register of what partner countries promise each other, and what came of it.",
            "version": __version__,
            "api": "/v1",
            "docs": "/docs",
            "openapi": "/openapi.json",
            "problems": "/problems",
            "counts": counts,
            "examples": [{"title": title, "url": url} for title, url in examples],
        }
    )


@router.get("/favicon.ico")
async def favicon() -> Response:
    """The icon, where browsers look for it beside an answer that is no page."""
    return FileResponse(_STATIC / "favicon.ico", headers={"Cache-Control": "public, max-age=86400"})


# -- documentation and problems ----------------------------------------------------------------------------------


@router.get("/docs")
async def docs() -> Response:
    """Swagger UI, from files in the package."""
    return _html("docs.html")


@router.get("/problems")
def problems(request: Request) -> Response:
    """Every kind of problem."""
    if choose(None, request.headers.get("accept"), ("html", "json")) == "json":
        return _json({"data": [_problem(kind) for kind in errors.ALL]})
    ordered = sorted(errors.ALL, key=lambda kind: kind.status)
    groups = [
        {"id": "yours", "title": "What the request can mend", "kinds": [kind for kind in ordered if kind.status < 500]},
        {"id": "ours", "title": "What we have to mend", "kinds": [kind for kind in ordered if kind.status >= 500]},
    ]
    return _html("problems.html", groups=groups)


@router.get("/problems/{name}")
def problem(request: Request, name: str) -> Response:
    """One kind of problem: what it means, and what to do."""
    kind = next((kind for kind in errors.ALL if kind.name == name), None)
    if kind is None:
        raise errors.NotFound()
    if choose(None, request.headers.get("accept"), ("html", "json")) == "json":
        return _json(_problem(kind))
    example = json.dumps(errors.example(kind), indent=2, ensure_ascii=False)
    return _html("problem.html", kind=kind, phrase=HTTPStatus(kind.status).phrase, example=example)


def _problem(kind: type[errors.Problem]) -> dict[str, object]:
    return {
        "type": f"/problems/{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
    }
