"""Payments for a stack, and what its functions say of themselves afterwards."""

from typing import Any, Final

import urllib3
from prometheus_client.parser import text_string_to_metric_families

from tests.flow.faults import Stand
from tests.infra.devstack.stack.stack_process import wait_until

FUNCTIONS: Final = ("INGEST_URL", "SCORE_URL", "ALERT_DISPATCH_URL", "RULES_CRUD_URL")
PAYMENTS: Final = 10
OLDEST: Final = "risksentinel_outbox_oldest_seconds"
SLOW: Final = "RiskSentinelSlowPayments"  # a machine that tests alone decides it, not the fault


def scraped(stand: Stand) -> str:
    """What Prometheus would read of all functions."""
    environment = stand.stack.environment
    texts = [
        urllib3.request("GET", f"{environment[name]}/metrics", timeout=30.0).data.decode()
        for name in FUNCTIONS
    ]
    return "".join(texts)


def figure(text: str, name: str, **labels: str) -> float:
    """The largest value of a metric in a scrape, among the series with these labels."""
    return max(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels.items() >= labels.items()
    )


def payment(payment_id: str) -> dict[str, Any]:
    """A payment of a sender of its own."""
    return {
        "id": payment_id,
        "sender_id": f"S-{payment_id}",
        "receiver_id": f"R-{payment_id}",
        "amount_zar": "75.00",
        "channel": "pos",
    }


def pay(stand: Stand, prefix: str, count: int = PAYMENTS) -> set[int]:
    """Send payments; answers the statuses of their answers."""
    return {
        urllib3.request(
            "POST",
            f"{stand.stack.url}/api/v1/transactions",
            json=payment(f"{prefix}-{number}"),
            retries=False,
            timeout=60.0,
        ).status
        for number in range(count)
    }


def wait_until_well(stand: Stand) -> None:
    """Wait until every function has all that it needs, and no announcement waits."""
    for name in FUNCTIONS:
        address = f"{stand.stack.environment[name]}/health/readiness"

        def well(address: str = address) -> bool:
            answer = urllib3.request("GET", address, retries=False, timeout=30.0)
            return bool(answer.json()["status"] == "ok")

        wait_until(well, f"{name} to be well")
    wait_until(lambda: figure(scraped(stand), OLDEST) == 0, "an empty outbox")
