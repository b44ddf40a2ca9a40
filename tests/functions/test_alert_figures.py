"""The functions count with the labels that the alert rules select."""

from typing import Final

from werkzeug.test import Client

from risksentinel.telemetry import metrics
from risksentinel.telemetry.series import REGISTRY
from tests.functions.caller import PAYMENT

PAYMENTS: Final = {"function": "ingest", "route": "/api/v1/transactions", "method": "POST"}


def test_a_payment_counts_as_the_alert_on_slow_payments_selects(api: Client) -> None:
    """An alert rule that selects another path than the route's never fires."""
    before = _timed()

    for path in ("/api/v1/transactions", "/api/v1/transactions/"):
        assert api.post(path, json=PAYMENT).status_code == 201

    assert _timed() == before + 2


def test_a_deployment_without_a_model_says_so(api: Client) -> None:
    """The alert on a silent model must not fire without a promoted model."""
    silent = {"function": "ingest", "signal": "ml"}
    before = _figure("risksentinel_silent_signals_total", **silent)

    api.post("/api/v1/transactions", json=PAYMENT)
    scraped = metrics.exposition("")[0].decode()

    assert _figure("risksentinel_silent_signals_total", **silent) == before + 1
    assert 'risksentinel_model_in_use{function="ingest"} 0.0' in scraped
    assert 'risksentinel_model_faulty{function="ingest"} 0.0' in scraped


def _timed() -> float:
    return _figure("risksentinel_request_duration_seconds_count", **PAYMENTS)


def _figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0
