"""The whole application on one screen."""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import __version__, resources, views
from app.api import index, openapi, problems
from app.api.changes.routes import ChangeRoutes, Following
from app.api.context import Context
from app.api.counts import CountRoutes
from app.api.exports import ExportRoutes
from app.api.health import HealthRoutes
from app.api.imports import ImportRoutes
from app.api.publishing import PublishingRoutes
from app.api.read_request import refuse_bad_credentials
from app.api.records import RecordRoutes
from app.api.reference_imports import ReferenceImportRoutes
from app.api.responses import redirect_moved
from app.api.revisions import RevisionRoutes
from app.api.schemas import SchemaRoutes
from app.api.short_way import ShortWay, ShortWays
from app.assistants.routes import AssistantRoutes
from app.core.clock import clock_of
from app.core.reading.cursors import Cursors
from app.core.reading.reader import Moved
from app.core.storage.database import SERVER_LOCK_SECONDS, STREAMS, Database
from app.core.storage.freshness import freshness_of
from app.core.storage.readiness import ReadinessProbe
from app.core.storage.standbys import Reads
from app.formats import FORMATS
from app.middleware.body_deadline import BodyDeadline
from app.middleware.cache import Figures, ResponseCache
from app.middleware.encoding import Representation
from app.middleware.issuer_wait import IssuerWait
from app.middleware.language import RequestLanguage
from app.middleware.list_headers import ListHeaders
from app.middleware.methods import Methods, ServerOptions
from app.middleware.ranges import Ranges
from app.middleware.rate_limits import EXEMPT, RateLimit, RateLimitFields, RateLimits, with_mapped
from app.middleware.request_log import RequestId
from app.middleware.route_name import RouteName
from app.middleware.standby_retry import StandbyRetry
from app.middleware.turns import Turns
from app.operations.background import work_beside
from app.operations.prepare import register_id, secret_of
from app.operations.webhooks.routes import WebhookRoutes
from app.pages import routes as pages
from app.pages.problem_pages import problem_page
from app.pages.site import SiteRoutes
from app.pages.static_files import static
from app.resources.sections import first_words, place
from app.security.credentials import authenticator, demand_writer, issuer_in, pending_at
from app.security.keys import Keys, note_use_now_and_then
from app.security.routes import KeyRoutes
from app.server.logs import PathDiscretion
from app.server.metrics import Metrics
from app.server.protocol import connection_limits_of
from app.server.refusals import refusal
from app.server.shutdown import Shutdown
from app.server.telemetry import CachedRoute, recorded, telemetry, wanted
from app.settings import Settings

EXPOSED = (
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "Dry-Run",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
    "Content-Disposition",
    "Content-Location",
    "WWW-Authenticate",
    "Idempotency-Replayed",
)


_SPARE = 8
"""Threads for the writer, for credentials, and for what the server does by itself."""

_COLLECTED_AFTER = 10_000
"""New objects until the collector looks for garbage among them."""


