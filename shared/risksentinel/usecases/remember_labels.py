"""RememberLabels: applies changed labels to the history."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.domain.reviewed import Labelled
from risksentinel.errors import NotFound
from risksentinel.ports.history import LabelMemory
from risksentinel.ports.label_records import LabelChanges


@dataclass(frozen=True, slots=True)
class RememberLabels:
    """Applies labels that change the effective label of a payment; others do not matter.

    Only the reference of a label is taken from its event: payment, finding and effect are read from
    the database, so that a forged event changes no history.
    """

    stored: LabelChanges
    memory: LabelMemory

    def __call__(self, batch: Sequence[Labelled]) -> None:
        """Apply the changed labels, in order.

        Raises:
            NotFound: one of the labels is not stored; none is applied.
            Unavailable: database or history did not answer; in a retry no label counts twice.
        """
        changes = self.stored.changes([each.label for each in batch])
        if any(each.label.reference not in changes for each in batch):
            raise NotFound("there is no such label")
        found = [changes[each.label.reference] for each in batch]
        changed = [each for each in found if each.before is not each.standing]
        if changed:
            self.memory.label(changed)
