"""SqlTransactionRecords: payments for readers, in pages, and the receipts of their scores."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Engine, Row, Select, false, select

from risksentinel.adapters.sql.engine import looking, reading
from risksentinel.adapters.sql.id_claims import SCORE_OF_ITS_PAYMENT, claimed, of_claimed
from risksentinel.adapters.sql.pages import NewestFirst
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.receipts import RECEIPT, receipt_of
from risksentinel.adapters.sql.tables import alerts, risk_scores, transactions
from risksentinel.adapters.sql.tables.payments import NOT_APPROVED, NOT_LOW
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
        query = _KEPT.where(*_conditions(which, self.engine.dialect.name))
        with reading(self.engine) as connection:
            return _ORDER.page(connection, query, after, most, _kept_of, which.until)

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


def _conditions(which: TransactionFilter, dialect: str) -> Iterator[ColumnElement[bool]]:
    payment = transactions.c
    level, status, sender = which.risk_level, which.status, which.sender_id
    if level is not None and status is not None and status not in _statuses_of(level):
        yield false()  # otherwise the planner would look for a row through all rows of one of them
    if status is not None:
        yield payment.status == status.value
    # Only approved payments have several levels; a second condition that agrees with the first one
    # misleads the planner.
    if level is not None and status in (None, TransactionStatus.APPROVED):
        yield payment.risk_level == level.value
    if sender is not None:
        yield payment.sender_id == sender
    if which.since is not None:
        yield payment.occurred_at >= which.since
    if dialect == "sqlite":
        yield from _condition_of_index(which)


def _statuses_of(level: RiskLevel) -> Collection[TransactionStatus]:
    """The statuses of payments of this level: that of its decision, or approved by a rule."""
    return STATUSES[DECISIONS[level]], TransactionStatus.APPROVED


def _condition_of_index(which: TransactionFilter) -> Iterator[ColumnElement[bool]]:
    """The condition of the index to use: SQLite uses an index only with its very condition."""
    if which.status not in (None, TransactionStatus.APPROVED):
        yield NOT_APPROVED
    elif which.risk_level not in (None, RiskLevel.LOW):
        yield NOT_LOW


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