def _collect_less() -> None:
    """What is there now stays: the garbage collector need not look at it again.

    A response of tens of thousands of dictionaries is no garbage either: looking at them less often saves a tenth.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(_COLLECTED_AFTER)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application on a database that is ready: migrated, and loaded where that was wanted."""
    settings = settings or Settings()
    database = Database(settings, lock_seconds=SERVER_LOCK_SECONDS)
    reads = Reads(database)
    keys, issuer = Keys(database), issuer_in(settings)
    limits = RateLimits(settings)
    context = Context(
        database=database,
        reads=reads,
        catalogue=resources.CATALOGUE,
        cursors=Cursors(settings.secret.get_secret_value() or secret_of(database)),
        authenticate=limits.counting(authenticator(settings, keys, issuer)),
        demand_writer=lambda viewer: demand_writer(viewer, settings, keys),
        clock=clock_of(settings.today),
        formats=FORMATS,
        register_id=register_id(database),
        public_url=settings.public_url,
    )
    assistants = AssistantRoutes(context, settings.assistant_host_names)
    freshness = freshness_of(database, reads)
    cached = Figures()
    metrics = Metrics(pool=lambda: database.pool, seq=freshness.seq, cache=cached, reads=reads)
    shown, shutdown = PathDiscretion(settings.admin_token.get_secret_value()), Shutdown()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, object]]:
        _collect_less()
        # Turns decide how many use the database at once: see docs/decisions. Each finds a thread.
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.worker_threads + STREAMS + _SPARE
        async with anyio.create_task_group() as background:
            background.start_soon(note_use_now_and_then, keys)
            background.start_soon(metrics.measure_repeatedly)
            for work in work_beside(context.database, context.catalogue, freshness.version):
                background.start_soon(work)
            assistants.start(background)
            yield {
                "connection_limits": connection_limits_of(settings),
                "shutdown": shutdown,
                "refusal": lambda problem: RequestId(refusal(problem), metrics, shown),
            }
            background.cancel_scope.cancel()
        with suppress(SQLAlchemyError):
            keys.note_use()
        metrics.close()
        await limits.close()
        freshness.close()
        reads.close()
        database.dispose()

    proxies = with_mapped(settings.trusted_networks)
    ways = ShortWays(context)
    middleware = [
        *([Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)] if proxies else []),
        Middleware(RequestId, metrics=metrics, shown=shown),
        Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
            max_age=86400,
        ),
        Middleware(ListHeaders),
        Middleware(RateLimitFields, limits=limits),
        *([Middleware(CachedRoute)] if wanted("TRACES") else []),
        Middleware(RequestLanguage),
        Middleware(
            ResponseCache,
            freshness=freshness,
            most_bytes=settings.cache_bytes,
            clock=lambda: context.clock(),
            figures=cached,
        ),
        Middleware(RateLimit, limits=limits),
        Middleware(BodyDeadline, seconds=settings.body_seconds),
        *([Middleware(IssuerWait, pending=pending_at(issuer))] if issuer is not None else []),
        Middleware(Turns, readers=settings.worker_threads),
        Middleware(Representation),
        Middleware(Ranges),
        Middleware(ServerOptions),
        *([Middleware(StandbyRetry)] if reads.standbys else []),
        *([Middleware(ShortWay, ways=ways)] if settings.short_way and not recorded() else []),
        Middleware(RouteName),
    ]
    app = FastAPI(
        title="Followthrough",
        version=__version__,
        lifespan=lifespan,
        middleware=middleware,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=telemetry(shown),
    )
    app.state.context = context
    app.state.metrics = metrics
    app.state.shutdown = shutdown
    problems.install(app, problem_page)
    app.add_exception_handler(Moved, redirect_moved)
    Methods(app).install()
    changes = ChangeRoutes(
        context, Following(freshness.version, shutdown, settings.streams, settings.heartbeat_seconds)
    )
    for router in (
        *_api(context, keys, changes, ways),
        _service(ReadinessProbe(database, reads), metrics),
        index.router,
        _site(context, assistants),
        *pages.pages(context),
    ):
        # Each has its whole path and all that holds for it. To include a router makes each of its routes anew.
        app.router.routes.extend(router.routes)
    app.mount("/static", static)

    document = openapi.DocumentRoutes(lambda: openapi.document(app, context, _tags(), EXEMPT))
    document.register(app.router)
    app.openapi = lambda: document.document  # type: ignore[method-assign]
    return app


def _service(probe: ReadinessProbe, metrics: Metrics) -> APIRouter:
    """What those ask for who look after the server."""
    service = APIRouter(tags=["service"])
    HealthRoutes(probe, metrics).register(service)
    return service


def _site(context: Context, assistants: AssistantRoutes) -> APIRouter:
    """What programs look for on any site, and where assistants come in."""
    site = APIRouter(include_in_schema=False, dependencies=[Depends(refuse_bad_credentials)])
    SiteRoutes(context).register(site)
    assistants.register(site)
    return site


def _api(context: Context, keys: Keys, changes: ChangeRoutes, ways: ShortWays) -> Iterator[APIRouter]:
    """Every route of the API itself."""
    for resource in context.catalogue:
        router = APIRouter(prefix="/v1", tags=[resource.name])
        # Before the records, none of which can have the slug `counts`.
        CountRoutes(resource, context).register(router)
        if resource.name == "sources":
            ReferenceImportRoutes(resource, context).register(router)
        records = RecordRoutes(resource, context)
        records.register(router)
        ways.add(records)
        RevisionRoutes(resource, context, records.models).register(router)
        PublishingRoutes(resource, records.models).register(router)
        yield router
    for tag, register in (
        ("views", lambda router: views.register(router, context)),
        ("changes", changes.register),
        ("files", ExportRoutes(context).register),
        ("files", ImportRoutes(context).register),
        ("files", SchemaRoutes(context).register),
        ("keys", KeyRoutes(keys).register),
        ("webhooks", WebhookRoutes().register),
    ):
        router = APIRouter(prefix="/v1", tags=[tag])
        register(router)
        yield router


def _tags() -> list[openapi.Tag]:
    """The resources in the order in which a reader meets them."""
    ordered = sorted(resources.ALL, key=lambda resource: place(resource.name))
    return [openapi.Tag(resource.name, first_words(resource)) for resource in ordered]
