"""get_json, exchange: requests to a server that may be slow, large or down."""

import http.client
import json
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import Any, Final
from urllib.error import URLError
from urllib.request import HTTPErrorProcessor, OpenerDirector, Request, build_opener

from typing_extensions import override

from risksentinel.errors import Unavailable

SECONDS: Final = 3.0
MAX_BYTES: Final = 256 * 1024
PART: Final = "OpenID provider"


class _AnyStatus(HTTPErrorProcessor):
    """Returns every answer; a redirect is not followed: another address is not the issuer's."""

    @override
    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        return response

    https_response = http_response


_OPENER: Final[OpenerDirector] = build_opener(_AnyStatus)


def get_json(url: str) -> Mapping[str, Any]:
    """The JSON object at `url`, an address of the issuer.

    Raises:
        Unavailable: no answer in time, another status than 200, or no JSON object of MAX_BYTES.
    """
    status, body = exchange(Request(url, headers={"Accept": "application/json"}))  # noqa: S310 - checked by the settings
    if status != http.HTTPStatus.OK:
        raise Unavailable(PART, None, f"status {status}")
    return json_object(body)


def exchange(request: Request) -> tuple[int, bytes]:
    """The status and the body of the answer; redirects are not followed.

    Raises:
        Unavailable: no answer in time.
    """
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            return answer.status, answer.read(MAX_BYTES + 1)
    except (URLError, OSError, http.client.HTTPException) as error:
        raise Unavailable(PART, error) from error


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
