"""Split: which payments a model learns from, and on which it is measured."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.dataset import UNKNOWN, Dataset
from ml.model_kinds import Labels
from ml.protocol import Flags
from risksentinel.errors import Malformed

MIN_TRAINING_PAYMENTS: Final = 1_000  # payments, for ranks in tenths of a percent
_WARM_UP: Final = 0.1  # of the period: until then habits are unknown
_EVALUATED: Final = 0.2  # of the period with complete labels, its end


def complete_labels(data: Dataset) -> Labels:
    """The labels as far as they are complete; later ones are UNKNOWN."""
    complete = data.at <= data.complete_until
    return np.where(complete, data.fraud, UNKNOWN).astype(np.int8)


@dataclass(frozen=True, slots=True)
class Split:
    """The payments for training and for testing a version.

    `tested` are the last payments with complete labels, `labelled` the payments before them
    without the frauds that became known later. A model that needs labels learns from `labelled`,
    any other model also from the payments after the tested ones.
    """

    learnt: Flags
    labelled: Flags
    tested: Flags


def split(data: Dataset, *, needs_labels: bool) -> Split:
    """Divide the payments.

    Raises:
        Malformed: the payments are too few, or lack the labels that the kind needs.
    """
    if len(data) < MIN_TRAINING_PAYMENTS:
        raise Malformed(f"{len(data)} payments are too few: give at least {MIN_TRAINING_PAYMENTS}")
    first, end = int(data.at[0]), int(data.at[-1])
    last = _complete_until(data, needs_labels=needs_labels)
    border = last - _EVALUATED * (last - first)
    warm = data.at >= first + _WARM_UP * (end - first)
    tested = warm & (data.at >= border) & (data.at <= last)
    complete = data.at <= data.complete_until
    labelled = warm & (data.at < border) & complete & data.known_by(int(border))
    if not needs_labels:
        return Split(warm & ~tested, labelled, tested)
    if not tested.any():
        raise Malformed(
            "too little is known yet: the labels end within the time that habits need; train an "
            "isolation_forest, or export a longer period"
        )
    return Split(labelled, labelled, tested)


def _complete_until(data: Dataset, *, needs_labels: bool) -> int:
    if needs_labels and (data.fraud == UNKNOWN).all():
        raise Malformed("no payment has a label: train an isolation_forest, or --map fraud=…")
    if data.complete_until >= data.at[0]:
        return min(data.complete_until, int(data.at[-1]))
    if needs_labels:
        raise Malformed(
            "no payment's chargeback window is over, so none is known to be genuine: train an "
            "isolation_forest, or export a longer period"
        )
    return int(data.at[-1])
