"""The payments that were scored, in the order in which they came: to rebuild a history from."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, select

from risksentinel.adapters.sql_engine import reading
from risksentinel.adapters.sql_payment_rows import transaction_of
from risksentinel.adapters.sql_tables import transactions
from risksentinel.domain.transaction import Transaction, TransactionStatus

ROWS_AT_ONCE = 2_000


def payments_in_order(engine: Engine, since: datetime) -> Iterator[Transaction]:
    """Stream the scored payments that came since then, the oldest first."""
    query = (
        select(transactions)
        .where(transactions.c.received_at >= since)
        .where(transactions.c.status != TransactionStatus.RECEIVED.value)
        .order_by(transactions.c.received_at, transactions.c.id)
    )
    with reading(engine) as connection:
        rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
        yield from map(transaction_of, rows)
