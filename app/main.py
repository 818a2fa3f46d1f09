"""The whole application on one screen."""

from collections.abc import Iterator

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import NAME, __version__, resources, views
from app.api import index, openapi, problems
from app.api.changes.routes import ChangeRoutes, Following
from app.api.context import Context
from app.api.counts import CountRoutes
from app.api.exports import ExportRoutes
from app.api.health import HealthRoutes
from app.api.imports import ImportRoutes
from app.api.publishing import PublishingRoutes
from app.api.quick_route import QuickRoute
from app.api.read_request import refuse_bad_credentials
from app.api.records import RecordRoutes
from app.api.reference_imports import ReferenceImportRoutes
from app.api.responses import redirect_moved
from app.api.revisions import RevisionRoutes
from app.api.schemas import SchemaRoutes
from app.api.short_way import ShortWay
from app.assistants.routes import AssistantRoutes
from app.core.reading.reader import Moved
from app.core.storage.readiness import ReadinessProbe
from app.middleware.body_deadline import BodyDeadline
from app.middleware.cache import ResponseCache
from app.middleware.encoding import Representation
from app.middleware.issuer_wait import IssuerWait
from app.middleware.known_heads import RememberHead
from app.middleware.language import RequestLanguage
from app.middleware.list_headers import ListHeaders
from app.middleware.methods import Methods, ServerOptions
from app.middleware.ranges import Ranges
from app.middleware.rate_limits import EXEMPT, RateLimit, RateLimitFields
from app.middleware.request_log import RequestId
from app.middleware.route_name import RouteName
from app.middleware.standby_retry import StandbyRetry
from app.middleware.turns import Turns
from app.operations.webhooks.routes import WebhookRoutes
from app.pages import routes as pages
from app.pages.problem_pages import problem_page
from app.pages.site import SiteRoutes
from app.pages.static_files import static
from app.parts import Parts, parts_of, running
from app.resources.sections import first_words, place
from app.security.credentials import pending_at
from app.security.routes import KeyRoutes
from app.server.metrics import Metrics
from app.server.statement_spans import trace_statements
from app.server.telemetry import CachedRoute, recorded, telemetry_of, wanted
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
    "Allow",
    "Preference-Applied",
)


def _middleware(parts: Parts) -> list[Middleware]:
    """The layers around the routes, the outermost first."""
    settings = parts.settings
    return [
        *([Middleware(RememberHead, known=parts.known_heads)] if parts.known_heads is not None else []),
        *([Middleware(ProxyHeadersMiddleware, trusted_hosts=parts.proxies)] if parts.proxies else []),
        Middleware(RequestId, metrics=parts.metrics, shown=parts.paths, log=parts.log),
        Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
            max_age=86400,
        ),
        Middleware(ListHeaders),
        Middleware(RateLimitFields, limits=parts.limits),
        *([Middleware(CachedRoute)] if wanted("TRACES") else []),
        Middleware(RequestLanguage),
        Middleware(ResponseCache, responses=parts.responses),
        Middleware(RateLimit, limits=parts.limits),
        Middleware(BodyDeadline, seconds=settings.body_seconds),
        *([Middleware(IssuerWait, pending=pending_at(parts.issuer))] if parts.issuer is not None else []),
        Middleware(Turns, readers=settings.worker_threads),
        Middleware(Representation),
        Middleware(Ranges),
        Middleware(ServerOptions),
        *([Middleware(StandbyRetry)] if parts.reads.standbys else []),
        *([Middleware(ShortWay, ways=parts.ways)] if settings.short_way and not recorded() else []),
        Middleware(RouteName),
    ]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application on a database that is ready: migrated, and loaded where that was wanted."""
    parts = parts_of(settings or Settings())
    telemetry = telemetry_of(parts.paths)
    app = FastAPI(
        title=NAME,
        version=__version__,
        lifespan=lambda app: running(parts),
        middleware=_middleware(parts),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=telemetry,
    )
    if (tracing := telemetry.get("tracer_provider")) is not None:
        for engine in parts.engines:
            trace_statements(engine, tracing)
    app.state.context = parts.context
    problems.install(app, problem_page)
    app.add_exception_handler(Moved, redirect_moved)
    Methods(app).install()
    _include_routes(app, parts)
    return app


def _include_routes(app: FastAPI, parts: Parts) -> None:
    context = parts.context
    for router in (
        *_api(parts),
        _service(ReadinessProbe(parts.database, parts.reads), parts.metrics),
        index.router,
        _site(context, parts.assistants),
        *pages.pages(context),
    ):
        # Each has its whole path and all that holds for it. To include a router makes each of its routes anew.
        app.router.routes.extend(router.routes)
    app.mount("/static", static)

    document = openapi.DocumentRoutes(lambda: openapi.document(app, context, _tags(), EXEMPT))
    document.register(app.router)
    app.openapi = lambda: document.document  # type: ignore[method-assign]


def _service(probe: ReadinessProbe, metrics: Metrics) -> APIRouter:
    """What those ask for who look after the server."""
    service = APIRouter(tags=["service"], route_class=QuickRoute)
    HealthRoutes(probe, metrics).register(service)
    return service


def _site(context: Context, assistants: AssistantRoutes) -> APIRouter:
    """What programs look for on any site, and where assistants come in."""
    site = APIRouter(include_in_schema=False, dependencies=[Depends(refuse_bad_credentials)], route_class=QuickRoute)
    SiteRoutes(context).register(site)
    assistants.register(site)
    return site


def _api(parts: Parts) -> Iterator[APIRouter]:
    """Every route of the API itself."""
    context, settings = parts.context, parts.settings
    following = Following(parts.freshness.version, parts.shutdown, settings.streams, settings.heartbeat_seconds)
    for resource in context.catalogue:
        router = APIRouter(prefix="/v1", tags=[resource.name], route_class=QuickRoute)
        # Before the records, none of which can have the slug `counts`.
        CountRoutes(resource, context).register(router)
        if resource.name == "sources":
            ReferenceImportRoutes(resource, context).register(router)
        records = RecordRoutes(resource, context)
        records.register(router)
        parts.ways.add(records)
        RevisionRoutes(resource, context, records.models).register(router)
        PublishingRoutes(resource, records.models).register(router)
        yield router
    for tag, register in (
        ("views", lambda router: views.register(router, context)),
        ("changes", ChangeRoutes(context, following).register),
        ("files", ExportRoutes(context).register),
        ("files", ImportRoutes(context).register),
        ("files", SchemaRoutes(context).register),
        ("keys", KeyRoutes(parts.keys).register),
        ("webhooks", WebhookRoutes().register),
    ):
        router = APIRouter(prefix="/v1", tags=[tag], route_class=QuickRoute)
        register(router)
        yield router


def _tags() -> list[openapi.Tag]:
    """The resources in the order in which a reader meets them."""
    ordered = sorted(resources.ALL, key=lambda resource: place(resource.name))
    return [openapi.Tag(resource.name, first_words(resource)) for resource in ordered]
