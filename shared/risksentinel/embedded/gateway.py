"""The gateway of the embedded engine: routes each path to one function, as in a cluster."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OWNERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/api/v1/transactions": "ingest",
        "/api/v1/alerts": "alert-dispatch",
        "/api/v1/reports": "alert-dispatch",
        "/api/v1/rules": "rules-crud",
        "/api/v1/lists": "rules-crud",
    }
)
DEFAULT_OWNER: Final = "dashboard"
PUBLIC_FUNCTIONS: Final = (*dict.fromkeys(OWNERS.values()), DEFAULT_OWNER)


def owner_of(path: str) -> str:
    """The name of the function that serves `path`."""
    for prefix, function in OWNERS.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return function
    return DEFAULT_OWNER


class Gateway:
    """A WSGI application that routes to the WSGI applications of the functions."""

    def __init__(self, functions: Mapping[str, "WSGIApplication"]) -> None:
        self._functions = functions

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Pass the request, unchanged, to the function that serves its path."""
        return self._functions[owner_of(environ.get("PATH_INFO", ""))](environ, start_response)
