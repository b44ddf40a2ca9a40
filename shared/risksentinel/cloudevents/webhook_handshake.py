"""The handshake of CloudEvents' HTTP webhooks: whether a sender may post events, and how many.

The sender requests permission by OPTIONS with `WebHook-Request-Origin`, its host name. For an
allowed sender the response has `WebHook-Allowed-Origin` and `WebHook-Allowed-Rate`; without them
the sender must not post. The response is immediate, so `WebHook-Request-Callback` is ignored.
"""

from collections.abc import Callable
from typing import Final

from flask import Response, request

ANY_ORIGIN: Final = "*"
REQUEST_ORIGIN: Final = "WebHook-Request-Origin"
ALLOWED_ORIGIN: Final = "WebHook-Allowed-Origin"
ALLOWED_RATE: Final = "WebHook-Allowed-Rate"


def handshake(origins: str, rate: int | None) -> Callable[[Response], Response]:
    """A hook that adds the permission to a response to OPTIONS.

    `origins` are host names separated by spaces; `*` allows all and "" none. `rate` is in requests
    per minute; None is no limit.
    """
    allowed = frozenset(origins.lower().split())

    def permit(response: Response) -> Response:
        origin = request.headers.get(REQUEST_ORIGIN, "").strip()
        if request.method == "OPTIONS" and origin and {origin.lower(), ANY_ORIGIN} & allowed:
            response.headers[ALLOWED_ORIGIN] = origin
            response.headers[ALLOWED_RATE] = ANY_ORIGIN if rate is None else str(rate)
        return response

    return permit
