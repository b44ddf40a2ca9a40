"""Errors as application/problem+json (RFC 9457); no problem repeats a value of the request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import structlog
from flask import Response
from werkzeug.exceptions import HTTPException

from risksentinel.errors import (
    Conflict,
    Forbidden,
    Gone,
    InProgress,
    Malformed,
    NotFound,
    Rejected,
    Retryable,
    StaleVersion,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    VersionRequired,
    Violation,
)
from risksentinel.text import strict_json
from risksentinel.text.strict_json import Unreadable

CONTENT_TYPE: Final = "application/problem+json"
MAX_VIOLATIONS: Final = 100
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document and its headers."""

    status: HTTPStatus
    type: str
    title: str
    detail: str
    violations: tuple[Violation, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def members(self, request_id: str) -> dict[str, Any]:
        """The members of the JSON object; `errors` has every violation with its path."""
        return {
            "type": self.type,
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
            "instance": f"urn:risksentinel:request:{request_id}",
            "errors": [
                {"path": violation.path, "message": violation.message}
                for violation in self.violations[:MAX_VIOLATIONS]
            ],
        }

    def response(self, request_id: str) -> Response:
        """The HTTP response."""
        body = strict_json.encode(self.members(request_id))
        return Response(body, int(self.status), self.headers, content_type=CONTENT_TYPE)


_KINDS: Final[tuple[tuple[type[Exception], HTTPStatus, str, str], ...]] = (
    (Unreadable, HTTPStatus.BAD_REQUEST, "unreadable", "Invalid JSON"),
    (Malformed, HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "Validation failed"),
    (Unauthenticated, HTTPStatus.UNAUTHORIZED, "unauthenticated", "Not authenticated"),
    (Forbidden, HTTPStatus.FORBIDDEN, "forbidden", "Not allowed"),
    (NotFound, HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    (Gone, HTTPStatus.GONE, "gone", "No longer valid"),
    (VersionRequired, HTTPStatus.PRECONDITION_REQUIRED, "version-required", "Version required"),
    (StaleVersion, HTTPStatus.PRECONDITION_FAILED, "stale-version", "Not the newest version"),
    (Conflict, HTTPStatus.CONFLICT, "conflict", "Conflicts with an existing resource"),
    (Rejected, HTTPStatus.UNPROCESSABLE_ENTITY, "rejected", "Request rejected"),
    (InProgress, HTTPStatus.CONFLICT, "in-progress", "Already being handled"),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS, "rate-limited", "Too many requests"),
    (Retryable, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable"),
)


def problem_of(error: Exception) -> Problem:
    """Map an exception to a problem document; unexpected errors expose no internals."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    for kind, status, name, title in _KINDS:
        if isinstance(error, kind):
            return _of_ours(error, status, f"urn:risksentinel:problem:{name}", title)
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "urn:risksentinel:problem:internal",
        "Internal error",
        "The error is logged under the id of the instance.",
    )


def answer_error(error: Exception, request_id: str) -> Response:
    """The response to an exception; unexpected errors are logged with their traceback."""
    problem = problem_of(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request.failed", exc_info=error)
    elif isinstance(error, Retryable) and not isinstance(error, TooManyRequests):
        _log.warning("request.postponed", reason=str(error))
    return problem.response(request_id)


def _of_ours(error: Exception, status: HTTPStatus, kind: str, title: str) -> Problem:
    if not isinstance(error, Rejected):
        # The name of the cause is for the log only: it exposes internals.
        text = f"{error.part} does not answer" if isinstance(error, Unavailable) else str(error)
        return Problem(status, kind, title, text or title, headers=_retry_after(error))
    count = len(error.violations)
    detail = str(error.violations[0]) if count == 1 else f"{count} violations; see errors"
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthenticated) else {}
    return Problem(status, kind, title, detail, error.violations, headers)


def _retry_after(error: Exception) -> Mapping[str, str]:
    seconds = error.seconds if isinstance(error, TooManyRequests) else 1
    return {"Retry-After": str(seconds)}


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    # The description of the class: that of the instance can repeat a value of the request.
    detail = type(error).description or status.description
    return Problem(status, "about:blank", status.phrase, detail, headers=headers)
