"""Client: RiskSentinel as it is registered at the issuer, and how it exchanges a code."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the issuer; without a secret it is a public one."""

    id: str
    secret: str = field(repr=False)
    redirect_uri: str
    after_sign_out: str
    scopes: str


def code_request(
    client: Client, code: str, verifier: str, *, basic: bool
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The form and the headers of the request that exchanges the code (RFC 6749, 4.1.3 and 2.3.1).

    The secret is in the header Authorization if `basic`, else in the form.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    if client.secret and basic:
        pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}"
        return form, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    secret = {"client_secret": client.secret} if client.secret else {}
    return {**form, "client_id": client.id, **secret}, {}
