"""The security of the OpenAPI document: the schemes, and the right that each operation needs."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from risksentinel.domain.access import Right
from risksentinel.http.route_access import ROUTE_ACCESS, Open
from risksentinel.http.session_cookie import SESSION

_VARIABLE: Final = re.compile(r"<(?:path:|int:)?([a-z_]+)>")
SCHEMES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "accessToken": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An OpenID Connect access token of the issuer in OIDC_ISSUER",
        },
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "rs_ID_SECRET",
            "description": "An API key that `risksentinel keys create` printed",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": SESSION,
            "description": "The cookie of a person that signed in at /sign-in; over HTTPS its name "
            "begins with __Host-. A change also needs Sec-Fetch-Site: same-origin, which browsers "
            "send",
        },
    }
)
_ACCESS: Final = {
    (_VARIABLE.sub(r"{\1}", route), method.lower()): access
    for route, methods in ROUTE_ACCESS.items()
    for method, access in methods.items()
}


def secure(paths: Mapping[str, Mapping[str, Any]]) -> None:
    """State the right of each operation; an operation that is open to everybody needs nothing.

    Raises:
        KeyError: the table of access lacks an operation.
    """
    for path, operations in paths.items():
        for method, operation in operations.items():
            access = _ACCESS[path or "/", method]
            if not isinstance(access, Right):
                operation["security"] = _without_right(access)
                continue
            # A list of names beside a scheme states what the caller must have (OpenAPI 3.1).
            operation["security"] = [{scheme: [access.value]} for scheme in SCHEMES]
            needed = f"Needs the right `{access.value}`."
            stated = operation.get("description", "")
            operation["description"] = f"{stated}\n\n{needed}" if stated else needed


def _without_right(access: Open) -> list[dict[str, list[str]]]:
    return [{scheme: []} for scheme in SCHEMES] if access is Open.AUTHENTICATED else []
