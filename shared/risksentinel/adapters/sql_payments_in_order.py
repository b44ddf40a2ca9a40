"""The payments that were scored, in the order in which they came: to rebuild a history from."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, select

from risksentinel.adapters.sql_engine import reading
from risksentinel.adapters.sql_payment_rows import transaction_of
from risksentinel.adapters.sql_tables import transactions
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import STATUSES
from risksentinel.ports.history import Remembered

ROWS_AT_ONCE = 2_000
_DECISIONS = {status.value: decision for decision, status in STATUSES.items()}


def payments_in_order(engine: Engine, since: datetime) -> Iterator[Remembered]:
    """Stream the scored payments that came since then with their decisions, the oldest first."""
    query = (
        select(transactions)
        .where(transactions.c.received_at >= since)
        .where(transactions.c.status != TransactionStatus.RECEIVED.value)
        .order_by(transactions.c.received_at, transactions.c.id)
    )
    with reading(engine) as connection:
        rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
        for row in rows:
            yield Remembered(transaction_of(row), _DECISIONS[row.status])
