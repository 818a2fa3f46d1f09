"""The whole application on one screen."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import __version__, errors, resources, views
from app.changes import route as changes
from app.core import past, states
from app.core.answer import dump
from app.core.cache import AnswerCache, Figures
from app.core.clock import clock_of
from app.core.context import Context
from app.core.encoding import Representation
from app.core.page import Cursors
from app.core.past import history_routes
from app.core.read import Moved
from app.core.routes import answer_moved, refuse_bad_credentials, resource_router
from app.db import Database, freshness_of
from app.formats import FORMATS
from app.prepare import register_id, secret_of
from app.security import routes as key_routes
from app.security.credentials import authenticator, demand_writer
from app.security.keys import Keys, note_use_now_and_then
from app.settings import Settings
from app.web import openapi, pages, service
from app.web.deadlines import BodyDeadline
from app.web.limits import RateLimit, RateLimitFields, RateLimits, with_mapped
from app.web.logs import PathDiscretion
from app.web.metrics import Metrics
from app.web.plumbing import Methods, RequestId, RouteName
from app.web.protocol import overloaded, patience_of
from app.web.shutdown import Shutdown
from app.web.telemetry import CachedRoute, telemetry, wanted

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
    keys = Keys(database)
    limits = RateLimits(settings)
    context = Context(
        database=database,
        catalogue=resources.CATALOGUE,
        cursors=Cursors(settings.secret.get_secret_value() or secret_of(database)),
        authenticate=limits.counted(authenticator(settings, keys)),
        demand_writer=lambda viewer: demand_writer(viewer, settings, keys),
        clock=clock_of(settings.today),
        formats=FORMATS,
        answers=(*views.MODELS, *past.MODELS, *changes.MODELS, *key_routes.MODELS),
        bodies=(*states.MODELS, *key_routes.BODIES),
    )
    freshness = freshness_of(database)
    cached = Figures()
    metrics = Metrics(pool=lambda: database.pool, seq=freshness.seq, cache=cached)
    shown = PathDiscretion(settings.admin_token.get_secret_value())
    shutdown = Shutdown()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, object]]:
        # What is there now stays: the collector need not look at it again.
        gc.freeze()
        gc.enable()
        # More threads than the database can use make each request slower: see docs/decisions.
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.worker_threads
        async with anyio.create_task_group() as background:
            background.start_soon(note_use_now_and_then, keys)
            background.start_soon(metrics.keep_looking)
            yield {
                "patience": patience_of(settings),
                "shutdown": shutdown,
                "overloaded": RequestId(overloaded, metrics, shown),
            }
            background.cancel_scope.cancel()
        with suppress(SQLAlchemyError):
            keys.note_use()
        metrics.close()
        await limits.close()
        freshness.close()
        database.dispose()

    proxies = with_mapped(settings.trusted_networks)
    middleware = [
        *([Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)] if proxies else []),
        Middleware(RequestId, metrics=metrics, shown=shown),
        Middleware(
            CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=EXPOSED,
            max_age=86400,
        ),
        Middleware(RateLimitFields, limits=limits),
        *([Middleware(CachedRoute)] if wanted("TRACES") else []),
        Middleware(
            AnswerCache, freshness=freshness, most_bytes=settings.cache_bytes, clock=lambda: context.clock(),
            figures=cached,
        ),
        Middleware(RateLimit, limits=limits),
        Middleware(BodyDeadline, seconds=settings.body_seconds),
        Middleware(Representation),
        Middleware(RouteName),
    ]  # fmt: skip
    app = FastAPI(
        title="Followthrough", version=__version__, lifespan=lifespan, middleware=middleware, redirect_slashes=False,
        docs_url=None, redoc_url=None, openapi_url=None, telemetry=telemetry(shown),
    )  # fmt: skip
    app.state.context = context
    app.state.metrics = metrics
    app.state.shutdown = shutdown
    errors.install(app)
    app.add_exception_handler(Moved, answer_moved)
    Methods(app).install()
    for resource in resources.ALL:
        router = resource_router(resource)
        history_routes(router, resource)
        states.state_routes(router, resource)
        app.include_router(router, prefix="/v1")
    app.include_router(views.router, prefix="/v1")
    app.include_router(
        changes.changes_router(
            context, freshness.version, shutdown, register_id(database),
            most_streams=settings.streams, heartbeat=settings.heartbeat_seconds,
        ),
        prefix="/v1",
    )  # fmt: skip
    app.include_router(key_routes.key_router(keys), prefix="/v1")
    app.include_router(service.router)
    app.include_router(pages.router)
    app.mount("/static", pages.static)

    described: dict[str, object] = {}

    def document() -> dict[str, object]:
        if not described:
            described.update(openapi.document(app, context))
        return described

    def openapi_json(request: Request) -> Response:
        refuse_bad_credentials(request)
        return Response(
            dump(document()), headers={"Cache-Control": "public, max-age=60"}, media_type="application/json"
        )

    app.openapi = document  # type: ignore[method-assign]
    app.add_api_route("/openapi.json", openapi_json, methods=["GET"], include_in_schema=False, response_model=None)
    return app
