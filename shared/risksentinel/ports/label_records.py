"""LabelRecords: labels for the history and for training."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from risksentinel.domain.label import Label
from risksentinel.domain.reviewed import KnownOutcome, Labelled
from risksentinel.ports.history import Remembered


@dataclass(frozen=True, slots=True)
class ScoredAs:
    """The result of the engine for a payment, from the receipt of its score."""

    score: Decimal  # 0 to 1, four decimals
    rules: tuple[str, ...]  # the names of the fired rules, in the order of the receipt
    model_version: str | None  # None where no model answered


@dataclass(frozen=True, slots=True)
class LabelOutcome:
    """A payment with its decision, its known outcome and its score."""

    remembered: Remembered
    known: KnownOutcome | None  # None while the outcome is unknown
    scored_as: ScoredAs | None  # None where the payment has no score


class LabelChanges(Protocol):
    """The stored changes of labels, for a history."""

    def changes(self, labels: Sequence[Label]) -> Mapping[str, Labelled]:
        """The stored change that each of these labels made, by reference.

        A label without an equal stored one, in finding and time, is left out. Raises Unavailable.
        """


class LabelRecords(Protocol):
    """Labels for readers."""

    def of(self, transaction_id: str) -> Sequence[Label]:
        """All labels of a payment, ordered by source and version."""

    def written(self, since: datetime, until: datetime) -> Iterable[Label]:
        """Every label, superseded ones too, in the order of writing; `until` is excluded.

        Training as of a moment reads up to that moment, and so uses only labels that were known.
        """

    def labelled(self, since: datetime, until: datetime) -> Iterable[Labelled]:
        """The change that each of these labels made, in the same order; it rebuilds a history."""

    def outcomes(self, since: datetime, as_of: datetime) -> Iterable[LabelOutcome]:
        """The payments received since then, in order, with the outcome known `as_of` that moment.

        Each has its decision: a payment that was not approved is no habit in training either.
        `known` is None while the outcome is unknown: a payment without a label counts as genuine
        only after its chargeback window.
        """
