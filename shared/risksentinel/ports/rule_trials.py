"""TrialRecords: past payments with the facts they were decided with, for the dry run of a rule."""

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from risksentinel.domain.transaction import Channel, Rail
from risksentinel.ports.live_payment import LivePayment
from risksentinel.scoring.partitions.flows import PastState

Receipt = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrialSpan:
    """The newest scored payments, `most` of them, that are dated from `since` to before `until`."""

    since: datetime | None
    until: datetime | None
    most: int


class Excluded(NamedTuple):
    """What no candidate has: a smaller amount, or another channel and rail than these."""

    min_amount: Decimal
    kinds: Collection[tuple[Channel, Rail | None]]


class LookedAt(NamedTuple):
    """The number of payments that were looked at, and the dates of the first and the last."""

    payments: int
    first: datetime | None
    last: datetime | None


class Stop(Protocol):
    """Whether the time is over."""

    def __call__(self) -> bool:
        """True from the end of the time on."""


class TrialRecords(Protocol):
    """Stored payments for a dry run. All methods raise Unavailable."""

    def candidates(
        self, span: TrialSpan, excluded: Excluded, at_once: int
    ) -> Generator[Sequence[LivePayment]]:
        """The payments of the span that are not excluded, the newest first, in pages.

        A caller that stops before the end closes it.
        """

    def looked_at(self, span: TrialSpan, down_to: LivePayment | None) -> LookedAt:
        """The payments of the span, all or down to this one, which is included."""

    def payment(self, transaction_id: str) -> LivePayment:
        """One payment. Raises NotFound, also while the payment waits for its decision."""

    def receipts(self, some: Sequence[LivePayment]) -> Mapping[str, Receipt]:
        """The parts of the receipts that facts are read from, by the id of the payment.

        A receipt that is damaged, or of an early release, is left out.
        """

    def fraud(self, ids: Sequence[str]) -> Mapping[str, bool]:
        """Whether the payments are fraud by their effective labels; those without are left out."""

    def alerted(self, ids: Sequence[str]) -> Collection[str]:
        """Those of the payments for which an alert was raised."""

    def histories(
        self, some: Sequence[LivePayment], reach: int | None, stop: Stop
    ) -> Mapping[str, PastState]:
        """The state of the accounts when each payment was decided, computed from stored payments.

        `reach` is how far back payments count, in seconds: flows are complete for windows up to it.
        None computes the habits too. Empty if `stop` said that the
        time is over.
        """
