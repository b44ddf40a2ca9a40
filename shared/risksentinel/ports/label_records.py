"""Labels, seen from those who learn from them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from risksentinel.domain.label import KnownOutcome, Label, Labelled
from risksentinel.ports.history import Remembered


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

    def outcomes(
        self, since: datetime, as_of: datetime
    ) -> Iterable[tuple[Remembered, KnownOutcome | None]]:
        """The payments that came since then, in order, and what each turned out to be.

        Each has its decision: what was not approved must not become a habit in training either.

        None where nobody could know as of that moment: a payment that nobody reviewed is genuine
        only once its chargeback window is over.
        """
