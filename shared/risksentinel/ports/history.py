"""History: past payments of senders and receivers, for scoring."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from risksentinel.domain.history import Snapshot
from risksentinel.domain.reviewed import Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision


@dataclass(frozen=True, slots=True)
class Withheld:
    """A payment that is excluded from the habits: declined, or under review until cleared."""

    transaction: Transaction
    review: bool

    @classmethod
    def of(cls, payment: Transaction, decision: Decision | None) -> "Withheld | None":
        """The exclusion that the decision requires; None for an approved or unscored payment."""
        if decision is None or decision is Decision.APPROVE:
            return None
        return cls(payment, decision is Decision.REVIEW)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A stored payment with its decision, if it has one."""

    transaction: Transaction
    decision: Decision | None = None

    @property
    def withheld(self) -> Withheld | None:
        """The exclusion from the habits, if any."""
        return Withheld.of(self.transaction, self.decision)


class Past(NamedTuple):
    """The stored payments of some accounts in the order of receipt, and their labels."""

    payments: Sequence[Remembered]
    labels: Sequence[Labelled]


NOTHING_KEPT: Final = Past((), ())


class KeptPayments(Protocol):
    """Stored payments of accounts, for a history in memory."""

    def past(self, payers: Collection[str], payees: Collection[str]) -> Past:
        """The payments of these senders and to these receivers, within the retention of a history.

        Raises:
            Unavailable: the database did not answer.
        """


class History(Protocol):
    """The history of senders and receivers, as the decision of a payment sees it."""

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each payment in order; a repeated id changes nothing and gets its first snapshot.

        From then on a payment counts in the windows and in the habits.
        """

    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Remove recorded payments from the habits; a repetition changes nothing.

        Raises:
            Unavailable: the store did not answer in time; some payments may be removed.
        """


class CatchingUp(Protocol):
    """A history that may lack stored payments."""

    def catch_up(self, batch: Sequence[Remembered]) -> None:
        """Record stored payments that the history lacks, in order; others change nothing.

        Raises:
            Unavailable: the store did not answer in time; some payments may be recorded.
        """


class LabelMemory(Protocol):
    """The labels in a history."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Apply changed labels, in order.

        A payment under review that is labelled genuine becomes a habit. A repeated label, with the
        same reference, changes nothing.
        """


class RebuildableHistory(History, CatchingUp, LabelMemory, Protocol):
    """A history that can be rebuilt from the stored payments."""

    def check(self) -> None:
        """Return where the store answers. Raises Unavailable."""

    def rebuild(self, payments: Iterable[Remembered]) -> int:
        """Record payments in the order of receipt; answers how many."""
