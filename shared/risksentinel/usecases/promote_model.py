"""PromoteModel: a version goes into use, unless it is worse than the one that is."""

from dataclasses import dataclass
from typing import Final

from risksentinel.domain.model_version import Manifest, Pointer
from risksentinel.errors import Conflict
from risksentinel.ports import ModelRegistry

# Both on the evaluation set. Average precision comes first: of payments that are nearly all genuine
# it says more than the area under the ROC curve (Saito and Rehmsmeier, PLoS ONE 10(3), 2015).
MEASURES: Final = ("ap", "auc")  # as ml.metrics names them


@dataclass(frozen=True, slots=True)
class PromoteModel:
    """Champion and challenger: the promoted version stays until a better one is published."""

    registry: ModelRegistry

    def __call__(self, name: str, version: str, *, force: bool) -> Pointer:
        """Promote the version; with `force` also a worse one.

        Raises:
            NotFound: it is not published.
            Conflict: it is worse than the promoted one, or was not evaluated.
            StaleVersion: somebody else promoted another one meanwhile.
        """
        if not force:
            promoted = self.registry.promoted(name)
            if promoted is not None:
                champion = self.registry.manifest(name, promoted.version)
                _refuse_a_worse_one(self.registry.manifest(name, version), champion)
        return self.registry.promote(name, version)


def _refuse_a_worse_one(challenger: Manifest, champion: Manifest) -> None:
    for measure in MEASURES:
        known = champion.metrics.get(measure)
        if known is None:
            continue
        found = challenger.metrics.get(measure)
        if found is None:
            raise Conflict(
                f"version {challenger.version} was not evaluated: it has no {measure}, and the "
                f"promoted {champion.version} has {known:.4f}"
            )
        if found < known:
            raise Conflict(
                f"version {challenger.version} is worse than the promoted {champion.version}: "
                f"{measure} {found:.4f}, not {known:.4f}"
            )
        if found > known:
            return  # the first measure in which they differ decides
