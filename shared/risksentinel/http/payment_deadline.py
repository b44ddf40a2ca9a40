"""decide_in_time: each request that submits payments has a deadline from its first byte on."""

from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import Final

from flask import Flask, Response
from flask.globals import request_ctx

from risksentinel.deadline import decide_by
from risksentinel.http.arrival import ARRIVED

BATCH_FACTOR: Final = 10  # a batch has up to 500 payments
STARTING_SECONDS: Final = 5.0
_OPEN: Final = "risksentinel.deadline"


@dataclass(slots=True)
class _Start:
    """Whether this process still loads and connects, which takes longer than a deadline."""

    began: float | None = None
    over: bool = False

    def is_over(self) -> bool:
        """Whether a payment was answered, or STARTING_SECONDS have passed since the first one."""
        if self.began is None:
            self.began = monotonic()
        self.over = self.over or monotonic() - self.began > STARTING_SECONDS
        return self.over


def decide_in_time(app: Flask, seconds: float | None, one: str, batch: str) -> None:
    """Give each POST of the routes `one` and `batch` its deadline; None sets no deadline.

    Authentication and rate limits count too. The first payment of a process has no deadline, nor
    have those that arrive before its answer, for STARTING_SECONDS at most.
    """
    if seconds is None:
        return
    allowed, starting = {one: seconds, batch: BATCH_FACTOR * seconds}, _Start()

    def seconds_of_request() -> float | None:
        request = request_ctx.request
        if request.method != "POST" or request.url_rule is None:
            return None
        return allowed.get(request.url_rule.rule)

    def start() -> None:
        mine = seconds_of_request()
        if mine is None or not starting.is_over():
            return
        environ = request_ctx.request.environ
        arrived = environ.get(ARRIVED)  # only our own server states it
        environ[_OPEN] = stack = ExitStack()
        stack.enter_context(decide_by(monotonic() if arrived is None else arrived, mine))

    def answered(response: Response) -> Response:
        if not starting.over and response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            starting.over = seconds_of_request() is not None
        return response

    def end(_error: BaseException | None) -> None:
        stack = request_ctx.request.environ.pop(_OPEN, None)
        if stack is not None:
            stack.close()

    # Before the check of access, which may wait for a server as well.
    app.before_request_funcs.setdefault(None, []).insert(0, start)
    app.after_request(answered)
    app.teardown_request(end)
