"""The payments that were scored, in the order in which they came: to rebuild a history from."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, Select, select

from risksentinel.adapters.sql_engine import reading
from risksentinel.adapters.sql_payment_rows import transaction_of
from risksentinel.adapters.sql_tables import transactions
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import STATUSES
from risksentinel.ports.history import Remembered

ROWS_AT_ONCE = 2_000
_DECISIONS = {status.value: decision for decision, status in STATUSES.items()}


def scored_since(since: datetime) -> Select[Any]:
    """The rows of the scored payments that came since then, the oldest first."""
    return (
        select(transactions)
        .where(transactions.c.received_at >= since)
        .where(transactions.c.status != TransactionStatus.RECEIVED.value)
        .order_by(transactions.c.received_at, transactions.c.id)
    )


def remembered_of(row: Row[Any]) -> Remembered:
    """The payment in a row of `transactions`, with its decision."""
    return Remembered(transaction_of(row), _DECISIONS[row.status])


def payments_in_order(engine: Engine, since: datetime) -> Iterator[Remembered]:
    """Stream the scored payments that came since then with their decisions, the oldest first."""
    with reading(engine) as connection:
        options = connection.execution_options(yield_per=ROWS_AT_ONCE)
        yield from map(remembered_of, options.execute(scored_since(since)))
