"""Traces and metrics by OpenTelemetry, through FastAPI's own hook, where the operator names a collector.

The standard variables decide: OTEL_EXPORTER_OTLP_ENDPOINT, or that of a signal alone. Without them nothing of the SDK
is imported, and nothing is recorded.

Of what FastAPI records, a span keeps what the server knows by itself (method, route, status, duration) and the path as
the log shows it. The query, the host and the state of a foreign trace are a client's own words, and are left out. The
signal "logs" stays off: it holds messages and stacks of exceptions, which quote what was sent, and the log has those
without the messages.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.server.logs import PathDiscretion

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.sampling import Sampler

OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
_SECONDS = "2"
_ENDPOINT = "OTEL_EXPORTER_OTLP{}_ENDPOINT"


def wanted(signal: str) -> bool:
    """Whether the operator has named a collector for a signal (TRACES, METRICS)."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if os.environ.get(f"OTEL_{signal}_EXPORTER", "otlp").strip().lower() == "none":
        return False
    return any(os.environ.get(_ENDPOINT.format(each)) for each in (f"_{signal}", ""))


def recorded() -> bool:
    """Whether FastAPI records the requests that come to its routes."""
    return wanted("TRACES") or wanted("METRICS")


def telemetry_of(discretion: PathDiscretion) -> TelemetryConfig:
    """What ``FastAPI(telemetry=…)`` takes."""
    tracing, metrics = wanted("TRACES"), wanted("METRICS")
    if not tracing and not metrics:
        return OFF
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider

    # A server that stops sends what it still has, once for each signal: where the collector is away, that must not take
    # as long as the 10 s that each is given otherwise.
    os.environ.setdefault("OTEL_EXPORTER_OTLP_TIMEOUT", _SECONDS)
    # What the operator says of the service (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) comes before our own words.
    own = {SERVICE_NAME: "followthrough", SERVICE_VERSION: __version__}
    resource = Resource.create({**own, **OTELResourceDetector().detect().attributes})
    # FastAPI adds an exporter to each, flushes it when the server stops, and ends it with the process.
    config: TelemetryConfig = {
        "tracing": tracing,
        "metrics": metrics,
        "logs": False,
        "operation_spans": False,
        "auto_configure": True,
    }
    if tracing:
        config["tracer_provider"] = provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.sampler = _discreet(provider.sampler, discretion)
    if metrics:
        config["meter_provider"] = MeterProvider(resource=resource, shutdown_on_exit=False)
    return config


class CachedRoute:
    """ASGI layer that names the span of a ready-made response by its route, which FastAPI does of those it makes."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the cache."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the route is known before the response where it comes from the cache."""

        async def named(message: Message) -> None:
            route = scope.get("state", {}).get("route")
            if message["type"] == "http.response.start" and route:
                span = trace.get_current_span()
                span.set_attribute("http.route", route)
                span.update_name(f"{scope['method']} {route}")
            await send(message)

        await self.app(scope, receive, named if scope["type"] == "http" else send)


def _discreet(sampler: "Sampler", discretion: PathDiscretion) -> "Sampler":
    """The sampler that the operator has chosen, and with what a span begins limited to what may be shown.

    A sampler is where the SDK lets one decide on the attributes of a span before anything has seen it.
    """
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.sampling import Sampler, SamplingResult
    from opentelemetry.trace import Link, SpanKind, TraceState
    from opentelemetry.util.types import Attributes

    server_side = ("http.request.method", "url.scheme", "network.protocol.version")

    class Discreet(Sampler):
        def should_sample(
            self,
            parent_context: Context | None,
            trace_id: int,
            name: str,
            kind: SpanKind | None = None,
            attributes: Attributes = None,
            links: Sequence[Link] | None = None,
            trace_state: TraceState | None = None,
        ) -> SamplingResult:
            if kind is not SpanKind.SERVER:
                # Of a statement there is nothing that a client sent.
                return sampler.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)
            given = attributes or {}
            shown = {key: given[key] for key in server_side if key in given}
            shown["url.path"] = discretion(str(given.get("url.path", "")).encode("utf-8", "backslashreplace"))
            chosen = sampler.should_sample(parent_context, trace_id, name, kind, shown, links, trace_state)
            return SamplingResult(chosen.decision, shown | dict(chosen.attributes or {}))

        def get_description(self) -> str:
            return sampler.get_description()

    return Discreet()
