"""Which payments are sent again, and for how long."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from risksentinel.errors import Unavailable
from risksentinel.payment_files.api_sink import ApiSink
from risksentinel.payment_files.sinks import ImportOutcome
from tests.payment_files.api_sink.instance import Instance, Reply, payments, score_all


def test_temporary_failures_are_retried(
    sink: ApiSink, instance: Instance, pauses: list[float]
) -> None:
    """A cold start or a restart must not lose payments."""
    busy: Iterator[Reply] = iter([(503, {}), (429, {})])
    instance.handle = lambda path, body: next(busy, None) or score_all(path, body)

    results = sink.send(payments(2))

    assert [result.outcome for result in results] == [ImportOutcome.NEW] * 2
    assert pauses == [0.2, 0.4]


def test_only_failed_payments_are_retried(sink: ApiSink, instance: Instance) -> None:
    """Accepted payments of the batch already have an answer."""
    bodies: list[list[str]] = []

    def handle(path: str, body: dict[str, Any]) -> Reply:
        listed = body.get("transactions", [body])
        bodies.append([one["id"] for one in listed])
        status, answer = score_all(path, body)
        if len(bodies) == 1:
            answer["results"][1] = {"index": 1, "status": 503, "problem": {"detail": "busy"}}
            return 207, answer
        return status, answer

    instance.handle = handle

    results = sink.send(payments(3))

    assert [result.status for result in results] == [201, 201, 201]
    assert bodies == [["0", "1", "2"], ["1"]]


def test_retries_end_after_five_attempts(pauses: list[float]) -> None:
    """Then the payments count as not delivered."""
    with closing(ApiSink("http://127.0.0.1:9", sleep=pauses.append)) as sink:
        results = sink.send(payments(2))

        with pytest.raises(Unavailable):
            sink.reach()

    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2]
    assert [result.outcome for result in results] == [ImportOutcome.UNDELIVERED] * 2
    assert "http://127.0.0.1:9 does not answer" in results[0].violations[0].message


def test_a_temporary_conflict_is_retried(sink: ApiSink, instance: Instance) -> None:
    """Another client may be sending the same payment at this moment."""
    first: Iterator[Reply] = iter([(409, {"type": "urn:risksentinel:problem:in-progress"})])
    instance.handle = lambda path, body: next(first, None) or score_all(path, body)

    (result,) = sink.send(payments(1))

    assert result.outcome is ImportOutcome.NEW
