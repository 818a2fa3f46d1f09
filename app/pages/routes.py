"""The pages for people: the front page, a page for each list, record and view, and the texts."""

from collections.abc import Iterator

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from app.api.context import Context
from app.api.quick_route import QuickRoute
from app.api.read_request import refuse_bad_credentials
from app.pages import compare, front, problem_pages, search, texts
from app.pages.frames import FrameRoutes
from app.pages.history import HistoryPage
from app.pages.html import fixed_page
from app.pages.lists import ListPage
from app.pages.partnership import PartnershipPage
from app.pages.records import RecordPage
from app.pages.static_files import STATIC

plain = APIRouter(include_in_schema=False, dependencies=[Depends(refuse_bad_credentials)], route_class=QuickRoute)


def pages(context: Context) -> Iterator[APIRouter]:
    """The routes of every page."""
    for module in (front, search, compare, texts, problem_pages):
        yield module.router
    yield plain
    router = APIRouter(include_in_schema=False, route_class=QuickRoute)
    FrameRoutes().register(router)
    PartnershipPage().register(router)
    for resource in context.catalogue:
        ListPage(resource, context).register(router)
        HistoryPage(resource).register(router)
        if resource.name != "partnerships":
            RecordPage(resource, context).register(router)
    yield router


@plain.get("/favicon.ico", response_model=None)
async def favicon() -> Response:
    """The icon, where browsers look for it beside a response that is no page."""
    return FileResponse(STATIC / "favicon.ico", headers={"Cache-Control": "public, max-age=86400"})


@plain.get("/docs", response_model=None)
async def docs(request: Request) -> Response:
    """Swagger UI, from files in the package, on what anybody can read."""
    return fixed_page("docs.html", request, document="/openapi-reading.json")


@plain.get("/docs/all", response_model=None)
async def docs_of_everything(request: Request) -> Response:
    """The same on every operation, those of editors and admins included."""
    return fixed_page("docs.html", request, document="/openapi.json")
