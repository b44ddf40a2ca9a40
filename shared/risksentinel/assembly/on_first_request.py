"""How functions-framework gets a function's app: wired by the first request, not by the import."""

from collections.abc import Callable
from threading import Lock

import structlog
from flask import Request, Response

from risksentinel.assembly.backbone import Backbone
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.runtime.framework import serve
from risksentinel.runtime.function_app import FunctionApp
from risksentinel.runtime.problems import answer_error
from risksentinel.runtime.requests import id_of
from risksentinel.runtime.settings import Settings
from risksentinel.runtime.structured_logs import configure

View = Callable[[Request], Response]
_log = structlog.get_logger(__name__)


def on_first_request(build: Callable[[Backbone], FunctionApp]) -> View:
    """A view that wires the app once; while that fails, each request is told so and tries again."""
    wired: list[View] = []
    lock = Lock()

    def wire() -> View:
        with lock:
            if not wired:
                settings = Settings.read()
                configure(settings.log_level)
                wired.append(serve(build(Backbone(settings))))
            return wired[0]

    def view(request: Request) -> Response:
        try:
            passed = wired[0] if wired else wire()
        except (Misconfigured, Unavailable) as error:
            _log.error("function.not_wired", reason=str(error))
            return answer_error(Unavailable(str(error)), id_of(request))
        return passed(request)

    return view
