"""discover: the addresses of an OpenID provider (OpenID Connect Discovery 1.0)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from risksentinel.adapters.oidc.bounded_http import PART
from risksentinel.errors import Unavailable
from risksentinel.text.addresses import is_secure_url

GetJson = Callable[[str], Mapping[str, Any]]
_BASIC: Final = "client_secret_basic"
WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """The addresses of a provider; those of optional endpoints are None where it has none.

    `accepts_basic` is whether its token endpoint takes a secret in the header Authorization,
    `states_issuer` whether its callbacks have the parameter iss (RFC 9207).
    """

    issuer: str
    jwks_uri: str
    authorization_endpoint: str | None
    token_endpoint: str | None
    end_session_endpoint: str | None
    accepts_basic: bool
    states_issuer: bool


def discover(issuer: str, get: GetJson) -> Provider:
    """The addresses of the issuer.

    Raises:
        Unavailable: the issuer does not answer, or its document is not the issuer's own.
    """
    document = get(issuer.rstrip("/") + WELL_KNOWN)
    # Another issuer's document would make its keys ours (section 4.3).
    if document.get("issuer") != issuer:
        raise Unavailable(PART, None, "its document names another issuer than OIDC_ISSUER")
    jwks_uri = _address(document, "jwks_uri")
    if jwks_uri is None:
        raise Unavailable(PART, None, "its document has no jwks_uri")
    return Provider(
        issuer,
        jwks_uri,
        _address(document, "authorization_endpoint"),
        _address(document, "token_endpoint"),
        _address(document, "end_session_endpoint"),
        _BASIC in str(document.get("token_endpoint_auth_methods_supported", _BASIC)),
        document.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(document: Mapping[str, Any], name: str) -> str | None:
    stated = document.get(name)
    if stated is None:
        return None
    if not isinstance(stated, str) or not is_secure_url(stated):
        raise Unavailable(PART, None, f"its {name} is not an https URL")
    return stated
