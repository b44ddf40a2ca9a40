"""Every error as application/problem+json (RFC 9457): what to change, never what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import structlog
from flask import Response
from werkzeug.exceptions import HTTPException

from risksentinel.errors import (
    Conflict,
    InProgress,
    Malformed,
    NotFound,
    Rejected,
    Retryable,
    StaleVersion,
    Unavailable,
    Violation,
)
from risksentinel.text import strict_json
from risksentinel.text.strict_json import Unreadable

CONTENT_TYPE: Final = "application/problem+json"
MAX_VIOLATIONS: Final = 100
_SOON: Final = {"Retry-After": "1"}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as a caller is told."""

    status: HTTPStatus
    type: str
    title: str
    detail: str
    violations: tuple[Violation, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def members(self, request_id: str) -> dict[str, Any]:
        """The problem's JSON object; `errors` has every fault with its path."""
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
        """The answer over HTTP."""
        body = strict_json.encode(self.members(request_id))
        return Response(body, int(self.status), self.headers, content_type=CONTENT_TYPE)


_KINDS: Final[tuple[tuple[type[Exception], HTTPStatus, str, str], ...]] = (
    (Unreadable, HTTPStatus.BAD_REQUEST, "unreadable", "The body is not JSON"),
    (Malformed, HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "The request breaks a rule"),
    (NotFound, HTTPStatus.NOT_FOUND, "not-found", "There is no such thing"),
    (StaleVersion, HTTPStatus.PRECONDITION_FAILED, "stale-version", "It was changed meanwhile"),
    (Conflict, HTTPStatus.CONFLICT, "conflict", "It contradicts what is kept"),
    (Rejected, HTTPStatus.UNPROCESSABLE_ENTITY, "rejected", "It cannot be accepted"),
    (InProgress, HTTPStatus.CONFLICT, "in-progress", "The same is being handled right now"),
    (Retryable, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "The same may work later"),
)


def problem_of(error: Exception) -> Problem:
    """The problem that an error is; one that nobody foresaw says nothing of the inside."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    for kind, status, name, title in _KINDS:
        if isinstance(error, kind):
            return _of_ours(error, status, f"urn:risksentinel:problem:{name}", title)
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "urn:risksentinel:problem:internal",
        "Something is wrong on our side",
        "The error was logged under the instance's id.",
    )


def answer_error(error: Exception, request_id: str) -> Response:
    """The problem as a response; what nobody foresaw is logged with its traceback."""
    problem = problem_of(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request.failed", exc_info=error)
    elif isinstance(error, Retryable):
        _log.warning("request.postponed", reason=str(error))
    return problem.response(request_id)


def _of_ours(error: Exception, status: HTTPStatus, kind: str, title: str) -> Problem:
    if not isinstance(error, Rejected):
        # The cause's name is for the log: it would tell a caller what we are made of.
        told = f"{error.part} does not answer" if isinstance(error, Unavailable) else str(error)
        return Problem(status, kind, title, told or title, headers=_SOON)
    count = len(error.violations)
    detail = str(error.violations[0]) if count == 1 else f"{count} faults; see errors"
    return Problem(status, kind, title, detail, error.violations)


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    # The class's own words: those of the instance may repeat what was sent.
    detail = type(error).description or status.description
    return Problem(status, "about:blank", status.phrase, detail, headers=headers)
