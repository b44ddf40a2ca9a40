"""The view of a function for functions-framework: the first request wires the app.

From then on the server's requests go to the app directly, not through the framework's own app.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final, Protocol

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


class _Thread(Protocol):
    def start(self) -> None: ...

    def ask_to_stop(self) -> None: ...

    def join(self) -> None: ...


class _Wired:
    """The view of a wired function; its threads start when the first response is sent.

    The relay imports the client of the broker, and publishes what another process left: both would
    delay the first response.
    """

    def __init__(self, app: FunctionApp, threads: Sequence[_Thread]) -> None:
        self.app: Final = app
        self._view = serve(app)
        self._unstarted = list(threads)
        self._lock = Lock()

    def __call__(self, request: Request) -> Response:
        try:
            response = self._view(request)
        except BaseException:
            self.start_threads()  # no response will be sent
            raise
        if self._unstarted:
            response.call_on_close(self.start_threads)
        return response

    def start_threads(self) -> None:
        """Start the threads, the first time."""
        with self._lock:
            for thread in self._unstarted:
                thread.start()
            self._unstarted = []


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
    wired: list[_Wired] = []
    lock = Lock()

    def wire() -> _Wired:
        if not lock.acquire(timeout=timeout):
            raise Retryable("the function is still starting; retry")
        try:
            if not wired:
                built = _wired(name, build, relay)
                if has_app_context():  # of the framework's app, which would handle each twice
                    current_app.wsgi_app = built.app  # type: ignore[method-assign]  # as Flask documents
                wired.append(built)
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


def _wired(name: str, build: Build, build_relay: BuildRelay | None) -> _Wired:
    this_process.passed("first request")
    configure()
    settings, queue = Settings.read(), RelayQueue(now)
    configure(settings.log_level)
    tracing.start(settings.otel_exporter_otlp_endpoint)
    container = Container(settings, queue if settings.kafka_bootstrap_servers else None)
    try:
        app = build(container)
        threads = _threads(container, name, queue, build_relay)
    except BaseException:
        container.close()
        raise
    built = _Wired(app, threads)
    on_shutdown(lambda: _shut_down(container, built, threads))
    this_process.passed("connections")
    _log.info("function.wired", function=name, milliseconds=this_process.milliseconds)
    return built


def _threads(
    container: Container, name: str, queue: RelayQueue, build_relay: BuildRelay | None
) -> list[_Thread]:
    """The threads of a function that writes: its relay, if it has a broker, and its ledger."""
    if build_relay is None:
        return []
    from risksentinel.assembly.ledger_thread import ledger_thread  # noqa: PLC0415 - writers only

    relay = build_relay(container, name, queue)
    return [*([] if relay is None else [relay]), ledger_thread(container, name)]


def _shut_down(container: Container, built: _Wired, threads: Sequence[_Thread]) -> None:
    """Publish the committed events, chain their entries, then close the connections."""
    built.start_threads()
    for thread in threads:
        thread.ask_to_stop()
    for thread in threads:
        thread.join()
    container.close()
