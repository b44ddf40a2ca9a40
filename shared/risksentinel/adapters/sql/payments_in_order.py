"""Scored payments in the order of receipt, without and with their scores."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Engine, Row, Select, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.id_claims import SCORE_OF_ITS_PAYMENT
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.receipts import RECEIPT, receipt_of
from risksentinel.adapters.sql.tables import risk_scores, transactions
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import STATUSES, Decision
from risksentinel.ports.history import Remembered
from risksentinel.ports.label_records import ScoredAs

ROWS_AT_ONCE = 2_000
_PAYMENTS: Final = select(transactions)
_WITH_SCORES: Final = select(transactions, risk_scores.c.score, *RECEIPT).join(
    risk_scores, SCORE_OF_ITS_PAYMENT, isouter=True
)
_DECISIONS = {status.value: decision for decision, status in STATUSES.items()}


def scored_since(
    since: datetime | BindParameter[Any], query: Select[Any] = _PAYMENTS
) -> Select[Any]:
    """The query for scored payments received since then, oldest first."""
    return (
        query.where(transactions.c.received_at >= since)
        .where(transactions.c.status != TransactionStatus.RECEIVED.value)
        .order_by(transactions.c.received_at, transactions.c.id)
    )


def remembered_of(row: Row[Any]) -> Remembered:
    """The payment in a row of `transactions`, with its decision."""
    return Remembered(transaction_of(row), decision_in(row))


def decision_in(row: Row[Any]) -> Decision:
    """The decision in a row of `transactions` of a scored payment."""
    return _DECISIONS[row.status]


def payments_in_order(engine: Engine, since: datetime) -> Iterator[Remembered]:
    """Stream the scored payments received since then with their decisions, oldest first."""
    yield from map(remembered_of, _rows(engine, scored_since(since)))


def scores_in_order(
    engine: Engine, since: datetime
) -> Iterator[tuple[Remembered, ScoredAs | None]]:
    """Stream the same payments with values of their receipts; it takes several times as long."""
    for row in _rows(engine, scored_since(since, _WITH_SCORES)):
        yield remembered_of(row), None if row.score is None else _scored_as(row)


def _rows(engine: Engine, query: Select[Any]) -> Iterator[Row[Any]]:
    with reading(engine) as connection:
        yield from connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)


def _scored_as(row: Row[Any]) -> ScoredAs:
    """Score, fired rules and model of a receipt; receipts of the first releases have no model."""
    receipt = receipt_of(row)
    rules = receipt["signals"]["rules"].get("details", {}).get("fired", ())
    model = receipt.get("model")
    return ScoredAs(
        score=row.score,
        rules=tuple(rule["name"] for rule in rules),
        model_version=None if model is None else model["version"],
    )
