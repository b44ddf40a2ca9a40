"""SqlKeptPayments: the stored payments of accounts, for a history in memory."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine, Select, bindparam, or_, select

from risksentinel.adapters.sql.chunks import among_parameter, parameter, texts_named
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.label_rows import IN_ORDER, label_of
from risksentinel.adapters.sql.payments_in_order import remembered_of, scored_since
from risksentinel.adapters.sql.tables import labels, transactions
from risksentinel.adapters.sql.types import UtcTime
from risksentinel.domain.reviewed import labelled
from risksentinel.ports.environment import Clock
from risksentinel.ports.history import NOTHING_KEPT, Past


@dataclass(frozen=True, slots=True)
class SqlKeptPayments:
    """Meets `ports.KeptPayments` on SQLite and PostgreSQL."""

    engine: Engine
    clock: Clock
    span: timedelta  # how far back payments are read

    def past(self, payers: Collection[str], payees: Collection[str]) -> Past:
        """The payments of these senders and to these receivers, with their labels."""
        dialect = self.engine.dialect.name
        payments, said = _statements(dialect)
        values = {
            "since": self.clock() - self.span,
            "payers": parameter(dialect, sorted(payers)),
            "payees": parameter(dialect, sorted(payees)),
        }
        with reading(self.engine) as connection:
            rows = connection.execute(payments, values).all()
            if not rows:
                return NOTHING_KEPT
            found = [label_of(row) for row in connection.execute(said, values)]
        remembered = [remembered_of(row) for row in rows]
        return Past(remembered, list(labelled(found, (each.transaction for each in remembered))))


@cache
def _statements(dialect: str) -> tuple[Select[Any], Select[Any]]:
    """The queries for payments and for labels, made once: making them took a third of the time."""
    since = bindparam("since", type_=UtcTime())
    of_these = or_(
        among_parameter(dialect, transactions.c.sender_id, texts_named(dialect, "payers")),
        among_parameter(dialect, transactions.c.receiver_id, texts_named(dialect, "payees")),
    )
    said = (
        select(labels)
        .join(transactions, transactions.c.id == labels.c.transaction_id)
        .where(of_these, labels.c.written_at >= since)
        .order_by(*IN_ORDER)
    )
    return scored_since(since).where(of_these), said
