"""Logs, counts and traces each request, and adds the common response headers."""

from http import HTTPStatus
from time import perf_counter
from typing import Final

import structlog
from flask import Flask, Request, Response
from flask.globals import request_ctx
from structlog.contextvars import bind_contextvars, reset_contextvars, unbind_contextvars
from werkzeug.exceptions import NotFound

from risksentinel.http.requests import REQUEST_ID, StrictRequest, id_of
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import FunctionMetrics, bounded_method
from risksentinel.telemetry.work import TRACE_ID

_QUIET: Final = ("/health", "/api/v1/health", "/metrics")  # requested every few seconds
_CONTEXT: Final = "risksentinel.log_context"
_WORK: Final = "risksentinel.work"
_log = structlog.get_logger("risksentinel.requests")


def log_requests(app: Flask, metrics: FunctionMetrics) -> None:
    """Log, count and trace each request of this app, and add the common headers."""

    @app.before_request
    def begin() -> None:
        asked = request_ctx.request
        asked.environ[_CONTEXT] = bind_contextvars(request_id=id_of(asked))
        if tracing.is_on() and not _is_traced_elsewhere(asked):
            asked.environ[_WORK] = tracing.request(
                metrics.function,
                bounded_method(asked.method),
                _route(asked),
                asked.headers.get("traceparent"),
            )
        if "\0" in asked.path:
            raise NotFound

    @app.after_request
    def record(response: Response) -> Response:
        asked = request_ctx.request
        seconds = perf_counter() - asked.began if isinstance(asked, StrictRequest) else 0.0
        route = _route(asked)
        _add_headers(response, id_of(asked))
        metrics.request(route, asked.method, response.status_code, seconds)
        if _WORK in asked.environ:
            asked.environ[_WORK].answered(response.status_code)
        quiet = route.startswith(_QUIET) and response.status_code < HTTPStatus.BAD_REQUEST
        (_log.debug if quiet else _log.info)(
            "request",
            function=metrics.function,
            method=asked.method,
            route=route,
            status=response.status_code,
            duration_ms=round(seconds * 1000, 3),
            **_transaction_id(asked),
        )
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        environ = request_ctx.request.environ
        if _WORK in environ:
            environ.pop(_WORK).end()
        unbind_contextvars(TRACE_ID)
        reset_contextvars(**environ.pop(_CONTEXT, {}))


def _is_traced_elsewhere(asked: Request) -> bool:
    """Whether the request gets no span: probes; events, which are traced by their own context."""
    headers = asked.headers
    return (
        _route(asked).startswith(_QUIET)
        or "ce-specversion" in headers
        or asked.mimetype.startswith("application/cloudevents")
    )


def _route(asked: Request) -> str:
    return asked.url_rule.rule if asked.url_rule else "unmatched"


def _add_headers(response: Response, request_id: str) -> None:
    headers = response.headers
    headers.extend([(REQUEST_ID, request_id), ("X-Content-Type-Options", "nosniff")])
    if "Cache-Control" not in headers:
        headers.add("Cache-Control", "no-store")
    if response.status_code == HTTPStatus.NO_CONTENT:
        headers.pop("Content-Type", None)


def _transaction_id(asked: Request) -> dict[str, str]:
    found = (asked.view_args or {}).get("transaction_id")
    return {"transaction_id": found} if isinstance(found, str) else {}
