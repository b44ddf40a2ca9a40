"""decide_in_time: each request that submits payments has a deadline from its first byte on."""

from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic
from typing import Final

from flask import Flask
from flask.globals import request_ctx

from risksentinel.deadline import decide_by
from risksentinel.http.arrival import ARRIVED

BATCH_FACTOR: Final = 10  # a batch has up to 500 payments
STARTING_SECONDS: Final = 5.0
_OPEN: Final = "risksentinel.deadline"


@dataclass(slots=True)
class _Start:
    """The time in which this process loads and connects, which takes longer than a deadline."""

    began: float | None = None

    def is_over(self) -> bool:
        """Whether STARTING_SECONDS have passed since the first payment."""
        if self.began is None:
            self.began = monotonic()
        return monotonic() - self.began > STARTING_SECONDS


def decide_in_time(app: Flask, seconds: float | None, one: str, batch: str) -> None:
    """Give each POST of the routes `one` and `batch` its deadline; None sets no deadline.

    Authentication and rate limits count too. For STARTING_SECONDS after the first payment of a
    process there is no deadline.
    """
    if seconds is None:
        return
    allowed, starting = {one: seconds, batch: BATCH_FACTOR * seconds}, _Start()

    def start() -> None:
        request = request_ctx.request
        mine = None if request.url_rule is None else allowed.get(request.url_rule.rule)
        if mine is None or request.method != "POST" or not starting.is_over():
            return
        environ = request.environ
        arrived = environ.get(ARRIVED)  # only our own server states it
        environ[_OPEN] = stack = ExitStack()
        stack.enter_context(decide_by(monotonic() if arrived is None else arrived, mine))

    def end(_error: BaseException | None) -> None:
        stack = request_ctx.request.environ.pop(_OPEN, None)
        if stack is not None:
            stack.close()

    # Before the check of access, which may wait for a server as well.
    app.before_request_funcs.setdefault(None, []).insert(0, start)
    app.teardown_request(end)
