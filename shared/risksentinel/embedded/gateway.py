"""The gateway of the embedded engine: routes each path to one function, as in a cluster."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import NotFound

from risksentinel.http.problems import answer_error
from risksentinel.http.requests import StrictRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OWNERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/api/v1/transactions": "ingest",
        "/api/v1/revisions": "ingest",
        "/api/v1/alerts": "alert-dispatch",
        "/api/v1/reports": "alert-dispatch",
        "/api/v1/rules": "rules-crud",
        "/api/v1/lists": "rules-crud",
        "/api/v1/proposals": "rules-crud",
        "/api/v1/policies": "rules-crud",
        "/api/v1/dashboard": "dashboard",
        "/api/v1/ledger": "dashboard",
        "/api/v1/health": "dashboard",
        "/api/v1/openapi.json": "dashboard",
        "/api/v1/session": "dashboard",
        "/health": "dashboard",
        "/openapi.json": "dashboard",
        "/docs": "dashboard",
        "/redoc": "dashboard",
        "/sign-in": "dashboard",
        "/sign-out": "dashboard",
    }
)
PAGE: Final = "/"  # this path alone
PAGE_OWNER: Final = "dashboard"
METRICS: Final = "/metrics"
PUBLIC_FUNCTIONS: Final = tuple(dict.fromkeys(OWNERS.values()))


def owner_of(path: str) -> str | None:
    """The name of the function that serves `path`; None for a path that is not public."""
    if path == PAGE:
        return PAGE_OWNER
    for prefix, function in OWNERS.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return function
    return None


class Gateway:
    """A WSGI application that routes to the WSGI applications of the functions.

    Other paths are not found. `metrics` is the path of the metrics where they may be seen.
    """

    def __init__(
        self, functions: Mapping[str, "WSGIApplication"], *, metrics: bool = False
    ) -> None:
        self._functions, self._metrics = functions, metrics

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Pass the request, unchanged, to the function that serves its path."""
        path = environ.get("PATH_INFO", "")
        owner = PAGE_OWNER if self._metrics and path == METRICS else owner_of(path)
        if owner is None:
            return _not_found(environ, start_response)
        return self._functions[owner](environ, start_response)


def _not_found(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    response = answer_error(NotFound(), StrictRequest(environ).request_id)
    return response(environ, start_response)
