"""The view of a function for functions-framework: the first request wires the app.

From then on the server's requests go to the app directly, not through the framework's own app.
"""

from collections.abc import Callable
from threading import Lock
from typing import Final

import structlog
from flask import Request, Response, current_app, has_app_context

from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.assembly.relay_queue import RelayQueue
from risksentinel.assembly.relay_thread import RelayThread
from risksentinel.assembly.shutdown_hooks import on_shutdown
from risksentinel.errors import Misconfigured, NotMigrated, Retryable
from risksentinel.http.framework import serve
from risksentinel.http.function_app import FunctionApp
from risksentinel.http.health import alive
from risksentinel.http.problems import answer_error
from risksentinel.http.requests import id_of
from risksentinel.logs import configure
from risksentinel.settings import Settings
from risksentinel.telemetry import tracing
from risksentinel.telemetry.startup_times import this_process

LIVENESS: Final = "/health/liveness"
WIRING_TIMEOUT_SECONDS: Final = 5.0
View = Callable[[Request], Response]
Build = Callable[[Container], FunctionApp]
BuildRelay = Callable[[Container, str, RelayQueue], RelayThread | None]
_log = structlog.get_logger(__name__)


def on_first_request(
    name: str,
    build: Build,
    relay: BuildRelay | None = None,
    *,
    timeout: float = WIRING_TIMEOUT_SECONDS,
) -> View:
    """A view that wires the app at the first request; after a failure, the next request retries.

    Liveness answers before that: a restart does not end an outage of the database. A function that
    publishes events passes the relay to its broker. A request waits `timeout` seconds at most for
    the wiring of another request.
    """
    wired: list[View] = []
    lock = Lock()

    def wire() -> View:
        if not lock.acquire(timeout=timeout):
            raise Retryable("the function is still starting; retry")
        try:
            if not wired:
                app = _wired(name, build, relay)
                if has_app_context():  # of the framework's app, which would handle each twice
                    current_app.wsgi_app = app  # type: ignore[method-assign]  # as Flask documents
                wired.append(serve(app))
            return wired[0]
        finally:
            lock.release()

    def view(request: Request) -> Response:
        if not wired and request.path.rstrip("/") == LIVENESS:
            return alive()
        try:
            passed = wired[0] if wired else wire()
        except (Misconfigured, Retryable) as error:
            _log.error("function.not_wired", reason=str(error))
            return answer_error(_public(error), id_of(request))
        return passed(request)

    return view


def _public(error: Exception) -> Retryable:
    """The error for callers: only a missing migration is named, for the operator of a rollout."""
    hint = f": {error}" if isinstance(error, NotMigrated) else ""
    return Retryable(f"the function is not ready{hint}")


def _wired(name: str, build: Build, build_relay: BuildRelay | None) -> FunctionApp:
    this_process.passed("first request")
    configure()
    settings, queue = Settings.read(), RelayQueue(now)
    configure(settings.log_level)
    tracing.start(settings.otel_exporter_otlp_endpoint)
    container = Container(settings, wake_up=queue.wake_up.set, relay_queue=queue)
    try:
        app = build(container)
        relay = build_relay(container, name, queue) if build_relay else None
    except BaseException:
        container.close()
        raise
    if relay:
        relay.start()
    on_shutdown(lambda: _shut_down(container, relay))
    this_process.passed("connections")
    _log.info("function.wired", function=name, milliseconds=this_process.milliseconds)
    return app


def _shut_down(container: Container, relay: RelayThread | None) -> None:
    """Publish the committed events, then close the connections."""
    if relay:
        relay.ask_to_stop()
        relay.join()
    container.close()
