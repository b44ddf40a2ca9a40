"""The use case that computes decisions again from their receipts."""

import json

from risksentinel.adapters.models.past_models import RegistryModels
from risksentinel.adapters.sql.decision_records import SqlDecisions
from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.assembly.container import Container
from risksentinel.assembly.model_features import load_model
from risksentinel.assembly.model_registry import model_registry
from risksentinel.domain.signal import Details
from risksentinel.scoring.features.reasons import reasons
from risksentinel.usecases.past_bases import PastBases
from risksentinel.usecases.verify_decisions import VerifyDecisions


def verify_decisions(container: Container) -> VerifyDecisions:
    """The use case; models of the registry are loaded where a receipt names them."""
    models = RegistryModels(model_registry(container), load_model, reasons)
    decisions = SqlDecisions(container.engine)
    return VerifyDecisions(decisions, models, PastBases(decisions), as_json)


def as_json(receipt: Details) -> Details:
    """The receipt as it is after it was stored."""
    stored: Details = json.loads(dumps(receipt))
    return stored
