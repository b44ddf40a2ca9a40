"""Labels, seen from those who learn from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from risksentinel.domain.label import KnownOutcome, Label, Labelled
from risksentinel.ports.history import Remembered


@dataclass(frozen=True, slots=True)
class ScoredAs:
    """What the engine said of a payment when it was scored, from the receipt of its score."""

    score: Decimal  # 0 to 1, four decimals
    rules: tuple[str, ...]  # the names of those that fired, in the receipt's order
    model_version: str | None  # None where no model answered


@dataclass(frozen=True, slots=True)
class LabelOutcome:
    """A payment, what was said of it at once, and what it turned out to be."""

    remembered: Remembered
    known: KnownOutcome | None  # None where nobody can know yet
    scored_as: ScoredAs | None  # None where the payment has no score


class LabelRecords(Protocol):
    """Labels, seen from those who only read and learn."""

    def of(self, transaction_id: str) -> Sequence[Label]:
        """All that was said of a payment, each source's words in their order."""

    def written(self, since: datetime, until: datetime) -> Iterable[Label]:
        """Every label, superseded ones too, in the order of writing; `until` is excluded.

        Whoever trains as of a moment reads until it, and so learns only what was known then.
        """

    def labelled(self, since: datetime, until: datetime) -> Iterable[Labelled]:
        """What each of these labels changed, in the same order: a history is rebuilt from it."""

    def outcomes(self, since: datetime, as_of: datetime) -> Iterable[LabelOutcome]:
        """The payments that came since then, in order, and what each turned out to be.

        Each has its decision: what was not approved must not become a habit in training either.

        `known` is None where nobody could know as of that moment: a payment that nobody reviewed
        is genuine only once its chargeback window is over.
        """
