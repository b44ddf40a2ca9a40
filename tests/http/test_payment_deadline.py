"""Which requests have a deadline, and from when on."""

from time import monotonic
from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.test import Client

from risksentinel import deadline
from risksentinel.http import payment_deadline
from risksentinel.http.arrival import ARRIVED
from risksentinel.http.payment_deadline import BATCH_FACTOR, STARTING_SECONDS, decide_in_time

NONE = 1e6


def client(seconds: float | None = 100.0) -> Client:
    """A client of an app whose routes answer how long they may wait."""
    app = Flask(__name__)
    decide_in_time(app, seconds, "/pay", "/pay/batch")

    def waits() -> Response:
        return Response(str(deadline.left(NONE)))

    app.add_url_rule("/pay", "one", waits, methods=["GET", "POST"])
    app.add_url_rule("/pay/batch", "batch", waits, methods=["POST"])
    app.add_url_rule("/other", "other", waits, methods=["POST"])
    return Client(app)


def may_wait(api: Client, path: str, **sent: Any) -> float:  # noqa: ANN401 - as werkzeug's client
    """The seconds that a request may wait."""
    return float(api.open(path, **{"method": "POST", **sent}).text)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of this machine, which a test sets forward."""
    ahead = [0.0]
    monkeypatch.setattr(payment_deadline, "monotonic", lambda: monotonic() + ahead[0])
    monkeypatch.setattr(deadline, "monotonic", lambda: monotonic() + ahead[0])
    return ahead


def started(clock: list[float], seconds: float | None = 100.0) -> Client:
    """The client of a process whose start is over."""
    api = client(seconds)
    may_wait(api, "/pay")
    clock[0] += STARTING_SECONDS + 1
    return api


def test_a_payment_has_the_deadline_and_a_batch_ten_of_them(clock: list[float]) -> None:
    """A part of it is left for the answer."""
    api = started(clock)

    assert 80 < may_wait(api, "/pay") < 100
    assert 800 < may_wait(api, "/pay/batch") < 100 * BATCH_FACTOR
    assert may_wait(api, "/other") == may_wait(api, "/pay", method="GET") == NONE
    assert not deadline.is_set()


def test_the_deadline_counts_from_the_first_byte(clock: list[float]) -> None:
    """The time in the queue of the server is the client's time too."""
    api = started(clock)

    since = monotonic() + clock[0] - 60
    assert may_wait(api, "/pay", environ_overrides={ARRIVED: since}) < 40


def test_a_process_that_starts_has_no_deadline(clock: list[float]) -> None:
    """It loads and connects, and its payments would be refused; for a few seconds only."""
    api = client()

    assert [may_wait(api, "/pay") for _ in range(3)] == [NONE] * 3
    clock[0] += STARTING_SECONDS + 1
    assert may_wait(api, "/pay") < 100


def test_none_turns_it_off(clock: list[float]) -> None:
    """Each wait has its own timeout then."""
    assert may_wait(started(clock, None), "/pay") == NONE
