"""What senders and receivers did, as scoring asks for it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from risksentinel.domain.history import Snapshot
from risksentinel.domain.label import Labelled
from risksentinel.domain.transaction import Transaction


class History(Protocol):
    """What senders and receivers did before."""

    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record each in turn; a repeated id changes nothing and gets its first snapshot."""


class LabelMemory(Protocol):
    """Where a history keeps what payments turned out to be."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Learn, in order, what counts now instead of what counted before.

        A repeated label changes nothing: its reference is the same.
        """


class RebuildableHistory(History, LabelMemory, Protocol):
    """A history that can be made anew from the payments that are kept."""

    def check(self) -> None:
        """Hear whether it answers."""

    def rebuild(self, payments: Iterable[Transaction]) -> int:
        """Record payments in the order in which they came; answers how many."""
