"""The promoted model, kept fresh: which features it gets, and what its strange ones are called."""

from risksentinel.adapters.models.cached_fraud_model import CachedFraudModel
from risksentinel.adapters.models.cached_model import CachedModel
from risksentinel.assembly.model_features import features_of, load_model
from risksentinel.ports.model_registry import ModelRegistry
from risksentinel.scoring.features.reasons import reasons


def model_in_use(registry: ModelRegistry, name: str, refresh_seconds: float) -> CachedFraudModel:
    """The model of this name; nothing is reached before it is asked."""
    cached = CachedModel(registry, name, load_model, refresh_seconds=refresh_seconds)
    return CachedFraudModel(cached, features_of, reasons)
