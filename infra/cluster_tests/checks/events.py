"""Checks payment, score, alert and webhook; each event is posted as KafkaSource does."""

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from time import monotonic, sleep
from typing import Any, Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.ingress import IngressResponse
from infra.cluster_tests.kafka_source import kafka_source
from infra.cluster_tests.payments import Payment, payment
from infra.devstack.stack.timer import SOURCE, TYPE
from infra.kafka_source.credentials import SourceCredentials
from infra.kafka_source.incoming import Incoming
from risksentinel.adapters.system_clock import new_id
from risksentinel.events import alert_raised, transaction_received

_LARGE: Final = "75000.00"  # with a new beneficiary it raises an alert
_ALERTS: Final = "SELECT count(*) FROM alerts WHERE transaction_id = %s"
_HEARD_WITHIN: Final = 10.0


def check(bench: Bench) -> Iterator[CheckResult]:
    """Follow one asynchronous payment to its webhook; then post an invalid event."""
    paid = payment("events", 0, _LARGE)
    accepted = bench.ingress.pay(paid, Prefer="respond-async")
    yield _answered("an asynchronous payment is accepted", accepted, HTTPStatus.ACCEPTED)
    yield from _scored(bench, paid)
    yield from _alerted(bench, paid)
    yield _swept(bench)


def _scored(bench: Bench, paid: Payment) -> Iterator[CheckResult]:
    servers = bench.connections["KAFKA_BOOTSTRAP_SERVERS"]
    secret = bench.deployment.overlay.variables["EVENT_SECRET"]
    with kafka_source(
        servers, transaction_received.TOPIC, bench.ingress, "score", secret
    ) as source:
        event = source.until(lambda each: each.attributes.get("subject") == paid["id"])
        answers = [source.post(event), source.post(event)]
        refused = source.post(replace(event, value=b'{"amount_zar": -1}'))
    yield _headers(event)
    alerts = bench.records.count(_ALERTS, paid["id"])
    unscored = bench.records.not_scored_once([str(paid["id"])])
    yield CheckResult(
        "transactions.received twice to score: one verdict, one alert",
        passed=all(each.status == HTTPStatus.NO_CONTENT for each in answers)
        and not unscored
        and alerts == 1,
        measured=f"{[each.status for each in answers]}, {alerts} alert",
    )
    yield CheckResult(
        "an invalid event is rejected with a reason",
        passed=refused.status == HTTPStatus.UNPROCESSABLE_ENTITY
        and "Kne-Reason" in refused.headers,
        measured=f"{refused.status} {refused.headers.get('Kne-Reason', '')[:120]}",
    )


def _alerted(bench: Bench, paid: Payment) -> Iterator[CheckResult]:
    servers = bench.connections["KAFKA_BOOTSTRAP_SERVERS"]
    secret = bench.deployment.overlay.variables["EVENT_SECRET"]
    with kafka_source(
        servers, alert_raised.TOPIC, bench.ingress, "alert-dispatch", secret
    ) as source:
        event = source.until(lambda each: str(paid["id"]).encode() in (each.value or b""))
        answers = [source.post(event), source.post(event)]
    heard = _deliveries(bench, str(paid["id"]))
    yield CheckResult(
        "alerts.raised twice to alert-dispatch: the endpoint gets the alert once",
        passed=all(each.status == HTTPStatus.NO_CONTENT for each in answers) and heard == 1,
        measured=f"{[each.status for each in answers]}, {heard} delivery",
    )


def _deliveries(bench: Bench, paid: str) -> int:
    deadline = monotonic() + _HEARD_WITHIN
    while not (count := _mentions(bench.receiver.bodies, paid)) and monotonic() < deadline:
        sleep(0.1)
    return count


def _mentions(bodies: list[Any], paid: str) -> int:
    return sum(paid in str(body) for body in bodies)


def _swept(bench: Bench) -> CheckResult:
    """Post the timer's event as PingSource does."""
    event = {"ce-specversion": "1.0", "ce-type": TYPE, "ce-source": SOURCE, "ce-id": str(new_id())}
    credentials = SourceCredentials(bench.deployment.overlay.variables["EVENT_SECRET"])
    headers = {**event, **credentials.headers}
    answer = bench.ingress.call("score", "POST", "/outbox/sweep", b"", headers)
    return _answered("a timer's event sweeps the outbox", answer, HTTPStatus.NO_CONTENT)


def _headers(event: Incoming) -> CheckResult:
    needed = {"specversion", "id", "source", "type", "subject", "partitionkey", "time"}
    missing = needed - event.attributes.keys()
    return CheckResult(
        "a record has the attributes that KafkaSource forwards",
        passed=not missing,
        measured=f"missing: {', '.join(missing)}" if missing else ", ".join(event.attributes),
    )


def _answered(requirement: str, answer: IngressResponse, wanted: HTTPStatus) -> CheckResult:
    measured = f"{answer.status} in {answer.seconds:.2f} s"
    return CheckResult(requirement, passed=answer.status == wanted, measured=measured)
