"""The HTTP endpoints of a source: /health/liveness, /health/readiness and /metrics."""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client.exposition import ThreadingWSGIServer, make_wsgi_app
from typing_extensions import override

from infra.kafka_source.metrics import SourceMetrics
from risksentinel.errors import Misconfigured
from risksentinel.text import strict_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_JSON: Final = ("Content-Type", "application/json")
_LIVENESS: Final = "/health/liveness"
_HEALTH: Final = ("/health", "/health/readiness")


@contextmanager
def exposed(metrics: SourceMetrics, host: str, port: int | None, sink: str = "") -> Iterator[None]:
    """Serve health checks and metrics while the block runs; without a port nothing listens.

    Raises:
        Misconfigured: the port is in use.
    """
    if port is None:
        yield
        return
    try:
        server = make_server(
            host, port, _app(metrics, sink), _server_of(host), handler_class=_Quiet
        )
    except OSError as error:
        raise Misconfigured(f"cannot listen on {host} port {port}: {error.strerror}") from None
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _app(metrics: SourceMetrics, sink: str) -> "WSGIApplication":
    figures: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] = make_wsgi_app(
        metrics.registry
    )

    def app(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").rstrip("/")
        if path == _LIVENESS:
            start("200 OK", [_JSON])
            return [strict_json.encode({"status": "ok"})]
        if path not in _HEALTH:
            return figures(environ, start)
        checks = metrics.health.checks(sink)
        ready = all(word == "ok" for word in checks.values())
        start("200 OK" if ready else "503 Service Unavailable", [_JSON])
        return [strict_json.encode({"status": "ok" if ready else "unavailable", "checks": checks})]

    return app


def _server_of(host: str) -> type[ThreadingWSGIServer]:
    class Server(ThreadingWSGIServer):
        address_family = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]

    return Server


class _Quiet(WSGIRequestHandler):
    @override
    def log_message(self, format: str, *args: object) -> None:
        """Write no log line: health checks come every few seconds."""
