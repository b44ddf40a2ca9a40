"""SqlTransactionRecords: payments for readers, in pages, and the receipts of their scores."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Engine, Row, Select, false, select

from risksentinel.adapters.sql.engine import looking, reading
from risksentinel.adapters.sql.id_claims import SCORE_OF_ITS_PAYMENT, claimed, of_claimed
from risksentinel.adapters.sql.pages import NewestFirst
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.receipts import RECEIPT, receipt_of
from risksentinel.adapters.sql.tables import alerts, risk_scores, transactions
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import DECISIONS, STATUSES, Decision, RiskLevel
from risksentinel.errors import NotFound
from risksentinel.ports.pages import Page
from risksentinel.ports.transaction_records import StoredTransaction, TransactionFilter

_ORDER: Final = NewestFirst(transactions.c.occurred_at, transactions.c.id)
_KEPT: Final = (
    select(
        transactions,
        risk_scores.c.score,
        risk_scores.c.decision,
        risk_scores.c.reasons,
        risk_scores.c.scored_at,
        alerts.c.id.label("alert_id"),
    )
    .join(risk_scores, SCORE_OF_ITS_PAYMENT, isouter=True)
    .join(alerts, alerts.c.transaction_id == transactions.c.id, isouter=True)
)
_RECEIPT: Final = select(*RECEIPT)


@dataclass(frozen=True, slots=True)
class SqlTransactionRecords:
    """Meets `ports.TransactionRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def transactions(
        self, which: TransactionFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[StoredTransaction]:
        """One page of the payments that match the filter, newest first."""
        query = _KEPT.where(*_conditions(which))
        with reading(self.engine) as connection:
            return _ORDER.page(connection, query, after, most, _kept_of)

    def transaction(self, transaction_id: str) -> StoredTransaction:
        """The payment. Raises NotFound."""
        payment = transactions.c
        row = self._one(_KEPT, payment.id, payment.received_at, transaction_id)
        if row is None:
            raise NotFound("there is no such transaction")
        return _kept_of(row)

    def explanation(self, transaction_id: str) -> Mapping[str, Any]:
        """The receipt of the score. Raises NotFound, also while the payment waits for its score."""
        score = risk_scores.c
        row = self._one(_RECEIPT, score.transaction_id, score.received_at, transaction_id)
        if row is None:
            raise NotFound("there is no score of such a transaction")
        return receipt_of(row)

    def _one(
        self, query: Select[Any], key: Column[Any], received_at: Column[Any], transaction_id: str
    ) -> Row[Any] | None:
        with looking(self.engine) as connection:
            claims = claimed(connection, [transaction_id])
            if not claims:
                return None
            there = of_claimed(connection, key, received_at, claims)
            return connection.execute(query.where(*there)).one_or_none()


def _conditions(which: TransactionFilter) -> Iterator[ColumnElement[bool]]:
    payment = transactions.c
    level, status = which.risk_level, which.status
    if level is not None and status is not None:
        # Each level has one status. Two conditions that agree mislead the planner; with two that
        # contradict each other it scans all rows of one to find none.
        if STATUSES[DECISIONS[level]] is not status:
            yield false()
        level = None
    if status is not None:
        yield payment.status == status.value
    if level is not None:
        yield payment.risk_level == level.value
    if which.sender_id is not None:
        yield payment.sender_id == which.sender_id
    if which.since is not None:
        yield payment.occurred_at >= which.since
    if which.until is not None:
        yield payment.occurred_at < which.until


def _kept_of(row: Row[Any]) -> StoredTransaction:
    return StoredTransaction(
        transaction=transaction_of(row),
        status=TransactionStatus(row.status),
        received_at=row.received_at,
        score=row.score,
        risk_level=None if row.risk_level is None else RiskLevel(row.risk_level),
        decision=None if row.decision is None else Decision(row.decision),
        reasons=tuple(row.reasons or ()),
        alert_id=row.alert_id,
        scored_at=row.scored_at,
    )
