"""The handshake of CloudEvents' HTTP webhooks: may this sender post events here, and how many?

A sender asks by OPTIONS with `WebHook-Request-Origin`, its host name. Where the sender is allowed
the answer has `WebHook-Allowed-Origin` and `WebHook-Allowed-Rate`; without them it must not send.
The answer is given at once, so `WebHook-Request-Callback`, for a later answer, is ignored.
"""

from collections.abc import Callable
from typing import Final

from flask import Response, request

ANYBODY: Final = "*"
REQUEST_ORIGIN: Final = "WebHook-Request-Origin"
ALLOWED_ORIGIN: Final = "WebHook-Allowed-Origin"
ALLOWED_RATE: Final = "WebHook-Allowed-Rate"


def handshake(origins: str, rate: int | None) -> Callable[[Response], Response]:
    """What adds permission to an answer to OPTIONS.

    `origins` are host names separated by spaces, `*` allows all and "" none; `rate` is in requests
    a minute, None for no limit.
    """
    allowed = frozenset(origins.lower().split())

    def permit(response: Response) -> Response:
        origin = request.headers.get(REQUEST_ORIGIN, "").strip()
        if request.method == "OPTIONS" and origin and {origin.lower(), ANYBODY} & allowed:
            response.headers[ALLOWED_ORIGIN] = origin
            response.headers[ALLOWED_RATE] = ANYBODY if rate is None else str(rate)
        return response

    return permit
