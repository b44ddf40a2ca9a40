"""BoundedHttp: requests to an issuer that may be slow, answer at length, or be down."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any, Final
from urllib.error import URLError
from urllib.request import HTTPErrorProcessor, HTTPSHandler, OpenerDirector, Request, build_opener

from typing_extensions import override

from risksentinel import deadline
from risksentinel.errors import Unavailable

SECONDS: Final = 3.0
MAX_BYTES: Final = 256 * 1024
PART: Final = "OpenID provider"
# The API server of Kubernetes answers 406 for its keys if only application/json is accepted.
_ACCEPTED: Final = {"Accept": "application/json, application/jwk-set+json"}


class _AnyStatus(HTTPErrorProcessor):
    """Returns every answer; a redirect is not followed: another address is not the issuer's."""

    @override
    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        return response

    https_response = http_response


@dataclass(frozen=True, slots=True)
class BoundedHttp:
    """Requests to an issuer; redirects are not followed."""

    opener: OpenerDirector

    def get_json(self, url: str) -> Mapping[str, Any]:
        """The JSON object at `url`, an address of the issuer.

        Raises:
            Unavailable: no answer in time, another status than 200, or no JSON object of MAX_BYTES.
        """
        status, body = self.exchange(Request(url, headers=_ACCEPTED))  # noqa: S310 - checked by the settings
        if status != http.HTTPStatus.OK:
            raise Unavailable(PART, None, f"status {status}")
        return json_object(body)

    def exchange(self, request: Request) -> tuple[int, bytes]:
        """The status and the body of the answer, MAX_BYTES and one more at most.

        Raises:
            Unavailable: no answer in time, or a certificate that is not trusted.
        """
        try:
            with self.opener.open(request, timeout=deadline.left(SECONDS)) as answer:
                return answer.status, answer.read(MAX_BYTES + 1)
        except (URLError, OSError, http.client.HTTPException) as error:
            raise Unavailable(PART, error, _distrust(error)) from error


def trusting(authorities: ssl.SSLContext | None) -> BoundedHttp:
    """A client that accepts certificates of these authorities, or of the system's if None."""
    handlers = [HTTPSHandler(context=authorities)] if authorities else []
    return BoundedHttp(build_opener(_AnyStatus, *handlers))


def _distrust(error: Exception) -> str:
    """Why the certificate of the issuer is not trusted; empty if the error has another cause."""
    reason = error.reason if isinstance(error, URLError) else error
    if not isinstance(reason, ssl.SSLCertVerificationError):
        return ""
    return (
        f"its certificate is not trusted ({reason.verify_message}): OIDC_CA_FILE, or for senders "
        "of events EVENT_OIDC_CA_FILE, must be the certificate of its authority"
    )


def json_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object of an answer. Raises Unavailable for anything else."""
    if len(body) > MAX_BYTES:
        raise Unavailable(PART, None, "the answer is too large")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unavailable(PART, error, "the answer is not JSON") from None
    if not isinstance(document, dict):
        raise Unavailable(PART, None, "the answer is not a JSON object")
    return document
