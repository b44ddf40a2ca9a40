"""decide_in_time: each request that submits payments has a deadline from its first byte on."""

from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic
from typing import Final

from flask import Flask
from flask.globals import request_ctx

from risksentinel.deadline import decide_by
from risksentinel.http.arrival import ARRIVED

BATCH_FACTOR: Final = 10  # a batch has up to 500 payments
_OPEN: Final = "risksentinel.deadline"


def decide_in_time(
    app: Flask, seconds: float | None, one: str, batch: str, prepare: Callable[[], object]
) -> None:
    """Give each POST of the routes `one` and `batch` its deadline; None sets no deadline.

    Authentication and rate limits count too. The function's first requests call `prepare`, and
    their deadline begins after it: a start takes longer than any deadline.
    """
    if seconds is None:
        return
    allowed = {one: seconds, batch: BATCH_FACTOR * seconds}
    ready: list[float] = []

    def start() -> None:
        request = request_ctx.request
        rule = None if request.url_rule is None else request.url_rule.rule
        if rule not in allowed or request.method != "POST":
            return
        if not ready:
            prepare()
            ready.append(monotonic())
        arrived = request.environ.get(ARRIVED)  # only our own server states it
        began = monotonic() if arrived is None else max(arrived, ready[0])
        stack = request.environ[_OPEN] = ExitStack()
        stack.enter_context(decide_by(began, allowed[rule]))

    def end(_error: BaseException | None) -> None:
        stack = request_ctx.request.environ.pop(_OPEN, None)
        if stack is not None:
            stack.close()

    # Before the check of access, which may wait for a server as well.
    app.before_request_funcs.setdefault(None, []).insert(0, start)
    app.teardown_request(end)
