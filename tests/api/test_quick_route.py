"""A request is compared with no route that cannot be its own, and finds the one that is; others are not even made."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import anyio
import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from app.api.quick_route import QuickRoute


def test_a_path_is_compared_with_the_routes_alone_that_it_may_be_of(monkeypatch: pytest.MonkeyPatch) -> None:
    router, compared = APIRouter(prefix="/v1", route_class=QuickRoute), []
    own = APIRoute.matches

    def matches(route: APIRoute, scope: Any) -> Any:
        compared.append(route.path)
        return own(route, scope)

    monkeypatch.setattr(APIRoute, "matches", matches)

    @router.get("/ladders/{slug}/steps")
    @router.get("/hurdles/{slug}")
    def get_hurdle(slug: str) -> str:
        return slug

    app = FastAPI()
    app.router.routes.extend(router.routes)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            assert (await client.get("/v1/hurdles/high")).json() == "high"
            assert (await client.post("/v1/hurdles/high")).status_code == 405
            assert set(compared) == {"/v1/hurdles/{slug}"}
            compared.clear()
            assert (await client.get("/v1/ladders/high")).status_code == 404
            assert (await client.get("/v1/fences/high")).status_code == 404

    anyio.run(ask)
    assert set(compared) == {"/v1/ladders/{slug}/steps"}


def test_a_route_is_made_when_a_request_first_comes_near_it() -> None:
    router = APIRouter(prefix="/v1", route_class=QuickRoute)

    @router.get("/ladders/{slug}")
    @router.get("/hurdles/{slug}")
    def get_hurdle(slug: str) -> str:
        return slug

    app = FastAPI()
    app.router.routes.extend(router.routes)

    def made() -> set[str]:
        return {route.path for route in router.routes if isinstance(route, QuickRoute) and "dependant" in vars(route)}

    async def ask(path: str) -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return (await client.get(path)).text

    assert made() == set()
    assert anyio.run(ask, "/v1/hurdles/high") == '"high"'
    assert made() == {"/v1/hurdles/{slug}"}
    assert set(app.openapi()["paths"]) == {"/v1/hurdles/{slug}", "/v1/ladders/{slug}"}
    assert made() == {"/v1/hurdles/{slug}", "/v1/ladders/{slug}"}


def test_a_route_has_no_attribute_that_none_has() -> None:
    route = QuickRoute("/v1/hurdles", lambda: None, methods=["get"])
    assert route.methods == {"GET"}
    assert not hasattr(route, "colour")


def test_a_route_that_two_threads_want_at_once_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made anew while the other uses it, it would for a moment lack what is added to it last."""
    begun, enough, made = Event(), Event(), []
    make = APIRoute.__init__

    def slowly(route: APIRoute, *given: Any, **options: Any) -> None:
        made.append(route)
        begun.set()
        assert enough.wait(10)
        make(route, *given, **options)

    monkeypatch.setattr(APIRoute, "__init__", slowly)
    route = QuickRoute("/v1/hurdles", lambda: None)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: route.dependant)
        assert begun.wait(10)
        second = threads.submit(lambda: route.app)
        with pytest.raises(TimeoutError):
            second.result(0.2)
        enough.set()
        assert first.result() is route.dependant
        assert second.result() is route.app
    assert len(made) == 1
