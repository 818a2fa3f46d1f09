"""The pages of problems: one for each kind, and what a person sees when a page cannot be shown."""

import json
import re
from http import HTTPStatus

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app import errors
from app.api import problems
from app.api.context import context_of
from app.api.negotiation import choose, is_page
from app.api.quick_route import QuickRoute
from app.api.read_request import refuse_bad_credentials
from app.api.responses import VARY
from app.core.strict_json import dump
from app.languages.texts import gettext
from app.pages.html import fixed_page, html_error
from app.pages.requests import AsData, json_of
from app.pages.suggestions import suggestions

router = APIRouter(include_in_schema=False, dependencies=[Depends(refuse_bad_credentials)], route_class=QuickRoute)


def _json(value: object) -> Response:
    headers = {"Vary": VARY, "Cache-Control": "public, max-age=0, must-revalidate"}
    return Response(dump(value), headers=headers, media_type="application/json")


@router.get("/problems", response_model=None)
def list_problems(request: Request) -> Response:
    """Every kind of problem."""
    if choose(request.headers.get("accept"), ("html", "json")) == "json":
        return _json({"data": [_described(kind) for kind in errors.ALL]})
    ordered = sorted(errors.ALL, key=lambda kind: kind.status)
    yours = [kind for kind in ordered if kind.status < 500]
    ours = [kind for kind in ordered if kind.status >= 500]
    groups = [
        {"id": "yours", "title": gettext("What the request can mend"), "kinds": yours},
        {"id": "ours", "title": gettext("What we have to mend"), "kinds": ours},
    ]
    return fixed_page("problems.html", request, groups=groups, data=AsData((json_of("/problems"),)))


@router.get("/problems/{name}", response_model=None)
def get_problem(request: Request, name: str) -> Response:
    """One kind of problem: what it means, and what to do."""
    kind = next((kind for kind in errors.ALL if kind.name == name), None)
    if kind is None:
        raise errors.NotFound()
    if choose(request.headers.get("accept"), ("html", "json")) == "json":
        return _json(_described(kind))
    data = AsData((json_of(f"/problems/{name}"),))
    example = json.dumps(problems.example(kind), indent=2, ensure_ascii=False)
    values = {"kind": kind, "phrase": HTTPStatus(kind.status).phrase, "example": example, "data": data}
    return fixed_page("problem.html", request, **values)


def _described(kind: type[errors.Problem]) -> dict[str, object]:
    return {
        "type": f"/problems/{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
    }


def problem_page(request: Request, problem: errors.Problem, request_id: str) -> Response | None:
    """A problem as a page where a person's browser wanted one, with the same status; None for programs."""
    path: str = request.scope["path"]
    if not is_page(path) or not _wants_html(request):
        return None
    headers = {"Cache-Control": "no-store", **problem.headers}
    return html_error(
        "error.html",
        request,
        problem.status,
        headers,
        problem=problem,
        request_id=request_id,
        words=_words(path),
        nearest=suggestions(context_of(request), path) if isinstance(problem, errors.NotFound) else (),
        without_query=path if problem.status == 400 and request.url.query and _is_plain(path) else None,
    )


def _wants_html(request: Request) -> bool:
    try:
        return choose(request.headers.get("accept"), ("json", "html")) == "html"
    except errors.NotAcceptable:
        return False


def _words(path: str) -> str:
    """What the address of a page that is not there says, to search for it instead."""
    return " ".join(re.findall(r"[a-z]{3,}", path.rpartition("/")[2].lower()))[:100]


def _is_plain(path: str) -> bool:
    return re.fullmatch(r"/[a-z0-9/_-]*", path) is not None and not path.startswith("//")
