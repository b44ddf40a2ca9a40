"""The rows of an evaluation report: one for each score, rule and escalation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ml.dataset import Dataset, Integers
from ml.metrics import Floats, Labels, auc_and_ap, card_precision, recall_at
from ml.protocol import Flags, Protocol
from ml.verdicts import Verdicts
from risksentinel.domain.party_state import SECONDS_A_DAY

_PLACES: Final = 4


@dataclass(frozen=True, slots=True)
class EvaluationPeriod:
    """The payments of the test period."""

    data: Dataset
    protocol: Protocol
    flags: Flags
    seed: int

    @property
    def labels(self) -> Labels:
        """The labels of the payments."""
        return self.data.fraud[self.flags]

    @property
    def days(self) -> Integers:
        """The day of each payment, counted from 1970-01-01 in UTC."""
        return self.data.at[self.flags] // SECONDS_A_DAY

    def row(self, name: str, scores: Floats) -> dict[str, Any]:
        """The metrics of one score."""
        measured = auc_and_ap(self.labels, scores)
        if self.protocol.weekly:
            chosen = np.flatnonzero(self.flags).tolist()
            senders = [self.data.payments[place].sender_id for place in chosen]
            measured["cp_at_100"] = card_precision(self.days, senders, self.labels, scores)
        measured["recall_at_1pct_fpr"] = recall_at(self.labels, scores)
        return {"name": name, **{key: round(value, _PLACES) for key, value in measured.items()}}


def alert_rows(name: str, verdicts: Verdicts, fraud: Labels, threshold: float) -> list[Any]:
    """The number of alerts and the frauds among them.

    With escalations, as the engine decides, and without, by the composite alone.
    """
    without = verdicts.composites >= threshold
    return [
        flagged(name, verdicts.alerts, fraud),
        flagged(f"{name}, without escalations", without, fraud),
    ]


def ground_rows(grounds: Sequence[tuple[str, ...]], fraud: Labels) -> list[dict[str, Any]]:
    """One row for each rule that fired, and each escalation that took effect."""
    names = sorted({name for each in grounds for name in each})
    return [
        flagged(name, np.array([name in each for each in grounds], dtype=np.bool_), fraud)
        for name in names
    ]


def flagged(name: str, flags: Flags, fraud: Labels) -> dict[str, Any]:
    """One row; precision is None if no payment is flagged."""
    count, frauds = int(flags.sum()), int((fraud[flags] == 1).sum())
    return {
        "name": name,
        "payments": count,
        "share": round(count / max(1, len(fraud)), _PLACES),
        "frauds": frauds,
        "precision": round(frauds / count, _PLACES) if count else None,
        "recall": round(frauds / max(1, int((fraud == 1).sum())), _PLACES),
    }
