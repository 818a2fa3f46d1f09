"""Traces: sent by route to a collector where one is named, without what a client sent; otherwise nothing at all."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.operations.prepare import migrate
from app.settings import Settings
from tests.support.databases import Databases, opened
from tests.support.server import environment_of, running

CANARY = "canary"
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_METRIC_EXPORT_INTERVAL": "200"}
WITHIN = 20


@dataclass
class Collector:
    """What takes traces and metrics in: a real one as far as HTTP goes."""

    url: str = ""
    got: list[tuple[str, bytes, str]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def spans(self) -> list[Any]:
        requests = [ExportTraceServiceRequest.FromString(body) for path, body, _ in self.got if path == "/v1/traces"]
        return [
            span
            for each in requests
            for one in each.resource_spans
            for scope in one.scope_spans
            for span in scope.spans
        ]

    def wait_for(self, *names: str) -> dict[str, Any]:
        """The spans of these names, when all have come."""
        with self.changed:
            found = self.changed.wait_for(lambda: set(names) <= {span.name for span in self.spans()}, WITHIN)
            assert found, [span.name for span in self.spans()]
            return {span.name: span for span in self.spans()}


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with collector.changed:
                collector.got.append((self.path, body, str(self.headers)))
                collector.changed.notify_all()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def settings(databases: Databases) -> Settings:
    """A register with nothing in it."""
    return databases.empty("sqlite").model_copy(update={"bundled": False})


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


@pytest.mark.slow
def test_a_collector_gets_spans_by_route_and_nothing_that_a_client_sent(settings: Settings) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    sent = {
        "Authorization": "Bearer canary",
        "Cookie": "canary=1",
        "User-Agent": "canary",
        "Host": "canary.example",
        "X-Canary": "canary",
        "baggage": "canary=1",
        "tracestate": "canary=canary",
        "traceparent": f"00-{trace_id}-b7ad6b7169203331-01",
    }
    with collecting() as collector:
        with running(settings, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **SOON) as server, server.client() as client:
            client.get("/v1/themes/one", headers=sent)
            for _ in range(2):
                client.get("/v1/themes", params={"q": "canary"})
            client.post("/v1/themes", json={"slug": "canary", "name": "canary"}, headers=sent)
            client.post("/v1/themes", content=b"{canary", headers=server.authorization)
            client.get("/ft_canary_canary")
            client.request("PROPFIND", "/canary-is-a-page")
            client.head("/v1/sources")
            spans = collector.wait_for("GET /v1/themes", "GET /v1/themes/{slug}", "POST /v1/themes", "HEAD /v1/sources")
        found = attributes(spans["GET /v1/themes/{slug}"])
        assert found["http.route"] == "/v1/themes/{slug}"
        assert found["url.path"] == "/v1/themes/one"
        assert found["http.response.status_code"] == 401
        assert spans["GET /v1/themes/{slug}"].trace_id.hex() == trace_id, "the client's trace goes on"
        assert spans["GET /v1/themes/{slug}"].trace_state == ""
        ready_made = [span for span in collector.spans() if span.name == "GET /v1/themes"]
        assert len(ready_made) == 2, "also where the answer was kept"
        assert all(attributes(span)["http.route"] == "/v1/themes" for span in ready_made)
        everything = b"".join(body for _, body, _ in collector.got)
        assert b"followthrough" in everything
        assert CANARY.encode() not in everything.replace(b"/canary-is-a-page", b"")
        assert {path for path, _, _ in collector.got} == {"/v1/traces", "/v1/metrics"}, "no logs"
        metrics = [ExportMetricsServiceRequest.FromString(body) for path, body, _ in collector.got if "metrics" in path]
        assert "http.server.request.duration" in str(metrics[-1])


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/v1/commitments", "/v1/partnerships/canary"])
def test_a_trace_shows_what_a_request_asks_of_the_database(backend: str, databases: Databases, path: str) -> None:
    settings = databases.empty(backend).model_copy(update={"bundled": False})
    route = path.replace("canary", "{slug}")
    with collecting() as collector:
        with running(settings, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **SOON) as server, server.client() as client:
            client.get(path)
            request = collector.wait_for(f"GET {route}", "SELECT")[f"GET {route}"]
        statements = [attributes(each) for each in collector.spans() if each.parent_span_id == request.span_id]
    table = "commitment" if "commitments" in path else "partnership"
    asked = [each["db.query.text"] for each in statements if f"FROM {table}" in each.get("db.query.text", "")]
    assert asked, statements
    assert statements[0]["db.system.name"] == backend
    assert CANARY not in str(asked), "values are bound"


@pytest.mark.slow
@pytest.mark.parametrize("only", ["TRACES", "METRICS"])
def test_a_signal_can_be_had_alone(settings: Settings, only: str) -> None:
    with collecting() as collector:
        address = {f"OTEL_EXPORTER_OTLP_{only}_ENDPOINT": f"{collector.url}/only"}
        with running(settings, **address, **SOON) as server, server.client() as client:
            client.get("/v1/themes")
        with collector.changed:
            assert collector.changed.wait_for(lambda: bool(collector.got), WITHIN)
        assert {path for path, _, _ in collector.got} == {"/only"}
        assert (b"http.server.request.duration" in collector.got[-1][1]) is (only == "METRICS")


@pytest.mark.slow
def test_a_collector_that_is_not_there_stops_nobody(settings: Settings) -> None:
    with (
        running(settings, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", **SOON) as server,
        server.client() as client,
    ):
        assert client.get("/v1/themes").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
    ],
)
def test_without_a_collector_nothing_of_it_is_loaded(settings: Settings, environment: dict[str, str]) -> None:
    program = (
        "import sys; from app.main import create_app; app = create_app();"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    with opened(settings) as database:
        migrate(database)
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.data_dir,
        env={**environment_of(settings), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "[]"
