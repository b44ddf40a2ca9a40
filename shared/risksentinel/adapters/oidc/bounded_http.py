"""get_json: one JSON object from a server that may be slow, large or down."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from typing_extensions import override

from risksentinel.errors import Unavailable

SECONDS: Final = 3.0
MAX_BYTES: Final = 256 * 1024
PART: Final = "OpenID provider"


class _NoRedirects(HTTPRedirectHandler):
    @override
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None  # the answer of another address is not the issuer's


_OPENER: Final[OpenerDirector] = build_opener(_NoRedirects)


def get_json(url: str) -> Mapping[str, Any]:
    """The JSON object at `url`, an address of the issuer.

    Raises:
        Unavailable: no answer in time, another status than 200, or no JSON object of MAX_BYTES.
    """
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - checked by the settings
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            body = answer.read(MAX_BYTES + 1)
            if answer.status != http.HTTPStatus.OK:
                raise Unavailable(PART, None, f"status {answer.status}")
    except HTTPError as error:
        error.close()
        raise Unavailable(PART, None, f"status {error.code}") from None
    except (URLError, OSError, http.client.HTTPException) as error:
        raise Unavailable(PART, error) from error
    return _object(body)


def _object(body: bytes) -> Mapping[str, Any]:
    if len(body) > MAX_BYTES:
        raise Unavailable(PART, None, "the answer is too large")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unavailable(PART, error, "the answer is not JSON") from None
    if not isinstance(document, dict):
        raise Unavailable(PART, None, "the answer is not a JSON object")
    return document
