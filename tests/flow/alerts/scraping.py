"""Payments for a stack, and the metrics of its functions."""

from typing import Any, Final

import urllib3

from tests.flow.fault_bench import FaultBench
from tests.infra.devstack.stack.stack_process import wait_until
from tests.infra.observability.scraped import figures

FUNCTIONS: Final = ("INGEST_URL", "SCORE_URL", "ALERT_DISPATCH_URL", "RULES_CRUD_URL")
PAYMENTS: Final = 10
OLDEST: Final = "risksentinel_outbox_oldest_seconds"
SLOW: Final = "RiskSentinelSlowPayments"  # depends on the speed of the machine, not on the fault


def scraped(bench: FaultBench) -> str:
    """The metrics of all functions, as Prometheus scrapes them."""
    environment = bench.stack.environment
    texts = [
        urllib3.request("GET", f"{environment[name]}/metrics", timeout=30.0).data.decode()
        for name in FUNCTIONS
    ]
    return "".join(texts)


def figure(text: str, name: str, **labels: str) -> float:
    """The largest value of a metric in a scrape, among the series with these labels."""
    return max(figures(text, name, **labels))


def payment(payment_id: str) -> dict[str, Any]:
    """A payment whose sender has no other payment."""
    return {
        "id": payment_id,
        "sender_id": f"S-{payment_id}",
        "receiver_id": f"R-{payment_id}",
        "amount_zar": "75.00",
        "channel": "pos",
    }


def pay(bench: FaultBench, prefix: str, count: int = PAYMENTS) -> set[int]:
    """Send payments; return the statuses of the responses."""
    return {
        urllib3.request(
            "POST",
            f"{bench.stack.url}/api/v1/transactions",
            json=payment(f"{prefix}-{number}"),
            retries=False,
            timeout=60.0,
        ).status
        for number in range(count)
    }


def wait_until_ready(bench: FaultBench) -> None:
    """Wait until every function is ready and the outbox is empty."""
    for name in FUNCTIONS:
        address = f"{bench.stack.environment[name]}/health/readiness"

        def is_ready(address: str = address) -> bool:
            answer = urllib3.request("GET", address, retries=False, timeout=30.0)
            return bool(answer.json()["status"] == "ok")

        wait_until(is_ready, f"{name} to be ready")
    wait_until(lambda: figure(scraped(bench), OLDEST) == 0, "an empty outbox")
