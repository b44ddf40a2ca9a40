from infra.kafka_source.attempts import Attempts
from infra.kafka_source.options import RetryPolicy
from infra.kafka_source.sink_responses import DeliveryResult, SinkResponse

FAILED = SinkResponse(DeliveryResult.FAILED, 500)
AWAY = SinkResponse(DeliveryResult.UNAVAILABLE, 503)


def test_failures_are_retried_as_by_knative() -> None:
    """Number and pauses of the retries are Knative's, so an event fares as in a cluster."""
    attempts = Attempts(RetryPolicy(retries=5, delay=0.2))

    pauses = [attempts.pause_after(FAILED, now=0.0) for _ in range(6)]

    assert pauses == [0.4, 0.8, 1.6, 3.2, 6.4, None]
    assert attempts.made == 6


def test_an_outage_uses_no_retry() -> None:
    """An unavailable function does not use up the event's retries."""
    attempts = Attempts(RetryPolicy(retries=1, delay=0.2, outage=100.0))

    away = [attempts.pause_after(AWAY, now=float(second)) for second in range(99)]
    failed = [attempts.pause_after(FAILED, now=99.0) for _ in range(2)]

    assert None not in away
    assert max(pause for pause in away if pause) == 2.0
    assert failed == [0.4, None]


def test_an_outage_has_a_limit() -> None:
    """An outage is limited, or an event that makes its function fail would block its partition."""
    attempts = Attempts(RetryPolicy(outage=60.0))

    pauses = [attempts.pause_after(AWAY, now) for now in (1000.0, 1059.0, 1060.0)]

    assert pauses[:2] == [0.4, 0.8]
    assert pauses[2] is None
