from importlib import import_module
from pkgutil import iter_modules

import pytest
from flask.testing import FlaskClient

from risksentinel import events
from risksentinel.events.registry import EVENTS, PING, is_known
from risksentinel.telemetry import metrics
from risksentinel.telemetry.metrics import UNREADABLE, FunctionMetrics
from risksentinel.telemetry.series import REGISTRY


def series(name: str, **labels: str) -> float:
    """The value of a series."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_request_is_counted_under_its_template(client: FlaskClient) -> None:
    """A series per id would exhaust the memory of Prometheus."""
    labels = {"function": "sample", "route": "/orders/<transaction_id>", "method": "GET"}
    before = series("risksentinel_requests_total", status="422", **labels)

    client.get("/orders/1")
    client.get("/orders/2")

    assert series("risksentinel_requests_total", status="422", **labels) == before + 2


def test_unknown_methods_and_paths_share_a_series(client: FlaskClient) -> None:
    """A scanner must not be able to create series."""
    client.open("/nowhere/1", method="BREW")
    client.open("/nowhere/2", method="STEEP")

    text = metrics.exposition("")[0].decode()

    assert "nowhere" not in text
    assert "BREW" not in text


def test_a_failed_stage_is_timed() -> None:
    """Slow failures must be visible."""
    labels = {"function": "timed", "stage": "gather"}

    with pytest.raises(ValueError, match="no"), FunctionMetrics("timed").stage("gather"):
        raise ValueError("no")

    assert series("risksentinel_stage_seconds_count", **labels) == 1


def test_unknown_event_types_share_one_series() -> None:
    """The sender chooses the type and must not be able to create series."""
    counted = FunctionMetrics("flooded")

    for number in range(100):
        counted.event(f"invented.{number}", "refused")
    types = [*(event.type for event in EVENTS.values()), PING, UNREADABLE]
    for known in types:
        counted.event(known, "done")

    figures = {"function": "flooded", "outcome": "done"}
    assert (
        series("risksentinel_events_total", **{**figures, "outcome": "refused"}, type="other")
        == 100
    )
    assert all(series("risksentinel_events_total", **figures, type=known) == 1 for known in types)


def test_every_event_of_the_package_is_a_known_type() -> None:
    """A new event must not be counted as unknown."""
    modules = [
        import_module(f"{events.__name__}.{each.name}") for each in iter_modules(events.__path__)
    ]

    types = {module.TYPE for module in modules if hasattr(module, "TYPE")}

    assert len(types) >= 6
    assert all(map(is_known, types))


def test_every_metric_is_exposed(client: FlaskClient) -> None:
    """Dashboards and alerts use these names."""
    counted = FunctionMetrics("all")
    counted.decision("review")
    counted.silent("velocity")
    counted.relayed("delivered", 2)
    counted.event("a.v1", "done")
    client.get("/metrics")  # a request is counted after its answer

    text = client.get("/metrics").text

    assert 'risksentinel_decisions_total{decision="review",function="all"} 1.0' in text
    assert 'risksentinel_silent_signals_total{function="all",signal="velocity"} 1.0' in text
    assert 'risksentinel_relayed_events_total{function="all",outcome="delivered"} 2.0' in text
    assert "risksentinel_request_duration_seconds_bucket" in text
