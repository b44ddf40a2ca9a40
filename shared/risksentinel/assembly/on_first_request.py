"""How functions-framework gets a function's app: wired by the first request, not by the import."""

import atexit
from collections.abc import Callable
from threading import Event as Bell
from threading import Lock

import structlog
from flask import Request, Response

from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.broker_relay import broker_relay
from risksentinel.assembly.relay_thread import RelayThread
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.runtime.framework import serve
from risksentinel.runtime.function_app import FunctionApp
from risksentinel.runtime.problems import answer_error
from risksentinel.runtime.requests import id_of
from risksentinel.runtime.settings import Settings
from risksentinel.runtime.structured_logs import configure

View = Callable[[Request], Response]
_log = structlog.get_logger(__name__)


def on_first_request(name: str, build: Callable[[Backbone], FunctionApp]) -> View:
    """A view that wires the app once; while that fails, each request is told so and tries again."""
    wired: list[View] = []
    lock = Lock()

    def wire() -> View:
        with lock:
            if not wired:
                wired.append(_wired(name, build))
            return wired[0]

    def view(request: Request) -> Response:
        try:
            passed = wired[0] if wired else wire()
        except (Misconfigured, Unavailable) as error:
            _log.error("function.not_wired", reason=str(error))
            return answer_error(Unavailable(str(error)), id_of(request))
        return passed(request)

    return view


def _wired(name: str, build: Callable[[Backbone], FunctionApp]) -> View:
    settings, bell = Settings.read(), Bell()
    configure(settings.log_level)
    backbone = Backbone(settings, bell=bell.set)
    view = serve(build(backbone))
    publisher = backbone.publisher
    relay = None if publisher is None else broker_relay(backbone, publisher, name, bell)
    if relay:
        relay.start()
    atexit.register(_end, backbone, relay)
    return view


def _end(backbone: Backbone, relay: RelayThread | None) -> None:
    """Announce what was committed, then let go."""
    if relay:
        relay.ask_to_stop()
        relay.join()
    backbone.close()
