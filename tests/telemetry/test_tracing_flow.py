"""Traces of payments through the embedded engine to a webhook, as the collector receives them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.test import Client

from risksentinel.embedded.engine import running
from risksentinel.settings import Settings
from risksentinel.telemetry import tracing
from tests.adapters.channels.receiver import Receiver, receiving
from tests.flow.engine_process import wait_until
from tests.telemetry.otlp_collector import Collector
from tests.telemetry.traced_app import CALLER

PATH = "/api/v1/transactions/"
SENDER, RECEIVER = "ZA-4998871234", "ZA-5550009876"
RISKY = {
    "id": "p-1",
    "sender_id": SENDER,
    "receiver_id": RECEIVER,
    "amount_zar": "75000.00",
    "channel": "mobile_banking",
}
STAGES = {"known", "gather", "decide", "withhold", "commit"}
TOLD = {"alert-dispatch alert.raised", "deliver webhook"}


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """The receiver of alerts."""
    with receiving() as found:
        yield found


@contextmanager
def engine(home: Path, hook: Receiver) -> Iterator[Client]:
    """The embedded engine; at the end every event is published and every span exported."""
    settings = Settings(
        risksentinel_home=home,
        webhook_urls=hook.url,
        webhook_secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        webhook_allow_private=True,
    )
    with running(settings) as found:
        yield Client(found.gateway)
        wait_until(lambda: len(hook.requests) == 1, "the webhook")
    tracing.stop()


def test_a_payment_is_one_trace_from_its_caller_to_the_webhook(
    tmp_path: Path, hook: Receiver, collector: Collector
) -> None:
    """One trace shows the duration of each step of a payment."""
    with engine(tmp_path, hook) as api:
        answer = api.post(PATH, json=RISKY, headers={"traceparent": CALLER})

    spans = {span.name: span for span in collector.spans}
    first = spans["ingest POST /api/v1/transactions"]
    assert answer.status_code == 201
    assert spans.keys() == {first.name, *STAGES, *TOLD}
    assert {span.trace_id for span in collector.spans} == {"a" * 32}
    assert {spans[name].parent_id for name in STAGES} == {first.span_id}
    assert {spans[name].parent_id for name in (first.name, "alert-dispatch alert.raised")} == {
        "b" * 16
    }


def test_a_queued_payment_without_a_traceparent_is_one_trace(
    tmp_path: Path, hook: Receiver, collector: Collector
) -> None:
    """Its steps run at different times in different functions."""
    with engine(tmp_path, hook) as api:
        answer = api.post(PATH, json=RISKY, headers={"Prefer": "respond-async"})

    spans = {span.name: span for span in collector.spans}
    first = spans["ingest POST /api/v1/transactions"]
    scored = spans["score transaction.received"]
    assert answer.status_code == 202
    assert spans.keys() == {first.name, scored.name, *STAGES, *TOLD}
    assert {span.trace_id for span in collector.spans} == {first.trace_id}
    assert first.parent_id == ""
    assert scored.parent_id == first.span_id
    assert {span.service for span in collector.spans} == {"ingest", "score", "alert-dispatch"}


def test_spans_have_the_payment_and_decision_and_no_account(
    tmp_path: Path, hook: Receiver, collector: Collector
) -> None:
    """Tracing systems are not built to store account numbers (POPIA)."""
    with engine(tmp_path, hook) as api:
        api.post(PATH, json=RISKY)

    spans = {span.name: span.attributes for span in collector.spans}
    first = spans["ingest POST /api/v1/transactions"]
    assert first["risksentinel.transaction_id"] == "p-1"
    assert first["risksentinel.decision"] == "review"
    assert first["risksentinel.risk_level"] == "high"
    assert spans["deliver webhook"]["risksentinel.transaction_id"] == "p-1"
    sent = b"".join(collector.bodies)
    for secret in (SENDER, RECEIVER, hook.url, "open-sesame"):
        assert secret.encode() not in sent


def test_queued_payments_have_their_verdicts_in_their_own_traces(
    tmp_path: Path, hook: Receiver, collector: Collector
) -> None:
    """Payments are scored in a batch and looked up one by one."""
    many = [
        {**RISKY, "id": f"p-{n}", "sender_id": f"s-{n}", "receiver_id": f"r-{n}"} for n in range(3)
    ]
    many[1:] = [{**one, "amount_zar": "10.00"} for one in many[1:]]
    with engine(tmp_path, hook) as api:
        for number, one in enumerate(many):
            origin = f"00-{number + 1:032x}-{'b' * 16}-01"
            headers = {"traceparent": origin, "Prefer": "respond-async"}
            api.post(PATH, json=one, headers=headers)

    decided = {
        span.trace_id: (
            span.attributes["risksentinel.transaction_id"],
            span.attributes["risksentinel.decision"],
        )
        for span in collector.named("score transaction.received")
    }
    assert decided == {
        f"{1:032x}": ("p-0", "review"),
        f"{2:032x}": ("p-1", "approve"),
        f"{3:032x}": ("p-2", "approve"),
    }


def test_a_failed_webhook_is_a_failed_span_with_the_type_of_error(
    tmp_path: Path, hook: Receiver, collector: Collector
) -> None:
    """The message of the error may quote the receiver; the type does not."""
    hook.status = 410
    with engine(tmp_path, hook) as api:
        api.post(PATH, json=RISKY)

    (delivery,) = collector.named("deliver webhook")
    assert delivery.failed
    assert delivery.attributes["error.type"] == "Rejected"
