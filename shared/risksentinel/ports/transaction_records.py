"""TransactionRecords: payments for readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from risksentinel.domain.transaction import Transaction, TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.ports.pages import Page


@dataclass(frozen=True, slots=True)
class StoredTransaction:
    """A stored payment; the fields of the score are None until it is scored."""

    transaction: Transaction
    status: TransactionStatus
    received_at: datetime
    score: Decimal | None
    risk_level: RiskLevel | None
    decision: Decision | None
    reasons: tuple[str, ...]
    alert_id: str | None
    scored_at: datetime | None


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Conditions on payments, None is no condition; `since` <= `occurred_at` < `until`."""

    status: TransactionStatus | None = None
    sender_id: str | None = None
    risk_level: RiskLevel | None = None
    since: datetime | None = None
    until: datetime | None = None


class TransactionRecords(Protocol):
    """Payments for readers."""

    def transactions(
        self, which: TransactionFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[StoredTransaction]:
        """Newest first by `occurred_at`. Raises NoCursor where `after` is not a key."""

    def transaction(self, transaction_id: str) -> StoredTransaction:
        """The payment. Raises NotFound."""

    def explanation(self, transaction_id: str) -> Mapping[str, Any]:
        """The receipt of the score. Raises NotFound, also while the payment is not scored."""
