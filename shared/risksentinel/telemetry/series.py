"""The series of the metrics of a process, with their labels."""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
)

REGISTRY: Final = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)

_FAST: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS: Final = Counter(
    "risksentinel_requests_total",
    "HTTP requests answered",
    ("function", "route", "method", "status"),
    registry=REGISTRY,
)
REFUSED: Final = Counter(
    "risksentinel_refused_requests_total",
    "Requests that the server refused before a function got them",
    ("status",),
    registry=REGISTRY,
)
REQUEST_SECONDS: Final = Histogram(
    "risksentinel_request_duration_seconds",
    "Time from the arrival of a request to its answer",
    ("function", "route", "method"),
    buckets=_FAST,
    registry=REGISTRY,
)
EVENTS: Final = Counter(
    "risksentinel_events_total",
    "Events handled, by outcome",
    ("function", "type", "outcome"),
    registry=REGISTRY,
)
SENDERS_REFUSED: Final = Counter(
    "risksentinel_event_senders_refused_total",
    "Requests with events whose sender was not authenticated, by reason",
    ("function", "reason"),
    registry=REGISTRY,
)
DECISIONS: Final = Counter(
    "risksentinel_decisions_total",
    "Payments decided",
    ("function", "decision"),
    registry=REGISTRY,
)
SHADOWED: Final = Counter(
    "risksentinel_shadow_decisions_total",
    "Payments for the version in shadow, by outcome: same, different, dropped or failed",
    ("function", "outcome"),
    registry=REGISTRY,
)
STAGE_SECONDS: Final = Histogram(
    "risksentinel_stage_seconds",
    "Duration of one stage of the processing",
    ("function", "stage"),
    buckets=_FAST,
    registry=REGISTRY,
)
SILENT_SIGNALS: Final = Counter(
    "risksentinel_silent_signals_total",
    "Signals that were silent",
    ("function", "signal"),
    registry=REGISTRY,
)
OUTBOX_DEPTH: Final = Gauge(
    "risksentinel_outbox_depth",
    "Outbox events that are not yet published",
    ("function",),
    registry=REGISTRY,
)
OUTBOX_OLDEST: Final = Gauge(
    "risksentinel_outbox_oldest_seconds",
    "Age of the oldest unpublished outbox event; 0 if there is none",
    ("function",),
    registry=REGISTRY,
)
LEDGER_LAG: Final = Gauge(
    "risksentinel_ledger_lag_seconds",
    "Age of the oldest entry that is not chained into the ledger; 0 if there is none",
    ("function",),
    registry=REGISTRY,
)
DEAD_LETTERS: Final = Gauge(
    "risksentinel_dead_letters",
    "Dead letters that were not replayed",
    ("function",),
    registry=REGISTRY,
)
READY: Final = Gauge(
    "risksentinel_ready",
    "1 if the function is ready, else 0",
    ("function",),
    registry=REGISTRY,
)
UNREAD: Final = Counter(
    "risksentinel_unread_gauges_total",
    "Gauges omitted from a scrape because their source did not answer",
    ("function", "gauge"),
    registry=REGISTRY,
)
RELAYED: Final = Counter(
    "risksentinel_relayed_events_total",
    "Events taken from the outbox, by outcome",
    ("function", "outcome"),
    registry=REGISTRY,
)

MODEL_SCORE_DRIFT: Final = Gauge(
    "risksentinel_model_score_drift",
    "Population stability index of recent model scores against training; NaN if unknown",
    ("function",),
    registry=REGISTRY,
)
MODEL_FEATURE_DRIFT: Final = Gauge(
    "risksentinel_model_feature_drift",
    "Largest population stability index of the features of the model; NaN if unknown",
    ("function",),
    registry=REGISTRY,
)
MODEL_FAULTY: Final = Gauge(
    "risksentinel_model_faulty",
    "1 if the promoted model is not in use: it is refused or its storage is unavailable",
    ("function",),
    registry=REGISTRY,
)
MODEL_IN_USE: Final = Gauge(
    "risksentinel_model_in_use",
    "1 if a model scores payments, the promoted one or the last usable one; else 0",
    ("function",),
    registry=REGISTRY,
)
