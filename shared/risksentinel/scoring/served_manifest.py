"""refuse_unserved: whether this release can serve a version of a model, by its manifest."""

from typing import Final

from risksentinel.domain.model_version import Manifest
from risksentinel.errors import Malformed, Violation
from risksentinel.scoring.features.table import NAMES
from risksentinel.scoring.signals import SIGNALS

NOT_MEASURED: Final = Violation(
    "measured_by", "must state the time zone and the delay of labels: retrain the model"
)


def refuse_unserved(manifest: Manifest) -> None:
    """Return where the manifest is of a model that this release can serve.

    Raises:
        Malformed: the model was not trained on these features and signals, or the manifest does not
            say with which time zone and delay of labels. A guess would shift every hour and rate.
    """
    weights = manifest.weights
    if manifest.measured_by is None:
        raise Malformed([NOT_MEASURED])
    if weights is not None and weights.keys() != SIGNALS.keys():
        raise Malformed(
            [Violation("weights", f"must be those of {', '.join(SIGNALS)}: retrain the model")]
        )
    refuse_other_features(manifest, tuple(NAMES))


def refuse_other_features(manifest: Manifest, features: tuple[str, ...]) -> None:
    """Raise Malformed where the model has other features than these, or another order of them."""
    if manifest.features == features:
        return
    missing = [name for name in features if name not in manifest.features]
    foreign = [name for name in manifest.features if name not in features]
    said = [
        f"{what} {', '.join(names)}"
        for what, names in (("lacks", missing), ("knows besides", foreign))
        if names
    ]
    told = " and ".join(said) or "has them in another order"
    raise Malformed([Violation("features", f"are not those of this release: the model {told}")])
