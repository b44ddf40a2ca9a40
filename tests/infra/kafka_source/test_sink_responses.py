import pytest

from infra.kafka_source.dead_letter_box import letter
from infra.kafka_source.incoming import Incoming
from infra.kafka_source.sink_responses import DeliveryResult, batch_responses, sink_response

EVENTS = [
    Incoming("t", 0, n, b"k", {"id": f"e{n}", "type": "x", "source": "/s"}, None, b"1")
    for n in range(2)
]


@pytest.mark.parametrize(
    ("result", "statuses"),
    [
        (DeliveryResult.DONE, (200, 202, 204)),
        (DeliveryResult.REJECTED, (301, 400, 405, 413, 415, 422)),
        (DeliveryResult.FAILED, (404, 408, 409, 500, 501, 505)),
        (DeliveryResult.UNAVAILABLE, (429, 502, 503, 504)),
    ],
)
def test_the_status_decides_about_the_event(
    result: DeliveryResult, statuses: tuple[int, ...]
) -> None:
    """Like Knative: 404, 408, 409, 429 and 5xx are retried, other errors are dead-lettered."""
    assert {sink_response(status, {}, b"").result for status in statuses} == {result}


@pytest.mark.parametrize(
    "body",
    [b"", b"OK", b"{}", b"[]", b'[{"id":"e0","status":204}]', b'[{"id":"e1","status":204},{}]'],
)
def test_a_batch_is_done_only_with_a_result_for_each_event(body: bytes) -> None:
    """A function without batch support may answer 200 to any request."""
    answer = batch_responses(EVENTS, 200, {}, body)

    assert not isinstance(answer, list)
    assert answer.result is DeliveryResult.FAILED


def test_a_dead_letter_has_the_response_and_the_unchanged_event() -> None:
    """Headers of the response cannot replace attributes of the event."""
    headers = {"Kne-Reason": "amount is missing", "KNE-Error-Kind": "x" * 5000, "Kne-Id": "forged"}
    answer = sink_response(422, headers, b"y" * 5000)

    found = letter(EVENTS[0], answer, "http://score/", 1)

    stated = dict(found.headers)
    assert (found.topic, found.key, found.value) == ("t.dlq", b"k", b"1")
    assert (stated["ce_id"], stated["ce_reason"]) == (b"e0", b"amount is missing")
    assert stated["ce_knativeerrordest"] == b"http://score/"
    assert stated["ce_knativeerrorcode"] == b"422"
    assert len(stated["ce_knativeerrordata"]) == 1368
    assert len(stated["ce_errorkind"]) == 1024
    assert "content-type" not in stated
