"""PromoteModel: puts a version into use, unless it is worse than the version in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from risksentinel.domain.model_version import Manifest, Pointer
from risksentinel.errors import Conflict
from risksentinel.ports.model_registry import ModelRegistry

# Both on the evaluation set. Average precision comes first: with nearly all payments genuine, it is
# more informative than the area under the ROC curve (Saito and Rehmsmeier, PLoS ONE 10(3), 2015).
MEASURES: Final = ("ap", "auc")  # as ml.metrics names them


@dataclass(frozen=True, slots=True)
class PromoteModel:
    """Champion and challenger: the promoted version stays until a better one is published."""

    registry: ModelRegistry

    def __call__(self, name: str, version: str, *, force: bool) -> Pointer:
        """Promote the version; with `force` also a worse one.

        Raises:
            NotFound: the version is not published.
            Conflict: no function can serve the version; or it is worse than the promoted one, was
                not evaluated, or was evaluated on other payments.
            StaleVersion: another version was promoted meanwhile.
        """
        self.check(name, version, force=force)
        return self.registry.promote(name, version)

    def check(self, name: str, version: str, *, force: bool) -> None:
        """Raise what a promotion would, without promoting the version."""
        challenger = self.registry.manifest(name, version)
        if force:
            return
        _refuse_unmeasured(challenger)
        promoted = self.registry.promoted(name)
        if promoted is not None and promoted.version != version:
            champion = self.registry.manifest(name, promoted.version)
            _refuse_worse(challenger, champion)


def _refuse_unmeasured(challenger: Manifest) -> None:
    if challenger.measured_by is None:
        raise Conflict(
            f"version {challenger.version} does not say by which clocks and delay of labels it was "
            "trained, so no function serves it: train it again"
        )


def _refuse_worse(challenger: Manifest, champion: Manifest) -> None:
    if not any(measure in champion.metrics for measure in MEASURES):
        return  # the champion was not evaluated
    figures = _on_the_same_payments(champion, challenger)
    for measure in MEASURES:
        known = figures.get(measure)
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


def _on_the_same_payments(champion: Manifest, challenger: Manifest) -> Mapping[str, float]:
    """The champion's figures on the payments that the challenger was measured on."""
    rival = challenger.rival
    if rival is not None and rival.version == champion.version and rival.metrics:
        return rival.metrics
    same = champion.evaluated_on == challenger.evaluated_on
    if (same and champion.evaluated_on is not None) or not challenger.metrics:
        return champion.metrics  # a challenger without figures is refused later, as not evaluated
    raise Conflict(
        f"version {challenger.version} and the promoted {champion.version} were measured on other "
        "payments, so their figures do not compare: run `risksentinel models fetch FOLDER`, train "
        "with `python -m ml.train --against FOLDER`, and publish that; or promote with --force"
    )
