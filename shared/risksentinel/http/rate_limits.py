"""Refuses the requests of a caller that used its rate limit."""

from typing import Final, cast

from flask import Flask, current_app

from risksentinel.errors import TooManyRequests
from risksentinel.http.access import authenticated_caller
from risksentinel.ports.rate_limits import RateLimit

_NAME: Final = "risksentinel.rate_limit"


def limit_rates(app: Flask, limit: RateLimit | None) -> None:
    """Count one for each authenticated request of this app."""
    if limit is None:
        return
    app.extensions[_NAME] = limit
    app.before_request(lambda: charge(1))


def charge(cost: int) -> None:
    """Count `cost` for the caller of the current request.

    Raises:
        TooManyRequests: the caller used its limit.
    """
    limit = cast("RateLimit | None", current_app.extensions.get(_NAME))
    caller = authenticated_caller()
    if limit is None or caller is None or cost <= 0:
        return
    seconds = limit.take(caller.name, cost)
    if seconds is not None:
        raise TooManyRequests(seconds)
