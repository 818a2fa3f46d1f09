"""The whole application on one screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import __version__, errors, resources, views
from app.core import past
from app.core.answer import dump
from app.core.cache import AnswerCache
from app.core.clock import clock_of
from app.core.context import Context
from app.core.encoding import Representation
from app.core.page import Cursors
from app.core.past import history_routes
from app.core.read import Moved
from app.core.routes import answer_moved, resource_router
from app.core.states import state_routes
from app.db import Database, freshness_of
from app.formats import FORMATS
from app.prepare import secret_of
from app.security.credentials import authenticator, demand_writer
from app.settings import Settings
from app.web import openapi, pages, service
from app.web.deadlines import BodyDeadline
from app.web.limits import RateLimit, RateLimitFields, RateLimits, with_mapped
from app.web.plumbing import Methods, RequestId
from app.web.protocol import patience_of
from app.web.shutdown import Shutdown

EXPOSED = (
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
    "Content-Disposition",
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application on a database that is ready: migrated, and loaded where that was wanted."""
    settings = settings or Settings()
    database = Database(settings)
    limits = RateLimits(settings)
    context = Context(
        database=database,
        catalogue=resources.CATALOGUE,
        cursors=Cursors(settings.secret.get_secret_value() or secret_of(database)),
        authenticate=limits.counted(authenticator(settings)),
        demand_writer=lambda viewer: demand_writer(viewer, settings),
        clock=clock_of(settings.today),
        formats=FORMATS,
        answers=(*views.MODELS, *past.MODELS),
    )
    freshness = freshness_of(database)
    shutdown = Shutdown()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, object]]:
        # More threads than the database can use make each request slower: see docs/decisions.
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.worker_threads
        yield {"patience": patience_of(settings), "shutdown": shutdown}
        await limits.close()
        freshness.close()
        database.dispose()

    proxies = with_mapped(settings.trusted_networks)
    middleware = [
        *([Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)] if proxies else []),
        Middleware(RequestId),
        Middleware(
            CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=EXPOSED,
            max_age=86400,
        ),
        Middleware(RateLimitFields, limits=limits),
        Middleware(AnswerCache, freshness=freshness, most_bytes=settings.cache_bytes, clock=lambda: context.clock()),
        Middleware(RateLimit, limits=limits),
        Middleware(BodyDeadline, seconds=settings.body_seconds),
        Middleware(Representation),
    ]  # fmt: skip
    app = FastAPI(
        title="Followthrough", version=__version__, lifespan=lifespan, middleware=middleware, redirect_slashes=False,
        docs_url=None, redoc_url=None, openapi_url=None,
    )  # fmt: skip
    app.state.context = context
    app.state.shutdown = shutdown
    errors.install(app)
    app.add_exception_handler(Moved, answer_moved)
    Methods(app).install()
    for resource in resources.ALL:
        router = resource_router(resource)
        history_routes(router, resource)
        state_routes(router, resource)
        app.include_router(router, prefix="/v1")
    app.include_router(views.router, prefix="/v1")
    app.include_router(service.router)
    app.include_router(pages.router)
    app.mount("/static", pages.static)

    described: dict[str, object] = {}

    def document() -> dict[str, object]:
        if not described:
            described.update(openapi.document(app, context))
        return described

    async def openapi_json(request: Request) -> Response:
        return Response(
            dump(document()), headers={"Cache-Control": "public, max-age=60"}, media_type="application/json"
        )

    app.openapi = document  # type: ignore[method-assign]
    app.add_api_route("/openapi.json", openapi_json, methods=["GET"], include_in_schema=False, response_model=None)
    return app
