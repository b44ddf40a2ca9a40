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
    """A client of a traced function."""
    assert collector.endpoint
    return traced_app()


def test_a_request_is_a_span_of_its_caller_s_trace(
    sample: FlaskClient, collector: Collector
) -> None:
    """A bank finds the request in its own trace."""
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
    """A payment keeps one traceparent, so every function's span has the same parent."""
    answer = sample.post("/origin", headers={"traceparent": CALLER})

    assert answer.text == CALLER


@pytest.mark.parametrize("given", [None, "no", "00-" + "0" * 32 + "-" + "b" * 16 + "-01"])
def test_without_a_caller_s_trace_the_request_starts_one(
    sample: FlaskClient, collector: Collector, given: str | None
) -> None:
    """Most gateways send no traceparent, and their payments need traces too."""
    answer = sample.post("/origin", headers={"traceparent": given} if given else {})
    tracing.stop()

    (span,) = collector.spans
    origin, _, flags = answer.text.rpartition("-")
    assert origin == f"00-{span.trace_id}-{span.span_id}"
    assert int(flags, 16) & 1
    assert span.parent_id == ""


def test_an_unsampled_trace_is_not_exported(sample: FlaskClient, collector: Collector) -> None:
    """The caller that starts a trace decides about sampling."""
    answer = sample.post("/origin", headers={"traceparent": UNSAMPLED})
    sent(sample, event("e1", UNSAMPLED))
    tracing.stop()

    assert answer.text == UNSAMPLED
    assert collector.spans == []


def test_an_event_is_a_span_of_the_trace_that_it_carries(
    sample: FlaskClient, collector: Collector
) -> None:
    """The request of the broker is not part of the payment's trace."""
    answer = sent(sample, event("e1", CALLER))
    tracing.stop()

    (whole,) = collector.named(ONE)
    (stage,) = collector.named("work")
    assert answer.status_code == 204
    assert len(collector.spans) == 2
    assert (whole.trace_id, whole.parent_id) == ("a" * 32, "b" * 16)
    assert (stage.trace_id, stage.parent_id) == (whole.trace_id, whole.span_id)


@pytest.mark.parametrize(("data", "status"), [("refuse", 422), ("later", 503)])
def test_a_failed_event_is_a_failed_span(
    sample: FlaskClient, collector: Collector, data: str, status: int
) -> None:
    """Operators search traces by errors."""
    sent(sample, event("e1", CALLER, data))
    tracing.stop()

    (whole,) = collector.named(ONE)
    assert whole.failed
    assert whole.attributes["http.response.status_code"] == status


def test_a_batch_is_one_span_that_is_linked_to_each_trace(
    sample: FlaskClient, collector: Collector
) -> None:
    """The batch is processed once, and the trace of each payment has a span of its own."""
    answer = sent(sample, event("e1", CALLER), event("e2", OTHER), event("e3", None))
    tracing.stop()

    (whole,) = collector.named(MANY)
    each = {span.trace_id: span for span in collector.named(ONE)}
    assert answer.status_code == 200
    assert whole.links == ("a" * 32, "c" * 32)
    assert each.keys() == {"a" * 32, "c" * 32, whole.trace_id}
    assert {span.links for span in each.values()} == {(whole.trace_id,)}
    assert {span.trace_id for span in collector.named("work")} == {whole.trace_id}


def test_a_batch_that_is_split_has_a_span_per_event(
    sample: FlaskClient, collector: Collector
) -> None:
    """The trace of a payment shows its own result, not that of another payment."""
    sent(sample, event("e1", CALLER, "refuse"), event("e2", OTHER))
    tracing.stop()

    each = {span.trace_id: span.failed for span in collector.named(ONE)}
    assert each == {"a" * 32: True, "c" * 32: False}
    assert collector.named(MANY)[0].failed


def test_a_batch_links_to_every_one_of_its_events(
    sample: FlaskClient, collector: Collector
) -> None:
    """By default OpenTelemetry drops links beyond 128."""
    many = [event(str(n), f"00-{n + 1:032x}-{'b' * 16}-01") for n in range(500)]

    sent(sample, *many)
    tracing.stop()

    (whole,) = collector.named(MANY)
    assert len(set(whole.links)) == 500


def test_an_unknown_type_is_not_in_the_name_of_a_span(
    sample: FlaskClient, collector: Collector
) -> None:
    """A sender could write a name or an account number into the type."""
    sent(sample, {**event("e1", CALLER), "type": "za.risksentinel.thabo.mokoena.v1"})
    sent(sample, {**event("e2", CALLER), "type": "4998871234"})
    tracing.stop()

    assert len(collector.named("sample event")) == 2


def test_log_lines_have_the_trace_id_during_the_request_only(sample: FlaskClient) -> None:
    """A thread serves many requests, and each line must have its own trace."""
    first = json.loads(sample.post("/logged", headers={"traceparent": CALLER}).text)
    tracing.stop()
    second = json.loads(sample.post("/logged").text)

    assert first["trace_id"] == "a" * 32
    assert "trace_id" not in second


def test_probes_are_not_traced(sample: FlaskClient, collector: Collector) -> None:
    """Spans of probes would outnumber those of payments."""
    sample.get("/health/liveness")
    sample.get("/metrics")
    tracing.stop()

    assert collector.spans == []


@pytest.mark.parametrize("endpoint", ["collector:4318", "ftp://a", "http://", "http://a:b"])
def test_an_invalid_endpoint_stops_the_start(endpoint: str) -> None:
    """A typing error must not look like an absence of traces."""
    with pytest.raises(Misconfigured, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        tracing.start(endpoint)
