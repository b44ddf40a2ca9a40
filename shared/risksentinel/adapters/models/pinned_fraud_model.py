"""PinnedFraudModel: opinions of one version of a model, which never changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.adapters.models.cached_fraud_model import (
    FeaturesOf,
    InWords,
    ServedModel,
    as_in_receipt,
    opinion_of,
)
from risksentinel.adapters.models.cached_model import InUse
from risksentinel.domain.signal import Opinion, Silent
from risksentinel.scoring.facts import Facts


@dataclass(frozen=True, slots=True)
class PinnedFraudModel:
    """Meets `ports.FraudModel`, but for one thing: an error of the model is raised.

    Silent `in_use` stands for a registry without a promoted version.
    """

    in_use: InUse[ServedModel] | Silent
    features_of: FeaturesOf
    in_words: InWords

    def risks(self, batch: Sequence[Facts], choice: str) -> list[Opinion]:  # noqa: ARG002 - of the port
        """One opinion for each payment, in order; the caller has opened the chosen version."""
        if isinstance(self.in_use, Silent):
            return [self.in_use] * len(batch)
        rows = self.features_of(batch, self.in_use.manifest)
        known = [as_in_receipt(row) for row in rows if not isinstance(row, Silent)]
        said = iter(opinion_of(self.in_use, known, self.in_words) if known else ())
        return [row if isinstance(row, Silent) else next(said) for row in rows]
