"""BulkPayment: what one payment of `bulk_payments` has instead of the sample's values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random  # noqa: TID251 - a seeded generator makes the payments
from typing import Any, Final

from sqlalchemy import Table

from infra.bench.scored_sample import ALERT, KEYS, PLAIN, REPORT
from risksentinel.adapters.sql.label_rows import label_row
from risksentinel.adapters.sql.tables import (
    alerts,
    audit_log,
    risk_scores,
    statutory_reports,
    transaction_claims,
    transactions,
)
from risksentinel.domain.label import Finding, Label, LabelSource

SPAN: Final = timedelta(days=390)
BUSY: Final = "ZA-1"  # the sender of one payment in 20: all are of level low, and approved
FREQUENT: Final = "ZA-17"  # the sender of one payment in 200, of every level
_SENDERS: Final = 100_000
_DELAY: Final = timedelta(seconds=1)  # between the payment and its receipt
_WAITING: Final = 500  # the newest payments are not scored
_WORKED_ON: Final = 0.99  # the part of the alerts and reports, from the oldest, that is closed
_DESKS: Final = 20
_LABELLED: Final = 1_000  # one payment in so many has a label
_STORED_ON_RECEIPT: Final = (transaction_claims, transactions)

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A part of the payments: its rows in the sample, its level, decision and status."""

    share: float
    sampled: str
    level: str
    decision: str
    status: str
    score: Decimal


_LOW: Final = Kind(0.94, PLAIN, "low", "approve", "approved", Decimal("0.0500"))
_KINDS: Final = (
    _LOW,
    Kind(0.01, REPORT, "low", "approve", "approved", Decimal("0.2000")),
    Kind(0.039, PLAIN, "medium", "approve", "approved", Decimal("0.4000")),
    Kind(0.006, ALERT, "high", "review", "review", Decimal("0.7000")),
    Kind(0.004, ALERT, "critical", "decline", "declined", Decimal("0.9500")),
    Kind(0.001, PLAIN, "critical", "approve", "approved", Decimal("0.9500")),  # by a rule
)


@dataclass(frozen=True, slots=True)
class BulkPayment:
    """One of `count` payments."""

    number: int
    count: int
    at: datetime
    sender: str
    kind: Kind

    @property
    def id(self) -> str:
        """The id of the payment."""
        return f"p{self.number:09}"

    def stored_in(self, table: Table) -> bool:
        """Whether the table has rows of the payment; those of a score come later."""
        return table in _STORED_ON_RECEIPT or not self._waits

    def values(self, table: Table) -> Values:
        """The values of the columns that differ from the sample's."""
        if table is transactions:
            return {
                "id": self.id,
                "sender_id": self.sender,
                "receiver_id": f"ZA-{self.number * 7919 % (2 * _SENDERS)}",
                "occurred_at": self.at,
                "received_at": self.at + _DELAY,
                "status": "received" if self._waits else self.kind.status,
                "risk_level": None if self._waits else self.kind.level,
            }
        return {KEYS[table]: self.id, **self._of_score(table)}

    def labels(self) -> Iterator[Values]:
        """The rows of its labels."""
        if self.number % _LABELLED == 0:
            then = self.at + timedelta(days=1)
            source, finding = LabelSource.CUSTOMER_REPORT, Finding.FRAUD
            yield label_row(Label(self.id, source, 1, finding, "bench", then, self.at, then))

    @property
    def _waits(self) -> bool:
        return self.number >= self.count - _WAITING

    def _of_score(self, table: Table) -> Values:
        at, kind, number = self.at + _DELAY, self.kind, self.number
        closed = number < _WORKED_ON * self.count
        if table is risk_scores:
            verdict = {"risk_level": kind.level, "decision": kind.decision, "score": kind.score}
            return {"received_at": at, "scored_at": at, **verdict}
        if table is alerts:
            return {
                "id": f"a-{self.id}",
                "sender_id": self.sender,
                "score": kind.score,
                "severity": kind.level,
                "status": "resolved" if closed else "open",
                "disposition": "false_positive" if closed else None,
                "assignee": f"desk-{number % _DESKS}" if closed or number % 2 else None,
                "raised_at": at,
            }
        if table is statutory_reports:
            return {
                "id": f"r-{self.id}",
                "sender_id": self.sender,
                "kind": "CTR" if number % 3 else "IFTR",
                "due_on": (at + timedelta(days=3)).date(),
                "status": "filed" if closed else "open",
                "created_at": at,
            }
        return {"at" if table is audit_log else "received_at": at}


def bulk_payments(count: int, last: datetime) -> Iterator[BulkPayment]:
    """Generate payments up to the moment `last`, the oldest first."""
    chance = Random(1)  # noqa: S311 - not for security
    kinds = chance.choices(_KINDS, [kind.share for kind in _KINDS], k=count)
    for number, kind in enumerate(kinds):
        sender = _sender(chance.random())
        at = last - SPAN / count * (count - number)
        yield BulkPayment(number, count, at, sender, _LOW if sender == BUSY else kind)


def _sender(place: float) -> str:
    """One payment in 20 is of one sender; of the others, few senders pay often."""
    if place < 1 / 20:
        return BUSY
    return FREQUENT if place < 1 / 20 + 1 / 200 else f"ZA-{100 + int(_SENDERS * place * place)}"
