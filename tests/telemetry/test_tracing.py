import json

import pytest
from flask.testing import FlaskClient

from risksentinel.errors import Misconfigured
from risksentinel.telemetry import tracing
from tests.telemetry.otlp_collector import Collector
from tests.telemetry.traced_app import CALLER, OTHER, UNSAMPLED, event, sent, traced_app

ONE = "sample transaction.received"
MANY = "sample batch of transaction.received"


@pytest.fixture
def sample(collector: Collector) -> FlaskClient:
    """A caller of a function that is traced."""
    assert collector.endpoint
    return traced_app()


def test_a_request_is_a_span_of_its_caller_s_trace(
    sample: FlaskClient, collector: Collector
) -> None:
    """The bank looks for its own trace, and finds us in it."""
    sample.post("/origin", headers={"traceparent": CALLER})
    tracing.stop()

    (span,) = collector.spans
    assert (span.service, span.name) == ("sample", "sample POST /origin")
    assert (span.trace_id, span.parent_id) == ("a" * 32, "b" * 16)
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": "/origin",
        "http.response.status_code": 200,
    }


def test_the_origin_of_an_event_is_its_caller_unchanged(sample: FlaskClient) -> None:
    """A payment carries one traceparent from end to end: every function's parent is the same."""
    answer = sample.post("/origin", headers={"traceparent": CALLER})

    assert answer.text == CALLER


@pytest.mark.parametrize("given", [None, "no", "00-" + "0" * 32 + "-" + "b" * 16 + "-01"])
def test_without_a_caller_s_trace_the_request_starts_one(
    sample: FlaskClient, collector: Collector, given: str | None
) -> None:
    """Most gateways send none, and their payments are looked for too."""
    answer = sample.post("/origin", headers={"traceparent": given} if given else {})
    tracing.stop()

    (span,) = collector.spans
    origin, _, flags = answer.text.rpartition("-")
    assert origin == f"00-{span.trace_id}-{span.span_id}"
    assert int(flags, 16) & 1
    assert span.parent_id == ""


def test_what_the_caller_does_not_sample_is_not_sent(
    sample: FlaskClient, collector: Collector
) -> None:
    """Who starts a trace decides what it costs."""
    answer = sample.post("/origin", headers={"traceparent": UNSAMPLED})
    sent(sample, event("e1", UNSAMPLED))
    tracing.stop()

    assert answer.text == UNSAMPLED
    assert collector.spans == []


def test_an_event_is_a_span_of_the_trace_that_it_carries(
    sample: FlaskClient, collector: Collector
) -> None:
    """Its request comes from a broker, which is no part of the payment's story."""
    answer = sent(sample, event("e1", CALLER))
    tracing.stop()

    (whole,) = collector.named(ONE)
    (stage,) = collector.named("work")
    assert answer.status_code == 204
    assert len(collector.spans) == 2
    assert (whole.trace_id, whole.parent_id) == ("a" * 32, "b" * 16)
    assert (stage.trace_id, stage.parent_id) == (whole.trace_id, whole.span_id)


@pytest.mark.parametrize(("data", "status"), [("refuse", 422), ("later", 503)])
def test_an_event_that_is_not_done_is_a_failed_span(
    sample: FlaskClient, collector: Collector, data: str, status: int
) -> None:
    """On-call people search for what went wrong."""
    sent(sample, event("e1", CALLER, data))
    tracing.stop()

    (whole,) = collector.named(ONE)
    assert whole.failed
    assert whole.attributes["http.response.status_code"] == status


def test_a_batch_is_one_span_that_is_linked_to_each_trace(
    sample: FlaskClient, collector: Collector
) -> None:
    """The work is done once for all; each payment's own trace still has its step."""
    answer = sent(sample, event("e1", CALLER), event("e2", OTHER), event("e3", None))
    tracing.stop()

    (whole,) = collector.named(MANY)
    each = {span.trace_id: span for span in collector.named(ONE)}
    assert answer.status_code == 200
    assert whole.links == ("a" * 32, "c" * 32)
    assert each.keys() == {"a" * 32, "c" * 32, whole.trace_id}
    assert {span.links for span in each.values()} == {(whole.trace_id,)}
    assert {span.trace_id for span in collector.named("work")} == {whole.trace_id}


def test_a_batch_that_is_handled_again_singly_has_a_span_an_event(
    sample: FlaskClient, collector: Collector
) -> None:
    """The trace of a payment shows what became of it, not what became of its neighbour."""
    sent(sample, event("e1", CALLER, "refuse"), event("e2", OTHER))
    tracing.stop()

    each = {span.trace_id: span.failed for span in collector.named(ONE)}
    assert each == {"a" * 32: True, "c" * 32: False}
    assert collector.named(MANY)[0].failed


def test_a_batch_links_to_every_one_of_its_events(
    sample: FlaskClient, collector: Collector
) -> None:
    """OpenTelemetry drops links beyond 128 unless it is told otherwise."""
    many = [event(str(n), f"00-{n + 1:032x}-{'b' * 16}-01") for n in range(500)]

    sent(sample, *many)
    tracing.stop()

    (whole,) = collector.named(MANY)
    assert len(set(whole.links)) == 500


def test_an_invented_type_does_not_name_a_span(sample: FlaskClient, collector: Collector) -> None:
    """A sender may write a name or an account number anywhere."""
    sent(sample, {**event("e1", CALLER), "type": "za.risksentinel.thabo.mokoena.v1"})
    sent(sample, {**event("e2", CALLER), "type": "4998871234"})
    tracing.stop()

    assert len(collector.named("sample event")) == 2


def test_log_lines_name_the_trace_while_it_lasts(sample: FlaskClient) -> None:
    """From a log line to its trace, and no further: a thread serves many requests."""
    first = json.loads(sample.post("/logged", headers={"traceparent": CALLER}).text)
    tracing.stop()
    second = json.loads(sample.post("/logged").text)

    assert first["trace_id"] == "a" * 32
    assert "trace_id" not in second


def test_probes_are_not_traced(sample: FlaskClient, collector: Collector) -> None:
    """A probe a second would bury the payments."""
    sample.get("/health/liveness")
    sample.get("/metrics")
    tracing.stop()

    assert collector.spans == []


@pytest.mark.parametrize("endpoint", ["collector:4318", "ftp://a", "http://", "http://a:b"])
def test_what_is_no_address_stops_the_start(endpoint: str) -> None:
    """A typing error must not look like a quiet day."""
    with pytest.raises(Misconfigured, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        tracing.start(endpoint)
