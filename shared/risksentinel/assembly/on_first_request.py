"""How functions-framework gets a function's app: wired by the first request, not by the import."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Final

import structlog
from flask import Request, Response

from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.assembly.inbox import Inbox
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

if TYPE_CHECKING:
    from risksentinel.assembly.relay_thread import RelayThread

LIVENESS: Final = "/health/liveness"
PATIENCE_SECONDS: Final = 5.0
View = Callable[[Request], Response]
_log = structlog.get_logger(__name__)


def on_first_request(
    name: str,
    build: Callable[[Container], FunctionApp],
    *,
    announces: bool = True,
    patience: float = PATIENCE_SECONDS,
) -> View:
    """A view that wires the app once; while that fails, each request is told so and tries again.

    It lives from the start: an outage of the database is no reason to be restarted. One that
    announces relays to the broker, where there is one.
    """
    wired: list[View] = []
    turn = Lock()

    def wire() -> View:
        if not turn.acquire(timeout=patience):
            raise Retryable("another request is still at it")
        try:
            if not wired:
                wired.append(_wired(name, build, announces=announces))
            return wired[0]
        finally:
            turn.release()

    def view(request: Request) -> Response:
        if not wired and request.path.rstrip("/") == LIVENESS:
            return alive()
        try:
            passed = wired[0] if wired else wire()
        except (Misconfigured, Retryable) as error:
            _log.error("function.not_wired", reason=str(error))
            return answer_error(_told(error), id_of(request))
        return passed(request)

    return view


def _told(error: Exception) -> Retryable:
    """What callers may know: the rest is the log's, apart from what a rollout waits for."""
    hint = f": {error}" if isinstance(error, NotMigrated) else ""
    return Retryable(f"the function is not ready{hint}")


def _wired(name: str, build: Callable[[Container], FunctionApp], *, announces: bool) -> View:
    this_process.passed("first request")
    configure()
    settings, inbox = Settings.read(), Inbox(now)
    configure(settings.log_level)
    tracing.start(settings.otel_exporter_otlp_endpoint)
    container = Container(settings, wake_up=inbox.wake_up.set, inbox=inbox)
    try:
        view = serve(build(container))
        relay = _relay(name, container, inbox) if announces else None
    except BaseException:
        container.close()
        raise
    if relay:
        relay.start()
    on_shutdown(lambda: _end(container, relay))
    this_process.passed("connections")
    _log.info("function.wired", function=name, milliseconds=this_process.milliseconds)
    return view


def _relay(name: str, container: Container, inbox: Inbox) -> "RelayThread | None":
    if container.publisher is None:
        return None
    from risksentinel.assembly.broker_relay import broker_relay

    return broker_relay(container, container.publisher, name, inbox)


def _end(container: Container, relay: "RelayThread | None") -> None:
    """Announce what was committed, then let go."""
    if relay:
        relay.ask_to_stop()
        relay.join()
    container.close()
