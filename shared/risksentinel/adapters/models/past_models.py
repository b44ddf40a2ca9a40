"""RegistryModels: opinions of any version of a model, from its features in a receipt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from risksentinel.adapters.models.cached_fraud_model import InWords, ServedModel, opinion_of
from risksentinel.adapters.models.cached_model import InUse
from risksentinel.domain.model_version import ModelArtefact, Pointer
from risksentinel.domain.signal import Opinion
from risksentinel.errors import Malformed, NotFound
from risksentinel.ports.decisions import NotVerifiable
from risksentinel.ports.model_registry import ModelRegistry

_UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class RegistryModels:
    """Meets `ports.PastModels`; each version is loaded once."""

    registry: ModelRegistry
    load: Callable[[ModelArtefact], ServedModel]
    in_words: InWords
    _loaded: dict[Pointer, InUse[ServedModel]] = field(default_factory=dict)

    def opinion(self, model: Mapping[str, Any], features: Mapping[str, Any]) -> Opinion:
        """The opinion of this version on a payment with these features.

        Raises:
            NotVerifiable: the registry does not have the version, or it cannot be loaded.
            Malformed: the features are not those of the version.
        """
        in_use = self._version(str(model["name"]), model)
        names = in_use.manifest.features
        if tuple(features) != names:
            raise Malformed(f"the features are not those of model {in_use.manifest.version}")
        row = [_UNKNOWN if features[name] is None else float(features[name]) for name in names]
        (said,) = opinion_of(in_use, [row], self.in_words)
        return said

    def _version(self, name: str, model: Mapping[str, Any]) -> InUse[ServedModel]:
        pointer = Pointer(version=model["version"], manifest_sha256=model["manifest_sha256"])
        found = self._loaded.get(pointer)
        if found is None:
            try:
                artefact = self.registry.artefact(name, pointer)
                in_use = InUse(self.load(artefact), artefact.manifest, pointer)
            except NotFound:
                told = f"model version {pointer.version} is not in the registry"
                raise NotVerifiable(told) from None
            except Malformed as malformed:
                told = f"model version {pointer.version} cannot be loaded: {malformed}"
                raise NotVerifiable(told) from None
            found = self._loaded[pointer] = in_use
        return found
