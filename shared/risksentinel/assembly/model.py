"""The models that policies name: loaded in the background, and watched by the metrics."""

from collections.abc import Mapping

from risksentinel.adapters.models.cached_fraud_model import CachedFraudModel
from risksentinel.adapters.models.cached_model import CachedModel, Source
from risksentinel.adapters.models.policy_models import OneVersion, PolicyModels
from risksentinel.adapters.models.timed_model import TimedModel
from risksentinel.adapters.sql.recorded_promotions import SqlRecordedPromotions
from risksentinel.assembly.container import Container, built_once
from risksentinel.assembly.model_features import features_of, load_model
from risksentinel.assembly.model_registry import model_registry
from risksentinel.assembly.rules import rule_book
from risksentinel.http.health import Check
from risksentinel.ports.model_registry import RecordedPromotions
from risksentinel.scoring.features.reasons import reasons
from risksentinel.telemetry.metrics import FunctionMetrics


@built_once
def model(container: Container) -> PolicyModels:
    """The models that policies name, of MODEL_NAME; the registry is read at the first use."""
    settings, registry = container.settings, model_registry(container)

    def opened(source: Source, recorded: RecordedPromotions | None) -> CachedFraudModel:
        cached = CachedModel(
            source,
            settings.model_name,
            load_model,
            refresh_seconds=settings.model_refresh_seconds,
            recorded=recorded,
        )
        return CachedFraudModel(cached, features_of, reasons)

    models = PolicyModels(
        opened(registry, _recorded(container)),
        # What approves a version that a policy names is the approval of the policy.
        lambda pointer: opened(OneVersion(registry, pointer), None),
        settings.policy,
    )
    rule_book(container).followed_by(models.follow)
    container.on_close(models.close)
    return models


@built_once
def timed_model(container: Container) -> TimedModel:
    """The model for payments that have a deadline."""
    timed = TimedModel(model(container))
    container.on_close(timed.close)
    return timed


def model_checks(container: Container) -> Mapping[str, Check]:
    """The optional check of the models of the policy in force and of the one in shadow.

    It runs after the check of the rules, which reads the policy.
    """
    return {"model": lambda: model(container).check()}


def watch_model(container: Container, metrics: FunctionMetrics) -> None:
    """Report drift and state of the live policy's model in `metrics` until the container closes."""
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
