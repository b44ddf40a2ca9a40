"""Which requests have a deadline, and from when on."""

from time import monotonic
from typing import Any

import pytest
from flask import Flask, Response, request
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
        status = 503 if request.data == b"refuse" else 200
        return Response(str(deadline.left(NONE)), status)

    app.add_url_rule("/pay", "one", waits, methods=["GET", "POST"])
    app.add_url_rule("/pay/batch", "batch", waits, methods=["POST"])
    app.add_url_rule("/other", "other", waits, methods=["POST"])
    return Client(app)


def may_wait(api: Client, path: str, **sent: Any) -> float:  # noqa: ANN401 - as werkzeug's client
    """The seconds that a request may wait."""
    return float(api.open(path, **{"method": "POST", **sent}).text)


def test_a_payment_has_the_deadline_and_a_batch_ten_of_them() -> None:
    """A part of it is left for the answer."""
    api = client()
    may_wait(api, "/pay")

    assert 80 < may_wait(api, "/pay") < 100
    assert 800 < may_wait(api, "/pay/batch") < 100 * BATCH_FACTOR
    assert may_wait(api, "/other") == may_wait(api, "/pay", method="GET") == NONE
    assert not deadline.is_set()


def test_the_deadline_counts_from_the_first_byte() -> None:
    """The time in the queue of the server is the client's time too."""
    api = client()
    may_wait(api, "/pay")

    since = monotonic() - 60
    assert may_wait(api, "/pay", environ_overrides={ARRIVED: since}) < 40


def test_the_first_payment_of_a_process_has_no_deadline() -> None:
    """It loads and connects, and would be refused."""
    api = client()

    assert may_wait(api, "/pay") == NONE
    assert may_wait(api, "/pay") < 100


def test_a_start_that_never_ends_has_no_longer_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that starts while the database is stopped refuses in time soon."""
    clock = [monotonic()]
    monkeypatch.setattr(payment_deadline, "monotonic", lambda: clock[0])
    api = client()
    refused = [api.post("/pay", data="refuse").status_code for _ in range(2)]
    clock[0] += STARTING_SECONDS + 1

    assert refused == [503, 503]
    assert may_wait(api, "/pay") < NONE


def test_none_turns_it_off() -> None:
    """Each wait has its own timeout then."""
    api = client(None)
    may_wait(api, "/pay")

    assert may_wait(api, "/pay") == NONE
