"""All series that the processes of RiskSentinel export, by name, with their labels."""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from infra.kafka_source.metrics import SourceMetrics
from risksentinel.http.function_app import function_app
from risksentinel.telemetry import metrics
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.telemetry.series import REGISTRY

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
Series = dict[str, set[str]]
Families = dict[str, Series]  # the series of each metric


def exported() -> Families:
    """Return the series of a function and a source after every kind of event."""
    return {**_of_functions(), **_of_a_source()}


def _of_functions() -> Families:
    told = FunctionMetrics("told")
    told.event("a.v1", "done")
    told.sender_refused("no_credentials")
    told.decision("review")
    told.silent("velocity")
    told.shadowed("same")
    told.relayed("delivered")
    with told.stage("gather"):
        told.request("/a", "GET", 200, 0.1)
    told.watch_outbox(lambda: 1, lambda: NOW, lambda: NOW)
    told.watch_ledger(lambda: NOW, lambda: NOW)
    told.watch_model(lambda: 0.1, lambda: 0.2, lambda: False, lambda: True)
    told.watch_dead_letters(lambda: 1 // 0)
    function_app("told").test_client().get("/metrics")
    told.watch_dead_letters(lambda: 1)
    metrics.refused_requests(503, 1)
    metrics.exposition("")
    found = _of(REGISTRY)
    told.unwatch()
    return found


def _of_a_source() -> Families:
    told = SourceMetrics("told")
    told.holds([("a", 0)])
    told.lag({("a", 0): 1})
    told.in_flight({("a", 0): 1})
    told.delivered("a")
    told.retried("a", 1)
    told.dead_lettered("a", 422)
    told.dead_letters({"a": 1})
    return _of(told.registry)


def _of(registry: CollectorRegistry) -> Families:
    return {
        family.name: {
            sample.name: set(sample.labels)
            for sample in family.samples
            if not sample.name.endswith("_created")
        }
        for family in registry.collect()
    }
