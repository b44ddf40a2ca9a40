"""The promoted model: loaded in the background, refreshed, and watched by the metrics."""

from collections.abc import Mapping

from risksentinel.adapters.models.cached_fraud_model import CachedFraudModel
from risksentinel.adapters.models.cached_model import CachedModel
from risksentinel.adapters.models.timed_model import TimedModel
from risksentinel.adapters.sql.recorded_promotions import SqlRecordedPromotions
from risksentinel.assembly.container import Container, built_once
from risksentinel.assembly.model_features import features_of, load_model
from risksentinel.assembly.model_registry import model_registry
from risksentinel.http.health import Check
from risksentinel.ports.model_registry import RecordedPromotions
from risksentinel.scoring.features.reasons import reasons
from risksentinel.telemetry.metrics import FunctionMetrics


@built_once
def model(container: Container) -> CachedFraudModel:
    """The promoted version of MODEL_NAME; the registry is read at the first use."""
    settings = container.settings
    cached = CachedModel(
        model_registry(container),
        settings.model_name,
        load_model,
        refresh_seconds=settings.model_refresh_seconds,
        recorded=_recorded(container),
    )
    fraud_model = CachedFraudModel(cached, features_of, reasons)
    container.on_close(fraud_model.close)
    return fraud_model


@built_once
def timed_model(container: Container) -> TimedModel:
    """The model for payments that have a deadline."""
    timed = TimedModel(model(container))
    container.on_close(timed.close)
    return timed


def model_checks(container: Container) -> Mapping[str, Check]:
    """The optional check of the model; none if the model has no weight in the score."""
    return {"model": model(container).check} if _has_weight(container) else {}


def watch_model(container: Container, metrics: FunctionMetrics) -> None:
    """Report the model's drift and state in `metrics` until the container closes."""
    if _has_weight(container):
        watched = model(container)
        metrics.watch_model(
            watched.score_drift, watched.feature_drift, watched.is_faulty, watched.is_in_use
        )
        container.on_close(metrics.unwatch)


def _recorded(container: Container) -> RecordedPromotions | None:
    """The promotions of the audit log, where they need the approval of another person."""
    if not container.settings.needs_approval:
        return None  # a model may be promoted before there is a database
    return SqlRecordedPromotions(container.engine)


def _has_weight(container: Container) -> bool:
    return container.settings.policy.ml_weight > 0
