"""RememberLabels: the history learns what payments turned out to be."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.domain.label import Labelled
from risksentinel.ports.history import LabelMemory


@dataclass(frozen=True, slots=True)
class RememberLabels:
    """Hand on what changes a payment's standing; the rest is of no account to a history."""

    memory: LabelMemory

    def __call__(self, batch: Sequence[Labelled]) -> None:
        """Tell the history, in order.

        Raises:
            Unavailable: it did not answer; sent again, no label counts twice.
        """
        changed = [each for each in batch if each.before is not each.standing]
        if changed:
            self.memory.label(changed)
