"""The check of the models that policies name."""

from risksentinel.adapters.sql.policy_records import SqlPolicyRecords
from risksentinel.assembly.container import Container
from risksentinel.assembly.model_registry import model_registry
from risksentinel.ports.model_registry import ModelRegistry
from risksentinel.scoring.served_manifest import refuse_unserved
from risksentinel.usecases.named_models import NamedModels


def named_models(container: Container) -> NamedModels:
    """The versions of MODEL_NAME; the registry is opened where a policy names one."""

    def registry() -> ModelRegistry:
        return model_registry(container)

    records = SqlPolicyRecords(container.engine)
    return NamedModels(records, registry, container.settings.model_name, refuse_unserved)
