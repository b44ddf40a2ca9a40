"""The registry of models, in object storage or in a folder."""

from risksentinel.adapters.models.registries import open_registry
from risksentinel.assembly.container import Container, built_once
from risksentinel.ports.model_registry import ModelRegistry


@built_once
def model_registry(container: Container) -> ModelRegistry:
    """The registry at MODEL_URI. Raises Misconfigured if MODEL_URI is not a usable address."""
    settings = container.settings
    registry = open_registry(settings.models, settings.s3_endpoint_url, settings.aws_region)
    container.on_close(registry.close)
    return registry
