"""What senders and receivers did, as scoring asks for it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from risksentinel.domain.history import Snapshot
from risksentinel.domain.label import Labelled
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision


@dataclass(frozen=True, slots=True)
class Withheld:
    """A payment that must not become a habit: declined, or under review until it is cleared."""

    transaction: Transaction
    review: bool

    @classmethod
    def of(cls, payment: Transaction, decision: Decision | None) -> "Withheld | None":
        """What the decision withholds; None where the payment was approved, or has no verdict."""
        if decision is None or decision is Decision.APPROVE:
            return None
        return cls(payment, decision is Decision.REVIEW)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A payment that the database keeps, and what its decision was, if it has one."""

    transaction: Transaction
    decision: Decision | None = None

    @property
    def withheld(self) -> Withheld | None:
        """What must be taken out of the habits again."""
        return Withheld.of(self.transaction, self.decision)


class Past(NamedTuple):
    """The kept payments of some accounts in the order in which they came, and their labels."""

    payments: Sequence[Remembered]
    labels: Sequence[Labelled]


NOTHING_KEPT: Final = Past((), ())


class KeptPayments(Protocol):
    """Where a history in memory reads what an account did before the process started."""

    def past(self, payers: Collection[str], payees: Collection[str]) -> Past:
        """What these senders paid and these receivers were paid, as far back as is remembered.

        Raises:
            Unavailable: the database did not answer.
        """


class History(Protocol):
    """What senders and receivers did before."""

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each in turn; a repeated id changes nothing and gets its first snapshot.

        A payment counts in the windows and in the habits from then on.
        """

    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Take recorded payments out of the habits; done again, it changes nothing.

        Raises:
            Unavailable: the store did not answer in time; some may be taken out.
        """


class LabelMemory(Protocol):
    """Where a history keeps what payments turned out to be."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Learn, in order, what counts now instead of what counted before.

        A payment under review that was genuine becomes a habit. A repeated label changes nothing:
        its reference is the same.
        """


class RebuildableHistory(History, LabelMemory, Protocol):
    """A history that can be made anew from the payments that are kept."""

    def check(self) -> None:
        """Hear whether it answers."""

    def rebuild(self, payments: Iterable[Remembered]) -> int:
        """Record payments in the order in which they came; answers how many."""
