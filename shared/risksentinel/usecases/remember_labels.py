"""RememberLabels: applies changed labels to the history."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.domain.label import Labelled
from risksentinel.ports.history import LabelMemory


@dataclass(frozen=True, slots=True)
class RememberLabels:
    """Applies labels that change the effective label of a payment; others do not matter."""

    memory: LabelMemory

    def __call__(self, batch: Sequence[Labelled]) -> None:
        """Apply the changed labels, in order.

        Raises:
            Unavailable: the history did not answer; in a retry no label counts twice.
        """
        changed = [each for each in batch if each.before is not each.standing]
        if changed:
            self.memory.label(changed)
