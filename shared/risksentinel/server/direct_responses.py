"""Responses that the server sends without a thread: refusals and liveness."""

from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

import uuid_utils

from risksentinel.http.problems import CONTENT_TYPE, Problem
from risksentinel.http.requests import REQUEST_ID
from risksentinel.text import strict_json

LIVENESS: Final = frozenset({"/health/liveness", "/api/v1/health/liveness"})
_ALIVE: Final = strict_json.encode({"status": "ok"})
_DETAILS: Final[Mapping[int, str]] = {
    408: "The request did not arrive completely in time: send it faster, or in smaller parts",
    413: "The body is too large: send less in one request",
    431: "The headers are too large or too many: send fewer",
    501: "The transfer coding is not supported: send Content-Length, or chunked",
    503: "The server has more requests than it can answer in time: retry later",
}
_RETRIED: Final = frozenset({408, 503})


def refusal(status: int, detail: str = "", *, close: bool) -> bytes:
    """A problem document as a complete HTTP response."""
    known = HTTPStatus(status)
    overloaded = known == HTTPStatus.SERVICE_UNAVAILABLE
    problem = Problem(
        known,
        "urn:risksentinel:problem:overloaded" if overloaded else "about:blank",
        "Too many requests at once" if overloaded else known.phrase,
        _DETAILS.get(status) or detail or known.phrase,
    )
    request_id = str(uuid_utils.uuid7())
    body = strict_json.encode(problem.members(request_id))
    extra = {"Retry-After": "1"} if status in _RETRIED else {}
    return _response(known, body, CONTENT_TYPE, request_id, extra, close=close)


def alive(*, with_body: bool, close: bool) -> bytes:
    """The response of the liveness probe."""
    whole = _response(
        HTTPStatus.OK, _ALIVE, "application/json", str(uuid_utils.uuid7()), {}, close=close
    )
    return whole if with_body else whole[: -len(_ALIVE)]


def _response(
    status: HTTPStatus,
    body: bytes,
    content_type: str,
    request_id: str,
    extra: Mapping[str, str],
    *,
    close: bool,
) -> bytes:
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Date": formatdate(usegmt=True),
        REQUEST_ID: request_id,
        "X-Content-Type-Options": "nosniff",
        **extra,
        **({"Connection": "close"} if close else {}),
    }
    lines = [f"HTTP/1.1 {int(status)} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
